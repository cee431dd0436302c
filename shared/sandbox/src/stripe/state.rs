//! What the stand-in remembers: accounts and their objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::Ids;

use super::error::{ApiError, NamedIn};
use super::events::Happened;
use super::objects::charge::Charge;
use super::objects::customer::Customer;
use super::objects::payment_intent::PaymentIntent;
use super::objects::payment_method::PaymentMethod;
use super::objects::refund::Refund;

/// Everything, as it is kept in the state file.
#[derive(Default, Deserialize, Serialize)]
pub struct State {
    pub(super) accounts: BTreeMap<String, Account>,
}

impl State {
    /// The account that has the payment method, PaymentIntent, charge or refund of this id.
    pub(super) fn owner_of(&self, id: &str) -> Option<&str> {
        let has = |account: &Account| {
            account.payment_methods.contains_key(id)
                || account.payment_intents.contains_key(id)
                || account.charges.contains_key(id)
                || account.refunds.contains_key(id)
        };
        let owner = self.accounts.iter().find(|(_, account)| has(account));
        owner.map(|(name, _)| name.as_str())
    }

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
    #[serde(default)]
    pub(super) refunds: BTreeMap<String, Refund>,
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

    pub(super) fn charge(&self, id: &str, place: NamedIn<'_>) -> Result<&Charge, ApiError> {
        let found = self.charges.get(id);
        found.ok_or_else(|| ApiError::missing("charge", id, place))
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
    /// What happened so far, for those who are told.
    pub(super) events: &'a mut Vec<Happened>,
    /// The URL at which the stand-in is reached, for the links it makes.
    pub(super) base_url: &'a str,
}

impl Work<'_> {
    /// Unix seconds, as objects have them.
    pub(super) fn seconds(&self) -> i64 {
        self.now.div_euclid(1_000)
    }

    /// Notes that something happened to an object, which is so now.
    pub(super) fn happened(&mut self, kind: &'static str, object: Value) {
        self.events.push(Happened::new(kind, object));
    }

    /// As [`Self::happened`], to the intent of this id.
    pub(super) fn happened_to_intent(&mut self, kind: &'static str, id: &str) {
        if let Some(intent) = self.account.payment_intents.get(id) {
            let object = intent.to_json();
            self.happened(kind, object);
        }
    }

    /// As [`Self::happened`], to the charge of this id.
    pub(super) fn happened_to_charge(&mut self, kind: &'static str, id: &str) {
        if let Some(object) = self.charge_json(id) {
            self.happened(kind, object);
        }
    }

    /// As [`Self::happened`], to the payment method of this id.
    pub(super) fn happened_to_method(&mut self, kind: &'static str, id: &str) {
        if let Some(object) = self.payment_method_json(id) {
            self.happened(kind, object);
        }
    }

    pub(super) fn charge_json(&self, id: &str) -> Option<Value> {
        let charge = self.account.charges.get(id)?;
        let method = self.account.payment_methods.get(&charge.payment_method);
        Some(charge.to_json(method, self.account_id))
    }

    pub(super) fn payment_method_json(&self, id: &str) -> Option<Value> {
        self.account
            .payment_methods
            .get(id)
            .map(|method| method.to_json(self.account_id))
    }
}
