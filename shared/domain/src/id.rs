//! Ids of records: ten letters, as Commerce Layer's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest;

const LENGTH: usize = 10;
const ALPHABET: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The id of a record: ten ASCII letters (`eqkykhjlVw`), so that it never holds a key's separator,
/// a slash or a control character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; LENGTH]);

/// A text that is not ten ASCII letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is ten letters")]
pub struct NotAnId;

impl Id {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A fresh id from 16 random bytes. 52¹⁰ ids share 2¹²⁸ values, so each is as likely as another
    /// to within one in 10²¹.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let mut rest = u128::from_be_bytes(bytes);
        let mut letters = [0; LENGTH];
        for letter in &mut letters {
            *letter = ALPHABET[(rest % 52) as usize];
            rest /= 52;
        }
        Self(letters)
    }

    /// The id that follows from `parts`: the same parts give the same id, and no two lists of parts
    /// are joined to the same text.
    pub fn derived(parts: &[&str]) -> Self {
        let digest = digest(parts);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self::from_random(bytes)
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let letters: [u8; LENGTH] = text.as_bytes().try_into().map_err(|_| NotAnId)?;
        if letters.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(letters))
        } else {
            Err(NotAnId)
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ten_letters_and_nothing_else() {
        assert_eq!("eqkykhjlVw".parse::<Id>().unwrap().as_str(), "eqkykhjlVw");
        for text in [
            "",
            "short",
            "elevenchars",
            "has#hash10",
            "numb3rs123",
            "ünïcödeäb",
        ] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn parts_are_not_run_together() {
        assert_ne!(Id::derived(&["ab", "c"]), Id::derived(&["a", "bc"]));
        assert_eq!(Id::derived(&["ab", "c"]), Id::derived(&["ab", "c"]));
    }

    proptest! {
        #[test]
        fn made_ids_parse(bytes: [u8; 16]) {
            let id = Id::from_random(bytes);
            prop_assert_eq!(id.as_str().parse::<Id>(), Ok(id));
        }
    }
}
