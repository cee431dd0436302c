//! The shop's own gateway: asked for a token, and to hold an amount, with a document about the payment source.

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest, NewPayment, Payment, Progress};
use serde_json::{Value, json};

use super::{Answer, Gateway, Held, declined, object, refused, unknown, unopened};

impl Gateway {
    pub(super) fn as_external(&mut self, call: &GatewayCall) -> Answer {
        match &call.request {
            GatewayRequest::CreatePayment(new) => match &new.saved {
                Some(saved) => unopened(new.amount, json!({ "payment_source_token": saved })),
                None => unopened(new.amount, json!({})),
            },
            GatewayRequest::AuthorizePayment(new) => {
                assert!(call.settings.text("authorize_url").is_some());
                self.documents.extend(new.document.clone());
                self.authorize(new)
            }
            GatewayRequest::ReadPayment { .. } => Err(unknown()),
            GatewayRequest::MakeReusable(keep) => {
                assert!(call.settings.text("token_url").is_some());
                let document = keep.document.clone().expect("a document");
                let Some(token) = &keep.shopper_token else {
                    return refused("There is no token.");
                };
                self.documents.push(document);
                self.minted += 1;
                let kept = format!("kept_{}_{token}", self.minted);
                self.keep(&kept, &kept, "shop customer")
            }
            // Nothing is held there, and nothing can be forgotten.
            GatewayRequest::Watch { .. } => panic!("it has no session to watch"),
            GatewayRequest::ReadKept { .. } => panic!("nobody asks to read it"),
            GatewayRequest::Release { .. } | GatewayRequest::Forget { .. } => {
                Ok(GatewayAnswer::Done)
            }
            request => panic!("not asked of the shop's own gateway: {request:?}"),
        }
    }

    /// A token whose name has `decline` in it is declined.
    fn authorize(&mut self, new: &NewPayment) -> Answer {
        let token = match (&new.shopper_token, &new.saved) {
            (Some(token), None) | (None, Some(token)) => token,
            other => panic!("paid with one thing, not {other:?}"),
        };
        let progress = match token.contains("decline") {
            true => Progress::Declined,
            false => Progress::Authorized,
        };
        let reference = format!("ext_{}", self.payments.len() + 1);
        let held = Held {
            order: Some(new.order),
            is_undecided: self.decides_later && progress == Progress::Authorized,
            ..Held::new(new.amount, progress)
        };
        let books = held.books();
        self.payments.insert(reference.clone(), held);
        Ok(GatewayAnswer::Payment(Payment {
            reference: Some(reference),
            order: Some(new.order),
            amount: new.amount,
            customer_token: None,
            progress,
            failed: false,
            decline: (progress == Progress::Declined).then(declined),
            books: Some(books),
            metadata: serde_json::Map::new(),
            instrument: None,
            attributes: object(json!({})),
            details: Value::Null,
        }))
    }
}
