//! Carries on what is owed to gateways.

fn main() {}
