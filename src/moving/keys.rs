//! The key pair for which an export's tokens are sealed: whoever exports has the public half, and who imports the
//! private one. Each token is sealed by itself, with HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), bound to the
//! record and the place in it that it is of.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};

/// How HPKE is used here.
const SUITE: &dyn Hpke = DH_KEM_X25519_HKDF_SHA256_AES_256;

/// What each seal is made for, so that it is good for nothing else.
const INFO: &[u8] = b"billfold export 1";

/// How many bytes a key, and what stands before each sealed text, takes.
const KEY_BYTES: usize = 32;

/// How the text of a public key begins.
const PUBLIC: &str = "billfold-export-public-";
/// How the text of a private key begins.
const PRIVATE: &str = "billfold-export-private-";

/// The half of a key pair that seals.
#[derive(Debug, Clone)]
pub struct PublicKey(HpkePublicKey);

/// The half of a key pair that opens. It is never printed.
pub struct PrivateKey(HpkePrivateKey);

/// Why a key is of no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its file.
    #[error("the key file {path} cannot be used: {problem}")]
    File {
        /// The file.
        path: String,
        /// Why.
        problem: io::Error,
    },
    /// It is none.
    #[error("{0} is no {1} key of `billfold new-export-key`")]
    NotAKey(String, &'static str),
    /// The cryptographic library failed.
    #[error("no key could be made: {0}")]
    NotMade(String),
}

/// A text that could not be sealed or opened: it was changed, is of somewhere else, or for another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token does not open with this key")]
pub struct CannotOpen;

/// Makes a key pair: the private half goes into a new file, which is its owner's alone, and the public one is given
/// as the text of its file.
///
/// # Errors
/// The file is there already, or cannot be written.
pub fn make_pair(private: &Path) -> Result<String, KeyError> {
    let made = SUITE.generate_key_pair();
    let (public, secret) = made.map_err(|error| KeyError::NotMade(error.to_string()))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let text = format!(
        "{PRIVATE}{}\n",
        URL_SAFE_NO_PAD.encode(secret.secret_bytes())
    );
    let written = options
        .open(private)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|problem| KeyError::File {
        path: private.display().to_string(),
        problem,
    })?;
    Ok(PublicKey(public).text())
}

impl PublicKey {
    /// Reads the file of a public key.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        Ok(Self(HpkePublicKey(read(path, PUBLIC, "public")?)))
    }

    /// The key as its file has it.
    pub fn text(&self) -> String {
        format!("{PUBLIC}{}", URL_SAFE_NO_PAD.encode(&self.0.0))
    }

    /// Seals a text that is of this place.
    ///
    /// # Errors
    /// The key is none, or the cryptographic library failed.
    pub fn seal(&self, text: &str, place: &str) -> Result<String, CannotOpen> {
        let sealed = SUITE.seal(INFO, place.as_bytes(), text.as_bytes(), &self.0);
        let (shared, sealed) = sealed.map_err(|_| CannotOpen)?;
        Ok(URL_SAFE_NO_PAD.encode([shared.0, sealed].concat()))
    }
}

impl PrivateKey {
    /// Reads the file of a private key.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        Ok(Self(HpkePrivateKey::from(read(path, PRIVATE, "private")?)))
    }

    /// Opens a text that is of this place.
    ///
    /// # Errors
    /// It was changed, is of another place, or was sealed for another key.
    pub fn open(&self, sealed: &str, place: &str) -> Result<String, CannotOpen> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| CannotOpen)?;
        let (shared, sealed) = bytes.split_at_checked(KEY_BYTES).ok_or(CannotOpen)?;
        let shared = EncapsulatedSecret(shared.to_vec());
        let opened = SUITE.open(&shared, INFO, place.as_bytes(), sealed, &self.0);
        String::from_utf8(opened.map_err(|_| CannotOpen)?).map_err(|_| CannotOpen)
    }
}

fn read(path: &Path, begins: &str, half: &'static str) -> Result<Vec<u8>, KeyError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|problem| KeyError::File {
        path: file.clone(),
        problem,
    })?;
    let key = text.trim().strip_prefix(begins);
    let bytes = key.and_then(|it| URL_SAFE_NO_PAD.decode(it).ok());
    bytes
        .filter(|it| it.len() == KEY_BYTES)
        .ok_or(KeyError::NotAKey(file, half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (PublicKey, PrivateKey) {
        let folder = tempfile::tempdir().unwrap();
        let (private, public) = (folder.path().join("key"), folder.path().join("key.pub"));
        std::fs::write(&public, make_pair(&private).unwrap()).unwrap();
        assert!(make_pair(&private).is_err(), "a key is not written over");
        assert!(PublicKey::read(&private).is_err());
        (
            PublicKey::read(&public).unwrap(),
            PrivateKey::read(&private).unwrap(),
        )
    }

    #[test]
    fn a_token_opens_with_its_own_key_in_its_own_place() {
        let (public, private) = pair();
        let sealed = public.seal("pm_1", "a").unwrap();
        assert!(!sealed.contains("pm_1"));
        assert_eq!(private.open(&sealed, "a").as_deref(), Ok("pm_1"));
        assert_eq!(private.open(&sealed, "b"), Err(CannotOpen));
        assert_eq!(pair().1.open(&sealed, "a"), Err(CannotOpen));
        for broken in ["", "AAAA", "é"] {
            assert_eq!(private.open(broken, "a"), Err(CannotOpen));
        }
    }
}
