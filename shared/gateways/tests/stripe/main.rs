//! The adapter against the stand-in for Stripe: the shop on one side, the shopper's browser on the
//! other.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail it"
)]

mod faults;
mod flows;
mod moving;
mod placing;
mod refusals;
mod shop;
#[path = "../shop_parts/mod.rs"]
mod shop_parts;
