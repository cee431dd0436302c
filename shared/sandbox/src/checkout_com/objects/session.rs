//! A payment session as it is remembered.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::spelling::written;

/// A session, as it was asked for.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Session {
    pub(crate) asked: Map<String, Value>,
    /// True once a payment was approved, or may still be: there is no other then.
    pub(crate) is_over: bool,
}

/// The members that a payment takes over from its session.
const GIVEN: &[&str] = &[
    "reference",
    "description",
    "payment_type",
    "metadata",
    "success_url",
    "failure_url",
];

impl Session {
    /// True once the time has passed until which it may be paid in, where one was set.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        let ends = self.text("expires_on");
        !ends.is_empty() && *ends <= *written(now)
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.asked
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// True if the card is stored. A shopper who is to be asked has not agreed until the page
    /// says so.
    pub(crate) fn stores(&self, has_consented: bool) -> bool {
        let setting = self
            .asked
            .get("payment_method_configuration")
            .and_then(|methods| methods.get("card")?.get("store_payment_details")?.as_str());
        match setting {
            Some("enabled") => true,
            Some("collect_consent") => has_consented,
            _ => false,
        }
    }

    pub(crate) fn given(&self) -> Map<String, Value> {
        let billing = self.asked.get("billing");
        let address = billing.and_then(|billing| billing.get("address"));
        let phone = billing.and_then(|billing| billing.get("phone"));
        GIVEN
            .iter()
            .map(|name| (*name, self.asked.get(*name)))
            .chain([("billing_address", address), ("phone", phone)])
            .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())))
            .filter(|(_, value)| !value.is_null())
            .collect()
    }
}
