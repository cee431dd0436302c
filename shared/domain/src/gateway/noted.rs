use std::fmt;

use serde::{Deserialize, Serialize};

/// The request of a noted step as it was first written, kept with its note: whatever changes meanwhile,
/// a gateway's settings or this program, the step is asked for again with the same key and the same body,
/// so that the gateway knows it again. Never printed: a body may hold a token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedRequest {
    /// The idempotency key, as the vendor takes it.
    pub key: String,
    /// The body; none where it is written anew each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

impl fmt::Debug for NotedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[noted request]")
    }
}
