use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

/// Sends one request and gives its answer, whatever its status. No redirects are followed and
/// nothing is sent twice: whether to repeat is for those who know what the request does.
pub trait Transport: Send + Sync {
    /// Sends `request`, whose URI is absolute, within `limits`.
    ///
    /// # Errors
    /// There is no answer to give; [`TransportError::may_have_taken_effect`] tells whether the
    /// request can have been acted on all the same.
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// What one request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of connecting to the last byte of the answer.
    pub timeout: Duration,
    /// The longest body that is taken as an answer, in bytes.
    pub max_body: usize,
}

impl Limits {
    /// The longest body unless said otherwise: 1 MiB, many times what a gateway's record takes.
    pub const MAX_BODY: usize = 1024 * 1024;

    /// `timeout`, and bodies up to [`Self::MAX_BODY`].
    pub const fn within(timeout: Duration) -> Self {
        Self {
            timeout,
            max_body: Self::MAX_BODY,
        }
    }

    /// For URLs that users type: five seconds, and bodies up to 64 KiB.
    pub const fn for_user_urls() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            max_body: 64 * 1024,
        }
    }
}

/// Why a request has no answer. The texts are for the log: they name what failed on the way, and
/// hold nothing of the URL's query, the headers or the bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection was made, so not a byte of the request has left.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The guard refuses the URL, or an address that its name resolves to: not a byte has left, and
    /// asking again changes nothing.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// The time was up before the answer was complete.
    #[error("no complete answer in time")]
    Timeout,
    /// The connection was lost after sending began, or the answer is not HTTP.
    #[error("connection broken: {0}")]
    Broken(String),
    /// The answer's body is longer than the caller takes.
    #[error("answer longer than {limit} bytes")]
    TooLarge {
        /// The longest that was asked for, in bytes.
        limit: usize,
    },
}

impl TransportError {
    /// Whether the other side may have acted on the request. Where it cannot have, repeating is safe
    /// without an idempotency key.
    pub const fn may_have_taken_effect(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::Forbidden(_) => false,
            Self::Timeout | Self::Broken(_) | Self::TooLarge { .. } => true,
        }
    }
}
