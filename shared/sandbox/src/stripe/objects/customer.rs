//! Customers (<https://docs.stripe.com/api/customers>) as they are remembered and shown.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::params::{Metadata, Params};

/// A customer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) place: u64,
    pub(crate) created: i64,
    pub(crate) deleted: bool,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) address: Option<Value>,
    pub(crate) shipping: Option<Value>,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) metadata: Metadata,
}

impl Customer {
    pub(crate) fn to_json(&self) -> Value {
        if self.deleted {
            return json!({"id": self.id, "object": "customer", "deleted": true});
        }
        json!({
            "id": self.id,
            "object": "customer",
            "address": self.address,
            "balance": 0,
            "created": self.created,
            "currency": null,
            "default_source": null,
            "delinquent": false,
            "description": self.description,
            "discount": null,
            "email": self.email,
            "invoice_prefix": crate::ids::derived(&self.id, 8).to_ascii_uppercase(),
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": 1,
            "phone": self.phone,
            "preferred_locales": [],
            "shipping": self.shipping,
            "tax_exempt": "none",
            "test_clock": null,
        })
    }

    /// A detached payment method is nobody's default.
    pub(crate) fn forget_method(&mut self, id: &str) {
        if self.default_payment_method.as_deref() == Some(id) {
            self.default_payment_method = None;
        }
    }

    /// Takes over what a request says of the customer.
    pub(crate) fn change(&mut self, params: Params<'_>) -> Result<(), ApiError> {
        params.merge_metadata(&mut self.metadata)?;
        params.change_text("email", &mut self.email);
        params.change_text("name", &mut self.name);
        params.change_text("phone", &mut self.phone);
        params.change_text("description", &mut self.description);
        params.change_object("address", &mut self.address);
        params.change_object("shipping", &mut self.shipping);
        Ok(())
    }
}
