//! Secrets of clients. They are made here, of 256 random bits, so no digest of one can be searched
//! through and a plain SHA-256 keeps it as well as Argon2 would. A slow hash would do harm: every
//! token request carries a secret, and anybody can send wrong ones, each worth 19 MiB and tens of
//! milliseconds of ours. A key for the digest would protect only guessable secrets, at the price of
//! one more key to keep. A shop that sets a secret of its own has to make it as long.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Random, hex_digest};
use secrecy::SecretString;

/// A new client secret: 43 characters of base64url.
pub fn generate_client_secret(random: &dyn Random) -> SecretString {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a client secret: 64 hexadecimal digits.
pub fn digest_client_secret(secret: &str) -> String {
    hex_digest(&["client_secret", secret])
}

/// Whether `given` is the secret that `stored` is the digest of. Takes the same time wherever they
/// differ. A client without a secret has no digest, and nothing matches it.
pub fn client_secret_matches(given: &str, stored: &str) -> bool {
    let given = digest_client_secret(given);
    verify_slices_are_equal(given.as_bytes(), stored.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::testing::Counting;

    #[test]
    fn a_secret_matches_its_digest_and_no_other() {
        let random = Counting::default();
        let (secret, other) = (
            generate_client_secret(&random),
            generate_client_secret(&random),
        );
        let stored = digest_client_secret(secret.expose_secret());
        assert_eq!(secret.expose_secret().len(), 43);
        assert!(client_secret_matches(secret.expose_secret(), &stored));
        assert!(!client_secret_matches(other.expose_secret(), &stored));
    }

    proptest! {
        #[test]
        fn nothing_matches_what_is_not_a_digest(given in ".*", stored in ".{0,70}") {
            prop_assert!(!client_secret_matches(&given, &stored));
            prop_assert!(!client_secret_matches(&given, &given));
        }
    }
}
