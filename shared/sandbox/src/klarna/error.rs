//! Klarna's error body
//! (<https://docs.klarna.com/resources/error-details/errors-in-klarna-payments>).

use serde_json::json;

use crate::vendor::Reply;

/// A refusal in Klarna's words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct ApiError {
    status: u16,
    code: &'static str,
    messages: Vec<String>,
    step_up_id: Option<String>,
}

impl ApiError {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            messages: vec![message.into()],
            step_up_id: None,
        }
    }

    /// A request that can't be read, or that makes no sense.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BAD_REQUEST", message)
    }

    /// Fields that break a rule, each by its path: `order_lines[0].total_amount`.
    pub(super) fn bad_values(fields: Vec<String>) -> Self {
        Self {
            status: 400,
            code: "BAD_VALUE",
            messages: fields
                .into_iter()
                .map(|field| format!("Bad value: {field}"))
                .collect(),
            step_up_id: None,
        }
    }

    pub(super) fn bad_value(field: &str) -> Self {
        Self::bad_values(vec![field.to_owned()])
    }

    /// Fields that differ from what was authorised.
    pub(super) fn not_matching(fields: &[&str]) -> Self {
        let message = format!("Not matching fields: [{}]", fields.join(", "));
        Self::new(409, "BAD_VALUE", message)
    }

    /// A request that contradicts an earlier one.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "BAD_VALUE", message)
    }

    pub(super) fn invalid_operation(message: impl Into<String>) -> Self {
        Self::new(403, "INVALID_OPERATION", message)
    }

    /// A payment that Klarna does not accept.
    pub(super) fn rejected() -> Self {
        Self::new(403, "REJECTED", "The purchase was rejected")
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NOT_FOUND", message)
    }

    pub(super) fn session_completed() -> Self {
        Self::new(404, "SESSION_COMPLETED", "The session is completed")
    }

    pub(super) fn token_not_found() -> Self {
        Self::new(404, "TOKEN_NOT_FOUND", "Invalid customer-token ID")
    }

    /// A customer token that can't be used; the code says why.
    pub(super) fn token(code: &'static str, message: &str) -> Self {
        Self::new(403, code, message)
    }

    /// An order for a customer token that the shopper is to approve. Klarna publishes that the answer has a
    /// `step_up_id`, and nothing else of it.
    pub(super) fn step_up(step_up_id: String) -> Self {
        let message = "The customer has to approve this purchase";
        Self {
            step_up_id: Some(step_up_id),
            ..Self::new(403, "STEP_UP_REQUIRED", message)
        }
    }

    /// An operation that the state of an order forbids; the code says which.
    pub(super) fn not_allowed(code: &'static str, message: &str) -> Self {
        Self::new(403, code, message)
    }

    /// An order, or a part of one, that is not there.
    pub(super) fn no_such(code: &'static str, message: &str) -> Self {
        Self::new(404, code, message)
    }

    /// Fields of order management that break a rule.
    pub(super) fn unprocessable(fields: Vec<String>) -> Self {
        Self {
            status: 422,
            code: "UNPROCESSABLE_ENTITY",
            ..Self::bad_values(fields)
        }
    }

    pub(super) fn unsupported_media_type() -> Self {
        Self::new(
            415,
            "BAD_REQUEST",
            "The Content-Type must be application/json",
        )
    }

    pub(super) fn too_many_requests() -> Self {
        Self::new(429, "TOO_MANY_REQUESTS", "Too many requests")
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "INTERNAL_SERVER_ERROR", "Internal server error")
    }

    pub(super) fn unavailable(message: &str) -> Self {
        Self::new(503, "SERVICE_UNAVAILABLE", message)
    }

    pub(super) fn reply(&self, correlation_id: &str) -> Reply {
        let mut body = json!({
            "error_code": self.code,
            "error_messages": self.messages,
            "correlation_id": correlation_id,
        });
        if let Some(step_up_id) = &self.step_up_id {
            body["step_up_id"] = json!(step_up_id);
        }
        Reply::json(self.status, body)
    }
}
