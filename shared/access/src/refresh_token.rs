use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Random;
use secrecy::{ExposeSecret, SecretString};

/// How many characters name the session: 144 bits.
const SESSION_LENGTH: usize = 24;
/// How many characters are the secret: 256 bits.
const SECRET_LENGTH: usize = 43;

/// A refresh token: opaque to clients, 67 characters of base64url. It names its session, which stays
/// the same from one refresh token to the next, and carries a secret that is good once.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    session: String,
    secret: SecretString,
}

impl RefreshToken {
    /// The first of a new session.
    pub fn first(random: &dyn Random) -> Self {
        let session: [u8; 18] = random.bytes();
        Self::of(URL_SAFE_NO_PAD.encode(session), random)
    }

    /// The one that takes this one's place.
    pub fn next(&self, random: &dyn Random) -> Self {
        Self::of(self.session.clone(), random)
    }

    /// One of the session of that id, 24 characters of base64url.
    pub fn of(session: String, random: &dyn Random) -> Self {
        let secret: [u8; 32] = random.bytes();
        Self {
            session,
            secret: SecretString::from(URL_SAFE_NO_PAD.encode(secret)),
        }
    }

    /// Reads what a client gives; none for a text that no refresh token is.
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64_url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let has_shape =
            text.len() == SESSION_LENGTH + SECRET_LENGTH && text.bytes().all(is_base64_url);
        let (session, secret) = text
            .split_at_checked(SESSION_LENGTH)
            .filter(|_| has_shape)?;
        Some(Self {
            session: session.to_owned(),
            secret: SecretString::from(secret),
        })
    }

    /// The session that it carries on.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// What makes it good once.
    pub const fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// What the client is given.
    pub fn to_text(&self) -> SecretString {
        SecretString::from(format!("{}{}", self.session, self.secret.expose_secret()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::Counting;

    #[test]
    fn a_token_is_read_as_it_was_made() {
        let token = RefreshToken::first(&Counting::default());
        let text = token.to_text();
        assert_eq!(text.expose_secret().len(), 67);
        let read = RefreshToken::parse(text.expose_secret()).unwrap();
        assert_eq!(read.session(), token.session());
        assert_eq!(
            read.secret().expose_secret(),
            token.secret().expose_secret()
        );
        assert!(!format!("{token:?}").contains(token.secret().expose_secret()));
    }

    #[test]
    fn the_next_one_is_of_the_same_session_with_another_secret() {
        let random = Counting::default();
        let token = RefreshToken::first(&random);
        let next = token.next(&random);
        assert_eq!(next.session(), token.session());
        assert_ne!(
            next.secret().expose_secret(),
            token.secret().expose_secret()
        );
        assert_ne!(RefreshToken::first(&random).session(), token.session());
    }

    #[test]
    fn a_text_of_another_length_or_alphabet_is_none() {
        let (short, long) = ("a".repeat(66), "a".repeat(68));
        let (spaced, accented) = ("a ".repeat(33) + "a", "é".repeat(33) + "a");
        for text in ["", &short, &long, &spaced, &accented] {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,70}") {
            let read = RefreshToken::parse(&text);
            prop_assert!(read.is_none_or(|it| it.to_text().expose_secret() == text));
        }
    }
}
