//! As Checkout.com pays: nothing is opened, a payment is asked for with what the browser brought or
//! with a saved source, and an approved card becomes an instrument of the customer by itself.

use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Payment, Progress, ToKeep};
use domain::money::Amount;
use domain::refusal::Code;
use domain::{Id, OrderId};
use serde_json::json;

use super::{
    Answer, Gateway, Held, declined, not_reusable, object, refused, refused_as, unknown, unopened,
};

impl Gateway {
    pub(super) fn as_checkout(&mut self, request: &GatewayRequest) -> Answer {
        match request {
            GatewayRequest::CreateCustomer { .. } => self.make_customer(),
            GatewayRequest::CreatePayment(new) => match &new.saved {
                Some(saved) => {
                    let shown = json!({ "payment_response": { "source": { "id": saved } } });
                    unopened(new.amount, shown)
                }
                None => {
                    self.sessions += 1;
                    let session = json!({ "id": format!("ps_{}", self.sessions) });
                    unopened(new.amount, json!({ "payment_session": session }))
                }
            },
            GatewayRequest::AuthorizePayment(new) => self.pay(new),
            GatewayRequest::ReadPayment { payment } => {
                // The session that the shopper comes back with is read as its payment.
                let payment = payment.replace("sid_", "pay_");
                self.show_payment(&payment)
            }
            GatewayRequest::UpdatePayment { .. } => refused("A payment does not change."),
            GatewayRequest::MakeReusable(keep) => self.keep_instrument(keep),
            GatewayRequest::Watch { .. } => panic!("listed by the payment source"),
            GatewayRequest::ReadKept { .. } => panic!("nobody asks to read it"),
            GatewayRequest::Move(_) | GatewayRequest::ReadMoved { .. } => panic!("moved before"),
            GatewayRequest::Release { payment, .. } => match payment {
                Some(payment) => self.release_telling(payment),
                None => Ok(GatewayAnswer::Done),
            },
            GatewayRequest::Forget {
                payment_source_token,
            } => self.forget(payment_source_token),
        }
    }

    /// A token that begins with `tok_decline` is declined, one with `tok_redirect` waits for the
    /// shopper; each is good for one payment. All `tok_…_visa` are the same card.
    fn pay(&mut self, new: &NewPayment) -> Answer {
        let (card, instrument) = match (&new.shopper_token, &new.saved) {
            (Some(token), None) => {
                if !self.spent.insert(token.clone()) {
                    return refused("The token was used already.");
                }
                let stored = new.customer_token.is_some();
                let number = self.payments.len() + 1;
                let card = token.rsplit('_').next().unwrap().to_owned();
                let instrument = stored.then(|| format!("src_{card}_{number}"));
                (card, instrument)
            }
            (None, Some(saved)) => {
                if !self.kept.contains(saved) {
                    return not_reusable("There is no such instrument.");
                }
                let card = saved.split('_').nth(1).unwrap_or(saved).to_owned();
                (card, Some(saved.clone()))
            }
            other => panic!("paid with one thing, not {other:?}"),
        };
        let means = new.shopper_token.as_deref().unwrap_or_default();
        let (progress, instrument) = match means {
            means if means.starts_with("tok_decline") => (Progress::Declined, None),
            means if means.starts_with("tok_redirect") => (Progress::Open, None),
            _ => (Progress::Authorized, instrument),
        };
        let held = Held {
            order: Some(new.order),
            customer: new.customer_token.clone(),
            card: Some(card),
            instrument,
            ..Held::new(new.amount, progress)
        };
        let reference = self.hold(held);
        self.show_payment(&reference)
    }

    fn hold(&mut self, held: Held) -> String {
        let reference = format!("pay_{}", self.payments.len() + 1);
        self.kept.extend(held.instrument.clone());
        self.payments.insert(reference.clone(), held);
        reference
    }

    /// A payment that the shopper's browser made by itself, in the session that it was given.
    pub fn made_in_browser(&mut self, order: &str, cents: i64, customer: Option<&str>) -> String {
        let number = self.payments.len() + 1;
        let amount = Amount {
            cents,
            currency: "EUR".parse().unwrap(),
        };
        self.hold(Held {
            order: Some(OrderId::new(Id::derived(&[order]))),
            customer: customer.map(str::to_owned),
            card: Some("browser".to_owned()),
            instrument: customer.map(|_| format!("src_browser_{number}")),
            ..Held::new(amount, Progress::Authorized)
        })
    }

    /// The payments that were made in the session of this payment source.
    pub(super) fn paid_for(&self, source: Id) -> Answer {
        let paid = self.paid_in.iter().filter(|(_, of)| **of == source);
        let payments = paid.map(|(payment, _)| match self.show_payment(payment) {
            Ok(GatewayAnswer::Payment(payment)) => payment,
            other => panic!("no payment: {other:?}"),
        });
        Ok(GatewayAnswer::Payments(payments.collect()))
    }

    /// The shopper comes back from their bank, having agreed.
    pub fn agreed(&mut self, payment: &str) {
        let held = self.payments.get_mut(payment).unwrap();
        held.progress = Progress::Authorized;
        let card = held.card.clone().unwrap();
        let token = format!("src_{card}_{payment}");
        held.instrument = held.customer.as_ref().map(|_| token);
        self.kept.extend(held.instrument.clone());
    }

    /// Lets go of a payment, and tells what paid where that is kept.
    fn release_telling(&mut self, payment: &str) -> Answer {
        let done = self.release(payment)?;
        let kept = self.payments[payment].instrument.clone();
        Ok(kept.map_or(done, GatewayAnswer::Kept))
    }

    fn show_payment(&self, reference: &str) -> Answer {
        let held = self.payments.get(reference).ok_or_else(unknown)?;
        let response = json!({ "id": reference, "source": { "id": held.instrument } });
        Ok(GatewayAnswer::Payment(Payment {
            reference: Some(reference.to_owned()),
            order: held.order,
            amount: held.amount,
            customer_token: held.customer.clone(),
            progress: held.progress,
            failed: false,
            decline: (held.progress == Progress::Declined).then(declined),
            books: Some(held.books()),
            metadata: serde_json::Map::new(),
            instrument: held.instrument.clone(),
            attributes: object(json!({
                "payment_response": response,
                "payment_instrument": { "card": held.card },
            })),
            details: json!({ "card": held.card }),
        }))
    }

    fn keep_instrument(&mut self, keep: &ToKeep) -> Answer {
        let held = keep.payment.as_ref().and_then(|it| self.payments.get(it));
        let Some(held) = held.filter(|it| it.progress == Progress::Authorized) else {
            return refused_as(Code::PaymentSourceNotReady, "Nothing was approved yet.");
        };
        match (&held.instrument, &held.card, &keep.customer_token) {
            (Some(token), Some(card), Some(customer)) if held.customer == keep.customer_token => {
                self.keep(&token.clone(), &card.clone(), &customer.clone())
            }
            _ => not_reusable("The payment has no instrument of this customer."),
        }
    }
}
