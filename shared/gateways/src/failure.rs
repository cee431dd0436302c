use effects::CircuitUnavailable;
use outbound::TransportError;

/// Why there is no definitive answer. The texts are for the log alone and hold no secrets; callers of
/// the API read one sentence for all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GatewayFailure {
    /// No connection, or it broke.
    #[error("the gateway was not reached: {0}")]
    Unreachable(String),
    /// No complete answer in time.
    #[error("the gateway gave no complete answer in time")]
    Timeout,
    /// The gateway wants fewer requests.
    #[error("the gateway wants fewer requests")]
    Throttled,
    /// The gateway says that it cannot now: another request holds the object, or it has a fault.
    #[error("the gateway is unavailable: status {0}")]
    Unavailable(u16),
    /// The payment is in a state that it will leave by itself; ask again later.
    #[error("the payment is being processed at the gateway")]
    InProgress,
    /// The answer is not what the gateway's API promises.
    #[error("the gateway's answer does not read: {0}")]
    Broken(String),
    /// The gateway does not take the credentials: they were revoked, or may not do this.
    #[error("the gateway refuses the credentials: status {0}")]
    CredentialsRefused(u16),
    /// There are no credentials, or they cannot be used.
    #[error("credentials {name}: {problem}")]
    NoCredentials {
        /// Under which name they are looked for.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// The gateway failed so often in a row that it is not called any more.
    #[error("the gateway's circuit is open; _reset_circuit closes it")]
    CircuitOpen,
    /// Whether the gateway may be called is not known.
    #[error(transparent)]
    CircuitUnavailable(#[from] CircuitUnavailable),
    /// The gateway's API has no such step: a defect, since its payment sources do not offer it.
    #[error("the gateway has no step {0}")]
    NoSuchStep(&'static str),
    /// The request's deadline leaves no time for a call.
    #[error("no time left for a call")]
    OutOfTime,
    /// The request cannot be written as HTTP: a defect, or a base URL that makes none.
    #[error("the request cannot be written: {0}")]
    Unsendable(String),
}

impl From<TransportError> for GatewayFailure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Timeout => Self::Timeout,
            TransportError::TooLarge { .. } => Self::Broken(error.to_string()),
            TransportError::NotSent(_)
            | TransportError::Forbidden(_)
            | TransportError::Broken(_) => Self::Unreachable(error.to_string()),
        }
    }
}
