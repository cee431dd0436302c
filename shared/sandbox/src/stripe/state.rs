//! What the stand-in remembers: accounts and their objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::Ids;

use super::error::{ApiError, NamedIn};
use super::objects::charge::Charge;
use super::objects::customer::Customer;
use super::objects::payment_intent::PaymentIntent;
use super::objects::payment_method::PaymentMethod;

/// Everything, as it is kept in the state file.
#[derive(Default, Deserialize, Serialize)]
pub struct State {
    pub(super) accounts: BTreeMap<String, Account>,
}

impl State {
    /// The account that has this PaymentIntent.
    pub(super) fn owner_of_intent(&self, id: &str) -> Option<&str> {
        self.accounts
            .iter()
            .find(|(_, account)| account.payment_intents.contains_key(id))
            .map(|(name, _)| name.as_str())
    }
}

/// The objects of one account, by id.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Account {
    /// Counts objects: within a second, `created` doesn't tell the newer one.
    objects_made: u64,
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) payment_methods: BTreeMap<String, PaymentMethod>,
    pub(super) payment_intents: BTreeMap<String, PaymentIntent>,
    pub(super) charges: BTreeMap<String, Charge>,
}

impl Account {
    /// The place of a new object in lists.
    pub(super) fn next_place(&mut self) -> u64 {
        self.objects_made += 1;
        self.objects_made
    }

    /// The number of objects made: it tells whether a request made one.
    pub(super) fn objects_made(&self) -> u64 {
        self.objects_made
    }

    /// The customer, unless deleted.
    pub(super) fn customer(&self, id: &str, place: NamedIn<'_>) -> Result<&Customer, ApiError> {
        self.customers
            .get(id)
            .filter(|customer| !customer.deleted)
            .ok_or_else(|| ApiError::missing("customer", id, place))
    }

    pub(super) fn payment_method_mut(&mut self, id: &str) -> Result<&mut PaymentMethod, ApiError> {
        self.payment_methods
            .get_mut(id)
            .ok_or_else(|| ApiError::missing("PaymentMethod", id, NamedIn::Path("payment_method")))
    }

    pub(super) fn intent(&self, id: &str) -> Result<&PaymentIntent, ApiError> {
        self.payment_intents
            .get(id)
            .ok_or_else(|| ApiError::missing("payment_intent", id, NamedIn::Path("intent")))
    }

    pub(super) fn intent_mut(&mut self, id: &str) -> Result<&mut PaymentIntent, ApiError> {
        self.payment_intents
            .get_mut(id)
            .ok_or_else(|| ApiError::missing("payment_intent", id, NamedIn::Path("intent")))
    }
}

/// The circumstances of an endpoint: the caller's account, the time, and where ids come from.
pub(super) struct Work<'a> {
    pub(super) account: &'a mut Account,
    pub(super) account_id: &'a str,
    /// The other accounts: an id that is one of theirs is not this account's.
    pub(super) others: &'a BTreeMap<String, Account>,
    pub(super) ids: &'a Ids,
    /// Unix milliseconds.
    pub(super) now: i64,
    pub(super) is_publishable: bool,
    /// The URL at which the stand-in is reached, for the links it makes.
    pub(super) base_url: &'a str,
}

impl Work<'_> {
    /// Unix seconds, as objects have them.
    pub(super) fn seconds(&self) -> i64 {
        self.now.div_euclid(1_000)
    }

    pub(super) fn payment_method_json(&self, id: &str) -> Option<Value> {
        self.account
            .payment_methods
            .get(id)
            .map(|method| method.to_json(self.account_id))
    }
}
