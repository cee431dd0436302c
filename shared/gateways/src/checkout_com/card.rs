//! A card as payments and instruments describe it, as the API shows it, and as a wallet entry keeps
//! it.

use domain::gateway::{Expiry, Reusable};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::instrument::{self, Instrument};
use crate::members::members;

/// What is shown of a card. Not the fingerprint, which is for telling cards apart and nobody's to
/// read, nor the holder's name, phone and address.
const SHOWN: &[&str] = &[
    "id",
    "type",
    "scheme",
    "last4",
    "bin",
    "expiry_month",
    "expiry_year",
    "fingerprint",
    "card_type",
    "card_category",
    "issuer",
    "issuer_country",
    "product_id",
    "product_type",
    "avs_check",
    "cvv_check",
];

/// What a wallet entry does not keep of them: the entry has its token sealed, and a keyed hash of the
/// fingerprint.
const NOT_KEPT: &[&str] = &["id", "fingerprint"];

/// The longest value that is shown, as JSON text: all of them make no longer snapshot than
/// [`instrument::LONGEST_SNAPSHOT`].
const LONGEST_VALUE: usize = 256;

/// Of a payment, its `source`; of an instrument, all of it. A member that is not as expected counts
/// as absent: nothing but display depends on it, and `id`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Card(Map<String, Value>);

impl Card {
    /// `src_…`
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// `payment_response.source`, and `payment_method_details` of an order.
    pub fn shown(&self) -> Value {
        Value::Object(self.members().collect())
    }

    /// The attribute `payment_instrument`.
    pub fn payment_instrument(&self) -> Value {
        self.instrument().shown()
    }

    fn instrument(&self) -> Instrument {
        Instrument {
            issuer_type: Some("credit card".to_owned()),
            card_type: self.text("scheme").map(str::to_lowercase),
            last_digits: self.text("last4").map(str::to_owned),
            expiry: self.expiry(),
        }
    }

    /// What this customer can use again from now on, under this id.
    pub fn reusable(&self, customer_token: &str, id: &str) -> Reusable {
        let is_kept = |(name, _): &(String, Value)| !NOT_KEPT.contains(&name.as_str());
        let instrument = self.instrument();
        let source: Map<_, _> = self.members().filter(is_kept).collect();
        Reusable {
            customer_token: customer_token.to_owned(),
            payment_source_token: id.to_owned(),
            name: instrument
                .name()
                .unwrap_or_else(|| "Payment source".to_owned()),
            fingerprint: self.fingerprint(),
            expiry: self.expiry(),
            snapshot: members([
                ("payment_instrument", instrument.shown()),
                ("payment_response", json!({ "source": source })),
            ]),
        }
    }

    pub fn expiry(&self) -> Option<Expiry> {
        let number = |name: &str| self.0.get(name)?.as_u64();
        instrument::expiry(number("expiry_month")?, number("expiry_year")?)
    }

    /// The fingerprint that payments show: 64 hexadecimal digits. Instruments show another of the same
    /// card, 26 letters and digits, which must never be compared with it.
    fn fingerprint(&self) -> Option<String> {
        let fingerprint = self.text("fingerprint")?;
        let is_payments =
            fingerprint.len() == 64 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_payments.then(|| format!("payment:{}", fingerprint.to_ascii_lowercase()))
    }

    fn members(&self) -> impl Iterator<Item = (String, Value)> + '_ {
        let shown = SHOWN
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.0.get(*name)?)));
        let is_payments = self.fingerprint().is_some();
        shown
            .filter(move |(name, _)| name != "fingerprint" || is_payments)
            .filter(|(_, value)| !value.is_null() && value.to_string().len() <= LONGEST_VALUE)
            .map(|(name, value)| (name, value.clone()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        let text = self.0.get(name)?.as_str()?;
        (text.len() <= LONGEST_VALUE).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(object: Value) -> Card {
        serde_json::from_value(object).unwrap()
    }

    fn visa() -> Value {
        json!({
            "id": "src_1", "type": "card", "scheme": "VISA", "last4": "4242", "bin": "424242",
            "expiry_month": 8, "expiry_year": 2030, "name": "Bruce Wayne",
            "fingerprint": "F31828E2BDABAE63EB694903825CDD36041CC6ED461440B81415895855502832",
            "billing_address": {"city": "Gotham"}, "phone": {"number": "415 555 2671"},
        })
    }

    #[test]
    fn a_card_is_shown_as_storefronts_read_it_and_without_its_holder() {
        let card = card(visa());
        assert_eq!(
            card.payment_instrument(),
            json!({
                "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
                "card_expiry_month": "08", "card_expiry_year": "2030",
            })
        );
        assert_eq!(
            card.shown(),
            json!({
                "id": "src_1", "type": "card", "scheme": "VISA", "last4": "4242", "bin": "424242",
                "expiry_month": 8, "expiry_year": 2030,
                "fingerprint": "F31828E2BDABAE63EB694903825CDD36041CC6ED461440B81415895855502832",
            })
        );
    }

    #[test]
    fn a_wallet_entry_keeps_what_shows_the_card_and_not_its_token() {
        let reusable = card(visa()).reusable("cus_1", "src_1");
        assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
        assert_eq!(reusable.payment_source_token, "src_1");
        assert_eq!(
            reusable.expiry,
            Some(Expiry {
                year: 2030,
                month: 8
            })
        );
        let snapshot = Value::Object(reusable.snapshot);
        assert_eq!(snapshot["payment_response"]["source"]["last4"], "4242");
        for hidden in ["src_1", "F31828", "f31828", "Bruce", "Gotham"] {
            assert!(!snapshot.to_string().contains(hidden), "{snapshot}");
        }
    }

    #[test]
    fn the_two_shapes_of_fingerprints_never_meet() {
        let fingerprint = |text: &str| {
            let mut visa = visa();
            visa["fingerprint"] = json!(text);
            card(visa).reusable("cus_1", "src_1").fingerprint
        };
        let upper = fingerprint(&"F3".repeat(32));
        assert_eq!(upper, fingerprint(&"f3".repeat(32)));
        assert_eq!(upper, Some(format!("payment:{}", "f3".repeat(32))));
        for of_another_shape in ["vnsdrvikkvre3dtrjjvlm5du4q", "F639CAB2745BEE", ""] {
            assert_eq!(fingerprint(of_another_shape), None);
        }
    }

    #[test]
    fn odd_cards_are_shown_as_far_as_they_read_and_stay_small() {
        let huge = "x".repeat(100_000);
        let odd = card(json!({
            "scheme": huge, "issuer": huge, "last4": 4242, "expiry_month": 13, "expiry_year": "2030",
        }));
        assert_eq!(odd.expiry(), None);
        let reusable = odd.reusable("cus_1", "src_1");
        assert_eq!(reusable.name, "Payment source");
        assert!(Value::Object(reusable.snapshot).to_string().len() < 500);
        let largest: Map<_, _> = SHOWN
            .iter()
            .map(|name| ((*name).to_owned(), json!("x".repeat(LONGEST_VALUE - 2))))
            .collect();
        let reusable = Card(largest).reusable("cus_1", "src_1");
        assert!(Value::Object(reusable.snapshot).to_string().len() <= instrument::LONGEST_SNAPSHOT);
    }
}
