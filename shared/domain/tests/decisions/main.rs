//! Decisions as a payment engineer would doubt them: each command is run against a table and a
//! gateway in memory, and what it asked, wrote and left behind is looked at.

mod asking;
mod catalog;
mod create_source;
mod delete_source;
mod gateway;
mod graph;
mod model;
mod patch_order;
mod patch_source;
mod replacing;
mod reuse;
mod saving;
mod wallet;
mod world;
