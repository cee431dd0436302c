//! Billfold over HTTP: the whole of it in one process, each test with a table and a gateway of its
//! own.

mod app;
mod paying;
mod refusals;
