//! As Stripe pays: a payment is opened with a customer, the browser confirms it, and its card is kept
//! with the customer where the payment was set up for that.

use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Payment, Progress, ToKeep};
use serde_json::{Map, Value, json};

use super::{Answer, Gateway, Held, declined, not_reusable, object, refused, unknown};

impl Gateway {
    /// One arm per request that rules may make.
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
            GatewayRequest::AuthorizePayment(new) => self.confirm(new),
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
                    self.failed.remove(payment);
                }
                self.show_intent(payment)
            }
            GatewayRequest::MakeReusable(keep) => self.attach(keep),
            GatewayRequest::Watch { .. } => panic!("it has no session to watch"),
            GatewayRequest::ReadKept { .. } => panic!("nobody asks to read it"),
            GatewayRequest::Move(_) | GatewayRequest::ReadMoved { .. } => panic!("moved before"),
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
            customer: new.customer_token.clone(),
            card: new.saved.clone().or_else(|| option("id")),
            reusable: option("setup_future_usage").as_deref() == Some("off_session"),
            ..Held::new(new.amount, Progress::Open)
        };
        self.payments.insert(reference.clone(), held);
        reference
    }

    /// A card whose name has `decline` in it is declined, one with `asks` wants its holder.
    fn confirm(&mut self, new: &NewPayment) -> Answer {
        let reference = new.payment.as_ref().expect("a payment that was opened");
        let held = self.payments.get_mut(reference).ok_or_else(unknown)?;
        let Some(card) = held.card.clone() else {
            return refused("There is no payment method yet.");
        };
        match held.progress {
            Progress::Authorized => return self.show_intent(reference),
            Progress::Open => {}
            _ => return refused("The payment is past the point where it can be confirmed."),
        }
        assert_eq!(held.amount, new.amount, "confirmed for another amount");
        self.failed.remove(reference);
        if card.contains("decline") {
            self.failed.insert(reference.clone());
        } else if !card.contains("asks") {
            held.progress = Progress::Authorized;
        }
        self.show_intent(reference)
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
            decline: self.failed.contains(reference).then(declined),
            books: Some(held.books()),
            metadata: serde_json::Map::new(),
            instrument: None,
            attributes: object(json!({
                "stripe_id": reference,
                "client_secret": format!("{reference}_secret"),
                "payment_method": held.card.as_ref().map(|it| json!({ "id": it })),
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
