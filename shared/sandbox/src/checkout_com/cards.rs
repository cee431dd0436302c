//! Test cards and the tokens that stand for them.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::ids::derived;
use crate::test_values::{Paying, TestValue};

/// A card, as far as it may be known: never its number.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Card {
    pub(super) scheme: String,
    pub(super) bin: String,
    pub(super) last4: String,
    pub(super) expiry_month: u8,
    pub(super) expiry_year: i32,
    pub(super) behaviour: Behaviour,
}

/// The answer of the card's bank.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Behaviour {
    /// The bank approves.
    Approves,
    /// The bank declines.
    Declines(Decline),
    /// The bank approves a new card and declines it once it is stored.
    DeclinesStored(Decline),
    /// The bank asks its customer, whenever the shopper is there.
    Authenticates,
}

/// Why a bank says no.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Decline {
    DoNotHonour,
    InsufficientFunds,
    ExpiredCard,
    /// The shopper did not pass 3-D Secure.
    NotAuthenticated,
    /// 3-D Secure is needed.
    AuthenticationRequired,
}

impl Decline {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::DoNotHonour => "20005",
            Self::InsufficientFunds => "20051",
            Self::ExpiredCard => "20054",
            Self::NotAuthenticated => "20151",
            Self::AuthenticationRequired => "20154",
        }
    }

    pub(super) fn summary(self) -> &'static str {
        match self {
            Self::DoNotHonour => "Declined - Do Not Honour",
            Self::InsufficientFunds => "Insufficient Funds",
            Self::ExpiredCard => "Expired Card",
            Self::NotAuthenticated => "Cardholder failed 3DS authentication",
            Self::AuthenticationRequired => "3DS authentication required",
        }
    }
}

impl Card {
    /// The fingerprint as payments show it: the same for a card however often it is entered; 64
    /// hexadecimal digits.
    pub(super) fn fingerprint(&self) -> String {
        Sha256::digest(self.identity())
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect()
    }

    /// The fingerprint as instruments show it: 26 letters and digits.
    pub(super) fn instrument_fingerprint(&self) -> String {
        derived(&self.identity(), 26).to_ascii_lowercase()
    }

    /// A card is valid through the last day of its month.
    pub(super) fn has_expired(&self, now: i64) -> bool {
        let (year, month) = month_of(now);
        (self.expiry_year, self.expiry_month) < (year, month)
    }

    fn identity(&self) -> String {
        format!("{} {}", self.scheme, self.last4)
    }
}

/// The thing that a token stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Token {
    Card(Card),
    /// A card, but the payment's answer is a minute late.
    SlowCard(Card),
    /// A token that is too old: tokens live 15 minutes.
    Expired,
    Invalid,
}

/// The names of tokens: `tok_`, the name, an underscore, and anything up to 26 characters.
const NAMES: &[&str] = &[
    "declined",
    "expired_card",
    "expired_token",
    "expires_next_year",
    "expires_this_month",
    "insufficient_funds",
    "invalid_token",
    "later_declined",
    "mastercard",
    "other_visa",
    "redirect",
    "sca_required",
    "slow",
];

/// The beginnings of tokens by name, and `tok_` for any other.
pub(super) fn test_values() -> Vec<TestValue> {
    let named = NAMES.iter().map(|name| {
        let (paying, words) = paying(name);
        TestValue::beginning(&format!("tok_{name}_"), paying, words)
    });
    let any = TestValue::beginning("tok_", Paying::Approved, "Visa 4242: approved");
    std::iter::once(any).chain(named).collect()
}

fn paying(name: &str) -> (Paying, &'static str) {
    use Paying::{Approved, Asks, Declined, Otherwise};

    match name {
        "declined" => (Declined, "Visa 4242: do not honour"),
        "expired_card" => (Declined, "Visa 4242: the card has expired"),
        "expired_token" => (Otherwise, "a token that is too old: refused"),
        "expires_next_year" => (Approved, "Visa 4242, expires next year: approved"),
        "expires_this_month" => (Approved, "Visa 4242, expires this month: approved"),
        "insufficient_funds" => (Declined, "Visa 4242: insufficient funds"),
        "invalid_token" => (Otherwise, "a token that is none: refused"),
        "later_declined" => (Otherwise, "Visa 4242: approved, declined once it is saved"),
        "mastercard" => (Approved, "Mastercard 4444: approved"),
        "other_visa" => (Approved, "Visa 1111: approved"),
        "redirect" => (Asks, "Visa 4242: the bank asks"),
        "sca_required" => (Declined, "Visa 4242: the bank wants 3-D Secure"),
        "slow" => (Otherwise, "Visa 4242: approved, a minute late"),
        _ => (Approved, "Visa 4242: approved"),
    }
}

/// A card's scheme, first six and last four digits.
type Face = (&'static str, &'static str, &'static str);

const VISA: Face = ("Visa", "424242", "4242");
const OTHER_VISA: Face = ("Visa", "411111", "1111");
const MASTERCARD: Face = ("Mastercard", "555555", "4444");

/// The token's meaning; the table is in the module's documentation.
pub(super) fn token(token: &str, now: i64) -> Token {
    use Behaviour::{Approves, Authenticates, Declines, DeclinesStored};

    let (year, month) = month_of(now);
    let card = |(scheme, bin, last4): Face, behaviour| Card {
        scheme: scheme.to_owned(),
        bin: bin.to_owned(),
        last4: last4.to_owned(),
        expiry_month: 12,
        expiry_year: year + 4,
        behaviour,
    };
    let visa = |behaviour| Token::Card(card(VISA, behaviour));
    let expiring = |expiry_year| {
        Token::Card(Card {
            expiry_month: month,
            expiry_year,
            ..card(VISA, Approves)
        })
    };
    match name_of(token) {
        "declined" => visa(Declines(Decline::DoNotHonour)),
        "expired_card" => visa(Declines(Decline::ExpiredCard)),
        "expired_token" => Token::Expired,
        "expires_next_year" => expiring(year + 1),
        "expires_this_month" => expiring(year),
        "insufficient_funds" => visa(Declines(Decline::InsufficientFunds)),
        "invalid_token" => Token::Invalid,
        "later_declined" => visa(DeclinesStored(Decline::InsufficientFunds)),
        "mastercard" => Token::Card(card(MASTERCARD, Approves)),
        "other_visa" => Token::Card(card(OTHER_VISA, Approves)),
        "redirect" => visa(Authenticates),
        "sca_required" => visa(Declines(Decline::AuthenticationRequired)),
        "slow" => Token::SlowCard(card(VISA, Approves)),
        _ => visa(Approves),
    }
}

/// The token's name, or nothing.
fn name_of(token: &str) -> &'static str {
    let text = token.strip_prefix("tok_").unwrap_or_default();
    NAMES
        .iter()
        .find(|name| {
            text.strip_prefix(**name)
                .is_some_and(|padding| padding.starts_with('_'))
        })
        .copied()
        .unwrap_or_default()
}

/// Year and month of a time in Unix milliseconds.
fn month_of(now: i64) -> (i32, u8) {
    let date = OffsetDateTime::from_unix_timestamp(now.div_euclid(1_000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    (date.year(), u8::from(date.month()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-01T12:00:00Z.
    const NOW: i64 = 1_772_366_400_000;

    #[test]
    fn every_name_means_something() {
        let plain = token("tok_4gzeau5o2uqubbk6fufs3m7p54", NOW);
        for name in NAMES {
            let named = token(&format!("tok_{name}_0"), NOW);
            assert_ne!(named, plain, "{name}");
        }
        assert_eq!(token("tok_declined", NOW), plain);
    }

    #[test]
    fn a_card_is_valid_through_its_month() {
        let Token::Card(card) = token("tok_expires_this_month_0", NOW) else {
            panic!("a card");
        };
        let days = |days: i64| NOW + days * 86_400_000;
        assert!(!card.has_expired(days(30)));
        assert!(card.has_expired(days(31)));
    }
}
