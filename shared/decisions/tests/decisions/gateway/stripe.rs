//! As Stripe pays: a payment is opened with a customer, the browser confirms it, and its card is kept
//! with the customer where the payment was set up for that.

use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Payment, Progress, ToKeep};
use serde_json::{Map, Value, json};

use super::{Answer, Gateway, Held, not_reusable, object, refused, unknown};

impl Gateway {
    /// One arm per request that rules may make: none of them confirms or captures.
    pub(super) fn as_stripe(&mut self, request: &GatewayRequest) -> Answer {
        match request {
            GatewayRequest::CreateCustomer { .. } => self.make_customer(),
            GatewayRequest::CreatePayment(new) => {
                let saved = new.saved.as_ref();
                if saved.is_some_and(|it| self.forgotten.contains(it)) {
                    return not_reusable("The payment method was detached.");
                }
                let reference = self.open(new);
                self.show_intent(&reference)
            }
            GatewayRequest::AuthorizePayment(_) => panic!("the browser confirms, not we"),
            GatewayRequest::ReadPayment { payment } => self.show_intent(payment),
            GatewayRequest::UpdatePayment {
                payment,
                to,
                options,
            } => {
                let held = self.payments.get_mut(payment).ok_or_else(unknown)?;
                if held.progress != Progress::Open {
                    return refused("The payment is past the point where it can change.");
                }
                held.amount = to.as_ref().map_or(held.amount, |to| to.amount);
                if let Some(options) = options {
                    held.card = text(options, "id");
                }
                self.show_intent(payment)
            }
            GatewayRequest::MakeReusable(keep) => self.attach(keep),
            GatewayRequest::Watch { .. } => panic!("it has no session to watch"),
            GatewayRequest::Release { payment, .. } => match payment {
                Some(payment) => self.release(payment),
                None => Ok(GatewayAnswer::Done),
            },
            GatewayRequest::Forget {
                payment_source_token,
            } => self.forget(payment_source_token),
        }
    }

    /// Opens a payment beside Billfold, as a shop's own code does.
    pub fn open(&mut self, new: &NewPayment) -> String {
        let reference = format!("pi_{}", self.payments.len() + 1);
        let option = |name: &str| new.options().and_then(|it| text(it, name));
        let held = Held {
            amount: new.amount,
            order: None,
            customer: new.customer_token.clone(),
            card: new.saved.clone().or_else(|| option("id")),
            reusable: option("setup_future_usage").as_deref() == Some("off_session"),
            instrument: None,
            progress: Progress::Open,
        };
        self.payments.insert(reference.clone(), held);
        reference
    }

    fn show_intent(&self, reference: &str) -> Answer {
        let held = self.payments.get(reference).ok_or_else(unknown)?;
        Ok(GatewayAnswer::Payment(Payment {
            reference: Some(reference.to_owned()),
            order: None,
            amount: held.amount,
            customer_token: held.customer.clone(),
            progress: held.progress,
            failed: self.failed.contains(reference),
            instrument: None,
            attributes: object(json!({
                "stripe_id": reference,
                "client_secret": format!("{reference}_secret"),
                "payment_instrument": { "card": held.card },
            })),
            details: json!({ "payment_method_id": held.card }),
        }))
    }

    fn attach(&mut self, keep: &ToKeep) -> Answer {
        let reference = keep.payment.as_ref().ok_or_else(unknown)?;
        let held = self.payments.get(reference).ok_or_else(unknown)?;
        let Some(token) = held.card.clone() else {
            return refused("There is no payment method yet.");
        };
        match &keep.customer_token {
            Some(customer) if held.reusable && held.customer.as_ref() == Some(customer) => {
                self.keep(&token, &token, customer)
            }
            _ => refused("The payment was not set up for future use."),
        }
    }
}

fn text(options: &Map<String, Value>, name: &str) -> Option<String> {
    Some(options.get(name)?.as_str()?.to_owned())
}
