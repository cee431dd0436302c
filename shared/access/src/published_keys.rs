use std::fmt;
use std::sync::Arc;

use domain::BoxFuture;
use http::Uri;
use serde::Deserialize;

use crate::KeySet;

/// Where an issuer publishes its key set: an https URL of a host, without credentials in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct JwksUri(String);

/// A text that is no [`JwksUri`].
#[derive(Debug, thiserror::Error)]
#[error("jwks_uri is an https URL without user and password, not {0:?}")]
pub struct NoJwksUri(String);

impl JwksUri {
    /// The URL's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for JwksUri {
    type Error = NoJwksUri;

    fn try_from(text: String) -> Result<Self, NoJwksUri> {
        let is_https = |uri: &Uri| uri.scheme_str() == Some("https");
        let has_host = |uri: &Uri| uri.host().is_some_and(|it| !it.is_empty());
        let has_user = |uri: &Uri| uri.authority().is_some_and(|it| it.as_str().contains('@'));
        match text.parse::<Uri>() {
            Ok(uri) if is_https(&uri) && has_host(&uri) && !has_user(&uri) => Ok(Self(text)),
            _ => Err(NoJwksUri(text)),
        }
    }
}

impl fmt::Display for JwksUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key set that an issuer publishes, as it is known here.
pub trait PublishedKeys: fmt::Debug + Send + Sync {
    /// The keys as they were read last; none where they never were.
    fn known(&self) -> Arc<KeySet>;

    /// Has the keys read where they are old, or where none has this id. What is known stays where they cannot be.
    fn look_up<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_set_is_read_over_https_alone_and_without_credentials() {
        let is_taken = |text: &str| JwksUri::try_from(text.to_owned()).is_ok();
        assert!(is_taken("https://login.shop.example/.well-known/jwks.json"));
        assert!(is_taken("https://login.shop.example:8443/keys?v=2"));
        for text in [
            "",
            "https://",
            "https:///keys",
            "login.shop.example/keys",
            "http://login.shop.example/keys",
            "http://127.0.0.1/keys",
            "file:///etc/passwd",
            "https://user:password@login.shop.example/keys",
            "https://login.shop.example/a key",
            "https://login.shop.example/\r\nkeys",
        ] {
            assert!(!is_taken(text), "{text}");
        }
    }
}
