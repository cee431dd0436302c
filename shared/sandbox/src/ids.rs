//! Time, randomness, and ids made from them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// The current time in milliseconds since 1970-01-01 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Fills the slice with random bytes.
pub type Random = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes ids of letters and digits.
pub struct Ids {
    random: Random,
    /// Mixed into every id, so that a test's constant "randomness" still gives different ones.
    count: AtomicU64,
}

impl Ids {
    /// `count` is where the counter goes on, for a state that was loaded.
    pub(crate) fn new(random: Random, count: u64) -> Self {
        Self {
            random,
            count: AtomicU64::new(count),
        }
    }

    /// How many ids were made, for the state that is kept.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// `prefix` followed by `length` letters and digits, at most 32.
    pub(crate) fn make(&self, prefix: &str, length: usize) -> String {
        let mut seed = [0_u8; 32];
        (self.random)(&mut seed);
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let hash = Sha256::new()
            .chain_update(seed)
            .chain_update(count.to_be_bytes())
            .finalize();
        format!("{prefix}{}", letters_and_digits(&hash, length))
    }
}

/// The same `length` letters and digits for the same text, at most 32.
pub(crate) fn derived(text: &str, length: usize) -> String {
    letters_and_digits(&Sha256::digest(text.as_bytes()), length)
}

fn letters_and_digits(bytes: &[u8], length: usize) -> String {
    bytes
        .iter()
        .take(length)
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_even_where_randomness_does_not() {
        let ids = Ids::new(Arc::new(|bytes| bytes.fill(7)), 0);
        let first = ids.make("pi_", 24);
        assert_ne!(first, ids.make("pi_", 24));
        assert_eq!(first.len(), 27);
    }

    #[test]
    fn a_state_that_goes_on_counting_makes_new_ids() {
        let random: Random = Arc::new(|bytes| bytes.fill(7));
        let before = Ids::new(Arc::clone(&random), 0);
        let first = before.make("pi_", 24);
        let after = Ids::new(random, before.count());
        assert_ne!(first, after.make("pi_", 24));
    }

    #[test]
    fn the_same_text_derives_the_same_letters() {
        assert_eq!(derived("visa 4242", 16), derived("visa 4242", 16));
        assert_ne!(derived("visa 4242", 16), derived("visa 4243", 16));
    }
}
