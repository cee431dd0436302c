//! What the stand-in remembers: accounts and their objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::callbacks::{Callbacks, CallsBack};

use super::objects::authorization::Authorization;
use super::objects::customer_token::CustomerToken;
use super::objects::order::Order;
use super::objects::session::Session;

/// The objects of all accounts.
#[derive(Default, Deserialize, Serialize)]
pub struct State {
    pub(super) accounts: BTreeMap<String, Account>,
    /// What shops are to be told.
    #[serde(default)]
    pub(super) callbacks: Callbacks,
}

impl CallsBack for State {
    fn outbox(&mut self) -> &mut Callbacks {
        &mut self.callbacks
    }
}

impl State {
    /// The account that has this session.
    pub(super) fn owner_of_session(&self, id: &str) -> Option<&str> {
        self.accounts
            .iter()
            .find(|(_, account)| account.sessions.contains_key(id))
            .map(|(name, _)| name.as_str())
    }

    /// The order of this id, whosever it is.
    pub(super) fn order(&mut self, id: &str) -> Option<&mut Order> {
        self.accounts
            .values_mut()
            .find_map(|account| account.orders.get_mut(id))
    }

    /// True if anybody has an object of this name: then it is no new authorization token.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.accounts.values().any(|account| {
            account.sessions.contains_key(name)
                || account.authorizations.contains_key(name)
                || account.customer_tokens.contains_key(name)
        })
    }
}

/// The objects of one account, by id or token.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Account {
    /// Counts sessions, to tell the newest.
    pub(super) sessions_made: u64,
    pub(super) sessions: BTreeMap<String, Session>,
    /// The expired and released ones too: a token is not authorised anew.
    pub(super) authorizations: BTreeMap<String, Authorization>,
    pub(super) customer_tokens: BTreeMap<String, CustomerToken>,
    #[serde(default)]
    pub(super) orders: BTreeMap<String, Order>,
    /// The customer tokens whose shoppers are to approve an order themselves, by the id with which a
    /// session is opened for it.
    #[serde(default)]
    pub(super) step_ups: BTreeMap<String, String>,
}
