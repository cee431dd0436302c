//! Requests to other services. The only crate that names reqwest: everything above it sees
//! [`Transport`], an `http::Request` in and an `http::Response` out, so that a test can answer in
//! its place.
//!
//! [`HttpTransport`] is for addresses that configuration or a vendor's API gives, [`GuardedTransport`]
//! for URLs that users type.

mod guard;
mod http_transport;
mod redact;
mod transport;

pub use gatehouse::user_url::{TrustedOrigins, TrustedOriginsError};
pub use guard::GuardedTransport;
pub use http_transport::HttpTransport;
pub use redact::redact;
pub use transport::{Limits, Transport, TransportError};
