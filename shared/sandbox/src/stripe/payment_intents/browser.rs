//! What a shop's page may see and do, with the publishable key and the intent's `client_secret`
//! (<https://docs.stripe.com/api/payment_intents/object#payment_intent_object-client_secret>).

use serde_json::{Map, Value};

use super::super::call::Received;
use super::super::error::{ApiError, NamedIn};
use super::super::fields::{Field, TEXT, missing, optional};
use super::super::state::Work;

pub(in super::super) const RETRIEVE: &[Field] = &[optional("client_secret", TEXT)];

/// The members that the object has under a publishable key.
const VISIBLE: &[&str] = &[
    "id",
    "object",
    "amount",
    "amount_details",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "excluded_payment_method_types",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_configuration_details",
    "payment_method_types",
    "processing",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "source",
    "status",
];

/// A PaymentIntent as a page sees it.
pub(in super::super) fn for_browsers(intent: Value) -> Value {
    match intent {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| VISIBLE.contains(&name.as_str()))
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}

/// Under a publishable key the right `client_secret` is needed; under a secret key it may be
/// left out.
pub(in super::super) fn check_client_secret(
    work: &Work<'_>,
    call: &Received<'_>,
) -> Result<(), ApiError> {
    match call.params.text("client_secret") {
        None if work.is_publishable => Err(missing("client_secret")),
        None => Ok(()),
        // To a page, an intent that isn't there and one whose secret it lacks look the same.
        Some(secret) => match work.account.intent(call.id) {
            Ok(intent) if intent.client_secret == secret => Ok(()),
            Err(_) if work.is_publishable => {
                let place = NamedIn::Path("intent");
                Err(ApiError::missing("payment_intent", call.id, place))
            }
            Err(error) => Err(error),
            Ok(_) => Err(mismatch()),
        },
    }
}

fn mismatch() -> ApiError {
    let message = "The client_secret provided does not match the client_secret associated with \
         the PaymentIntent.";
    ApiError::parameter("client_secret", message).code("payment_intent_invalid_parameter")
}
