//! Money that is held is captured or let go of, and what was captured given back: at once, or taken on and decided
//! when it is read.

use domain::Id;
use domain::gateway::{
    Decline, GatewayAnswer, GatewayCall, GatewayKind, GatewayRequest, Move, Moved, Moving, Outcome,
    Progress,
};
use domain::money::Amount;

use super::{Answer, Gateway, declined, refused, unknown};

/// Money that a gateway was asked to move.
#[derive(Debug, Clone)]
pub struct Action {
    asked: Move,
    outcome: Outcome,
    reference: String,
}

impl Gateway {
    /// Checkout.com takes it on; the others do it at once, and Stripe lets go of what is left of a hold.
    pub(super) fn move_money(&mut self, call: &GatewayCall, asked: &Move) -> Answer {
        assert!(asked.amount.cents > 0, "nothing is to move: {asked:?}");
        let is_taken_on = call.kind == GatewayKind::CheckoutCom;
        let outcome = match self.left_for(asked) {
            Some(left) if asked.amount.cents <= left => match is_taken_on {
                true => Outcome::Pending,
                false => Outcome::Succeeded,
            },
            Some(_) => Outcome::Failed(too_late()),
            None => return Err(unknown()),
        };
        let reference = match call.kind {
            GatewayKind::Stripe if asked.kind != Moving::Refund => asked.payment.clone(),
            _ => format!("act_{}", self.actions.len() + 1),
        };
        let action = Action {
            asked: asked.clone(),
            outcome: outcome.clone(),
            reference,
        };
        self.actions.insert(call.subject, action);
        let mut released = None;
        if outcome == Outcome::Succeeded {
            self.do_move(asked);
            if call.kind == GatewayKind::Stripe && asked.kind == Moving::Capture {
                released = self.let_go_of_rest(&asked.payment);
            }
        }
        self.told(call.subject, released)
    }

    /// What can still be moved in this way, without what was taken on and not decided; none where there is no such
    /// payment.
    fn left_for(&self, asked: &Move) -> Option<i64> {
        let held = self.payments.get(&asked.payment)?;
        let taken_on = |is_of: fn(Moving) -> bool| -> i64 {
            let actions = self.actions.values();
            let undecided = actions.filter(|it| {
                it.outcome == Outcome::Pending
                    && it.asked.payment == asked.payment
                    && is_of(it.asked.kind)
            });
            undecided.map(|it| it.asked.amount.cents).sum()
        };
        Some(match asked.kind {
            Moving::Capture => held.held() - taken_on(|it| it != Moving::Refund),
            // What is let go of is let go of whole.
            Moving::Void => match taken_on(|it| it != Moving::Refund) {
                0 => held.held(),
                _ => 0,
            },
            Moving::Refund => held.captured - held.refunded - taken_on(|it| it == Moving::Refund),
        })
    }

    fn do_move(&mut self, asked: &Move) {
        let held = self.payments.get_mut(&asked.payment).unwrap();
        let cents = asked.amount.cents;
        match asked.kind {
            Moving::Capture => {
                held.captured += cents;
                held.progress = Progress::Captured;
            }
            Moving::Void => {
                let rest = held.held();
                assert!(cents == rest || rest == 0, "let go of in part");
                held.let_go += rest;
                if held.captured == 0 {
                    held.progress = Progress::Released;
                }
            }
            Moving::Refund => held.refunded += cents,
        }
    }

    fn let_go_of_rest(&mut self, payment: &str) -> Option<Amount> {
        let held = self.payments.get_mut(payment).unwrap();
        let cents = held.held();
        held.let_go += cents;
        (cents > 0).then_some(Amount {
            cents,
            currency: held.amount.currency,
        })
    }

    /// What was taken on is decided once it is asked for.
    pub(super) fn decide(&mut self, subject: Id) -> Answer {
        let action = self.actions.get(&subject).ok_or_else(unknown)?;
        if action.outcome == Outcome::Pending && !self.decides_later {
            let asked = action.asked.clone();
            self.do_move(&asked);
            self.end(subject, Outcome::Succeeded);
        }
        self.told(subject, None)
    }

    /// What was taken on is declined, unless it was decided before.
    pub(super) fn decline(&mut self, subject: Id) -> Answer {
        let action = self.actions.get(&subject).ok_or_else(unknown)?;
        if action.outcome == Outcome::Pending {
            self.end(subject, Outcome::Failed(declined()));
        }
        self.told(subject, None)
    }

    /// What was taken on, as though it was not decided.
    pub(super) fn undecided(&self, subject: Id) -> Answer {
        let action = self.actions.get(&subject).ok_or_else(unknown)?;
        Ok(GatewayAnswer::Moved(Moved {
            outcome: Outcome::Pending,
            reference: Some(action.reference.clone()),
            released: None,
            metadata: serde_json::Map::new(),
        }))
    }

    fn end(&mut self, subject: Id, outcome: Outcome) {
        self.actions.get_mut(&subject).unwrap().outcome = outcome;
    }

    fn told(&self, subject: Id, released: Option<Amount>) -> Answer {
        let action = &self.actions[&subject];
        Ok(GatewayAnswer::Moved(Moved {
            outcome: action.outcome.clone(),
            reference: Some(action.reference.clone()),
            released,
            metadata: serde_json::Map::new(),
        }))
    }

    /// A call that is refused though it could be done: money does not move, and the gateways say so as they do.
    pub(super) fn refuse(&mut self, call: &GatewayCall) -> Answer {
        match (&call.request, call.kind) {
            (GatewayRequest::Move(_), GatewayKind::Stripe | GatewayKind::External) => {
                Ok(GatewayAnswer::Moved(Moved {
                    outcome: Outcome::Failed(declined()),
                    reference: None,
                    released: None,
                    metadata: serde_json::Map::new(),
                }))
            }
            _ => refused("The gateway declined."),
        }
    }
}

fn too_late() -> Decline {
    Decline {
        code: Some("not_allowed".to_owned()),
        message: "No more than is there moves.".to_owned(),
    }
}
