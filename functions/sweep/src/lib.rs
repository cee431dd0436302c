//! Carries on what is owed to gateways.
