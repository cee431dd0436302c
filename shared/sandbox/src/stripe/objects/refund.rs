//! Refunds (<https://docs.stripe.com/api/refunds>) as they are remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::params::Metadata;

/// The stages of a refund.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

/// Money that goes back, all of a charge or a part.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) place: u64,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) payment_intent: String,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) status: RefundStatus,
    pub(crate) failure_reason: Option<String>,
}

impl Refund {
    /// Whether the money is on its way, or back with the shopper.
    pub(crate) fn counts(&self) -> bool {
        self.status != RefundStatus::Failed
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut object = Map::new();
        let shown = json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "destination_details": {
                "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
                "type": "card",
            },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": null,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": self.status,
            "transfer_reversal": null,
        });
        if let Value::Object(members) = shown {
            object = members;
        }
        if self.status == RefundStatus::Pending {
            object.insert("pending_reason".to_owned(), json!("processing"));
        }
        if let Some(reason) = &self.failure_reason {
            object.insert("failure_reason".to_owned(), json!(reason));
            object.insert("failure_balance_transaction".to_owned(), Value::Null);
        }
        Value::Object(object)
    }
}
