//! The table over an embedded DynamoDB engine, spoken to with the AWS SDK as DynamoDB is.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod catalog;
mod circuits;
mod clients;
mod codes;
mod corrupt;
mod engine;
mod listing;
mod operations;
mod orders;
mod placed;
mod records;
mod sealed;
mod sessions;
mod throttle;
mod wallets;
