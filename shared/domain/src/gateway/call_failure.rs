/// Why a call brought no definitive answer. The same call may be made again, with the same idempotency
/// key. The texts are for the log alone and hold no secrets; callers of the API read one sentence for
/// all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// No connection, or it broke.
    #[error("the gateway was not reached: {0}")]
    NotReached(String),
    /// No complete answer in time.
    #[error("the gateway gave no complete answer in time")]
    TimedOut,
    /// The gateway wants fewer requests.
    #[error("the gateway wants fewer requests")]
    Throttled,
    /// The gateway says by this status that it cannot now: another request holds the object, or it has
    /// a fault.
    #[error("the gateway is unavailable: status {0}")]
    Unavailable(u16),
    /// The payment is in a state that it will leave by itself; ask again later.
    #[error("the payment is being processed at the gateway")]
    InProgress,
    /// The answer is not what the gateway's API promises.
    #[error("the gateway's answer does not read: {0}")]
    NotUnderstood(String),
    /// The gateway does not take the credentials, by this status: they were revoked, or may not do
    /// this.
    #[error("the gateway refuses the credentials: status {0}")]
    CredentialsRefused(u16),
    /// There are no credentials, or they cannot be used.
    #[error("credentials {name}: {problem}")]
    CredentialsUnusable {
        /// The name under which they are looked for.
        name: String,
        /// What is wrong with them.
        problem: String,
    },
    /// The gateway failed so often in a row that it is not called any more.
    #[error("the gateway's circuit is open; _reset_circuit closes it")]
    CircuitOpen,
    /// Whether the gateway may be called could not be read.
    #[error("{0}")]
    CircuitUnknown(String),
    /// The gateway's API has no such step: a defect, since its payment sources do not offer it.
    #[error("the gateway has no step {0}")]
    NoSuchStep(&'static str),
    /// The request's deadline leaves no time for a call.
    #[error("no time left for a call")]
    NoTimeLeft,
    /// The call makes no request: a defect, or a setting of the gateway's that makes no URL.
    #[error("the request cannot be written: {0}")]
    NotWritable(String),
}

impl CallFailure {
    /// The kind of the failure, as the log has it in a field: `timed_out`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::NotReached(_) => "not_reached",
            Self::TimedOut => "timed_out",
            Self::Throttled => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::InProgress => "in_progress",
            Self::NotUnderstood(_) => "not_understood",
            Self::CredentialsRefused(_) => "credentials_refused",
            Self::CredentialsUnusable { .. } => "credentials_unusable",
            Self::CircuitOpen => "circuit_open",
            Self::CircuitUnknown(_) => "circuit_unknown",
            Self::NoSuchStep(_) => "no_such_step",
            Self::NoTimeLeft => "no_time_left",
            Self::NotWritable(_) => "not_writable",
        }
    }
}
