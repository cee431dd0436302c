//! The reference external gateway as Billfold meets it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

mod caller;
mod faults;
mod signature;
mod token;
mod transactions;
