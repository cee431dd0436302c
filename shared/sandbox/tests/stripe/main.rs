//! The Stripe stand-in as a shop meets it.

mod authentication;
mod browser;
mod customers;
mod faults;
mod fixtures;
mod idempotency;
mod payment_intents;
mod payment_methods;
mod reuse;
mod shop;
mod socket;
mod state_file;
