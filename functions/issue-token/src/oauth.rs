//! The token endpoint's requests, answers and errors (RFC 6749, with Commerce Layer's error bodies).

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use json_api::is_media_type;
use routing::SourceAddress;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use serde_json::{Value, json};
use service::Context;

/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// The longest request, in bytes: an assertion has a claim of two kilobytes.
const LONGEST_REQUEST: usize = 16 * 1024;

/// Whether a request's body is a form.
pub fn is_form(request: &Request<Bytes>) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE);
    is_media_type(content_type.and_then(|it| it.to_str().ok()), FORM)
}

/// What is asked of the token endpoint: JSON or a form, and who asks.
pub struct TokenRequest {
    parameters: HashMap<String, String>,
    /// Where the request comes from, as far as that is known.
    pub address: Option<SourceAddress>,
}

impl TokenRequest {
    /// Reads a request.
    pub fn read(context: &Context, request: &Request<Bytes>) -> Result<Self, OauthError> {
        let (headers, body) = (request.headers(), request.body());
        if body.len() > LONGEST_REQUEST {
            return Err(OauthError::invalid_request("The request is too long."));
        }
        let given = match is_form(request) {
            true => form_urlencoded::parse(body).into_owned().collect(),
            false => members(body)?,
        };
        let mut parameters = HashMap::new();
        for (name, value) in given {
            if parameters.insert(name, value).is_some() {
                return Err(OauthError::invalid_request("A parameter is given twice."));
            }
        }
        let mut asked = Self {
            parameters,
            address: service::source_address(context, request),
        };
        if let Some((id, secret)) = headers.get(AUTHORIZATION).and_then(basic) {
            asked.take_client(id, secret)?;
        }
        Ok(asked)
    }

    /// Takes the client that the request's header names, where its body names no other (RFC 6749, section
    /// 2.3: a client uses one way to say who it is).
    fn take_client(&mut self, id: String, secret: String) -> Result<(), OauthError> {
        let is_other = self.get("client_id").is_some_and(|it| it != id);
        if is_other || self.get("client_secret").is_some() {
            let detail = "The client says who it is in the header Authorization and in the body.";
            return Err(OauthError::invalid_request(detail));
        }
        self.parameters.insert("client_id".to_owned(), id);
        if !secret.is_empty() {
            self.parameters.insert("client_secret".to_owned(), secret);
        }
        Ok(())
    }

    /// A member that may be there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A member that has to be there.
    pub fn require(&self, name: &str) -> Result<&str, OauthError> {
        self.get(name)
            .ok_or_else(|| OauthError::invalid_request(&format!("{name} is missing.")))
    }
}

/// The texts among the members of a JSON object, in their order, twice where they are there twice.
fn members(body: &[u8]) -> Result<Vec<(String, String)>, OauthError> {
    let parsed: Members = serde_json::from_slice(body).map_err(|error| {
        OauthError::invalid_request(match error.classify() {
            Category::Data => "The body is not an object.",
            _ => "The body is not JSON.",
        })
    })?;
    let texts = parsed
        .0
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        });
    Ok(texts.collect())
}

struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// Id and secret of a client that HTTP Basic names: each form-encoded before they are put together (RFC
/// 6749, section 2.3.1). None where the header says something else.
fn basic(authorization: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let text = |encoded: &str| {
        let pair = format!("={encoded}");
        let decoded = form_urlencoded::parse(pair.as_bytes()).next();
        decoded.map(|(_, text)| text.into_owned())
    };
    Some((text(id)?, text(secret)?))
}

/// Why there is no token, or none was revoked.
#[derive(Debug)]
pub struct OauthError {
    /// The HTTP status.
    pub status: u16,
    title: &'static str,
    code: &'static str,
    detail: String,
    /// After how many seconds it may be asked again.
    pub retry_after: Option<u64>,
}

impl OauthError {
    /// The request lacks something or does not read.
    pub fn invalid_request(detail: &str) -> Self {
        Self::new(400, "invalid_request", "BAD_REQUEST", detail)
    }

    /// The client is not known, or does not prove that it is the one.
    pub fn invalid_client() -> Self {
        let detail = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method.";
        Self::new(401, "invalid_client", "UNAUTHORIZED", detail)
    }

    /// Too many wrong passwords of the same account; the next may be tried after so many seconds.
    pub fn too_many_tries(retry_after: u64) -> Self {
        let detail = "Too many passwords were tried in vain. Try again later.";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(429, "slow_down", "TOO_MANY_REQUESTS", detail)
        }
    }

    /// User name or password are not right.
    pub fn invalid_grant() -> Self {
        let detail = "The user name or the password is not right.";
        Self::new(401, "invalid_grant", "UNAUTHORIZED", detail)
    }

    /// The refresh token is not good, or not any more.
    pub fn invalid_refresh_token() -> Self {
        let detail =
            "The refresh token is unknown, expired, revoked, used already, or another client's.";
        Self::new(401, "invalid_grant", "UNAUTHORIZED", detail)
    }

    /// The authorization code is not good, or not any more.
    pub fn invalid_authorization_code() -> Self {
        let detail = "The authorization code is unknown, expired, used already or another client's, or redirect_uri or code_verifier are not its own.";
        Self::new(401, "invalid_grant", "UNAUTHORIZED", detail)
    }

    /// The assertion does not read, or names nobody.
    pub fn invalid_assertion() -> Self {
        let detail = "The assertion is not signed as expected, is outside its time, or its owner is no customer here.";
        Self::new(400, "invalid_assertion", "BAD_REQUEST", detail)
    }

    /// The client may not revoke this token.
    pub fn unauthorized_client() -> Self {
        let detail =
            "The client is unknown, does not prove that it is the one, or the token is another's.";
        Self::new(403, "unauthorized_client", "FORBIDDEN", detail)
    }

    /// The client may not have this scope.
    pub fn invalid_scope() -> Self {
        let detail = "The requested scope is invalid, unknown, or not for this client.";
        Self::new(400, "invalid_scope", "BAD_REQUEST", detail)
    }

    /// No code is asked for.
    pub fn unsupported_response_type() -> Self {
        let detail = "response_type is code.";
        Self::new(400, "unsupported_response_type", "BAD_REQUEST", detail)
    }

    /// The client speaks for no customer.
    pub fn signs_in_nobody() -> Self {
        let detail = "The client is no sales channel: it signs in no customers.";
        Self::new(400, "unauthorized_client", "BAD_REQUEST", detail)
    }

    /// A grant that is not given here.
    pub fn unsupported_grant_type() -> Self {
        let detail = "grant_type is client_credentials, password, refresh_token, authorization_code or urn:ietf:params:oauth:grant-type:jwt-bearer, as the client's kind may have it.";
        Self::new(400, "unsupported_grant_type", "BAD_REQUEST", detail)
    }

    /// A defect of ours: what it is goes to the log.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request for a token failed");
        let detail = "Something went wrong on our side. Try again later.";
        Self::new(
            500,
            "internal_server_error",
            "INTERNAL_SERVER_ERROR",
            detail,
        )
    }

    fn new(status: u16, title: &'static str, code: &'static str, detail: &str) -> Self {
        Self {
            status,
            title,
            code,
            detail: detail.to_owned(),
            retry_after: None,
        }
    }

    /// What RFC 6749 calls the error.
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// What is wrong, in a sentence of ASCII without quotation marks.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The error document. The status is a number, other than in the API's errors: Commerce Layer's
    /// clients expect it so.
    pub fn document(&self) -> Value {
        json!({ "errors": [{
            "title": self.title,
            "detail": self.detail,
            "code": self.code,
            "status": self.status,
        }] })
    }
}
