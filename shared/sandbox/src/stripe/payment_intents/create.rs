//! `POST /v1/payment_intents`.

use serde_json::{Value, json};

use super::super::addresses::SHIPPING;
use super::super::call::Received;
use super::super::currencies::{check_amount, check_currency};
use super::super::error::{ApiError, NamedIn};
use super::super::fields::{ANYTHING, Field, INTEGER, METADATA, TEXT, TEXTS, optional, required};
use super::super::named_methods::{check_use, named_method};
use super::super::objects::payment_intent::{PaymentIntent, Status};
use super::super::params::{Metadata, Params};
use super::super::payment_methods;
use super::super::state::Work;
use super::attempt::{Confirmation, attempt, check_type};
use super::terms::{CAPTURE_METHODS, FUTURE_USAGES};
use crate::fields::Kind;
use crate::form;

/// Names of payment methods that an intent may list; only cards are modelled.
const TYPES: &[&str] = &[
    "bancontact",
    "card",
    "ideal",
    "klarna",
    "link",
    "paypal",
    "sepa_debit",
];

pub(in super::super) const CREATE: &[Field] = &[
    required("amount", INTEGER),
    optional(
        "automatic_payment_methods",
        Kind::Object(&[
            required("enabled", Kind::Flag),
            optional("allow_redirects", Kind::OneOf(&["always", "never"])),
        ]),
    ),
    optional("capture_method", Kind::OneOf(CAPTURE_METHODS)),
    optional("confirm", Kind::Flag),
    required("currency", TEXT),
    optional("customer", TEXT),
    optional("description", Kind::Text(0, 1_000)),
    METADATA,
    optional(
        "off_session",
        Kind::OneOf(&["true", "false", "one_off", "recurring"]),
    ),
    optional("payment_method", TEXT),
    optional("payment_method_data", Kind::Object(payment_methods::CREATE)),
    optional("payment_method_options", ANYTHING),
    optional("payment_method_types", TEXTS),
    optional("receipt_email", TEXT),
    optional("return_url", TEXT),
    optional("setup_future_usage", Kind::OneOf(FUTURE_USAGES)),
    optional("shipping", Kind::Object(SHIPPING)),
    optional("use_stripe_sdk", Kind::Flag),
];

pub(in super::super) fn create(
    work: &mut Work<'_>,
    call: &Received<'_>,
) -> Result<Value, ApiError> {
    let params = call.params;
    check_together(params)?;
    let amount = params.integer("amount").unwrap_or_default();
    let currency = params.text("currency").unwrap_or_default();
    check_currency(currency)?;
    check_amount(amount, currency)?;
    if let Some(customer) = params.text("customer") {
        work.account
            .customer(customer, NamedIn::Parameter("customer"))?;
    }
    let mut intent = new(work, params, amount, currency)?;
    if let Some(method) = named_method(work, params)? {
        check_type(&intent)?;
        check_use(
            work.account.payment_method_mut(&method)?,
            intent.customer.as_deref(),
        )?;
        intent.payment_method = Some(method);
        intent.status = Status::RequiresConfirmation;
    }
    let id = intent.id.clone();
    work.account.payment_intents.insert(id.clone(), intent);
    work.happened_to_intent("payment_intent.created", &id);
    if params.is_true("confirm") {
        let confirmation = Confirmation::of(work, params);
        attempt(work, &id, &confirmation)?;
    }
    Ok(work.account.intent(&id)?.to_json())
}

/// Parameters that need or exclude each other.
fn check_together(params: Params<'_>) -> Result<(), ApiError> {
    const ONLY_WITH_CONFIRM: &[&str] = &["off_session", "return_url"];
    for name in ONLY_WITH_CONFIRM {
        if params.given(name) && !params.is_true("confirm") {
            let message = format!(
                "The parameter `{name}` cannot be passed when creating a PaymentIntent unless \
                 `confirm` is set to true."
            );
            return Err(ApiError::parameter(name, message));
        }
    }
    let types = params.texts("payment_method_types");
    let is_automatic = params
        .node("automatic_payment_methods")
        .is_some_and(|node| node["enabled"] == "true");
    if types.is_some() && is_automatic {
        let message = "You may only specify one of these parameters: automatic_payment_methods, \
             payment_method_types.";
        return Err(ApiError::parameter("payment_method_types", message));
    }
    for name in types.unwrap_or_default() {
        if !TYPES.contains(&name) {
            let message = format!(
                "The payment method type \"{name}\" is invalid. Please ensure the provided type \
                 is activated in your dashboard and your account is enabled for any preview \
                 features that you are trying to use."
            );
            return Err(ApiError::parameter("payment_method_types", message));
        }
    }
    Ok(())
}

fn new(
    work: &mut Work<'_>,
    params: Params<'_>,
    amount: i64,
    currency: &str,
) -> Result<PaymentIntent, ApiError> {
    let id = work.ids.make("pi_3", 23);
    let owned = |name: &str| params.text(name).map(str::to_owned);
    let object = |name: &str| params.node(name).map(form::to_json);
    let mut metadata = Metadata::new();
    params.merge_metadata(&mut metadata)?;
    Ok(PaymentIntent {
        place: work.account.next_place(),
        client_secret: work.ids.make(&format!("{id}_secret_"), 25),
        created: work.seconds(),
        amount,
        amount_capturable: 0,
        amount_received: 0,
        automatic_payment_methods: automatic_payment_methods(params),
        canceled_at: None,
        cancellation_reason: None,
        capture_method: owned("capture_method").unwrap_or_else(|| "automatic_async".to_owned()),
        currency: currency.to_owned(),
        customer: owned("customer"),
        description: owned("description"),
        last_payment_error: None,
        latest_charge: None,
        metadata,
        next_action: None,
        payment_method: None,
        payment_method_options: object("payment_method_options"),
        payment_method_types: match params.texts("payment_method_types") {
            Some(types) => types.into_iter().map(str::to_owned).collect(),
            None => vec!["card".to_owned()],
        },
        receipt_email: owned("receipt_email"),
        setup_future_usage: owned("setup_future_usage"),
        shipping: object("shipping"),
        status: Status::RequiresPaymentMethod,
        id,
    })
}

/// On where the request does not say otherwise.
fn automatic_payment_methods(params: Params<'_>) -> Option<Value> {
    let given = params.node("automatic_payment_methods");
    let redirects = given
        .and_then(|node| node.get("allow_redirects")?.as_str())
        .unwrap_or("always");
    let is_enabled = match given {
        Some(node) => node["enabled"] == "true",
        None => !params.given("payment_method_types"),
    };
    is_enabled.then(|| json!({"allow_redirects": redirects, "enabled": true}))
}
