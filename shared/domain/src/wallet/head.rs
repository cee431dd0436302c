use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gateway::Reusable;
use crate::lookup::LookupKey;
use crate::record::Record;
use crate::{EntryId, GatewayId, OrderId, SourceId, Token};

/// A line of the head remembers at most this many payment sources that the entry was saved from: a
/// hundred lines have to fit in one record. An older one is recognised by its token, after the
/// gateway was asked.
const MOST_SOURCES_OF_A_LINE: usize = 20;

/// A line of the head remembers at most this many tokens of a card. An older one is recognised by
/// fingerprint and expiry.
const MOST_TOKENS_OF_A_LINE: usize = 10;

/// A line of the head remembers at most this many orders that the entry was put on.
const MOST_ORDERS_OF_A_LINE: usize = 50;

/// The head remembers at most this many payment sources that deleted entries were saved from.
const MOST_DELETED_SOURCES: usize = 1_000;

/// The head remembers at most this many tokens that are being forgotten.
const MOST_FORGETTING: usize = 1_000;

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
    pub deleted: Vec<SourceId>,
    /// Keyed hashes of the tokens that their gateway is being told to forget, the newest last: nobody
    /// knows whether one still pays, so that it is not saved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgetting: Vec<String>,
}

/// What the head knows of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The entry.
    pub entry: EntryId,
    /// Of which version the entry is while the head is of its own; 0 where an earlier version of Billfold
    /// wrote it, which did not say.
    #[serde(default)]
    pub version: u64,
    /// Its gateway.
    pub gateway: GatewayId,
    /// Keyed hashes of its tokens, the newest last.
    pub tokens: Vec<String>,
    /// Keyed hash of the card's fingerprint and expiry; none where the gateway gave no fingerprint.
    pub card: Option<String>,
    /// The payment sources that it was saved from, the newest last.
    pub sources: Vec<SourceId>,
    /// The orders that it was put on, the newest last.
    #[serde(default)]
    pub orders: Vec<OrderId>,
}

impl Head {
    /// The line of the entry that was saved from this payment source.
    pub fn saved_from(&self, source: SourceId) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.sources.contains(&source))
    }

    /// The line of this entry.
    pub fn line(&self, entry: EntryId) -> Option<&Line> {
        self.lines.iter().find(|line| line.entry == entry)
    }

    /// Whether an entry holds this token.
    pub fn holds(&self, gateway: GatewayId, token: &str, lookup: &LookupKey) -> bool {
        let hash = token_hash(gateway, token, lookup);
        self.lines
            .iter()
            .any(|line| line.gateway == gateway && line.tokens.contains(&hash))
    }

    /// Whether the gateway is being told to forget this token.
    pub fn is_forgetting(&self, gateway: GatewayId, token: &str, lookup: &LookupKey) -> bool {
        self.forgetting
            .contains(&token_hash(gateway, token, lookup))
    }

    /// From now on the gateway is being told to forget this token.
    pub fn begin_forgetting(&mut self, gateway: GatewayId, token: &str, lookup: &LookupKey) {
        let hash = token_hash(gateway, token, lookup);
        self.forgetting.retain(|it| *it != hash);
        self.forgetting.push(hash);
        keep_newest(&mut self.forgetting, MOST_FORGETTING);
    }

    /// The gateway has forgotten this token, or is not told any more.
    pub fn end_forgetting(&mut self, gateway: GatewayId, token: &str, lookup: &LookupKey) {
        let hash = token_hash(gateway, token, lookup);
        self.forgetting.retain(|it| *it != hash);
    }

    /// The entry is written beside the head, which says of which version it is then.
    pub fn note_write(&mut self, entry: &Record) {
        if let Some(line) = self.lines.iter_mut().find(|it| it.entry == entry.id) {
            line.version = entry.version.saturating_add(1);
        }
    }

    /// Remembers that an entry was put on an order.
    pub fn note_use(&mut self, entry: EntryId, order: OrderId) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.entry == entry)
            && !line.orders.contains(&order)
        {
            line.orders.push(order);
            keep_newest(&mut line.orders, MOST_ORDERS_OF_A_LINE);
        }
    }

    /// Gives an entry another token. False where another entry of the same gateway holds it.
    pub fn replace_token(&mut self, entry: EntryId, token: &str, lookup: &LookupKey) -> bool {
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

    /// The gateway shows the entry's card with another number or expiry: entered anew, it is known by these.
    pub fn renew_card(&mut self, entry: EntryId, keys: CardKeys) {
        if let Some(line) = self.lines.iter_mut().find(|it| it.entry == entry) {
            line.card = keys.card.or(line.card.take());
        }
    }

    /// The head as a table with another lookup key has it: an entry's tokens are known by hashes of that key. What
    /// was hashed and is not kept, fingerprints of cards and tokens that are being forgotten, is left out unless
    /// the key `is_same`.
    #[must_use]
    pub fn rehashed(
        mut self,
        tokens: &BTreeMap<EntryId, Vec<Token>>,
        lookup: &LookupKey,
        is_same: bool,
    ) -> Self {
        for line in &mut self.lines {
            line.tokens.clear();
            for token in tokens.get(&line.entry).into_iter().flatten() {
                line.add_token(token_hash(line.gateway, token.expose(), lookup));
            }
            line.card = line.card.take().filter(|_| is_same);
        }
        if !is_same {
            self.forgetting.clear();
        }
        self
    }

    /// The head without hashes of tokens, which [`Self::rehashed`] makes again.
    #[must_use]
    pub fn unhashed(mut self) -> Self {
        self.lines.iter_mut().for_each(|it| it.tokens.clear());
        self
    }

    /// Takes the line of a deleted entry out, and remembers what it was saved from.
    pub fn delete(&mut self, entry: EntryId) -> Option<Line> {
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
    gateway: GatewayId,
    token: String,
    card: Option<String>,
}

impl CardKeys {
    /// The keys of what a gateway made reusable. A card's number and expiry are one card; a null
    /// fingerprint never matches.
    pub fn of(reusable: &Reusable, gateway: GatewayId, lookup: &LookupKey) -> Self {
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

fn token_hash(gateway: GatewayId, token: &str, lookup: &LookupKey) -> String {
    lookup.hash(&["token", gateway.as_str(), token])
}

impl Line {
    /// A line for a new entry.
    pub fn new(entry: EntryId, keys: CardKeys, source: SourceId) -> Self {
        Self {
            entry,
            version: 1,
            gateway: keys.gateway,
            tokens: vec![keys.token],
            card: keys.card,
            sources: vec![source],
            orders: Vec::new(),
        }
    }

    /// The same card, saved once more.
    pub fn saved_again(&mut self, keys: CardKeys, source: SourceId) {
        self.add_token(keys.token);
        self.card = keys.card.or(self.card.take());
        self.sources.push(source);
        keep_newest(&mut self.sources, MOST_SOURCES_OF_A_LINE);
    }

    /// Whether [`Self::orders`] may be only the newest of those that the entry was put on.
    pub const fn may_have_lost_orders(&self) -> bool {
        self.orders.len() >= MOST_ORDERS_OF_A_LINE
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
