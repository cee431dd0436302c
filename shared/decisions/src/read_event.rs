use domain::gateway::KeptThere;
use domain::record::Record;
use domain::{BoxFuture, CustomerId, Id, OrderId, Tenant, Timestamp};

use crate::commands::Said;

/// Reads what gateways send by themselves: an event is a hint to look at a payment, or at what is kept for later, no
/// more. What it says of either is not taken from it, but where there is nowhere to look.
pub trait ReadEvent: Send + Sync {
    /// What an event is about, where this gateway sent it.
    fn read_event<'a>(
        &'a self,
        tenant: Tenant,
        gateway: &'a Record,
        sent: SentEvent<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<GatewayEvent, NotAnEvent>>;
}

/// An event as it arrived.
#[derive(Clone, Copy)]
pub struct SentEvent<'a> {
    /// What the sender is known by: the header that the gateway signs in, as it was sent, or the last segment of a
    /// path that nobody else can guess.
    pub signature: &'a str,
    /// The body, to the byte: it is what was signed.
    pub body: &'a [u8],
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GatewayEvent {
    /// The gateway's reference of the payment, or of the action that it has decided on; none where it is about
    /// something else.
    pub payment: Option<String>,
    /// Whether it says that the shopper asked their bank for the money back, where the payment does not.
    pub is_disputed: bool,
    /// What became of the action, at a gateway that nobody can ask for it.
    pub said: Option<Said>,
    /// What the gateway keeps for later that may have changed; none where it is about something else.
    pub kept: Option<KeptThere>,
    /// The customer that the gateway has it down for.
    pub customer: Option<CustomerId>,
    /// The order that the gateway has the payment down for.
    pub order: Option<OrderId>,
    /// The public name of the table that the payment was made for.
    pub table: Option<String>,
    /// The transaction that the gateway names.
    pub transaction: Option<Id>,
    /// When it happened.
    pub made_at: Option<Timestamp>,
}

/// Why what arrived is no event of this gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEvent {
    /// The signature is not this gateway's, or too old.
    #[error("the signature is not this gateway's")]
    Forged,
    /// This gateway sends no events, or none of its secrets is known here.
    #[error("the gateway's webhook_endpoint_secret is not set")]
    NoSecret,
    /// It is signed, but does not read.
    #[error("the event does not read: {0}")]
    NotUnderstood(String),
    /// The secrets did not answer.
    #[error("the secrets are unavailable: {0}")]
    Unavailable(String),
}
