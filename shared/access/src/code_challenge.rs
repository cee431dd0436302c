use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many characters the SHA-256 of a verifier has in base64url.
const LENGTH: usize = 43;

/// What a client commits itself to when it asks for an authorization code (RFC 7636), by the method
/// `S256`: the SHA-256 of a verifier that it keeps until it uses the code. The method `plain` is not
/// taken, since whoever reads the request would have the verifier (RFC 9700, section 2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads a challenge; none for a text that no SHA-256 in base64url is.
    pub fn parse(text: &str) -> Option<Self> {
        let is_base64_url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let has_shape = text.len() == LENGTH && text.bytes().all(is_base64_url);
        has_shape.then(|| Self(text.to_owned()))
    }

    /// The challenge as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the verifier that the challenge was made of. One that is shorter than 43
    /// characters, longer than 128 or of other characters than RFC 7636 has (section 4.1) is not: a
    /// short one could be guessed.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let is_unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        let is_verifier =
            (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved);
        let made = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        is_verifier && verify_slices_are_equal(made.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge_of(verifier: &str) -> CodeChallenge {
        let made = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        CodeChallenge::parse(&made).unwrap()
    }

    #[test]
    fn the_example_of_the_rfc_is_met() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(CHALLENGE));
        assert!(!challenge.is_met_by(&VERIFIER.to_lowercase()));
        assert!(!challenge.is_met_by(""));
    }

    #[test]
    fn a_verifier_of_another_length_or_alphabet_meets_nothing() {
        for (verifier, is_one) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("~._-".repeat(32), true),
            ("a".repeat(129), false),
            ("a b".repeat(20), false),
            ("é".repeat(30), false),
        ] {
            let challenge = challenge_of(&verifier);
            assert_eq!(challenge.is_met_by(&verifier), is_one, "{verifier}");
        }
    }

    proptest! {
        #[test]
        fn no_other_verifier_meets_a_challenge(one in "[a-z~._-]{43,60}", other in "[a-z~._-]{43,60}") {
            let challenge = challenge_of(&one);
            prop_assert!(challenge.is_met_by(&one));
            prop_assert_eq!(challenge.is_met_by(&other), one == other);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,50}") {
            let read = CodeChallenge::parse(&text);
            prop_assert!(read.is_none_or(|it| it.as_str() == text && !it.is_met_by(&text)));
        }
    }
}
