//! The shop's own gateway: asked for nothing but a token, with a document about the payment source.

use domain::gateway::{GatewayAnswer, GatewayCall, GatewayRequest};
use serde_json::json;

use super::{Answer, Gateway, refused, unopened};

impl Gateway {
    pub(super) fn as_external(&mut self, call: &GatewayCall) -> Answer {
        match &call.request {
            GatewayRequest::CreatePayment(new) => match &new.saved {
                Some(saved) => unopened(new.amount, json!({ "payment_source_token": saved })),
                None => unopened(new.amount, json!({})),
            },
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
            GatewayRequest::Release { .. } | GatewayRequest::Forget { .. } => {
                Ok(GatewayAnswer::Done)
            }
            request => panic!("not asked of the shop's own gateway: {request:?}"),
        }
    }
}
