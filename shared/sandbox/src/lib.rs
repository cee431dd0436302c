//! Stand-ins for the payment gateways' HTTP APIs.
//!
//! A stand-in keeps its own state and answers as the gateway documents it, so that a shop can be
//! run and tested without an account or a network. It is an async function from request to
//! [`Answer`] ([`StandIn::answer`]); [`serve`] puts that function on a loopback socket.
//!
//! Each gateway is a module: [`klarna`], [`stripe`]. What they have in common stands beside them:
//! time and ids ([`Clock`], [`Random`]), forms, idempotency keys, the state file, the journal of
//! requests ([`Received`]) and orders to misbehave ([`FaultOrder`]).
//!
//! What a gateway tells a shop later waits in an outbox ([`Callback`]) until it is delivered; nothing here
//! sends by itself.
//!
//! [`external`] is also the pattern for gateways that shops write themselves.
//!
//! Every stand-in has these paths of its own. They answer no browser page: a request with an
//! `Origin` header is refused, so that a page that happens to be open can't order faults.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /_sandbox/requests` | the last 1,000 requests received, oldest first |
//! | `GET /_sandbox/faults` | the orders that are still to be carried out |
//! | `POST /_sandbox/faults` | orders a fault, see [`FaultOrder`] |
//! | `DELETE /_sandbox/faults` | withdraws all of them |
//! | `GET /_sandbox/events?secret=…` | the events that there were, each with its body and the headers that sign it with this secret |

#![recursion_limit = "256"]

mod answer;
mod bank;
mod callbacks;
mod card_numbers;
pub mod checkout_com;
mod control;
mod events;
pub mod external;
mod faults;
mod fields;
mod form;
mod idempotency;
mod ids;
mod journal;
pub mod klarna;
mod serve;
mod state_file;
pub mod stripe;
mod test_values;
mod vendor;
mod watched;

pub use answer::{Answer, StandIn};
pub use callbacks::{Callback, CallbackDelivery};
pub use events::{Delivery, Disorder, Event, EventEndpoint, UnknownAccount};
pub use faults::{Fault, FaultOrder, FaultOrderError};
pub use ids::{Clock, Random};
pub use journal::{Outcome, Received};
pub use serve::serve;
pub use state_file::StateFileError;
pub use test_values::{Paying, TestValue};
pub use vendor::{NotPossible, Options, Sandbox};
pub use watched::Watched;
