//! The adapter against the reference gateway: Billfold on one side, the shop's own endpoint on the
//! other.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of a test fail it"
)]

mod faults;
mod flows;
mod over_sockets;
mod paying;
mod shop;
#[path = "../shop_parts/mod.rs"]
mod shop_parts;
mod world;
