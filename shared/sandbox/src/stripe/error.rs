//! Stripe's error object (<https://docs.stripe.com/api/errors>).

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::vendor::Reply;

/// A refusal in Stripe's words.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: StatusCode,
    /// True once the endpoint had begun its work. Only then is the result kept for the idempotency
    /// key (<https://docs.stripe.com/api/idempotent_requests>).
    pub(super) executed: bool,
    kind: &'static str,
    message: String,
    code: Option<&'static str>,
    decline_code: Option<&'static str>,
    param: Option<String>,
    about: Box<About>,
}

/// The objects that the refusal is about.
#[derive(Clone, Debug, Default)]
struct About {
    charge: Option<String>,
    payment_intent: Option<Value>,
    payment_method: Option<Value>,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            executed: true,
            kind,
            message: message.into(),
            code: None,
            decline_code: None,
            param: None,
            about: Box::default(),
        }
    }

    /// A parameter that does not pass validation: the endpoint has not begun.
    pub(super) fn parameter(param: &str, message: impl Into<String>) -> Self {
        let mut error = Self::invalid(message).param(param);
        error.executed = false;
        error
    }

    /// A request that can't be read.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        let mut error = Self::invalid(message);
        error.executed = false;
        error
    }

    /// A request that is well formed and can't be done.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    /// A request that asks for something in another state than the PaymentIntent is in.
    pub(super) fn unexpected_state(message: impl Into<String>, intent: Value) -> Self {
        Self::invalid(message)
            .code("payment_intent_unexpected_state")
            .payment_intent(intent)
    }

    /// A card that is refused.
    pub(super) fn card(
        code: &'static str,
        decline_code: Option<&'static str>,
        message: &str,
    ) -> Self {
        let mut error = Self::new(StatusCode::PAYMENT_REQUIRED, "card_error", message).code(code);
        error.decline_code = decline_code;
        error
    }

    /// A card that is refused for no reason given.
    pub(super) fn declined() -> Self {
        let message = "Your card was declined.";
        Self::card("card_declined", Some("generic_decline"), message)
    }

    /// An object that this account does not have. `noun` is Stripe's spelling in this message.
    pub(super) fn missing(noun: &str, id: &str, place: NamedIn<'_>) -> Self {
        let error = Self::invalid(format!("No such {noun}: '{id}'")).code("resource_missing");
        match place {
            NamedIn::Path(param) => error.status(StatusCode::NOT_FOUND).param(param),
            NamedIn::Parameter(param) => error.param(param),
        }
    }

    /// Nobody, or nobody known.
    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message);
        error.executed = false;
        error
    }

    pub(super) fn unknown_url(method: &str, path: &str) -> Self {
        let mut error = Self::new(
            StatusCode::NOT_FOUND,
            "invalid_request_error",
            format!(
                "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs \
                 or we can help at https://support.stripe.com/."
            ),
        );
        error.executed = false;
        error
    }

    pub(super) fn rate_limit() -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "invalid_request_error",
            "Request rate limit exceeded. Learn more about rate limits here \
             https://stripe.com/docs/rate-limits.",
        )
        .code("rate_limit");
        error.executed = false;
        error
    }

    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "api_error",
            "An unknown error occurred. If you have any questions, we can help at \
             https://support.stripe.com/.",
        )
    }

    pub(super) fn key_in_use(key: &str) -> Self {
        let mut error = Self::new(
            StatusCode::CONFLICT,
            "idempotency_error",
            format!(
                "There is currently another in-progress request using this Idempotent Key (that \
                 probably means you submitted twice, and the other request is still going \
                 through): {key}. Please try again later."
            ),
        )
        .code("idempotency_key_in_use");
        error.executed = false;
        error
    }

    pub(super) fn key_reused(message: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::BAD_REQUEST, "idempotency_error", message);
        error.executed = false;
        error
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(super) fn param(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    pub(super) fn charge(mut self, charge: Option<String>) -> Self {
        self.about.charge = charge;
        self
    }

    pub(super) fn payment_intent(mut self, intent: Value) -> Self {
        self.about.payment_intent = Some(intent);
        self
    }

    pub(super) fn payment_method(mut self, method: Value) -> Self {
        self.about.payment_method = Some(method);
        self
    }

    /// The object as it stands in a PaymentIntent's `last_payment_error`, without the intent.
    pub(super) fn object(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        };
        put("charge", self.about.charge.clone().map(Value::from));
        put("code", self.code.map(Value::from));
        put("decline_code", self.decline_code.map(Value::from));
        put("doc_url", self.code.map(doc_url));
        put("message", Some(Value::from(self.message.as_str())));
        put("param", self.param.clone().map(Value::from));
        put("payment_method", self.about.payment_method.clone());
        put("type", Some(Value::from(self.kind)));
        Value::Object(object)
    }

    /// The answer.
    pub(super) fn reply(self) -> Reply {
        Reply {
            has_begun: self.executed,
            ..Reply::json(self.status.as_u16(), self.body())
        }
    }

    pub(super) fn body(&self) -> Value {
        let mut object = self.object();
        if let (Some(members), Some(intent)) = (object.as_object_mut(), &self.about.payment_intent)
        {
            members.insert("payment_intent".to_owned(), intent.clone());
        }
        json!({ "error": object })
    }
}

/// The place where a missing object was named: in the path it is a 404, in a parameter a 400.
#[derive(Clone, Copy, Debug)]
pub(super) enum NamedIn<'a> {
    /// In the path; Stripe still calls it a parameter.
    Path(&'a str),
    /// In this parameter.
    Parameter(&'a str),
}

fn doc_url(code: &str) -> Value {
    let page = code.replace('_', "-");
    Value::from(format!("https://stripe.com/docs/error-codes/{page}"))
}
