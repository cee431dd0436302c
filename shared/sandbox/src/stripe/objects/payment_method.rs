//! PaymentMethods (<https://docs.stripe.com/api/payment_methods>), cards only, as they are remembered
//! and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::cards::{self, TestCard};
use super::super::params::Metadata;

/// A card that was entered once.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    pub(crate) place: u64,
    pub(crate) created: i64,
    /// The name of its [`TestCard`].
    pub(crate) card: String,
    /// The last digits of the number that the bank has given the card since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last4: Option<String>,
    pub(crate) exp_month: i64,
    pub(crate) exp_year: i64,
    pub(crate) customer: Option<String>,
    /// Used once without a customer, or detached: never to be used again.
    pub(crate) is_spent: bool,
    /// A payment with it was confirmed that set it up for later ones; to be attached is not enough.
    #[serde(default)]
    pub(crate) is_set_up: bool,
    pub(crate) allow_redisplay: String,
    pub(crate) billing_details: Value,
    pub(crate) metadata: Metadata,
}

impl PaymentMethod {
    pub(crate) fn card(&self) -> &'static TestCard {
        cards::find(&self.card).unwrap_or(cards::VISA)
    }

    pub(crate) fn last4(&self) -> &str {
        self.last4.as_deref().unwrap_or(self.card().last4)
    }

    /// The same for the same number within an account.
    pub(crate) fn fingerprint(&self, account_id: &str) -> String {
        cards::fingerprint(account_id, self.card().brand, self.last4())
    }

    pub(crate) fn expiry(&self) -> (i64, i64) {
        (self.exp_month, self.exp_year)
    }

    pub(crate) fn billing_details(&self) -> &Value {
        &self.billing_details
    }

    /// Final: a detached payment method can be neither used nor attached again
    /// (<https://docs.stripe.com/api/payment_methods/detach>).
    pub(crate) fn detach(&mut self) {
        self.customer = None;
        self.is_set_up = false;
        self.is_spent = true;
    }

    /// Was charged: without a customer it was for this once.
    pub(crate) fn charged(&mut self) {
        self.is_spent = self.customer.is_none();
    }

    pub(crate) fn to_json(&self, account_id: &str) -> Value {
        let card = self.card();
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": self.allow_redisplay,
            "billing_details": self.billing_details,
            "card": {
                "brand": card.brand,
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": "pass",
                },
                "country": "US",
                "display_brand": card.brand,
                "exp_month": self.exp_month,
                "exp_year": self.exp_year,
                "fingerprint": self.fingerprint(account_id),
                "funding": card.funding,
                "generated_from": null,
                "last4": self.last4(),
                "networks": {"available": [card.brand], "preferred": null},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": true},
                "wallet": null,
            },
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }
}
