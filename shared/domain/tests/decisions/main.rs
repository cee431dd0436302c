//! Decisions as a payment engineer would doubt them: each command is run against a table and a
//! gateway in memory, and what it asked, wrote and left behind is looked at.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod asking;
mod catalog;
mod create_source;
mod delete_source;
mod gateway;
mod graph;
mod managing;
mod model;
mod patch_order;
mod patch_source;
mod replacing;
mod reuse;
mod saving;
mod taking_over;
mod wallet;
mod world;
