//! What the stand-in remembers: accounts and what they have.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::vendor;

use super::objects::customer::Customer;
use super::objects::instrument::Instrument;
use super::objects::payment::{ActionKind, Payment};
use super::objects::session::Session;

/// Everything, as it is kept in the state file.
#[derive(Default, Deserialize, Serialize)]
pub struct State {
    pub(super) accounts: BTreeMap<String, Account>,
    /// True if what is accepted waits until somebody asks for it to be done.
    #[serde(default)]
    pub(super) holds_actions: bool,
    /// The kinds of which the next is declined.
    #[serde(default)]
    pub(super) declines: Vec<ActionKind>,
}

pub(super) type Work<'a> = vendor::Work<'a, State>;

impl State {
    pub(super) fn account(&mut self, name: &str) -> &mut Account {
        self.accounts.entry(name.to_owned()).or_default()
    }

    /// The payments whose hold ends by now: their accounts and ids.
    pub(super) fn expired_by(&self, now: i64) -> Vec<(String, String)> {
        let is_over = |it: &&Payment| it.expires_at().is_some_and(|ends| ends <= now);
        let mut expired = Vec::new();
        for (name, account) in &self.accounts {
            let over = account.payments.values().filter(is_over);
            expired.extend(over.map(|it| (name.clone(), it.id.clone())));
        }
        expired
    }

    /// The account that has this payment, by either of its ids.
    pub(super) fn owner_of_payment(&self, id: &str) -> Option<&str> {
        self.accounts
            .iter()
            .find(|(_, account)| account.payment(id).is_some())
            .map(|(name, _)| name.as_str())
    }
}

/// The objects of one account, by id.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Account {
    pub(super) payments: BTreeMap<String, Payment>,
    pub(super) instruments: BTreeMap<String, Instrument>,
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) sessions: BTreeMap<String, Session>,
    /// A token is good for one payment.
    pub(super) used_tokens: BTreeSet<String>,
}

impl Account {
    /// The payment with this id, or with this 3-D Secure session (`sid_…`).
    pub(super) fn payment(&self, id: &str) -> Option<&Payment> {
        self.payments.get(id).or_else(|| {
            self.payments
                .values()
                .find(|payment| payment.authentication.as_deref() == Some(id))
        })
    }

    /// The payment with this id or session, to be changed.
    pub(super) fn payment_mut(&mut self, id: &str) -> Option<&mut Payment> {
        let id = self.payment(id)?.id.clone();
        self.payments.get_mut(&id)
    }
}
