//! Billfold over HTTP: the whole of it in one process, each test with a table and a gateway of its
//! own.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod app;
mod cross_origin;
mod events;
mod expected;
mod faults;
mod how_tos;
mod links;
mod manage;
mod others;
mod paying;
mod refusals;
mod restart;
mod round_trips;
mod routes;
