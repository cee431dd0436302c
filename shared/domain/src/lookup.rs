//! Keyed hashes under which tokens, fingerprints and e-mails are found again without being kept.

use std::fmt;

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};

use crate::hex;

/// The key of the lookup hashes. One per deployment, kept with the secrets: without it a hash tells
/// nothing of what was hashed (PCI DSS 3.5.1.1 asks for keyed hashes).
#[derive(Clone)]
pub struct LookupKey([u8; 32]);

impl LookupKey {
    /// Takes 32 random bytes as key.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// HMAC-SHA-256 over `parts`, each preceded by its length, in 64 hexadecimal digits.
    pub fn hash(&self, parts: &[&str]) -> String {
        let mut mac = Context::with_key(&Key::new(HMAC_SHA256, &self.0));
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        hex(mac.sign().as_ref())
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
