//! Types and rules of orders, payment sources and wallets. Pure: no I/O, no async, no clock, no
//! randomness; what a rule needs is given, what it decides is returned.

pub mod basket;
mod caller;
pub mod catalog;
pub mod commands;
pub mod decision;
pub mod gateway;
pub mod graph;
mod id;
pub mod lookup;
pub mod manage;
pub mod money;
pub mod operation;
pub mod order;
pub mod pan;
pub mod payment_rules;
pub mod purchase;
pub mod record;
pub mod refusal;
pub mod resource;
pub mod resources;
pub mod source;
mod tenant;
pub mod throttle;
mod time;
pub mod user_url;
pub mod wallet;
mod write;

pub use caller::{Caller, Role, Roles};
pub use id::{Id, NotAnId, digest, hex_digest};
pub use refusal::Refusal;
pub use resources::ResourceType;
pub use tenant::{Mode, Tenant};
pub use time::{NotATime, Timestamp};
pub use write::Write;
