//! Requests to a shop's endpoints: JSON:API documents, signed as Commerce Layer signs them
//! ("callbacks security").

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::gateway::{GatewayCall, NotedRequest};
use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE};
use outbound::TransportError;
use serde_json::Value;

use super::circuit;
use super::transaction::{self, Told};
use crate::exchange::{Destination, Exchange};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::retry::{Outcome, Retry};
use crate::{credentials, idempotency};

const SIGNATURE: &str = "X-CommerceLayer-Signature";

/// The endpoints of a shop that are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Makes a customer's payment source one that can be used again.
    Token,
    /// Holds an order's amount.
    Authorize,
    /// Takes what is held.
    Capture,
    /// Lets go of what is held.
    Void,
    /// Gives back what was taken.
    Refund,
}

impl Endpoint {
    #[cfg(test)]
    pub const ALL: &[Self] = &[
        Self::Token,
        Self::Authorize,
        Self::Capture,
        Self::Void,
        Self::Refund,
    ];

    /// The step's name in the log.
    pub const fn step(self) -> &'static str {
        match self {
            Self::Token => "make_reusable",
            Self::Authorize => "authorize_payment",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Refund => "refund",
        }
    }

    /// The gateway's attribute that holds the URL.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Token => "token_url",
            Self::Authorize => "authorize_url",
            Self::Capture => "capture_url",
            Self::Void => "void_url",
            Self::Refund => "refund_url",
        }
    }
}

/// Sends a request that moves money, and reads what came of it, unless the gateway's circuit is open.
/// `document` may be missing where the request was noted whole.
///
/// # Errors
/// As [`write()`], [`circuit::around`] and [`transaction::read`].
pub(super) async fn tell(
    exchange: &Exchange<'_>,
    endpoint: Endpoint,
    about: &str,
    document: Option<&Value>,
) -> Result<Told, NotDone> {
    let request = write(exchange, endpoint, about, document)?;
    let told = circuit::around(exchange, async {
        let (to, step) = (Destination::UserUrl, endpoint.step());
        let response = exchange.send(to, step, &request, rule).await?;
        Ok(transaction::read(&response)?)
    });
    told.await
}

/// Writes a request about this: as it was noted, where it was noted whole. Its idempotency key does not
/// depend on the document, in which a time may have changed when the step is repeated.
///
/// # Errors
/// The gateway's record has no URL that makes a request, or no shared secret; or there is nothing to
/// send.
pub(super) fn write(
    exchange: &Exchange<'_>,
    endpoint: Endpoint,
    about: &str,
    document: Option<&Value>,
) -> Result<Request<Bytes>, CallFailure> {
    let asked = exchange.asked;
    let settings = &asked.settings;
    let url = settings.text(endpoint.setting()).ok_or_else(|| {
        CallFailure::NotWritable(format!("the gateway has no {}", endpoint.setting()))
    })?;
    let secret = settings.text("shared_secret").unwrap_or_default();
    if secret.is_empty() {
        return Err(credentials::unusable(
            exchange,
            "the gateway has no shared_secret",
        ));
    }
    let noted = asked.noted.as_ref();
    let body = noted.and_then(|it| it.body.clone());
    let body = body.or_else(|| document.map(Value::to_string));
    let body = body.ok_or_else(|| {
        CallFailure::NotWritable("there is no document to ask the gateway with".to_owned())
    })?;
    let key = match noted {
        Some(noted) => noted.key.clone(),
        None => key(asked, endpoint, url, about),
    };
    Request::post(url)
        .header(CONTENT_TYPE, "application/vnd.api+json")
        .header(ACCEPT, "application/json")
        .header("Idempotency-Key", key)
        .header(SIGNATURE, signature(&body, secret))
        .body(Bytes::from(body))
        .map_err(|error| CallFailure::NotWritable(error.to_string()))
}

/// The request, as it is noted before it is sent: its key, where the document is written anew.
pub(super) fn noted(asked: &GatewayCall, endpoint: Endpoint, about: &str) -> Option<NotedRequest> {
    let url = asked.settings.text(endpoint.setting())?;
    Some(NotedRequest {
        key: key(asked, endpoint, url, about),
        body: None,
    })
}

/// The request, as it is noted before it is sent, to be repeated to the byte.
pub(super) fn noted_whole(
    asked: &GatewayCall,
    endpoint: Endpoint,
    about: &str,
    document: &Value,
) -> Option<NotedRequest> {
    let noted = noted(asked, endpoint, about)?;
    Some(NotedRequest {
        body: Some(document.to_string()),
        ..noted
    })
}

fn key(asked: &GatewayCall, endpoint: Endpoint, url: &str, about: &str) -> String {
    idempotency::key(asked, endpoint.step(), url, about)
}

/// base64(HMAC-SHA256(`body`, `shared_secret`))
fn signature(body: &str, shared_secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, shared_secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, body.as_bytes()))
}

/// Only what surely has not arrived is sent again at once: nobody knows whether a shop heeds the
/// idempotency key.
pub(super) fn rule(outcome: &Outcome, retry: u32) -> Retry {
    match outcome {
        Err(TransportError::Forbidden(_)) | Ok(_) => Retry::No,
        Err(error) if error.may_have_taken_effect() => Retry::No,
        Err(_) => Retry::After(Duration::from_millis(250) * retry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_base64_of_hmac_sha256() {
        // RFC 4231, test case 2.
        assert_eq!(
            signature("what do ya want for nothing?", "Jefe"),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
        );
    }
}
