//! The token endpoint's requests, answers and errors (RFC 6749, with Commerce Layer's error bodies).

use std::collections::HashMap;

use http::HeaderValue;
use serde_json::{Value, json};

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A media type without its parameters.
pub fn essence(content_type: Option<&HeaderValue>) -> Option<&str> {
    let text = content_type?.to_str().ok()?;
    text.split(';').next().map(str::trim)
}

/// What is asked of the token endpoint: JSON or a form.
pub struct TokenRequest(HashMap<String, String>);

impl TokenRequest {
    /// Reads a request.
    pub fn parse(content_type: Option<&HeaderValue>, body: &[u8]) -> Result<Self, OauthError> {
        match essence(content_type) {
            Some(FORM) => {
                let pairs = form_urlencoded::parse(body);
                Ok(Self(pairs.into_owned().collect()))
            }
            _ => {
                let parsed: Value = serde_json::from_slice(body)
                    .map_err(|_| OauthError::invalid_request("The body is not JSON."))?;
                let members = parsed
                    .as_object()
                    .ok_or_else(|| OauthError::invalid_request("The body is not an object."))?;
                let texts = members.iter().filter_map(|(name, value)| {
                    value.as_str().map(|text| (name.clone(), text.to_owned()))
                });
                Ok(Self(texts.collect()))
            }
        }
    }

    /// A member that may be there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A member that has to be there.
    pub fn require(&self, name: &str) -> Result<&str, OauthError> {
        self.get(name)
            .ok_or_else(|| OauthError::invalid_request(&format!("{name} is missing.")))
    }
}

/// Why there is no token, or none was revoked.
#[derive(Debug)]
pub struct OauthError {
    /// The HTTP status.
    pub status: u16,
    title: &'static str,
    code: &'static str,
    detail: String,
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
