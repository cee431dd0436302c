//! The guard for URLs that users type: the rules of [`gatehouse::user_url`], applied to what is connected
//! to.
//!
//! - An address in the URL is judged here, since the client asks no resolver about it;
//! - a name's addresses are judged in the resolver that the client connects through. There is no
//!   second look-up that could answer otherwise.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use gatehouse::user_url::{Destination, TrustedOrigins, UrlProblem, destination};
use http::{Request, Response, Uri};
use url::Url;

use crate::{HttpTransport, Limits, Transport, TransportError};

mod resolver;

pub(crate) use resolver::Refused;
use resolver::{Lookup, PublicResolver, system_lookup};

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
        match leading_to(request.uri(), &self.trusted) {
            Ok(Destination::Trusted) => self.to_trusted.send(request, limits),
            Ok(Destination::Public) => self.to_public.send(request, limits),
            Err(problem) => {
                let refusal = TransportError::Forbidden(problem.to_string());
                Box::pin(std::future::ready(Err(refusal)))
            }
        }
    }
}

/// Where the client goes that is handed `uri`: it connects to its own reading of the text as a URL.
fn leading_to(uri: &Uri, trusted: &TrustedOrigins) -> Result<Destination, UrlProblem> {
    let url = Url::parse(&uri.to_string()).map_err(|_| UrlProblem::NotAUrl)?;
    destination(&url, trusted)
}

#[cfg(test)]
mod tests;
