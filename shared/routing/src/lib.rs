//! Routes: what a function answers, which route a request is for, and the answer where there is none;
//! with what every answer carries, whatever comes of its request.
//!
//! A function says its own routes. [`ALL`] is made of them by `cargo run -- routes --write`, so that
//! each function can tell what the others take.

#[rustfmt::skip]
mod all;
mod coding;
pub mod headers;
mod identified;
mod response;
mod route;
mod source_address;
mod unreadable;
mod version;

pub use all::ROUTES as ALL;
pub use coding::Coding;
pub use identified::{Logged, identified};
pub use response::{empty, no_route, refused, set, with_body};
pub use route::{Captures, Method, Route, find, methods_of};
pub use source_address::SourceAddress;
pub use unreadable::Unreadable;
pub use version::{with_version, without_version};
