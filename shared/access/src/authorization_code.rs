use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Random, digest};
use secrecy::{ExposeSecret, SecretString};

/// How many characters a code has: 256 bits.
const LENGTH: usize = 43;
/// How many bytes of its digest name the session that it begins.
const SESSION_BYTES: usize = 18;

/// An authorization code (RFC 6749, section 4.1): opaque to clients, 43 characters of base64url. It
/// names the session that it begins, so that whoever uses it a second time names that session too,
/// and nothing has to be kept of a code that was used.
#[derive(Debug, Clone)]
pub struct AuthorizationCode(SecretString);

impl AuthorizationCode {
    /// A code that nobody knows yet.
    pub fn generate(random: &dyn Random) -> Self {
        let bytes: [u8; 32] = random.bytes();
        Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads what a client gives; none for a text that no code is.
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64_url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let has_shape = text.len() == LENGTH && text.bytes().all(is_base64_url);
        has_shape.then(|| Self(SecretString::from(text)))
    }

    /// What the client is given.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// The id of the session that it begins, as a refresh token names it: 24 characters of
    /// base64url. Nobody finds the code by it.
    pub fn session(&self) -> String {
        let digest = digest(&["session of an authorization code", self.0.expose_secret()]);
        let (named_by, _) = digest.split_at(SESSION_BYTES);
        URL_SAFE_NO_PAD.encode(named_by)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RefreshToken;
    use crate::testing::Counting;

    #[test]
    fn a_code_is_read_as_it_was_made() {
        let code = AuthorizationCode::generate(&Counting::default());
        let text = code.secret().expose_secret();
        assert_eq!(text.len(), LENGTH);
        let read = AuthorizationCode::parse(text).unwrap();
        assert_eq!(read.secret().expose_secret(), text);
        assert!(!format!("{code:?}").contains(text));
    }

    #[test]
    fn a_code_names_one_session_and_another_code_another() {
        let random = Counting::default();
        let (code, other) = (
            AuthorizationCode::generate(&random),
            AuthorizationCode::generate(&random),
        );
        let again = AuthorizationCode::parse(code.secret().expose_secret()).unwrap();
        assert_eq!(again.session(), code.session());
        assert_ne!(other.session(), code.session());
        assert!(!code.secret().expose_secret().contains(&code.session()));

        let token = RefreshToken::of(code.session(), &random).to_text();
        let read = RefreshToken::parse(token.expose_secret()).unwrap();
        assert_eq!(read.session(), code.session());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,50}") {
            let read = AuthorizationCode::parse(&text);
            prop_assert!(read.is_none_or(|it| it.secret().expose_secret() == text));
        }
    }
}
