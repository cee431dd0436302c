//! What the stand-in remembers: accounts and what they have.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ids::Ids;
use crate::vendor;

use super::customers::Customer;
use super::instruments::Instrument;
use super::payments::Payment;
use super::sessions::Session;

/// Everything, as it is kept in the state file.
#[derive(Default, Deserialize, Serialize)]
pub struct State {
    accounts: BTreeMap<String, Account>,
}

pub(super) type Work<'a> = vendor::Work<'a, State>;

impl State {
    pub(super) fn account(&mut self, name: &str) -> &mut Account {
        self.accounts.entry(name.to_owned()).or_default()
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

/// A new id: 26 letters and digits after the prefix.
pub(super) fn new_id(ids: &Ids, prefix: &str) -> String {
    ids.make(prefix, 26).to_ascii_lowercase()
}

/// A time as answers have it: RFC 3339, to the second.
pub(super) fn written(unix_millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix_millis.div_euclid(1_000))
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// The object without the members that are null: answers leave out what there is not.
pub(super) fn without_nulls(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}
