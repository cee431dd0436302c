//! Events: what a gateway tells a shop by itself, signed, at least once and in no certain order.
//!
//! Endpoints do what they cause, and note what happened; what is noted waits in the outbox for
//! [`Sandbox::deliver_events`](crate::Sandbox::deliver_events), which is given a way to send. Nothing
//! here sends by itself.

mod endpoint;
mod outbox;

pub(crate) use endpoint::Endpoints;
pub use endpoint::{EventEndpoint, UnknownAccount};
pub use outbox::{Delivery, Disorder, Event};
pub(crate) use outbox::{Due, Outbox};
