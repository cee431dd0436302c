//! The way of a request: authenticate, authorise, parse, load, decide, commit, render.
//!
//! An endpoint is a function of the [`Context`], which `main` builds once, and a [`Call`], which
//! [`answer`] makes of a request that was let in. What it returns on failure is a [`Failure`]; only
//! `answer` makes a response of one.

mod call;
mod context;
mod failure;
mod keys;
pub mod lambda;
pub mod load;
mod route;
mod settle;

pub use access::Action;
pub use call::{Body, Call, answer, no_route};
pub use context::{Configuration, Context};
pub use failure::Failure;
pub use keys::{Keys, KeysError, LOOKUP, SEALING, SIGNING};
pub use route::{Captures, Found, Method, Route, find};
pub use settle::{settle, sweep};
