//! Why a request is not answered as asked.
//!
//! Two texts for each: what the caller reads is a [`Refusal`]; what the log says may name records
//! and causes. A refusal is the caller's affair and is not logged; everything else is ours.

use domain::Refusal;
use domain::gateway::CallFailure;
use domain::record::Corrupt;
use domain::refusal::{Code, Refusals};
use secrets::SecretError;
use store::StoreError;

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request is refused, for reasons that the caller can read.
    #[error("refused")]
    Refused(Refusals),
    /// The caller makes more requests than it may: nothing was done.
    #[error("too many requests")]
    Throttled,
    /// The gateway has declined too many attempts to pay lately: none is made.
    #[error("too many attempts were declined")]
    TooManyDeclined {
        /// In how many seconds another may be made.
        retry_after: u64,
    },
    /// Other requests changed the same records, again and again.
    #[error("other requests were always first")]
    Contended,
    /// The table.
    #[error(transparent)]
    Store(StoreError),
    /// The payment that was to be taken over pays another order.
    #[error("the payment pays another order already")]
    PaymentTaken,
    /// The token is in another customer's wallet.
    #[error("the token is in another customer's wallet")]
    TokenTaken,
    /// A gateway gave no definitive answer.
    #[error("no answer from the gateway: {0}")]
    Gateway(#[from] CallFailure),
    /// Credentials could not be read or kept.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// A password could not be hashed.
    #[error("a password cannot be hashed: {0}")]
    Hash(String),
    /// An answer could not be written as JSON: a defect of ours.
    #[error("an answer cannot be written: {0}")]
    Document(#[from] serde_json::Error),
    /// A decision asked for a gateway step where none can be asked: a defect of ours.
    #[error("no gateways are wired")]
    NoGateways,
    /// A decision went round in circles.
    #[error("a decision asked for too many gateway calls")]
    Endless,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Refusals> for Failure {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals)
    }
}

impl From<Corrupt> for Failure {
    fn from(corrupt: Corrupt) -> Self {
        Self::Store(corrupt.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLarge { kind, .. } => Refusal::new(
                Code::RecordTooLarge,
                format!(
                    "The {kind} would become too large. Send less in its free-form attributes."
                ),
            )
            .into(),
            StoreError::PaymentTaken => Self::PaymentTaken,
            StoreError::TokenTaken => Self::TokenTaken,
            other => Self::Store(other),
        }
    }
}

impl Failure {
    /// The kind of a gateway's failure, as the log has it in a field; none where no gateway failed.
    pub const fn of_gateway(&self) -> Option<&'static str> {
        match self {
            Self::Gateway(failure) => Some(failure.kind()),
            _ => None,
        }
    }

    /// The same; what is refused is refused about this relationship of the body.
    pub fn at_relationship(self, name: &str) -> Self {
        match self {
            Self::Refused(refusals) => Self::Refused(refusals.at_relationship(name)),
            other => other,
        }
    }

    /// The same; what is refused is refused about this attribute of the body.
    pub fn at_attribute(self, name: &str) -> Self {
        match self {
            Self::Refused(refusals) => Self::Refused(refusals.at_attribute(name)),
            other => other,
        }
    }

    /// What the caller reads.
    pub fn refusals(self) -> Refusals {
        let refusal = match self {
            Self::Refused(refusals) => return refusals,
            Self::Throttled | Self::TooManyDeclined { .. } => {
                Refusal::new(Code::TooManyRequests, "Try again later.")
            }
            Self::Contended => Refusal::new(
                Code::Conflict,
                "Other requests changed the same records at the same time. Try again.",
            ),
            Self::PaymentTaken => Refusal::invalid("This payment pays another order already."),
            Self::TokenTaken => {
                Refusal::taken("payment_source_token").at_attribute("payment_source_token")
            }
            Self::Gateway(_) => Refusal::new(
                Code::GatewayError,
                "The payment gateway did not give a usable answer. Try again; nothing is done twice.",
            ),
            Self::Store(StoreError::Busy(_)) => Refusal::new(
                Code::Unavailable,
                "There is no room for this request now. Try again in a second.",
            ),
            Self::Store(_)
            | Self::Secrets(_)
            | Self::Hash(_)
            | Self::Document(_)
            | Self::NoGateways
            | Self::Endless => Refusal::new(
                Code::InternalError,
                "Something went wrong on our side. Try again later.",
            ),
        };
        refusal.into()
    }
}
