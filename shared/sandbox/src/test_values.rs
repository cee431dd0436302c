//! What may be given to a stand-in to have something happen, for people to choose from.

use serde::Serialize;

/// What comes of paying with a test value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Paying {
    /// The amount is held.
    Approved,
    /// The bank asks the shopper.
    Asks,
    /// The payment is declined.
    Declined,
    /// It is refused, late, or goes wrong afterwards.
    Otherwise,
}

/// A test value of a stand-in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TestValue {
    /// The value, or what it begins with: see [`TestValue::is_beginning`].
    pub value: String,
    /// True where any text may follow, and has to be another each time.
    pub is_beginning: bool,
    /// What comes of it.
    pub paying: Paying,
    /// The same in words, with the card.
    pub words: String,
}

impl TestValue {
    pub(crate) fn beginning(value: &str, paying: Paying, words: &str) -> Self {
        Self {
            value: value.to_owned(),
            is_beginning: true,
            paying,
            words: words.to_owned(),
        }
    }
}
