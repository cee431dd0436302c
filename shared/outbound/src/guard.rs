//! The guard for URLs that users type, such as an external gateway's `token_url`. Whoever types one
//! makes this process ask where they themselves cannot: its own loopback, its network, the cloud's
//! metadata service. So a request goes to public addresses only, and what is judged is what is
//! connected to:
//!
//! - the URL is read by the rules that the client reads it by, so that `2130706433` is 127.0.0.1 here
//!   too;
//! - an address in the URL is judged here, since the client asks no resolver about it;
//! - a name's addresses are judged in the resolver that the client connects through. There is no
//!   second look-up that could answer otherwise.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

use crate::{HttpTransport, Limits, Transport, TransportError};

mod addresses;
mod resolver;
mod trusted_origins;
mod urls;

use addresses::is_public;
pub(crate) use resolver::Refused;
use resolver::{Lookup, PublicResolver, system_lookup};
pub use trusted_origins::{TrustedOrigins, TrustedOriginsError};
use urls::{Destination, destination};
pub use urls::{UrlProblem, check_url};

/// Requests to URLs that users type: https to public addresses, or to a trusted origin. What the guard
/// refuses is [`TransportError::Forbidden`]. As everywhere, there are no redirects, no proxies and no
/// repeats.
#[derive(Debug)]
pub struct GuardedTransport {
    trusted: TrustedOrigins,
    to_trusted: HttpTransport,
    to_public: HttpTransport,
}

impl GuardedTransport {
    /// A transport that has not connected to anything yet. Logs the trusted origins, if there are any:
    /// each is a way around the guard.
    pub fn new(trusted: TrustedOrigins) -> Self {
        Self::looking_up(trusted, Arc::new(system_lookup))
    }

    fn looking_up(trusted: TrustedOrigins, lookup: Lookup) -> Self {
        if !trusted.is_empty() {
            tracing::info!(origins = %trusted, "origins exempt from https and public addresses");
        }
        Self {
            trusted,
            to_trusted: HttpTransport::new(),
            to_public: HttpTransport::resolving_with(Arc::new(PublicResolver::new(lookup))),
        }
    }
}

impl Transport for GuardedTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        match destination(request.uri(), &self.trusted) {
            Ok(Destination::Trusted) => self.to_trusted.send(request, limits),
            Ok(Destination::Public) => self.to_public.send(request, limits),
            Err(problem) => {
                let refusal = TransportError::Forbidden(problem.to_string());
                Box::pin(std::future::ready(Err(refusal)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
