//! A customer's wallet: its entries, and the head that every change of it goes through.

mod head;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::gateway::{Expiry, Reusable};
use crate::order::Order;
use crate::record::{Corrupt, Identifier, Record};
use crate::refusal::{Code, Refusal};
use crate::resources::ResourceType;
use crate::{CustomerId, EntryId, GatewayId, PaymentMethodId, Timestamp, Token};

pub use head::{CardKeys, Head, Line};

/// A wallet holds at most this many entries.
pub const MOST_ENTRIES: usize = 100;

/// An entry keeps at most this many tokens that newer ones have replaced: each is a write of the one
/// transaction that deletes the entry.
const MOST_SUPERSEDED_TOKENS: usize = 50;

/// A customer with their wallet, as far as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Wallet {
    /// The customer.
    pub customer: CustomerId,
    /// The customer's own record.
    pub profile: Option<Record>,
    /// What is in it, for decisions.
    pub head: Head,
    /// What is in it, for reading; oldest first.
    pub entries: Vec<Entry>,
    /// The customer's records at gateways.
    pub gateway_customers: Vec<GatewayCustomer>,
}

/// The customer's record at one gateway, made once and remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCustomer {
    /// The gateway's record.
    pub gateway: GatewayId,
    /// The gateway's reference of the customer: `cus_…`.
    pub token: String,
    /// How often it was written; 0 where it is new.
    pub version: u64,
}

/// A wallet entry, read from its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What is stored.
    pub record: Record,
    /// What is remembered of the source.
    pub state: EntryState,
}

/// What an entry remembers of the source that it keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntryState {
    /// The gateway's record.
    pub gateway: GatewayId,
    /// Until when it is valid.
    pub expiry: Option<Expiry>,
    /// When the payment source that it was saved from was made.
    pub source_created_at: Timestamp,
    /// What that payment source names: its order, its gateway.
    #[serde(default)]
    pub source_relationships: BTreeMap<String, Identifier>,
    /// What that payment source showed, because its order may be gone.
    #[serde(with = "crate::token::members_as_token")]
    pub snapshot: Map<String, Value>,
    /// Tokens of the same card that newer ones have replaced; other orders' payments may stand on
    /// them, so that the gateway is told of them only when the entry is deleted.
    #[serde(default)]
    pub superseded_tokens: Vec<Token>,
    /// Whether the gateway shows it otherwise by now than the payment that it was saved from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renewed: bool,
    /// That the gateway keeps it no more, where the gateway has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
}

/// That a gateway keeps a saved source no more, though nobody deleted it here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// What happened to it, for whoever would pay with it.
    pub detail: String,
    /// When the gateway said so.
    pub since: Timestamp,
}

impl Entry {
    /// Reads an entry from its record.
    ///
    /// # Errors
    /// The state does not read.
    pub fn parse(record: Record) -> Result<Self, Corrupt> {
        let state = record.read_state()?;
        Ok(Self { record, state })
    }

    /// The entry's id.
    pub const fn id(&self) -> EntryId {
        EntryId::new(self.record.id)
    }

    /// The gateway's reference of the source.
    ///
    /// # Errors
    /// The entry has none.
    pub fn token(&self) -> Result<&str, Corrupt> {
        self.record
            .text("payment_source_token")
            .ok_or_else(|| self.record.corrupt("no payment_source_token"))
    }

    /// As [`Self::token`], for a decision.
    ///
    /// # Errors
    /// The entry has none: a defect of ours, for the caller.
    pub fn known_token(&self) -> Result<&str, Refusal> {
        self.token().map_err(|corrupt| corrupt.to_refusal())
    }

    /// Whether it can be used at `now`, as far as is known here.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        let has_expired = self.state.expiry.is_some_and(|expiry| expiry.is_past(now));
        self.state.lost.is_none() && !has_expired
    }

    /// Refuses one that the gateway keeps no more.
    ///
    /// # Errors
    /// It is lost; the refusal says why.
    pub fn require_kept(&self) -> Result<(), Refusal> {
        match &self.state.lost {
            None => Ok(()),
            Some(lost) => {
                let detail = lost.detail.clone();
                Err(Refusal::new(Code::PaymentSourceNotReusable, detail))
            }
        }
    }

    /// Takes over how the gateway shows it now: a bank may give a card another number or expiry.
    pub fn take_shown(&mut self, reusable: &Reusable) {
        let former = self.state.snapshot.clone();
        self.record.set("name", reusable.name.clone());
        self.state.expiry = reusable.expiry;
        self.state.snapshot.extend(reusable.snapshot.clone());
        self.state.renewed |= self.state.snapshot != former;
        self.state.lost = None;
    }

    /// The payment source that it was saved from, with the card as the gateway shows it now.
    pub fn shown_in(&self, source: Record) -> Record {
        let mut shown = source;
        for name in ["payment_instrument", "payment_method"] {
            if let (true, Some(now)) = (self.state.renewed, self.state.snapshot.get(name)) {
                shown.set(name, now.clone());
            }
        }
        shown
    }

    /// Takes over what the gateway made reusable. Returns the tokens that are too many to be kept.
    pub fn keep(&mut self, reusable: &Reusable, source: &Record, now: Timestamp) -> Vec<Token> {
        let superseded = &mut self.state.superseded_tokens;
        superseded.extend(self.record.text("payment_source_token").map(Token::new));
        superseded.retain(|it| *it != *reusable.payment_source_token);
        let surplus = self.cap_superseded();
        self.record.set("name", reusable.name.clone());
        self.record
            .set("customer_token", reusable.customer_token.clone());
        self.record.set(
            "payment_source_token",
            reusable.payment_source_token.clone(),
        );
        self.record
            .relate("payment_source", Some(source.identifier()));
        self.state.expiry = reusable.expiry;
        self.state.snapshot = reusable.snapshot.clone();
        self.state.lost = None;
        self.state.renewed = false;
        self.state.source_created_at = source.created_at;
        self.state
            .source_relationships
            .clone_from(&source.relationships);
        self.record.updated_at = now;
        surplus
    }

    /// Lets go of the oldest tokens that are too many to be kept.
    pub fn cap_superseded(&mut self) -> Vec<Token> {
        let superseded = &mut self.state.superseded_tokens;
        let surplus = superseded.len().saturating_sub(MOST_SUPERSEDED_TOKENS);
        superseded.drain(..surplus).collect()
    }

    /// All its tokens: the one that is used, and those that it replaced.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let newest = self.record.text("payment_source_token");
        let superseded = self.state.superseded_tokens.iter().map(Token::expose);
        newest.into_iter().chain(superseded)
    }

    /// The payment source that it was saved from, as far as the entry remembers it.
    pub fn source(&self) -> Option<Record> {
        let Identifier { kind, id } = *self.record.relationships.get("payment_source")?;
        let mut record = Record::new(kind, id, self.state.source_created_at);
        let shown = self.state.snapshot.clone();
        record.attributes = shown.into_iter().collect();
        record
            .relationships
            .clone_from(&self.state.source_relationships);
        Some(record)
    }

    /// The record, with the state written back.
    pub fn to_record(&self) -> Record {
        let mut record = self.record.clone();
        record.write_state(&self.state);
        record
    }
}

impl Wallet {
    /// An empty wallet.
    pub fn new(customer: CustomerId) -> Self {
        Self {
            customer,
            profile: None,
            head: Head::default(),
            entries: Vec::new(),
            gateway_customers: Vec::new(),
        }
    }

    /// The wallet with this entry in place of the one of its id.
    pub fn with_entry(mut self, entry: Entry) -> Self {
        if let Some(former) = self.entries.iter_mut().find(|it| it.id() == entry.id()) {
            *former = entry;
        }
        self
    }

    /// The entry of that id.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id() == id)
    }

    /// The entries that may pay an order now: not expired, of a gateway that serves an offered payment
    /// method.
    pub fn entries_for(
        &self,
        order: &Order,
        catalog: &Catalog,
        now: Timestamp,
    ) -> impl Iterator<Item = &Entry> {
        let offered = catalog.offered(order).into_iter();
        let gateways: BTreeSet<_> = offered
            .filter_map(|it| it.related("payment_gateway"))
            .collect();
        let serves = move |entry: &&Entry| {
            entry.is_valid(now) && gateways.contains(&entry.state.gateway.into())
        };
        self.entries.iter().filter(serves)
    }

    /// Whether the entries are those of the head, each of the version that it names: what was read is of
    /// one moment, since whoever writes an entry writes the head with it.
    pub fn is_of_one_moment(&self) -> bool {
        let is_as_named = |line: &Line| {
            let entry = self.entry(line.entry);
            entry.is_some_and(|it| line.version == 0 || line.version == it.record.version)
        };
        self.head.lines.len() == self.entries.len() && self.head.lines.iter().all(is_as_named)
    }

    /// The customer's record at this gateway.
    pub fn gateway_customer(&self, gateway: GatewayId) -> Option<&GatewayCustomer> {
        self.gateway_customers
            .iter()
            .find(|customer| customer.gateway == gateway)
    }
}

/// The entry of a new save.
pub fn new_entry(
    id: EntryId,
    customer: CustomerId,
    gateway: GatewayId,
    payment_method: Option<PaymentMethodId>,
    now: Timestamp,
) -> Entry {
    let mut record = Record::new(ResourceType::CustomerPaymentSources, id.into(), now);
    let customer = Identifier {
        kind: ResourceType::Customers,
        id: customer.into(),
    };
    record.relate("customer", Some(customer));
    let method = payment_method.map(|id| Identifier {
        kind: ResourceType::PaymentMethods,
        id: id.into(),
    });
    record.relate("payment_method", method);
    Entry {
        record,
        state: EntryState {
            gateway,
            expiry: None,
            source_created_at: now,
            source_relationships: BTreeMap::new(),
            snapshot: Map::new(),
            superseded_tokens: Vec::new(),
            renewed: false,
            lost: None,
        },
    }
}
