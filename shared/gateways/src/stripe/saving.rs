//! When what pays a PaymentIntent can be used again: read from Stripe's record of it, not from what
//! a caller once sent.

use domain::gateway::GatewayRefusal;

use super::answers::{PaymentIntent, PaymentMethod, Reference, Status};
use crate::failure::CallFailure;
use crate::not_done::NotDone;
use crate::refusals::{not_ready, not_reusable};

/// What is left to do before a PaymentMethod can be used again.
#[derive(Debug)]
pub(super) enum Saving<'i> {
    /// Nothing: it belongs to the customer, or comes to by itself.
    Attached(&'i PaymentMethod),
    /// It has to be attached.
    Attach(&'i PaymentMethod),
}

/// Decides whether `customer` may keep what pays this intent.
pub(super) fn decide<'i>(intent: &'i PaymentIntent, customer: &str) -> Result<Saving<'i>, NotDone> {
    require_prepared(intent, customer)?;
    let method = match (&intent.status, &intent.payment_method) {
        (Status::RequiresAction, _) => {
            return Err(not_ready(
                "The shopper still has to authenticate this payment. Save the payment source after that.",
            ).into());
        }
        (Status::RequiresPaymentMethod, _) | (_, None) => {
            return Err(not_ready(
                "The payment has no payment method yet, or its last one was declined. Save the payment source once the shopper has entered one.",
            ).into());
        }
        (_, Some(method)) => method.expanded().ok_or_else(|| {
            CallFailure::NotUnderstood("the payment method is not expanded".to_owned())
        })?,
    };
    match method.customer.as_ref().map(Reference::id) {
        Some(owner) if owner == customer => Ok(Saving::Attached(method)),
        Some(_) => Err(not_reusable(
            "The payment method belongs to another customer at the gateway.",
        )
        .into()),
        // Stripe attaches when the shopper confirms, which has not happened yet.
        None if intent.status == Status::RequiresConfirmation => Ok(Saving::Attach(method)),
        // It was confirmed with customer and setup_future_usage: attached, or about to be.
        None => Ok(Saving::Attached(method)),
    }
}

/// What no later step of the shopper's can mend.
fn require_prepared(intent: &PaymentIntent, customer: &str) -> Result<(), GatewayRefusal> {
    if intent.status == Status::Canceled {
        return Err(not_reusable(
            "The payment was canceled at the gateway. Create a new payment source.",
        ));
    }
    match intent.customer.as_ref().map(Reference::id) {
        Some(owner) if owner == customer => {}
        Some(_) => {
            return Err(not_reusable(
                "The payment belongs to another customer at the gateway.",
            ));
        }
        None => {
            return Err(not_reusable(
                "The payment has no customer at the gateway. Create the payment source with a token of the order's customer.",
            ));
        }
    }
    match intent.is_set_up() {
        true => Ok(()),
        false => Err(not_reusable(
            "The payment was not set up for future use. Give options.setup_future_usage: off_session when creating the payment source; it cannot be added later.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use domain::refusal::Code;
    use serde_json::{Value, json};

    use super::*;

    const EVERY_STATUS: &[&str] = &[
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        "canceled",
        "succeeded",
    ];

    fn intent(status: &str, method_customer: Value) -> Value {
        json!({
            "id": "pi_1", "amount": 100, "currency": "eur", "status": status,
            "customer": "cus_1", "setup_future_usage": "off_session",
            "payment_method": {"id": "pm_1", "type": "card", "customer": method_customer, "card": {}},
        })
    }

    fn decided(intent: Value) -> Result<&'static str, (Code, String)> {
        let intent: PaymentIntent = serde_json::from_value(intent).unwrap();
        match decide(&intent, "cus_1") {
            Ok(Saving::Attached(_)) => Ok("attached"),
            Ok(Saving::Attach(_)) => Ok("attach"),
            Err(NotDone::Refused(refusal)) => Err((refusal.code, refusal.detail)),
            Err(NotDone::Failed(failure)) => panic!("{failure}"),
        }
    }

    fn code(intent: Value) -> Result<&'static str, Code> {
        decided(intent).map_err(|(code, _)| code)
    }

    #[test]
    fn the_status_decides_for_a_payment_that_was_set_up_for_it() {
        let cases = [
            ("requires_payment_method", Err(Code::PaymentSourceNotReady)),
            ("requires_confirmation", Ok("attach")),
            ("requires_action", Err(Code::PaymentSourceNotReady)),
            ("processing", Ok("attached")),
            ("requires_capture", Ok("attached")),
            ("canceled", Err(Code::PaymentSourceNotReusable)),
            ("succeeded", Ok("attached")),
        ];
        for (status, expected) in cases {
            assert_eq!(code(intent(status, Value::Null)), expected, "{status}");
        }
    }

    #[test]
    fn it_is_set_up_on_or_off_session_for_the_payment_or_for_the_card_alone() {
        for usage in ["on_session", "off_session"] {
            let mut whole = intent("requires_capture", json!("cus_1"));
            whole["setup_future_usage"] = json!(usage);
            assert_eq!(code(whole), Ok("attached"), "{usage}");
            let mut card = intent("requires_capture", json!("cus_1"));
            card["setup_future_usage"] = Value::Null;
            card["payment_method_options"] = json!({ "card": { "setup_future_usage": usage } });
            assert_eq!(code(card), Ok("attached"), "{usage}");
        }
    }

    #[test]
    fn a_method_that_is_the_customers_needs_no_attaching() {
        let attached = intent("requires_confirmation", json!("cus_1"));
        assert_eq!(code(attached), Ok("attached"));
    }

    #[test]
    fn a_payment_without_setup_is_not_reusable_in_any_status_and_says_when_to_ask_for_it() {
        for status in EVERY_STATUS {
            for usage in [Value::Null, json!("none")] {
                let mut intent = intent(status, json!("cus_1"));
                intent["setup_future_usage"] = Value::Null;
                intent["payment_method_options"] =
                    json!({ "card": { "setup_future_usage": usage } });
                let (code, detail) = decided(intent).unwrap_err();
                assert_eq!(code, Code::PaymentSourceNotReusable);
                let names_it = detail.contains("options.setup_future_usage: off_session");
                assert!(names_it || *status == "canceled", "{detail}");
            }
        }
    }

    #[test]
    fn what_is_another_customers_or_nobodys_is_not_reusable_in_any_status() {
        for status in EVERY_STATUS {
            for customer in [json!("cus_2"), Value::Null] {
                let mut intent = intent(status, json!("cus_1"));
                intent["customer"] = customer;
                assert_eq!(
                    code(intent),
                    Err(Code::PaymentSourceNotReusable),
                    "{status}"
                );
            }
        }
        for status in [
            "requires_confirmation",
            "processing",
            "requires_capture",
            "succeeded",
        ] {
            let of_another = intent(status, json!("cus_2"));
            assert_eq!(
                code(of_another),
                Err(Code::PaymentSourceNotReusable),
                "{status}"
            );
        }
    }

    #[test]
    fn a_payment_without_a_method_is_not_ready() {
        let mut intent = intent("requires_confirmation", Value::Null);
        intent["payment_method"] = Value::Null;
        assert_eq!(code(intent), Err(Code::PaymentSourceNotReady));
    }
}
