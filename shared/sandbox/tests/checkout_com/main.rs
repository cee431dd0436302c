//! The Checkout.com stand-in as a shop meets it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

mod customers;
mod declines;
mod events;
mod faults;
mod flow;
mod holds;
mod idempotency;
mod payments;
mod published;
mod redirect;
mod refunds;
mod refusals;
mod shop;
mod state_file;
mod stored;
