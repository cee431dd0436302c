//! A customer token as the API shows it, and as a wallet entry keeps it.

use domain::CustomerId;
use domain::gateway::{Expiry, Reusable};
use serde_json::{Map, Value, json};

use super::answers::{AuthorizedPaymentMethod, CustomerToken};
use super::text;
use crate::instrument::{self, Instrument};

/// Of a type or brand.
const LONGEST_WORD: usize = 64;

/// The type of what says none.
const KLARNA: &str = "klarna";

const LAST_DIGITS: usize = 4;

impl CustomerToken {
    /// The attribute `payment_instrument`.
    pub fn payment_instrument(&self) -> Value {
        self.instrument().shown()
    }

    fn instrument(&self) -> Instrument {
        let brand = self.card.as_ref().and_then(|it| it.brand.as_deref());
        Instrument {
            issuer_type: Some(self.issuer_type()),
            card_type: brand.and_then(word),
            last_digits: self.card_last_digits(),
            expiry: self.expiry(),
        }
    }

    /// What can be used again from now on. Klarna keeps no customers: ours stands in their place.
    pub fn reusable(&self, token: String, customer: CustomerId) -> Reusable {
        Reusable {
            customer_token: customer.to_string(),
            payment_source_token: token,
            name: self.name(),
            fingerprint: None,
            expiry: self.expiry(),
            snapshot: snapshot(self.payment_instrument()),
        }
    }

    /// Cards by their last digits, as Commerce Layer names them; all else by what it is.
    fn name(&self) -> String {
        if let Some(name) = self.instrument().name() {
            return name;
        }
        let kind = match self.issuer_type().as_str() {
            KLARNA => return "Klarna".to_owned(),
            kind => kind.replace('_', " "),
        };
        let account = self.direct_debit.as_ref();
        match account.and_then(|it| last_digits(it.masked_number.as_deref())) {
            Some(digits) => format!("Klarna {kind} {digits}"),
            None => format!("Klarna {kind}"),
        }
    }

    fn issuer_type(&self) -> String {
        let kind = self.payment_method_type.as_deref();
        kind.and_then(word).unwrap_or_else(|| KLARNA.to_owned())
    }

    fn card_last_digits(&self) -> Option<String> {
        last_digits(self.card.as_ref()?.masked_number.as_deref())
    }

    fn expiry(&self) -> Option<Expiry> {
        let (month, year) = self
            .card
            .as_ref()?
            .expiry_date
            .as_deref()?
            .split_once('/')?;
        instrument::expiry(month.parse::<u8>().ok()?, year.parse::<i32>().ok()?)
    }
}

impl AuthorizedPaymentMethod {
    /// The attribute `payment_instrument` of a payment that is not made with a saved source.
    pub fn payment_instrument(&self) -> Value {
        let issuer_type = word(&self.kind).unwrap_or_else(|| KLARNA.to_owned());
        json!({ "issuer_type": issuer_type })
    }
}

/// A token of which nothing could be read: it can be used all the same.
pub(super) fn unread(token: String, customer: CustomerId) -> Reusable {
    Reusable {
        customer_token: customer.to_string(),
        payment_source_token: token,
        name: "Klarna".to_owned(),
        fingerprint: None,
        expiry: None,
        snapshot: snapshot(json!({"issuer_type": KLARNA})),
    }
}

fn snapshot(payment_instrument: Value) -> Map<String, Value> {
    Map::from_iter([("payment_instrument".to_owned(), payment_instrument)])
}

fn word(text: &str) -> Option<String> {
    text::at_most(text, LONGEST_WORD).map(|it| it.to_lowercase())
}

/// Four digits at the end of a masked number.
fn last_digits(masked: Option<&str>) -> Option<String> {
    let masked = masked?;
    let digits = masked.get(masked.len().checked_sub(LAST_DIGITS)?..)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reusable(token: Value) -> Reusable {
        let mut token = token;
        token["status"] = json!("ACTIVE");
        let token: CustomerToken = serde_json::from_value(token).unwrap();
        token.reusable("token-1".to_owned(), "customerAA".parse().unwrap())
    }

    #[test]
    fn a_card_is_kept_by_its_last_digits_and_expiry() {
        let reusable = reusable(json!({
            "payment_method_type": "CARD",
            "card": {"brand": "VISA", "expiry_date": "08/2030", "masked_number": "************1234"},
        }));
        assert_eq!(reusable.customer_token, "customerAA");
        assert_eq!(reusable.payment_source_token, "token-1");
        assert_eq!(reusable.name, "XXXX-XXXX-XXXX-1234");
        assert_eq!(
            reusable.expiry,
            Some(Expiry {
                year: 2030,
                month: 8
            })
        );
        assert_eq!(
            Value::Object(reusable.snapshot),
            json!({"payment_instrument": {
                "issuer_type": "card", "card_type": "visa", "card_last_digits": "1234",
                "card_expiry_month": "08", "card_expiry_year": "2030",
            }})
        );
    }

    #[test]
    fn what_is_no_card_is_named_after_klarna_and_does_not_expire() {
        let cases = [
            (
                json!({"payment_method_type": "INVOICE"}),
                "Klarna invoice",
                "invoice",
            ),
            (
                json!({
                    "payment_method_type": "DIRECT_DEBIT",
                    "direct_debit": {"masked_number": "******5678"},
                }),
                "Klarna direct debit 5678",
                "direct_debit",
            ),
            (json!({}), "Klarna", "klarna"),
        ];
        for (token, name, issuer_type) in cases {
            let reusable = reusable(token);
            assert_eq!(reusable.name, name);
            assert_eq!(reusable.expiry, None);
            assert_eq!(
                reusable.snapshot["payment_instrument"],
                json!({"issuer_type": issuer_type})
            );
        }
    }

    #[test]
    fn a_card_that_does_not_read_is_kept_without_what_is_wrong() {
        for date in ["13/2030", "0/2030", "12/30", "2030-12", "12/", ""] {
            for number in ["***", "", "********12é", "****abcd"] {
                let card = json!({"expiry_date": date, "masked_number": number});
                let reusable = reusable(json!({"payment_method_type": "CARD", "card": card}));
                assert_eq!(
                    (reusable.name.as_str(), reusable.expiry),
                    ("Klarna card", None)
                );
            }
        }
    }
}
