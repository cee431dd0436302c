//! The forms that go to Stripe, one function per step.
//!
//! What a caller may say to Stripe through `options` is named here and nowhere else: the payment
//! method, `setup_future_usage` and `return_url`. Amount, currency, customer and capture come from the order.

use domain::TableMark;
use domain::gateway::{GatewayCall, GatewayRefusal, Move, NewPayment};
use domain::money::Amount;
use serde_json::{Map, Value};

use super::amounts::UNITS;
use crate::form::Form;
use crate::refusals::{invalid, unknown};

/// Of an order's number, so that a description keeps to Stripe's 1,000 characters.
const LONGEST_ORDER_NUMBER: usize = 200;

/// The longest id that Stripe promises to make.
const LONGEST_ID: usize = 255;

/// The name under which a transaction's id stands in Stripe's metadata.
pub(super) const TRANSACTION: &str = "billfold_transaction";

/// Of a confirmation of a card where the shop gave no `return_url`. Stripe wants one of every intent that
/// other methods may pay as well; with `use_stripe_sdk` nobody is sent there for a card. A name that is kept
/// for examples (RFC 2606).
const NOWHERE: &str = "https://example.com/";

/// `POST /v1/customers`
pub(super) fn create_customer(
    asked: &GatewayCall,
    email: Option<&str>,
    replaces: Option<&str>,
) -> Form {
    let form = marked(Form::new().with_some("email", email), asked)
        .within("metadata", "billfold_customer", asked.subject)
        .within(
            "metadata",
            "billfold_organization",
            asked.tenant.organization,
        );
    match replaces {
        Some(former) => form.within("metadata", "billfold_replaces", former),
        None => form,
    }
}

/// The table's mark, which tells what is made here from what is made elsewhere with the same account.
fn marked(form: Form, asked: &GatewayCall) -> Form {
    match asked.table.id() {
        Some(table) => form.within("metadata", TableMark::METADATA, table),
        None => form,
    }
}

/// `POST /v1/payment_intents`: never `confirm`, never `off_session`.
///
/// `automatic_payment_methods` lets the browser confirm with the Payment Element and with the Card
/// Element alike; `allow_redirects` stays at `always`, because a `return_url` is passed by whoever
/// confirms, the browser or placing, and `never` would take away each method that needs one. Methods
/// that cannot be captured later are left out by Stripe itself.
pub(super) fn create_payment(
    asked: &GatewayCall,
    payment: &NewPayment,
) -> Result<Form, GatewayRefusal> {
    let form = amount(Form::new(), payment.amount)?
        .with("capture_method", "manual")
        .within("automatic_payment_methods", "enabled", true)
        .with_some("customer", payment.customer_token.as_deref());
    let form = match payment.saved.as_deref() {
        Some(saved) => form.with("payment_method", saved),
        None => match payment.options() {
            Some(options) => form
                .with_some("payment_method", payment_method(options)?)
                .with_some("setup_future_usage", setup_future_usage(options)?),
            None => form,
        },
    };
    let form = match sets_up_by_itself(asked, payment) {
        true => form.within(
            "payment_method_options[card]",
            "setup_future_usage",
            "on_session",
        ),
        false => form,
    };
    let number = payment.order_number.as_deref();
    let order = number.map_or_else(|| payment.order.to_string(), shortened);
    Ok(marked(form, asked)
        .with_some("receipt_email", payment.given_text("receipt_email"))
        .with("description", format!("Order {order}"))
        .within("metadata", "billfold_order", payment.order)
        .within("metadata", "billfold_payment_source", asked.subject)
        .push("expand", "payment_method"))
}

/// Whether the card is kept with the customer though the caller does not ask for it: the shop has said that its
/// checkout asks for consent, and saves after the order is placed.
fn sets_up_by_itself(asked: &GatewayCall, payment: &NewPayment) -> bool {
    let is_asked = asked.settings.text("save_payment_sources") == Some("always");
    let options = payment.options();
    let has_own =
        options.is_some_and(|it| it.get("setup_future_usage").is_some_and(|it| !it.is_null()));
    is_asked && payment.customer_token.is_some() && payment.saved.is_none() && !has_own
}

/// `POST /v1/payment_intents/{id}`; none where nothing that Stripe hears of changes.
pub(super) fn update_payment(
    to: Option<&NewPayment>,
    options: Option<&Map<String, Value>>,
) -> Result<Option<Form>, GatewayRefusal> {
    let mut form = Form::new();
    if let Some(new) = to {
        form = amount(form, new.amount)?;
    }
    if let Some(options) = options {
        form = form.with_some("payment_method", payment_method(options)?);
    }
    match form.is_empty() {
        true => Ok(None),
        false => Ok(Some(form.push("expand", "payment_method"))),
    }
}

/// `POST /v1/payment_methods/{id}/attach`
pub(super) fn attach(customer_token: &str) -> Form {
    Form::new().with("customer", customer_token)
}

/// `POST /v1/payment_intents/{id}/confirm`, while the shopper is there: never `off_session`. What the bank
/// asks of the shopper is for Stripe.js to do.
pub(super) fn confirm(payment: &NewPayment) -> Form {
    Form::new()
        .with_some("payment_method", payment.saved.as_deref())
        .with("return_url", return_url(payment).unwrap_or(NOWHERE))
        .with("use_stripe_sdk", true)
        .push("expand", "payment_method")
        .push("expand", "latest_charge")
}

/// Where the shopper comes back to, where the shop says so.
pub(super) fn return_url(payment: &NewPayment) -> Option<&str> {
    let in_options = || payment.options()?.get("return_url")?.as_str();
    let given = payment.given_text("return_url").filter(|it| !it.is_empty());
    given.or_else(in_options).filter(|it| !it.is_empty())
}

/// `POST /v1/payment_intents/{id}/capture`: the transaction's id comes to stand in the intent's metadata.
/// Stripe lets go of the rest.
pub(super) fn capture(asked: &GatewayCall, capture: &Move) -> Result<Form, GatewayRefusal> {
    let units = UNITS.of(capture.amount)?;
    let form = Form::new().with("amount_to_capture", units);
    Ok(transaction(form, asked).push("expand", "latest_charge"))
}

/// `POST /v1/payment_intents/{id}/cancel`, of what is held.
pub(super) fn void() -> Form {
    Form::new()
        .with("cancellation_reason", "requested_by_customer")
        .push("expand", "latest_charge")
}

/// `POST /v1/refunds`
pub(super) fn refund(asked: &GatewayCall, refund: &Move) -> Result<Form, GatewayRefusal> {
    let form = Form::new()
        .with("payment_intent", path_segment(&refund.payment)?)
        .with("amount", UNITS.of(refund.amount)?);
    let form = marked(transaction(form, asked), asked);
    Ok(form.within("metadata", "billfold_order", refund.order))
}

/// The transaction's id, by which it is found again.
fn transaction(form: Form, asked: &GatewayCall) -> Form {
    form.within("metadata", TRANSACTION, asked.subject)
}

/// `POST /v1/payment_intents/{id}/cancel`
pub(super) fn cancel() -> Form {
    Form::new().with("cancellation_reason", "abandoned")
}

/// The payment method that the shop names: `options.id`, as the how-to has it, or
/// `options.payment_method`, as Stripe has it.
pub(super) fn payment_method(options: &Map<String, Value>) -> Result<Option<&str>, GatewayRefusal> {
    let id = method_id(options, "id")?;
    let method = method_id(options, "payment_method")?;
    match (id, method) {
        (Some(id), Some(method)) if id != method => Err(invalid(
            "options.id and options.payment_method name different payment methods. Give one of them, and null for the other.",
        )),
        (id, method) => Ok(id.or(method)),
    }
}

/// A reference of Stripe's as part of a path. What is none never becomes another path.
pub(super) fn path_segment(reference: &str) -> Result<&str, GatewayRefusal> {
    match is_id(reference) {
        true => Ok(reference),
        false => Err(unknown()),
    }
}

fn amount(form: Form, amount: Amount) -> Result<Form, GatewayRefusal> {
    let units = UNITS.of(amount)?;
    let currency = amount.currency.code().to_ascii_lowercase();
    Ok(form.with("amount", units).with("currency", currency))
}

fn method_id<'o>(
    options: &'o Map<String, Value>,
    name: &str,
) -> Result<Option<&'o str>, GatewayRefusal> {
    match options.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) if is_method_id(id) => Ok(Some(id)),
        Some(_) => Err(invalid(format!(
            "options.{name} must be the id of a payment method at Stripe, such as pm_1IixtoEw0yMev2I0jGzoT9Js."
        ))),
    }
}

fn setup_future_usage(options: &Map<String, Value>) -> Result<Option<&str>, GatewayRefusal> {
    match options.get("setup_future_usage") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(usage)) if matches!(usage.as_str(), "on_session" | "off_session") => {
            Ok(Some(usage))
        }
        Some(_) => Err(invalid(
            "options.setup_future_usage must be off_session, to save the payment source later, or on_session, or absent.",
        )),
    }
}

/// PaymentMethods, and the older kinds that Stripe takes in their place.
fn is_method_id(id: &str) -> bool {
    let kinds = ["pm_", "src_", "card_"];
    kinds.iter().any(|kind| id.starts_with(kind)) && is_id(id)
}

fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(fits)
}

fn shortened(number: &str) -> String {
    number.chars().take(LONGEST_ORDER_NUMBER).collect()
}
