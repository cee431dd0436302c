//! The Klarna stand-in as a shop meets it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

mod amounts;
mod authentication;
mod authorizations;
mod callbacks;
mod customer_tokens;
mod faults;
mod fields;
mod idempotency;
mod order_management;
mod orders;
mod published;
mod sessions;
mod shop;
mod state_file;
mod step_up;
