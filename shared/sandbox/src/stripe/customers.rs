//! Customers (<https://docs.stripe.com/api/customers>).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{ApiError, Place};
use super::fields::{Field, METADATA, TEXT, optional, required, unsettable};
use super::lists::{LIMIT, STARTING_AFTER, page};
use super::params::Metadata;
use super::payment_methods;
use super::routes::Call;
use super::state::Work;
use crate::fields::Kind;

/// A customer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) place: u64,
    created: i64,
    pub(super) deleted: bool,
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    description: Option<String>,
    address: Option<Value>,
    shipping: Option<Value>,
    default_payment_method: Option<String>,
    metadata: Metadata,
}

const ADDRESS: &[Field] = &[
    unsettable("city", TEXT),
    unsettable("country", TEXT),
    unsettable("line1", TEXT),
    unsettable("line2", TEXT),
    unsettable("postal_code", TEXT),
    unsettable("state", TEXT),
];

/// An address with a name, as in `shipping`.
pub(super) const SHIPPING: &[Field] = &[
    required("address", Kind::Object(ADDRESS)),
    required("name", TEXT),
    unsettable("phone", TEXT),
];

/// Who a payment method's bill goes to.
pub(super) const BILLING_DETAILS: &[Field] = &[
    unsettable("address", Kind::Object(ADDRESS)),
    unsettable("email", TEXT),
    unsettable("name", TEXT),
    unsettable("phone", TEXT),
    unsettable("tax_id", TEXT),
];

pub(super) const UPDATE: &[Field] = &[
    unsettable("address", Kind::Object(ADDRESS)),
    unsettable("description", TEXT),
    unsettable("email", Kind::Text(0, 512)),
    optional(
        "invoice_settings",
        Kind::Object(&[unsettable("default_payment_method", TEXT)]),
    ),
    METADATA,
    unsettable("name", Kind::Text(0, 256)),
    unsettable("phone", Kind::Text(0, 20)),
    unsettable("shipping", Kind::Object(SHIPPING)),
];

pub(super) const CREATE: &[Field] = &[
    unsettable("address", Kind::Object(ADDRESS)),
    unsettable("description", TEXT),
    unsettable("email", Kind::Text(0, 512)),
    optional(
        "invoice_settings",
        Kind::Object(&[unsettable("default_payment_method", TEXT)]),
    ),
    METADATA,
    unsettable("name", Kind::Text(0, 256)),
    optional("payment_method", TEXT),
    unsettable("phone", Kind::Text(0, 20)),
    unsettable("shipping", Kind::Object(SHIPPING)),
];

pub(super) const LIST: &[Field] = &[optional("email", Kind::Text(0, 512)), LIMIT, STARTING_AFTER];

impl Customer {
    pub(super) fn to_json(&self) -> Value {
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
    pub(super) fn forget_method(&mut self, id: &str) {
        if self.default_payment_method.as_deref() == Some(id) {
            self.default_payment_method = None;
        }
    }

    fn change(&mut self, call: &Call<'_>) -> Result<(), ApiError> {
        let params = call.params;
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

/// `POST /v1/customers`
pub(super) fn create(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let mut customer = Customer {
        id: work.ids.make("cus_", 14),
        place: work.account.next_place(),
        created: work.seconds(),
        deleted: false,
        email: None,
        name: None,
        phone: None,
        description: None,
        address: None,
        shipping: None,
        default_payment_method: None,
        metadata: Metadata::new(),
    };
    customer.change(call)?;
    let id = customer.id.clone();
    work.account.customers.insert(id.clone(), customer);
    let made = attach_first(work, call, &id).and_then(|()| default_method(work, call, &id));
    if let Err(error) = made {
        work.account.customers.remove(&id);
        return Err(error);
    }
    json_of(work, &id)
}

/// The payment method that a new customer comes with.
fn attach_first(work: &mut Work<'_>, call: &Call<'_>, customer: &str) -> Result<(), ApiError> {
    let Some(method) = call.params.text("payment_method") else {
        return Ok(());
    };
    let place = Place::Parameter("payment_method");
    let method = payment_methods::resolve(work, method, place)?;
    payment_methods::attach_to(work, &method, customer)
}

/// `invoice_settings[default_payment_method]`: it must be the customer's.
fn default_method(work: &mut Work<'_>, call: &Call<'_>, customer: &str) -> Result<(), ApiError> {
    let given = call
        .params
        .node("invoice_settings")
        .and_then(|settings| settings.get("default_payment_method"))
        .and_then(Value::as_str);
    let Some(id) = given else {
        return Ok(());
    };
    let is_theirs = work
        .account
        .payment_methods
        .get(id)
        .is_some_and(|method| method.customer.as_deref() == Some(customer));
    if !id.is_empty() && !is_theirs {
        let message = format!(
            "The customer does not have a payment method with the ID {id}. The payment method \
             must be attached to the customer."
        );
        let error = ApiError::invalid(message).code("resource_missing");
        return Err(error.param("invoice_settings[default_payment_method]"));
    }
    if let Some(customer) = work.account.customers.get_mut(customer) {
        customer.default_payment_method = Some(id.to_owned()).filter(|id| !id.is_empty());
    }
    Ok(())
}

/// `GET /v1/customers/{id}`: a deleted customer is still shown, as deleted.
pub(super) fn retrieve(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    json_of(work, call.id)
}

/// `POST /v1/customers/{id}`
pub(super) fn update(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let mut changed = work.account.customer(call.id, Place::Path("id"))?.clone();
    changed.change(call)?;
    default_method(work, call, call.id)?;
    if let Some(customer) = work.account.customers.get_mut(call.id) {
        changed
            .default_payment_method
            .clone_from(&customer.default_payment_method);
        *customer = changed;
    }
    json_of(work, call.id)
}

/// `DELETE /v1/customers/{id}`: its payment methods are detached for good.
pub(super) fn delete(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    work.account.customer(call.id, Place::Path("id"))?;
    for method in work.account.payment_methods.values_mut() {
        if method.customer.as_deref() == Some(call.id) {
            method.detach();
        }
    }
    if let Some(customer) = work.account.customers.get_mut(call.id) {
        customer.deleted = true;
    }
    json_of(work, call.id)
}

/// `GET /v1/customers`
pub(super) fn list(work: &mut Work<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let email = call.params.text("email");
    let mut customers: Vec<&Customer> = work
        .account
        .customers
        .values()
        .filter(|customer| !customer.deleted)
        .filter(|customer| email.is_none() || customer.email.as_deref() == email)
        .collect();
    customers.sort_by_key(|customer| std::cmp::Reverse(customer.place));
    page(
        "/v1/customers",
        call.params,
        &customers,
        "customer",
        |customer| &customer.id,
        Customer::to_json,
    )
}

fn json_of(work: &Work<'_>, id: &str) -> Result<Value, ApiError> {
    work.account
        .customers
        .get(id)
        .map(Customer::to_json)
        .ok_or_else(|| ApiError::missing("customer", id, Place::Path("id")))
}
