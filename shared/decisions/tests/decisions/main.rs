//! Decisions as a payment engineer would doubt them: each command is run against a table and a
//! gateway in memory, and what it asked, wrote and left behind is looked at.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod addresses;
mod approvals;
mod asking;
mod authorizing;
mod basket;
mod catalog;
mod create_source;
mod delete_source;
mod deleting_entries;
mod external;
mod gateway;
mod graph;
mod instruments;
mod kinds;
mod made_payments;
mod managing;
mod model;
mod noted_steps;
mod observing_kept;
mod patch_order;
mod patch_source;
mod patching_entries;
mod relationships;
mod replacing;
mod resuming;
mod resuming_saves;
mod reuse;
mod saving;
mod taking_over;
mod till;
mod torn_reads;
mod wallet;
mod world;
