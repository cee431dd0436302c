//! Types and rules of orders, payment sources and wallets. Pure: no I/O, no clock, no randomness;
//! what a rule needs is given, what it decides is returned. What the world gives those who carry it
//! out (time, waiting, randomness, gateways) stands here as narrow traits, beside the words that
//! they speak of; nothing in here asks them.

pub mod basket;
mod caller;
pub mod catalog;
mod clock;
mod digest;
mod future;
pub mod gateway;
pub mod graph;
mod id;
mod ids;
mod kept_request;
pub mod lookup;
pub mod money;
pub mod moving;
pub mod operation;
pub mod order;
pub mod payment_rules;
mod period;
pub mod purchase;
mod random;
pub mod record;
pub mod refusal;
pub mod resource;
pub mod resources;
pub mod retirement;
pub mod shipping;
pub mod source;
mod table_mark;
mod tenant;
pub mod till;
mod time;
mod token;
pub mod transaction;
pub mod wallet;
mod write;

pub use caller::{Caller, Role, Roles};
pub use clock::{Clock, Deadline, Sleep};
pub use digest::{digest, hex, hex_digest};
pub use future::BoxFuture;
pub use id::{Id, NotAnId};
pub use ids::{
    CustomerId, EntryId, GatewayId, MarketId, OperationId, OrderId, PaymentMethodId, SourceId,
};
pub use kept_request::KeptRequest;
pub use period::Period;
pub use random::Random;
pub use refusal::Refusal;
pub use resources::ResourceType;
pub use table_mark::TableMark;
pub use tenant::{Mode, Tenant};
pub use time::{NotATime, Timestamp};
pub use token::{SECRET, Token};
pub use write::Write;
