//! What the gateway holds, took and gave back, by transaction token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::callbacks::{Callbacks, CallsBack};

/// What the gateway has to remember.
#[derive(Default, Deserialize, Serialize)]
pub struct Ledger {
    #[serde(default)]
    pub(super) authorizations: BTreeMap<String, Authorization>,
    #[serde(default)]
    pub(super) captures: BTreeMap<String, Capture>,
    /// What it has not decided on yet, by `action_id`.
    #[serde(default)]
    pub(super) actions: BTreeMap<String, Action>,
    /// Where the shop is told what was decided.
    #[serde(default)]
    pub(super) hook: Option<String>,
    #[serde(default)]
    pub(super) callbacks: Callbacks,
}

/// An amount that was authorised. Amounts are in minor units.
#[derive(Deserialize, Serialize)]
pub(super) struct Authorization {
    /// The token of the payment source that it was authorised with.
    pub(super) source: String,
    pub(super) amount: i64,
    /// With what is about to be captured.
    pub(super) captured: i64,
    pub(super) is_voided: bool,
}

/// A capture.
#[derive(Deserialize, Serialize)]
pub(super) struct Capture {
    pub(super) source: String,
    pub(super) amount: i64,
    /// With what is about to be given back.
    pub(super) refunded: i64,
}

/// A request that is decided on later. Its amount is set aside until then.
#[derive(Clone, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Action {
    Authorize { source: String, amount: i64 },
    Capture { authorization: String, amount: i64 },
    Void { authorization: String, amount: i64 },
    Refund { capture: String, amount: i64 },
}

/// Why money does not move, as its code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    /// No transaction has this token.
    Unknown,
    /// More than is left.
    AmountTooLarge,
    /// There is nothing left.
    AlreadyVoided,
}

impl CallsBack for Ledger {
    fn outbox(&mut self) -> &mut Callbacks {
        &mut self.callbacks
    }
}

impl Ledger {
    /// The source of the transaction that this one is about.
    pub(super) fn source(&self, token: &str) -> Option<&str> {
        let authorization = self.authorizations.get(token).map(|it| it.source.as_str());
        authorization.or_else(|| self.captures.get(token).map(|it| it.source.as_str()))
    }

    /// Sets aside what an action is about.
    pub(super) fn begin(&mut self, action: &Action) -> Result<(), Refused> {
        match action {
            Action::Authorize { .. } => Ok(()),
            Action::Capture {
                authorization,
                amount,
            } => {
                let held = self.authorization(authorization)?;
                let is_left = !held.is_voided && *amount <= held.amount - held.captured;
                held.captured += if is_left { *amount } else { 0 };
                is_left.then_some(()).ok_or(Refused::AmountTooLarge)
            }
            Action::Void { authorization, .. } => {
                let held = self.authorization(authorization)?;
                let is_left = !held.is_voided && held.captured < held.amount;
                held.is_voided |= is_left;
                is_left.then_some(()).ok_or(Refused::AlreadyVoided)
            }
            Action::Refund { capture, amount } => {
                let taken = self.captures.get_mut(capture).ok_or(Refused::Unknown)?;
                let is_left = *amount <= taken.amount - taken.refunded;
                taken.refunded += if is_left { *amount } else { 0 };
                is_left.then_some(()).ok_or(Refused::AmountTooLarge)
            }
        }
    }

    /// Ends an action that was begun, with this token for what comes of it.
    pub(super) fn finish(&mut self, action: &Action, token: &str) {
        match action {
            Action::Authorize { source, amount } => {
                let held = Authorization {
                    source: source.clone(),
                    amount: *amount,
                    captured: 0,
                    is_voided: false,
                };
                self.authorizations.insert(token.to_owned(), held);
            }
            Action::Capture {
                authorization,
                amount,
            } => {
                let source = self.source(authorization).unwrap_or_default().to_owned();
                let taken = Capture {
                    source,
                    amount: *amount,
                    refunded: 0,
                };
                self.captures.insert(token.to_owned(), taken);
            }
            Action::Void { .. } | Action::Refund { .. } => {}
        }
    }

    /// Gives back what an action had set aside.
    pub(super) fn undo(&mut self, action: &Action) {
        match action {
            Action::Authorize { .. } => {}
            Action::Capture {
                authorization,
                amount,
            } => {
                if let Some(held) = self.authorizations.get_mut(authorization) {
                    held.captured -= amount;
                }
            }
            Action::Void { authorization, .. } => {
                if let Some(held) = self.authorizations.get_mut(authorization) {
                    held.is_voided = false;
                }
            }
            Action::Refund { capture, amount } => {
                if let Some(taken) = self.captures.get_mut(capture) {
                    taken.refunded -= amount;
                }
            }
        }
    }

    fn authorization(&mut self, token: &str) -> Result<&mut Authorization, Refused> {
        self.authorizations.get_mut(token).ok_or(Refused::Unknown)
    }
}

impl Action {
    /// The beginning of a transaction token that comes of it.
    pub(super) const fn prefix(&self) -> &'static str {
        match self {
            Self::Authorize { .. } => "txn_",
            Self::Capture { .. } => "cap_",
            Self::Void { .. } => "void_",
            Self::Refund { .. } => "ref_",
        }
    }

    pub(super) const fn amount(&self) -> i64 {
        match self {
            Self::Authorize { amount, .. }
            | Self::Capture { amount, .. }
            | Self::Void { amount, .. }
            | Self::Refund { amount, .. } => *amount,
        }
    }
}

impl Refused {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN_TRANSACTION",
            Self::AmountTooLarge => "AMOUNT_TOO_LARGE",
            Self::AlreadyVoided => "NOTHING_LEFT",
        }
    }
}
