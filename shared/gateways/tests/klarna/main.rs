//! The adapter against the stand-in for Klarna: the shop on one side, the shopper's browser on the
//! other.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail it"
)]

mod baskets;
mod faults;
mod flows;
mod lost_answers;
mod orders;
mod refusals;
mod shop;
#[path = "../shop_parts/mod.rs"]
mod shop_parts;
mod world;
