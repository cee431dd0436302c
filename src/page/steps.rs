//! What a request to a gateway is for, in words.

/// Method, path with `*` for what differs, and the step.
const STEPS: &[(&str, &str, &str)] = &[
    ("POST", "/v1/customers", "make the customer"),
    ("GET", "/v1/customers/*", "read the customer"),
    ("POST", "/v1/payment_intents", "open the payment"),
    ("GET", "/v1/payment_intents", "look for payments"),
    ("GET", "/v1/payment_intents/*", "read the payment"),
    ("POST", "/v1/payment_intents/*", "change the payment"),
    (
        "POST",
        "/v1/payment_intents/*/confirm",
        "confirm the payment",
    ),
    ("POST", "/v1/payment_intents/*/capture", "capture"),
    (
        "POST",
        "/v1/payment_intents/*/cancel",
        "release the payment",
    ),
    (
        "GET",
        "/v1/payment_intents/*/_authenticate",
        "the bank asks",
    ),
    (
        "POST",
        "/v1/payment_intents/*/_authenticate",
        "answer the bank",
    ),
    ("POST", "/v1/refunds", "refund"),
    ("GET", "/v1/refunds", "look for refunds"),
    ("GET", "/v1/refunds/*", "read the refund"),
    ("GET", "/v1/charges/*", "read the charge"),
    ("GET", "/v1/payment_methods/*", "read the card"),
    ("POST", "/v1/payment_methods/*/attach", "keep the card"),
    ("POST", "/v1/payment_methods/*/detach", "forget the card"),
    ("POST", "/payment-sessions", "open the session"),
    ("POST", "/payment-sessions/*/_pay", "pay in the session"),
    ("POST", "/payments", "ask for the payment"),
    ("GET", "/payments", "look for payments"),
    ("GET", "/payments/*", "read the payment"),
    ("GET", "/payments/*/actions", "read what was done"),
    ("POST", "/payments/*/captures", "capture"),
    ("POST", "/payments/*/voids", "release the payment"),
    ("POST", "/payments/*/refunds", "refund"),
    ("GET", "/3ds/*", "the bank asks"),
    ("POST", "/3ds/*/_authenticate", "answer the bank"),
    ("GET", "/instruments/*", "read the card"),
    ("DELETE", "/instruments/*", "forget the card"),
    ("POST", "/customers", "make the customer"),
    ("GET", "/customers/*", "read the customer"),
    ("POST", "/payments/v1/sessions", "open the session"),
    ("GET", "/payments/v1/sessions/*", "read the session"),
    ("POST", "/payments/v1/sessions/*", "change the session"),
    (
        "POST",
        "/payments/v1/sessions/*/_authorize",
        "agree in Klarna's form",
    ),
    (
        "POST",
        "/payments/v1/authorizations/*/order",
        "make the order",
    ),
    (
        "POST",
        "/payments/v1/authorizations/*/customer-token",
        "keep the agreement",
    ),
    (
        "DELETE",
        "/payments/v1/authorizations/*",
        "release the agreement",
    ),
    ("GET", "/customer-token/v1/tokens/*", "read the agreement"),
    (
        "POST",
        "/customer-token/v1/tokens/*/order",
        "make the order",
    ),
    (
        "PATCH",
        "/customer-token/v1/tokens/*/status",
        "forget the agreement",
    ),
    ("GET", "/ordermanagement/v1/orders/*", "read the order"),
    ("POST", "/ordermanagement/v1/orders/*/captures", "capture"),
    ("POST", "/ordermanagement/v1/orders/*/refunds", "refund"),
    (
        "POST",
        "/ordermanagement/v1/orders/*/cancel",
        "release the order",
    ),
    (
        "POST",
        "/ordermanagement/v1/orders/*/release-remaining-authorization",
        "release the rest",
    ),
    ("POST", "/token", "keep the payment source"),
    ("POST", "/authorize", "hold the amount"),
    ("POST", "/capture", "capture"),
    ("POST", "/void", "release the amount"),
    ("POST", "/refund", "refund"),
];

/// The step; what has none is told by its method and path alone.
pub fn of(method: &str, path: &str) -> Option<&'static str> {
    let found = STEPS
        .iter()
        .find(|step| step.0 == method && is_like(step.1, path));
    found.map(|step| step.2)
}

fn is_like(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_step_is_found_by_method_and_path() {
        assert_eq!(
            of("POST", "/v1/payment_intents/pi_1/capture"),
            Some("capture")
        );
        assert_eq!(of("POST", "/v1/payment_intents"), Some("open the payment"));
        assert_eq!(of("DELETE", "/instruments/src_1"), Some("forget the card"));
        assert_eq!(of("PUT", "/instruments/src_1"), None);
        assert_eq!(of("POST", "/v1/payment_intents/pi_1/capture/more"), None);
    }
}
