//! The sealing codec: every token that is stored passes through it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Random, Tenant};

/// A key of 32 random bytes, and the name under which sealed values refer to it.
#[derive(Clone)]
pub struct SealingKey {
    /// Letters and digits: `k1`.
    pub id: String,
    /// AES-256.
    pub key: [u8; 32],
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey {}", self.id)
    }
}

/// Seals texts with the newest key and opens them with the key that they name (AES-256-GCM). A
/// sealed text is `{key id}.{nonce, ciphertext and tag in base64url}`.
#[derive(Clone)]
pub struct Sealer {
    keys: Vec<SealingKey>,
    random: Arc<dyn Random>,
}

/// To whom a sealed text belongs. One that is moved to another customer, gateway, mode or
/// organization does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The organization and mode.
    pub tenant: Tenant,
    /// The gateway's id, or nothing.
    pub gateway: String,
    /// The customer's id, or nothing for guests.
    pub customer: String,
}

/// A sealed text that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct CannotOpen;

impl Sealer {
    /// Seals with the last of `keys`.
    pub const fn new(keys: Vec<SealingKey>, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    /// Seals a text.
    ///
    /// # Errors
    /// There is no key.
    pub fn seal(&self, text: &str, binding: &Binding) -> Result<String, CannotOpen> {
        let key = self.keys.last().ok_or(CannotOpen)?;
        let nonce: [u8; NONCE_LEN] = self.random.bytes();
        let mut sealed = text.as_bytes().to_vec();
        aes(key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(binding.to_bytes()),
                &mut sealed,
            )
            .map_err(|_| CannotOpen)?;
        let payload = [nonce.as_slice(), &sealed].concat();
        Ok(format!("{}.{}", key.id, URL_SAFE_NO_PAD.encode(payload)))
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    /// It was changed, belongs to somebody else, or its key is not known.
    pub fn open(&self, sealed: &str, binding: &Binding) -> Result<String, CannotOpen> {
        let (id, payload) = sealed.split_once('.').ok_or(CannotOpen)?;
        let key = self.keys.iter().find(|it| it.id == id).ok_or(CannotOpen)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| CannotOpen)?;
        let (nonce, ciphertext) = payload.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut ciphertext = ciphertext.to_vec();
        let text = aes(key)?
            .open_in_place(nonce, Aad::from(binding.to_bytes()), &mut ciphertext)
            .map_err(|_| CannotOpen)?;
        String::from_utf8(text.to_vec()).map_err(|_| CannotOpen)
    }
}

fn aes(key: &SealingKey) -> Result<LessSafeKey, CannotOpen> {
    let unbound = UnboundKey::new(&AES_256_GCM, &key.key).map_err(|_| CannotOpen)?;
    Ok(LessSafeKey::new(unbound))
}

impl Binding {
    fn to_bytes(&self) -> Vec<u8> {
        let parts = [
            self.tenant.organization.as_str(),
            self.tenant.mode.as_str(),
            &self.gateway,
            &self.customer,
        ];
        parts.join("#").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use domain::Mode;
    use proptest::prelude::*;
    use system::SystemRandom;

    use super::*;

    fn sealer(ids: &[&str]) -> Sealer {
        let key = |id: &&str| SealingKey {
            id: (*id).to_owned(),
            key: [id.len() as u8; 32],
        };
        Sealer::new(ids.iter().map(key).collect(), Arc::new(SystemRandom))
    }

    fn binding(customer: &str) -> Binding {
        Binding {
            tenant: Tenant {
                organization: "QvGbMhxJzD".parse().unwrap(),
                mode: Mode::Test,
            },
            gateway: "WmOodsVPmQ".to_owned(),
            customer: customer.to_owned(),
        }
    }

    #[test]
    fn a_sealed_token_does_not_open_for_another_customer() {
        let sealed = sealer(&["k"]).seal("pm_1", &binding("a")).unwrap();
        assert!(!sealed.contains("pm_1"));
        assert_eq!(sealer(&["k"]).open(&sealed, &binding("b")), Err(CannotOpen));
        let live = Binding {
            tenant: Tenant {
                mode: Mode::Live,
                ..binding("a").tenant
            },
            ..binding("a")
        };
        assert_eq!(sealer(&["k"]).open(&sealed, &live), Err(CannotOpen));
    }

    #[test]
    fn an_older_key_still_opens() {
        let sealed = sealer(&["k"]).seal("pm_1", &binding("a")).unwrap();
        let opened = sealer(&["k", "k2"]).open(&sealed, &binding("a"));
        assert_eq!(opened.as_deref(), Ok("pm_1"));
        assert_eq!(
            sealer(&["k2"]).open(&sealed, &binding("a")),
            Err(CannotOpen)
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in ".*") {
            let sealer = sealer(&["k"]);
            let sealed = sealer.seal(&text, &binding("a")).unwrap();
            prop_assert_eq!(sealer.open(&sealed, &binding("a")), Ok(text));
        }

        #[test]
        fn nothing_else_opens(text in ".*") {
            prop_assert_eq!(sealer(&["k"]).open(&text, &binding("a")), Err(CannotOpen));
        }
    }
}
