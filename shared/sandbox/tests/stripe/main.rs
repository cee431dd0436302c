//! The Stripe stand-in as a shop meets it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

mod authentication;
mod bank;
mod browser;
mod customers;
mod events;
mod faults;
mod fixtures;
mod holds;
mod idempotency;
mod payment_intents;
mod payment_methods;
mod refunds;
mod reuse;
mod shop;
mod socket;
mod state_file;
