use std::error::Error;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use reqwest::Client;
use reqwest::dns::Resolve;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;

use crate::guard::Refused;
use crate::{Limits, Transport, TransportError, redact};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Idle connections are dropped early: a function's process sleeps between requests, and what it
/// wakes up with may be closed at the other end, which shows only after sending.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Requests over TCP and TLS. The client, which takes reading the system's root certificates, is built once and kept.
#[derive(Default)]
pub struct HttpTransport {
    client: OnceLock<Client>,
    resolver: Option<Arc<dyn Resolve>>,
}

impl HttpTransport {
    /// A transport that has not connected to anything yet, and builds its client at the first request.
    pub const fn new() -> Self {
        Self {
            client: OnceLock::new(),
            resolver: None,
        }
    }

    /// The same, with its client built: for a process that starts with a whole processor and answers with a part of
    /// one. What keeps the client from being built is told by the first request.
    pub fn ready() -> Self {
        let transport = Self::new();
        let _ = transport.client();
        transport
    }

    /// The same, connecting only to the addresses that `resolver` answers for a name. An address that
    /// stands in the URL itself never comes before it.
    pub(crate) fn resolving_with(resolver: Arc<dyn Resolve>) -> Self {
        Self {
            client: OnceLock::new(),
            resolver: Some(resolver),
        }
    }

    fn client(&self) -> Result<&Client, TransportError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let tls = tls().map_err(|error| TransportError::NotSent(error.to_string()))?;
        let client = self
            .build_client(tls)
            .map_err(|error| TransportError::NotSent(cause(error)))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn build_client(&self, tls: ClientConfig) -> reqwest::Result<Client> {
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("billfold/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT);
        match &self.resolver {
            Some(resolver) => builder.dns_resolver(Arc::clone(resolver)).build(),
            None => builder.build(),
        }
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if limits.timeout.is_zero() {
            return Err(TransportError::NotSent("no time left".to_owned()));
        }
        let mut request = reqwest::Request::try_from(request).map_err(classify)?;
        *request.timeout_mut() = Some(limits.timeout);
        let mut answer = self.client()?.execute(request).await.map_err(classify)?;
        let body = read_body(&mut answer, limits.max_body).await?;

        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.version_mut() = answer.version();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl Transport for HttpTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request, limits))
    }
}

/// TLS that trusts the system's root certificates, which a process reads once, for all of its transports.
fn tls() -> Result<ClientConfig, rustls::Error> {
    static TLS: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(tls) = TLS.get() {
        return Ok(tls.clone());
    }
    // The process may have no provider of cryptography yet. One that is installed already serves as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut tls = ClientConfig::with_platform_verifier()?;
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TLS.get_or_init(|| tls).clone())
}

async fn read_body(answer: &mut reqwest::Response, limit: usize) -> Result<Bytes, TransportError> {
    let announced = answer.content_length().unwrap_or(0);
    if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(TransportError::TooLarge { limit });
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(classify)? {
        if chunk.len() > limit - body.len() {
            return Err(TransportError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A name that the guard's resolver refused is not a failure to connect, though the client reports it as
/// one. A request that could not be built, or whose connection (name, TCP, TLS) was not made in time, is
/// not sent. That question comes before the one for time, since connecting has a limit of its own.
fn classify(error: reqwest::Error) -> TransportError {
    if let Some(refused) = Refused::behind(&error) {
        TransportError::Forbidden(refused.to_string())
    } else if error.is_builder() || error.is_connect() {
        TransportError::NotSent(cause(error))
    } else if error.is_timeout() {
        TransportError::Timeout
    } else {
        TransportError::Broken(cause(error))
    }
}

/// The innermost of the error's texts, which says what happened; the outer ones say where in the
/// client. The URL goes, since its query may hold anything.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut innermost: &dyn Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    redact(&innermost.to_string())
}

#[cfg(test)]
mod tests;
