//! The deployment's keys, from its secrets.

use std::sync::Arc;

use domain::lookup::LookupKey;
use domain::{BoxFuture, Clock};
use secrecy::ExposeSecret;
use secrets::{SecretError, Secrets};
use serde_json::Value;
use store::SealingKey;

use crate::Renewed;

/// The secret that holds the sealing keys.
pub const SEALING: &str = "keys/sealing";
/// The secret that holds the key of the lookup hashes.
pub const LOOKUP: &str = "keys/lookup";
/// The secret that holds the keys which sign tokens, RSA keys in PKCS#8 PEM: the last signs.
pub const SIGNING: &str = "keys/signing";
/// The secret that holds the issuers whose tokens are taken, where it is there: in place of the variable
/// `ISSUERS`, which cannot be changed while a function runs.
pub const ISSUERS: &str = "keys/issuers";

/// The keys that records are sealed and found with.
#[derive(Debug, Clone)]
pub struct Keys {
    /// What tokens are sealed with, the newest last; read again while the process runs.
    pub sealing: Arc<Renewed<Vec<SealingKey>>>,
    /// What lookup hashes are made with.
    pub lookup: LookupKey,
}

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The secrets.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// A secret that does not read as a key.
    #[error("the secret {name} does not read: {problem}")]
    Unreadable {
        /// The secret's name.
        name: &'static str,
        /// What is wrong with it. Never its text.
        problem: &'static str,
    },
}

impl Keys {
    /// Reads the keys. A key is the SHA-256 of a secret of at least 32 characters, so that a
    /// deployment can have it made by Secrets Manager: `keys/sealing` holds
    /// `{"id": "k1", "secret": "…"}`, or an array of these, the newest last, while a new one takes
    /// over; `keys/lookup` holds the text alone and never changes.
    ///
    /// # Errors
    /// A secret is missing or does not read.
    pub async fn read(
        secrets: &Arc<dyn Secrets>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeysError> {
        let kept = Arc::clone(secrets);
        let read = move || -> BoxFuture<'static, _> {
            let secrets = Arc::clone(&kept);
            Box::pin(async move {
                let text = secrets.latest(SEALING).await?;
                sealing_keys(text.expose_secret())
            })
        };
        let sealing = Renewed::first(read, clock);
        let lookup = async { Ok::<_, KeysError>(secrets.get(LOOKUP).await?) };
        let (sealing, lookup) = futures_util::future::try_join(sealing, lookup).await?;
        Ok(Self {
            sealing: Arc::new(sealing),
            lookup: LookupKey::new(key(LOOKUP, lookup.expose_secret())?),
        })
    }
}

fn sealing_keys(text: &str) -> Result<Vec<SealingKey>, KeysError> {
    let unreadable = |problem| KeysError::Unreadable {
        name: SEALING,
        problem,
    };
    let parsed: Value = serde_json::from_str(text).map_err(|_| unreadable("not JSON"))?;
    let listed = match parsed {
        Value::Array(keys) => keys,
        one => vec![one],
    };
    let keys: Result<Vec<_>, _> = listed.iter().map(sealing_key).collect();
    keys.and_then(|keys| match keys.is_empty() {
        true => Err(unreadable("no key")),
        false => Ok(keys),
    })
}

fn sealing_key(value: &Value) -> Result<SealingKey, KeysError> {
    let member = |name: &str| value.get(name).and_then(Value::as_str);
    match (member("id"), member("secret")) {
        (Some(id), Some(secret)) if is_key_id(id) => Ok(SealingKey {
            id: id.to_owned(),
            key: key(SEALING, secret)?,
        }),
        _ => Err(KeysError::Unreadable {
            name: SEALING,
            problem: "a key is an object of id (letters and digits) and secret",
        }),
    }
}

fn is_key_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn key(name: &'static str, secret: &str) -> Result<[u8; 32], KeysError> {
    match secret.len() >= 32 {
        true => Ok(domain::digest(&[secret])),
        false => Err(KeysError::Unreadable {
            name,
            problem: "shorter than 32 characters",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealing_keys_are_one_or_several() {
        let secret = "s".repeat(32);
        let one = format!(r#"{{"id": "k1", "secret": "{secret}"}}"#);
        assert_eq!(sealing_keys(&one).unwrap().len(), 1);
        let two = format!(r#"[{one}, {{"id": "k2", "secret": "{secret}x"}}]"#);
        assert_eq!(sealing_keys(&two).unwrap()[1].id, "k2");
        for text in ["", "[]", "{}", r#"{"id": "k1", "secret": "short"}"#] {
            assert!(sealing_keys(text).is_err(), "{text}");
        }
    }
}
