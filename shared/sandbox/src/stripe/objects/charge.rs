//! Charges (<https://docs.stripe.com/api/charges>): the attempts of a PaymentIntent.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::cards::Decline;
use super::payment_intent::PaymentIntent;
use super::payment_method::PaymentMethod;

/// One attempt.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) payment_intent: String,
    pub(crate) payment_method: String,
    created: i64,
    amount: i64,
    pub(crate) amount_captured: i64,
    #[serde(default)]
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    customer: Option<String>,
    description: Option<String>,
    receipt_email: Option<String>,
    pub(crate) captured: bool,
    /// When the hold ends by itself, in Unix seconds; none of what is not held.
    #[serde(default)]
    pub(crate) capture_before: Option<i64>,
    #[serde(default)]
    pub(crate) disputed: bool,
    failure: Option<Failure>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Failure {
    code: String,
    reason: String,
    message: String,
}

impl Charge {
    /// A charge of the whole amount, refused if `decline` is given. Not captured yet.
    pub(crate) fn attempt(
        (id, created): (String, i64),
        intent: &PaymentIntent,
        payment_method: &str,
        decline: Option<Decline>,
    ) -> Self {
        Self {
            id,
            payment_intent: intent.id.clone(),
            payment_method: payment_method.to_owned(),
            created,
            amount: intent.amount,
            amount_captured: 0,
            amount_refunded: 0,
            currency: intent.currency.clone(),
            customer: intent.customer.clone(),
            description: intent.description.clone(),
            receipt_email: intent.receipt_email.clone(),
            captured: false,
            capture_before: None,
            disputed: false,
            failure: decline.map(|decline| Failure {
                code: decline.code.to_owned(),
                reason: decline.decline_code.unwrap_or(decline.code).to_owned(),
                message: decline.message.to_owned(),
            }),
        }
    }

    pub(crate) fn capture(&mut self, amount: i64) {
        self.captured = true;
        self.amount_captured = amount;
    }

    /// The charge as it is shown; `method` is the payment method that was charged.
    pub(crate) fn to_json(&self, method: Option<&PaymentMethod>, account_id: &str) -> Value {
        let failure = self.failure.as_ref();
        json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": null,
            "billing_details": method.map(|method| method.billing_details()),
            "calculated_statement_descriptor": "SANDBOX",
            "captured": self.captured,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": self.disputed,
            "failure_balance_transaction": null,
            "failure_code": failure.map(|failure| &failure.code),
            "failure_message": failure.map(|failure| &failure.message),
            "fraud_details": {},
            "livemode": false,
            "metadata": {},
            "on_behalf_of": null,
            "outcome": outcome(failure),
            "paid": failure.is_none(),
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": method.map(|method| self.card_details(method, account_id)),
            "receipt_email": self.receipt_email,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": self.captured && self.amount_refunded == self.amount_captured,
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": if failure.is_some() { "failed" } else { "succeeded" },
            "transfer_data": null,
            "transfer_group": null,
        })
    }

    fn card_details(&self, method: &PaymentMethod, account_id: &str) -> Value {
        let card = method.card();
        let (exp_month, exp_year) = method.expiry();
        let mut details = json!({
            "card": {
                "amount_authorized": self.amount,
                "authorization_code": null,
                "brand": card.brand,
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": "pass",
                },
                "country": "US",
                "electronic_commerce_indicator": null,
                "exp_month": exp_month,
                "exp_year": exp_year,
                "fingerprint": method.fingerprint(account_id),
                "funding": card.funding,
                "installments": null,
                "last4": method.last4(),
                "mandate": null,
                "network": card.brand,
                "network_transaction_id": null,
                "regulated_status": null,
                "three_d_secure": null,
                "transaction_link_id": null,
                "wallet": null,
            },
            "type": "card",
        });
        if let Some(capture_before) = self.capture_before {
            details["card"]["capture_before"] = json!(capture_before);
        }
        details
    }
}

fn outcome(failure: Option<&Failure>) -> Value {
    match failure {
        None => json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": "approved_by_network",
            "reason": null,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }),
        Some(failure) => json!({
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": "declined_by_network",
            "reason": failure.reason,
            "risk_level": "normal",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        }),
    }
}
