//! Billfold over HTTP: the whole of it in one process, each test with a table and a gateway of its
//! own.

mod app;
mod faults;
mod links;
mod paying;
mod refusals;
mod round_trips;
