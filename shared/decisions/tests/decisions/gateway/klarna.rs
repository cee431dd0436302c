//! As Klarna pays: a session is opened with the basket, the browser brings an approval, a token of the customer
//! is minted from an approval, once, and an order is placed with an approval or a token.

use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Payment, Progress, ToKeep};
use serde_json::{Value, json};

use super::{Answer, Gateway, Held, declined, not_reusable, object, refused, unknown, unopened};

/// What became of a shopper's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    Held,
    Minted,
    /// An order was placed with it.
    Ordered,
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
                    let held = Held::new(new.amount, Progress::Open);
                    self.payments.insert(reference.clone(), held);
                    self.show_session(&reference)
                }
            },
            GatewayRequest::AuthorizePayment(new) => self.order(new),
            GatewayRequest::ReadPayment { payment } => self.show_session(payment),
            GatewayRequest::UpdatePayment { payment, to, .. } => {
                let to = to.as_ref().expect("a session changes by amount and basket");
                assert!(to.basket.is_some(), "a session is changed without basket");
                let held = self.payments.get_mut(payment).ok_or_else(unknown)?;
                if held.progress != Progress::Open {
                    return refused("The payment is past the point where it can change.");
                }
                held.amount = to.amount;
                self.show_session(payment)
            }
            GatewayRequest::MakeReusable(keep) => self.mint(keep),
            GatewayRequest::Watch { .. } => panic!("it has no session to watch"),
            GatewayRequest::ReadKept { .. } => panic!("nobody asks to read it"),
            GatewayRequest::Move(_) | GatewayRequest::ReadMoved { .. } => panic!("moved before"),
            GatewayRequest::Release {
                payment,
                shopper_token,
            } => {
                if let Some(token) = shopper_token
                    && self.approvals.get(token) != Some(&Approval::Ordered)
                {
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
            GatewayRequest::CreateCustomer { .. } => panic!("Klarna keeps no customers"),
        }
    }

    /// The shopper approves in the browser.
    pub fn approve(&mut self, token: &str) {
        self.approvals.insert(token.to_owned(), Approval::Held);
    }

    /// The approvals that stand.
    pub fn held_approvals(&self) -> Vec<&str> {
        let held = self.approvals.iter();
        let stands = |it: &Approval| !matches!(it, Approval::Ordered | Approval::Released);
        let held = held.filter(|(_, approval)| stands(approval));
        held.map(|(token, _)| token.as_str()).collect()
    }

    /// An approval or a saved token whose name has `decline` in it is declined.
    fn order(&mut self, new: &NewPayment) -> Answer {
        assert!(new.basket.is_some(), "ordered without basket");
        let means = match (&new.shopper_token, &new.saved) {
            (Some(token), None) => {
                match self.approvals.get(token) {
                    Some(Approval::Held | Approval::Minted) => {}
                    Some(Approval::Ordered) => return refused("The approval was used already."),
                    Some(Approval::Released) | None => {
                        return refused("There is no such approval.");
                    }
                }
                self.approvals.insert(token.clone(), Approval::Ordered);
                token
            }
            (None, Some(saved)) if self.kept.contains(saved) => saved,
            (None, Some(_)) => return not_reusable("There is no such token."),
            other => panic!("paid with one thing, not {other:?}"),
        };
        let progress = match means.contains("decline") {
            true => Progress::Declined,
            false => Progress::Authorized,
        };
        let reference = format!("orders/{}", self.payments.len() + 1);
        let held = Held {
            order: Some(new.order),
            is_undecided: self.decides_later && progress == Progress::Authorized,
            ..Held::new(new.amount, progress)
        };
        self.payments.insert(reference.clone(), held);
        self.show_session(&reference)
    }

    /// A session, or what was ordered in one.
    fn show_session(&self, reference: &str) -> Answer {
        let held = self.payments.get(reference).ok_or_else(unknown)?;
        let attributes = match reference.starts_with("orders/") {
            true => json!({}),
            false => json!({
                "session_id": reference,
                "client_token": format!("{reference}_client"),
            }),
        };
        Ok(GatewayAnswer::Payment(Payment {
            reference: Some(reference.to_owned()),
            order: held.order,
            amount: held.amount,
            customer_token: None,
            progress: held.progress,
            failed: false,
            decline: (held.progress == Progress::Declined).then(declined),
            books: Some(held.books()),
            metadata: serde_json::Map::new(),
            instrument: None,
            attributes: object(attributes),
            details: Value::Null,
        }))
    }

    fn mint(&mut self, keep: &ToKeep) -> Answer {
        let token = keep.shopper_token.as_ref().ok_or_else(unknown)?;
        assert!(keep.buyer.is_some(), "a token is minted for nobody");
        match self.approvals.get(token) {
            Some(Approval::Held) => {}
            Some(Approval::Minted | Approval::Ordered) => {
                return refused("The approval was used already.");
            }
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
