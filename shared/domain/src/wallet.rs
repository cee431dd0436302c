//! A customer's wallet: its entries, and the head that every change of it goes through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::gateway::{Expiry, Reusable};
use crate::lookup::LookupKey;
use crate::record::{Corrupt, Identifier, Record};
use crate::refusal::{Code, Refusal};
use crate::resources::ResourceType;
use crate::{Id, Timestamp};

/// A wallet holds at most this many entries.
pub const MOST_ENTRIES: usize = 100;

/// A line of the head remembers at most this many payment sources that the entry was saved from: a
/// hundred lines have to fit in one record. An older one is recognised by its token, after the
/// gateway was asked.
const MOST_SOURCES_OF_A_LINE: usize = 20;

/// A line of the head remembers at most this many tokens of a card. An older one is recognised by
/// fingerprint and expiry.
const MOST_TOKENS_OF_A_LINE: usize = 10;

/// A line of the head remembers at most this many orders that the entry was put on.
const MOST_ORDERS_OF_A_LINE: usize = 50;

/// An entry keeps at most this many tokens that newer ones have replaced: each is a write of the one
/// transaction that deletes the entry.
const MOST_SUPERSEDED_TOKENS: usize = 50;

/// The head remembers at most this many payment sources that deleted entries were saved from.
const MOST_DELETED_SOURCES: usize = 1_000;

/// A customer with their wallet, as far as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Wallet {
    /// Whose it is.
    pub customer: Id,
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
    pub gateway: Id,
    /// The gateway's reference of the customer: `cus_…`.
    pub token: String,
}

/// The head of a wallet. Each change of the wallet is a change of its head, on condition of the
/// head's version: the cap and "one card once" are decisions over it alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Head {
    /// How often it was written.
    #[serde(skip)]
    pub version: u64,
    /// A line per entry.
    pub lines: Vec<Line>,
    /// The payment sources that deleted entries were saved from, the newest last: they are not saved
    /// again.
    #[serde(default)]
    pub deleted: Vec<Id>,
}

/// What the head knows of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The entry.
    pub entry: Id,
    /// Its gateway.
    pub gateway: Id,
    /// Keyed hashes of its tokens, the newest last.
    pub tokens: Vec<String>,
    /// Keyed hash of the card's fingerprint and expiry; none where the gateway gave no fingerprint.
    pub card: Option<String>,
    /// The payment sources that it was saved from, the newest last.
    pub sources: Vec<Id>,
    /// The orders that it was put on, the newest last.
    #[serde(default)]
    pub orders: Vec<Id>,
}

impl Head {
    /// The line of the entry that was saved from this payment source.
    pub fn saved_from(&self, source: Id) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.sources.contains(&source))
    }

    /// The line of this entry.
    pub fn line(&self, entry: Id) -> Option<&Line> {
        self.lines.iter().find(|line| line.entry == entry)
    }

    /// Whether an entry holds this token.
    pub fn holds(&self, gateway: Id, token: &str, lookup: &LookupKey) -> bool {
        let hash = token_hash(gateway, token, lookup);
        self.lines
            .iter()
            .any(|line| line.gateway == gateway && line.tokens.contains(&hash))
    }

    /// Remembers that an entry was put on an order.
    pub fn note_use(&mut self, entry: Id, order: Id) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.entry == entry)
            && !line.orders.contains(&order)
        {
            line.orders.push(order);
            keep_newest(&mut line.orders, MOST_ORDERS_OF_A_LINE);
        }
    }

    /// Gives an entry another token. False where another entry of the same gateway holds it.
    pub fn replace_token(&mut self, entry: Id, token: &str, lookup: &LookupKey) -> bool {
        let Some(gateway) = self.line(entry).map(|line| line.gateway) else {
            return false;
        };
        let hash = token_hash(gateway, token, lookup);
        let is_held = |line: &Line| line.gateway == gateway && line.tokens.contains(&hash);
        if self.lines.iter().any(|it| it.entry != entry && is_held(it)) {
            return false;
        }
        if let Some(line) = self.lines.iter_mut().find(|line| line.entry == entry) {
            line.add_token(hash);
        }
        true
    }

    /// Takes the line of a deleted entry out, and remembers what it was saved from.
    pub fn delete(&mut self, entry: Id) -> Option<Line> {
        let index = self.lines.iter().position(|line| line.entry == entry)?;
        let line = self.lines.remove(index);
        self.deleted.extend(&line.sources);
        keep_newest(&mut self.deleted, MOST_DELETED_SOURCES);
        Some(line)
    }

    /// The line of the same card: by its token, or by fingerprint and expiry.
    pub fn line_of_card(&self, keys: &CardKeys) -> Option<usize> {
        self.lines.iter().position(|line| {
            let same_token = line.tokens.contains(&keys.token);
            let same_card = keys.card.is_some() && line.card == keys.card;
            line.gateway == keys.gateway && (same_token || same_card)
        })
    }
}

/// Under what a card is found in the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardKeys {
    gateway: Id,
    token: String,
    card: Option<String>,
}

impl CardKeys {
    /// The keys of what a gateway made reusable. A card's number and expiry are one card; a null
    /// fingerprint never matches.
    pub fn of(reusable: &Reusable, gateway: Id, lookup: &LookupKey) -> Self {
        let card = reusable.fingerprint.as_ref().map(|fingerprint| {
            let expiry = reusable
                .expiry
                .map(|it| format!("{}-{}", it.year, it.month))
                .unwrap_or_default();
            lookup.hash(&["card", gateway.as_str(), fingerprint, &expiry])
        });
        Self {
            gateway,
            token: token_hash(gateway, &reusable.payment_source_token, lookup),
            card,
        }
    }
}

fn token_hash(gateway: Id, token: &str, lookup: &LookupKey) -> String {
    lookup.hash(&["token", gateway.as_str(), token])
}

impl Line {
    /// A line for a new entry.
    pub fn new(entry: Id, keys: CardKeys, source: Id) -> Self {
        Self {
            entry,
            gateway: keys.gateway,
            tokens: vec![keys.token],
            card: keys.card,
            sources: vec![source],
            orders: Vec::new(),
        }
    }

    /// The same card, saved once more.
    pub fn saved_again(&mut self, keys: CardKeys, source: Id) {
        self.add_token(keys.token);
        self.card = keys.card.or(self.card.take());
        self.sources.push(source);
        keep_newest(&mut self.sources, MOST_SOURCES_OF_A_LINE);
    }

    fn add_token(&mut self, token: String) {
        self.tokens.retain(|it| *it != token);
        self.tokens.push(token);
        keep_newest(&mut self.tokens, MOST_TOKENS_OF_A_LINE);
    }
}

fn keep_newest<T>(items: &mut Vec<T>, most: usize) {
    let surplus = items.len().saturating_sub(most);
    items.drain(..surplus);
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
    pub gateway: Id,
    /// Until when it is valid.
    pub expiry: Option<Expiry>,
    /// When the payment source that it was saved from was made.
    pub source_created_at: Timestamp,
    /// What that payment source names: its order, its gateway.
    #[serde(default)]
    pub source_relationships: BTreeMap<String, Identifier>,
    /// What that payment source showed, because its order may be gone.
    pub snapshot: Map<String, Value>,
    /// Tokens of the same card that newer ones have replaced; other orders' payments may stand on
    /// them, so that the gateway is told of them only when the entry is deleted.
    #[serde(default)]
    pub superseded_tokens: Vec<String>,
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
    pub const fn id(&self) -> Id {
        self.record.id
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
        self.token()
            .map_err(|corrupt| Refusal::new(Code::InternalError, corrupt.to_string()))
    }

    /// Whether it can be used at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        !self.state.expiry.is_some_and(|expiry| expiry.is_past(now))
    }

    /// Takes over what the gateway made reusable. Returns the tokens that are too many to be kept.
    pub fn keep(&mut self, reusable: &Reusable, source: &Record, now: Timestamp) -> Vec<String> {
        let superseded = &mut self.state.superseded_tokens;
        superseded.extend(self.record.text("payment_source_token").map(str::to_owned));
        superseded.retain(|it| *it != reusable.payment_source_token);
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
        self.state.source_created_at = source.created_at;
        self.state
            .source_relationships
            .clone_from(&source.relationships);
        self.record.updated_at = now;
        surplus
    }

    /// Lets go of the oldest tokens that are too many to be kept.
    pub fn cap_superseded(&mut self) -> Vec<String> {
        let superseded = &mut self.state.superseded_tokens;
        let surplus = superseded.len().saturating_sub(MOST_SUPERSEDED_TOKENS);
        superseded.drain(..surplus).collect()
    }

    /// All its tokens: the one that is used, and those that it replaced.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        let newest = self.record.text("payment_source_token");
        let superseded = self.state.superseded_tokens.iter().map(String::as_str);
        newest.into_iter().chain(superseded)
    }

    /// The payment source that it was saved from, as far as the entry remembers it.
    pub fn source(&self) -> Option<Record> {
        let Identifier { kind, id } = *self.record.relationships.get("payment_source")?;
        let mut record = Record::new(kind, id, self.state.source_created_at);
        record.attributes.clone_from(&self.state.snapshot);
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
    pub fn new(customer: Id) -> Self {
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
    pub fn entry(&self, id: Id) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id() == id)
    }

    /// The customer's record at this gateway.
    pub fn gateway_customer(&self, gateway: Id) -> Option<&GatewayCustomer> {
        self.gateway_customers
            .iter()
            .find(|customer| customer.gateway == gateway)
    }
}

/// The entry of a new save.
pub fn new_entry(
    id: Id,
    customer: Id,
    gateway: Id,
    payment_method: Option<Id>,
    now: Timestamp,
) -> Entry {
    let mut record = Record::new(ResourceType::CustomerPaymentSources, id, now);
    let customer = Identifier {
        kind: ResourceType::Customers,
        id: customer,
    };
    record.relate("customer", Some(customer));
    let method = payment_method.map(|id| Identifier {
        kind: ResourceType::PaymentMethods,
        id,
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
        },
    }
}
