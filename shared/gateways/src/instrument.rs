//! What paid, as storefronts read it and as wallet entries are named, whichever the vendor.

use domain::gateway::Expiry;
use serde_json::Value;

use crate::members::members;

/// The longest snapshot of a wallet entry, as JSON text.
pub(crate) const LONGEST_SNAPSHOT: usize = 8 * 1024;

/// What is known of a card, an account or another thing to pay with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Instrument {
    /// `credit card`, or what else the vendor calls it.
    pub issuer_type: Option<String>,
    /// A card's brand.
    pub card_type: Option<String>,
    /// The last digits of a card or an account, by which its owner knows it again.
    pub last_digits: Option<String>,
    /// A card's last month.
    pub expiry: Option<Expiry>,
}

impl Instrument {
    /// The attribute `payment_instrument`, whose members are texts throughout. What is not known is
    /// left out.
    pub fn shown(&self) -> Value {
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let month = self.expiry.map(|it| format!("{:02}", it.month));
        let year = self.expiry.map(|it| it.year.to_string());
        Value::Object(members([
            ("issuer_type", text(&self.issuer_type)),
            ("card_type", text(&self.card_type)),
            ("card_last_digits", text(&self.last_digits)),
            ("card_expiry_month", text(&month)),
            ("card_expiry_year", text(&year)),
        ]))
    }

    /// The wallet entry's name, as Commerce Layer names cards; none where there are no digits.
    pub fn name(&self) -> Option<String> {
        let digits = self.last_digits.as_deref()?;
        Some(format!("XXXX-XXXX-XXXX-{digits}"))
    }
}

/// Until when a card is valid; none where that is no month of a year of four digits.
pub(crate) fn expiry(month: impl TryInto<u8>, year: impl TryInto<i32>) -> Option<Expiry> {
    let (month, year) = (month.try_into().ok()?, year.try_into().ok()?);
    let is_one = (1..=12).contains(&month) && (1_000..=9_999).contains(&year);
    is_one.then_some(Expiry { year, month })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_is_shown_as_storefronts_read_it() {
        let card = Instrument {
            issuer_type: Some("credit card".to_owned()),
            card_type: Some("visa".to_owned()),
            last_digits: Some("4242".to_owned()),
            expiry: expiry(8, 2030),
        };
        assert_eq!(
            card.shown(),
            json!({
                "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
                "card_expiry_month": "08", "card_expiry_year": "2030",
            })
        );
        assert_eq!(card.name().as_deref(), Some("XXXX-XXXX-XXXX-4242"));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let nothing = Instrument::default();
        assert_eq!((nothing.shown(), nothing.name()), (json!({}), None));
    }

    #[test]
    fn an_expiry_is_a_month_of_a_year_of_four_digits() {
        assert_eq!(
            expiry(12_u64, 2030_u64),
            Some(Expiry {
                year: 2030,
                month: 12
            })
        );
        for (month, year) in [
            (0, 2030),
            (13, 2030),
            (256, 2030),
            (8, 999),
            (8, 10_000),
            (8, -1),
        ] {
            assert_eq!(expiry(month, year), None, "{month}/{year}");
        }
    }
}
