use argon2::password_hash::{self, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, Version};
use domain::Random;

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// The stored text is not a PHC string of Argon2.
    #[error("the stored password hash cannot be read")]
    NotAHash,
    /// There was no memory for it.
    #[error("the password could not be hashed")]
    Failed,
}

/// The PHC string to store for `password`, `$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}`, with a
/// salt of 16 random bytes. Takes tens of milliseconds of CPU, on purpose.
///
/// # Errors
/// [`PasswordError::Failed`].
pub fn hash_password(password: &str, random: &dyn Random) -> Result<String, PasswordError> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    hash_with_salt(password, salt).map(|hash| hash.to_string())
}

/// Whether `password` is the one that `stored` was made of. Where there is nothing stored (no such
/// user, or one without a password) the answer is no after the same work, so that the time it takes
/// tells nobody who is a customer here.
///
/// # Errors
/// [`PasswordError::NotAHash`] for a stored text of another form.
pub fn verify_password(password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
    let Some(stored) = stored else {
        hash_with_salt(password, [0; 16])?;
        return Ok(false);
    };
    let hash = PasswordHash::new(stored).map_err(|_| PasswordError::NotAHash)?;
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(PasswordError::NotAHash);
    }
    match argon2()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(password_hash::Error::OutOfMemory) => Err(PasswordError::Failed),
        Err(_) => Err(PasswordError::NotAHash),
    }
}

fn hash_with_salt(password: &str, salt: [u8; 16]) -> Result<PasswordHash, PasswordError> {
    argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|_| PasswordError::Failed)
}

/// Argon2id with 19 MiB, two passes and one lane: of the settings that OWASP's Password Storage
/// Cheat Sheet holds equal, the one that fits beside everything else in a function of 128 MB and
/// still asks an attacker for memory.
fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|_| PasswordError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::*;
    use crate::testing::Counting;

    #[test]
    fn a_password_is_known_by_its_hash_and_no_other_is() {
        let random = Counting::default();
        let stored = hash_password("demo-customer", &random).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!stored.contains("demo"));
        assert_eq!(verify_password("demo-customer", Some(&stored)), Ok(true));
        assert_eq!(verify_password("demo-customers", Some(&stored)), Ok(false));
        assert_ne!(hash_password("demo-customer", &random).unwrap(), stored);
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let stored = hash_password("demo-customer", &Counting::default()).unwrap();
        let time = |stored: Option<&str>| {
            let start = Instant::now();
            assert_eq!(verify_password("wrong", stored), Ok(false));
            start.elapsed()
        };
        // In turns, so that whatever else the machine does slows both.
        let (mut somebody, mut nobody) = (Duration::MAX, Duration::MAX);
        for _ in 0..8 {
            somebody = somebody.min(time(Some(&stored)));
            nobody = nobody.min(time(None));
        }
        assert!(nobody > somebody / 2, "{nobody:?} and {somebody:?}");
    }

    #[test]
    fn a_stored_text_that_is_no_hash_is_an_error() {
        let cut = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA";
        let other = "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
        for stored in ["", "demo-customer", "$argon2id$", cut, other] {
            let result = verify_password("demo-customer", Some(stored));
            assert_eq!(result, Err(PasswordError::NotAHash), "{stored}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]
        #[test]
        fn any_text_is_a_password(password in ".*") {
            let stored = hash_password(&password, &Counting::default()).unwrap();
            prop_assert_eq!(verify_password(&password, Some(&stored)), Ok(true));
        }
    }
}
