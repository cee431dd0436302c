//! The way of a request: authenticate, authorise, parse, load, decide, commit, render.
//!
//! An endpoint is a function of the [`Context`], which `main` builds once, and a [`Call`], which
//! [`answer`] makes of a request that was let in. What it returns on failure is a [`Failure`]; only
//! `answer` makes a response of one.

mod actor;
mod answer;
mod call;
mod context;
mod debts;
mod entity_tag;
mod failure;
mod keys;
pub mod lambda;
pub mod load;
mod precondition;
mod response;
mod route;
mod settle;
mod tenant_list;
mod throttle;
mod wallet;

pub use access::Action;
pub use actor::Actor;
pub use answer::{answer, answer_no_route, answer_while_counting, identified};
pub use call::Call;
pub use context::{Configuration, Context};
pub use debts::sweep;
pub use failure::Failure;
pub use keys::{Keys, KeysError, LOOKUP, SEALING, SIGNING};
pub use precondition::Precondition;
pub use response::{Body, allow, no_route};
pub use route::{Captures, Found, Method, Route, find};
pub use settle::settle;
pub use throttle::{SourceAddress, Verdict, held_to_token_limit};
pub use wallet::{change_wallet, delete_entry};
