//! A PaymentMethod as the API shows it, and as a wallet entry keeps it.

use domain::gateway::{Expiry, Reusable};
use serde_json::{Map, Value, json};

use super::answers::PaymentMethod;
use crate::instrument::{self, Instrument, LONGEST_SNAPSHOT};

/// What is shown of the object named after a PaymentMethod's type. Not the fingerprint, which is
/// for telling cards apart and nobody's to read, nor what else a type may hold of a person.
const SHOWN: &[&str] = &[
    "bank_code",
    "bank_name",
    "brand",
    "checks",
    "country",
    "display_brand",
    "email",
    "exp_month",
    "exp_year",
    "funding",
    "last4",
    "networks",
    "payer_email",
    "three_d_secure_usage",
    "wallet",
];

impl PaymentMethod {
    /// `payment_method_details` of an order: the object named after the type.
    pub fn shown_details(&self) -> Value {
        let shown = |(name, _): &(&String, &Value)| SHOWN.contains(&name.as_str());
        let members = self.own.iter().filter(shown);
        let members = members.map(|(name, value)| (name.clone(), value.clone()));
        Value::Object(members.collect())
    }

    /// The attribute `payment_method`.
    pub fn shown(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(self.id));
        shown.insert("type".to_owned(), json!(self.kind));
        shown.insert(self.kind.clone(), self.shown_details());
        Value::Object(shown)
    }

    /// The attribute `payment_instrument`.
    pub fn payment_instrument(&self) -> Value {
        self.instrument().shown()
    }

    fn instrument(&self) -> Instrument {
        let details = &self.details;
        let issuer_type = match self.kind.as_str() {
            "card" => "credit card",
            other => other,
        };
        Instrument {
            issuer_type: Some(issuer_type.to_owned()),
            card_type: details.brand.clone(),
            last_digits: details.last4.clone(),
            expiry: self.expiry(),
        }
    }

    /// What can be used again from now on, by this customer.
    pub fn reusable(&self, customer_token: &str) -> Reusable {
        Reusable {
            customer_token: customer_token.to_owned(),
            payment_source_token: self.id.clone(),
            name: self.name(),
            fingerprint: self.details.fingerprint.clone(),
            expiry: self.expiry(),
            snapshot: self.snapshot(),
        }
    }

    fn snapshot(&self) -> Map<String, Value> {
        let mut snapshot = Map::new();
        snapshot.insert("payment_instrument".to_owned(), self.payment_instrument());
        snapshot.insert("options".to_owned(), json!({}));
        let method = self.shown();
        if method.to_string().len() < LONGEST_SNAPSHOT / 2 {
            snapshot.insert("payment_method".to_owned(), method);
        }
        snapshot
    }

    /// Cards and accounts by their last digits, as Commerce Layer names them; others by their type
    /// and as much of the e-mail address as its owner needs to know it again.
    fn name(&self) -> String {
        let details = &self.details;
        if let Some(name) = self.instrument().name() {
            return name;
        }
        let email = details.email.as_deref().or(details.payer_email.as_deref());
        match email.and_then(masked) {
            Some(email) => format!("{} {email}", self.title()),
            None => self.title(),
        }
    }

    fn title(&self) -> String {
        let words = self.kind.replace('_', " ");
        let mut letters = words.chars();
        match letters.next() {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => "Payment source".to_owned(),
        }
    }

    fn expiry(&self) -> Option<Expiry> {
        instrument::expiry(self.details.exp_month?, self.details.exp_year?)
    }
}

/// `jo***@example.com`
fn masked(email: &str) -> Option<String> {
    let (person, host) = email.split_once('@')?;
    let start: String = person.chars().take(2).collect();
    Some(format!("{start}***@{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(object: Value) -> PaymentMethod {
        serde_json::from_value(object).unwrap()
    }

    fn card() -> PaymentMethod {
        method(json!({
            "id": "pm_1", "type": "card", "customer": null, "created": 1,
            "billing_details": {"name": "Jenny Rosen"},
            "card": {
                "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030,
                "funding": "credit", "fingerprint": "AOB934RVNwzk6xtn", "wallet": null,
            },
        }))
    }

    #[test]
    fn a_card_is_shown_as_storefronts_read_it() {
        assert_eq!(
            card().payment_instrument(),
            json!({
                "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
                "card_expiry_month": "08", "card_expiry_year": "2030",
            })
        );
        assert_eq!(
            card().shown(),
            json!({"id": "pm_1", "type": "card", "card": {
                "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030,
                "funding": "credit", "wallet": null,
            }})
        );
    }

    #[test]
    fn a_card_is_kept_with_its_fingerprint_and_expiry_and_without_secrets() {
        let reusable = card().reusable("cus_1");
        assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
        assert_eq!(reusable.fingerprint.as_deref(), Some("AOB934RVNwzk6xtn"));
        assert_eq!(
            reusable.expiry,
            Some(Expiry {
                year: 2030,
                month: 8
            })
        );
        let snapshot = Value::Object(reusable.snapshot).to_string();
        for hidden in ["AOB934RVNwzk6xtn", "Jenny", "secret"] {
            assert!(!snapshot.contains(hidden), "{snapshot}");
        }
    }

    #[test]
    fn names_tell_sources_apart_without_telling_all() {
        let cases = [
            (
                json!({"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}),
                "XXXX-XXXX-XXXX-3000",
            ),
            (
                json!({"type": "link", "link": {"email": "joan@example.com"}}),
                "Link jo***@example.com",
            ),
            (
                json!({"type": "paypal", "paypal": {"payer_email": "j@x.org"}}),
                "Paypal j***@x.org",
            ),
            (
                json!({"type": "amazon_pay", "amazon_pay": {}}),
                "Amazon pay",
            ),
            (json!({"type": "link", "link": {"email": null}}), "Link"),
            (json!({}), "Payment source"),
        ];
        for (mut object, name) in cases {
            object["id"] = json!("pm_1");
            assert_eq!(method(object).reusable("cus_1").name, name);
        }
    }

    #[test]
    fn what_does_not_expire_or_has_no_fingerprint_says_so() {
        let link = json!({"id": "pm_1", "type": "link", "link": {"email": "a@b.c"}});
        let reusable = method(link).reusable("cus_1");
        assert_eq!((reusable.fingerprint, reusable.expiry), (None, None));
        let odd =
            json!({"id": "pm_1", "type": "card", "card": {"exp_month": 13, "exp_year": 2030}});
        assert_eq!(method(odd).expiry(), None);
    }

    #[test]
    fn a_snapshot_stays_small_whatever_the_gateway_says() {
        let bank = "x".repeat(100_000);
        let method = method(json!({
            "id": "pm_1", "type": "us_bank_account",
            "us_bank_account": {"bank_name": bank, "last4": "6789"},
        }));
        let snapshot = Value::Object(method.reusable("cus_1").snapshot);
        assert!(snapshot.to_string().len() <= LONGEST_SNAPSHOT);
    }
}
