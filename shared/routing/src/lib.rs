//! Routes: what a function answers, which route a request is for, and the answer where there is none;
//! with what every answer carries, whatever comes of its request.

mod identified;
mod response;
mod route;
mod source_address;

pub use identified::identified;
pub use response::{allow, empty, no_route, refused, set, with_body};
pub use route::{Captures, Found, Method, Route, find};
pub use source_address::SourceAddress;
