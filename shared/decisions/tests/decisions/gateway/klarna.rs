//! As Klarna pays: a session is opened with the basket, the browser brings an approval, and a token of
//! the customer is minted from an approval, once.

use domain::gateway::{GatewayAnswer, GatewayRequest, Payment, Progress, ToKeep};
use serde_json::{Value, json};

use super::{Answer, Gateway, Held, object, refused, unknown, unopened};

/// What became of a shopper's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    Held,
    Minted,
    Released,
}

impl Gateway {
    pub(super) fn as_klarna(&mut self, request: &GatewayRequest) -> Answer {
        match request {
            GatewayRequest::CreatePayment(new) => match &new.saved {
                Some(saved) => unopened(new.amount, json!({ "auth_token": saved })),
                None => {
                    assert_eq!(new.basket.as_ref().map(|it| it.lines.len()), Some(1));
                    let reference = format!("session_{}", self.payments.len() + 1);
                    let held = Held {
                        amount: new.amount,
                        order: None,
                        customer: None,
                        card: None,
                        reusable: true,
                        instrument: None,
                        progress: Progress::Open,
                    };
                    self.payments.insert(reference.clone(), held);
                    self.show_session(&reference)
                }
            },
            GatewayRequest::ReadPayment { payment } => self.show_session(payment),
            GatewayRequest::UpdatePayment { payment, to, .. } => {
                let to = to.as_ref().expect("a session changes by amount and basket");
                assert!(to.basket.is_some(), "a session is changed without basket");
                let held = self.payments.get_mut(payment).ok_or_else(unknown)?;
                held.amount = to.amount;
                self.show_session(payment)
            }
            GatewayRequest::MakeReusable(keep) => self.mint(keep),
            GatewayRequest::Watch { .. } => panic!("it has no session to watch"),
            GatewayRequest::Release {
                payment,
                shopper_token,
            } => {
                if let Some(token) = shopper_token {
                    self.approvals.insert(token.clone(), Approval::Released);
                }
                match payment {
                    Some(payment) => self.release(payment),
                    None => Ok(GatewayAnswer::Done),
                }
            }
            GatewayRequest::Forget {
                payment_source_token,
            } => self.forget(payment_source_token),
            GatewayRequest::CreateCustomer { .. } | GatewayRequest::AuthorizePayment(_) => {
                panic!("not asked of Klarna: {request:?}")
            }
        }
    }

    /// The shopper approves in the browser.
    pub fn approve(&mut self, token: &str) {
        self.approvals.insert(token.to_owned(), Approval::Held);
    }

    /// The approvals that stand.
    pub fn held_approvals(&self) -> Vec<&str> {
        let held = self.approvals.iter();
        let held = held.filter(|(_, approval)| **approval != Approval::Released);
        held.map(|(token, _)| token.as_str()).collect()
    }

    fn show_session(&self, reference: &str) -> Answer {
        let held = self.payments.get(reference).ok_or_else(unknown)?;
        Ok(GatewayAnswer::Payment(Payment {
            reference: Some(reference.to_owned()),
            order: None,
            amount: held.amount,
            customer_token: None,
            progress: held.progress,
            failed: false,
            instrument: None,
            attributes: object(json!({
                "session_id": reference,
                "client_token": format!("{reference}_client"),
            })),
            details: Value::Null,
        }))
    }

    fn mint(&mut self, keep: &ToKeep) -> Answer {
        let token = keep.shopper_token.as_ref().ok_or_else(unknown)?;
        assert!(keep.buyer.is_some(), "a token is minted for nobody");
        match self.approvals.get(token) {
            Some(Approval::Held) => {}
            Some(Approval::Minted) => return refused("The approval was used already."),
            Some(Approval::Released) | None => return refused("There is no such approval."),
        }
        self.approvals.insert(token.clone(), Approval::Minted);
        self.minted += 1;
        let minted = format!("ctok_{}", self.minted);
        let answer = self.keep(&minted, &minted, "klarna customer");
        answer.map(|answer| match answer {
            GatewayAnswer::Reusable(mut reusable) => {
                reusable.fingerprint = None;
                reusable.expiry = None;
                reusable
                    .snapshot
                    .insert("auth_token".to_owned(), minted.into());
                GatewayAnswer::Reusable(reusable)
            }
            other => other,
        })
    }
}
