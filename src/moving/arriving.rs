//! What is made of the lines of a file, and what is refused of them.

use std::collections::BTreeMap;

use domain::lookup::LookupKey;
use domain::moving::{is_moved, without_payments};
use domain::order::Order;
use domain::record::{Place, Placed, Record};
use domain::refusal::Code;
use domain::resource::{Partition, Source};
use domain::resources::{PAYMENT_SOURCES, ResourceType, TRANSACTIONS};
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::wallet::{Entry, GatewayCustomer, Head};
use domain::{CustomerId, EntryId, Tenant, Token};
use serde_json::Value;
use store::Moved;

use super::file::{Header, Line, WrittenRecord};
use super::keys::{CannotOpen, PrivateKey};
use super::sealed::{change_tokens, open, place_of};

/// What arrives at a table. Lines are taken in their order: a wallet's head after its entries.
pub struct Arriving {
    from: Tenant,
    key: Option<PrivateKey>,
    takes_over: bool,
    lookup: LookupKey,
    is_same_lookup: bool,
    /// The tokens of the entries that were last, and whose they are.
    wallet: Option<(CustomerId, BTreeMap<EntryId, Vec<Token>>)>,
}

/// Why a private key is of no use for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongKey {
    /// There is none.
    #[error("the file has tokens: give the private key that they are sealed for with --key")]
    Missing,
    /// It is another.
    #[error("the tokens are sealed for another key")]
    Another,
    /// There is nothing to open.
    #[error("the file has no tokens, and needs no --key")]
    Needless,
}

impl Arriving {
    /// What a file of this header brings to a table with that lookup key. Payments come along only where the table
    /// `takes_over`, since one table alone may capture and release them.
    ///
    /// # Errors
    /// The key is not the other half of that which the tokens are sealed for.
    pub fn new(
        header: &Header,
        key: Option<PrivateKey>,
        takes_over: bool,
        lookup: LookupKey,
    ) -> Result<Self, WrongKey> {
        let from = Tenant {
            organization: header.organization,
            mode: header.mode,
        };
        match (&header.tokens, &key) {
            (None, None) => {}
            (Some(tokens), Some(key)) => {
                let place = place_of(from, "header", "check", "");
                open(&tokens.check, key, &place).map_err(|CannotOpen| WrongKey::Another)?;
            }
            (Some(_), None) => return Err(WrongKey::Missing),
            (None, Some(_)) => return Err(WrongKey::Needless),
        }
        let text = Header::lookup_text(header.organization, header.exported_at);
        let is_same_lookup = lookup.hash(&text.each_ref().map(String::as_str)) == header.lookup;
        Ok(Self {
            from,
            key,
            takes_over,
            lookup,
            is_same_lookup,
            wallet: None,
        })
    }

    /// What a line brings.
    ///
    /// # Errors
    /// It is not as it is declared, or does not open; the text says what is wrong.
    pub fn take(&mut self, line: Line) -> Result<Moved, String> {
        match line {
            Line::Record(written) => {
                let named = format!("{} {}", written.kind, written.id);
                self.record(*written)
                    .map_err(|problem| format!("{named}: {problem}"))
            }
            Line::GatewayCustomer {
                customer,
                gateway,
                version,
                token,
            } => {
                let at = (customer.to_string(), gateway.to_string());
                let place = place_of(self.from, "gateway_customer", &at.0, &at.1);
                let opened = self.open(&token, &place).map_err(|it| it.to_string())?;
                let token = opened.as_str().ok_or("a token is a text")?.to_owned();
                require_version(version)?;
                let made = GatewayCustomer {
                    gateway,
                    token,
                    version,
                };
                Ok(Moved::GatewayCustomer { customer, made })
            }
            Line::Wallet {
                customer,
                version,
                head,
            } => {
                require_version(version)?;
                let of_customer = self.wallet.take().filter(|it| it.0 == customer);
                let tokens = of_customer.map(|it| it.1).unwrap_or_default();
                let head = Head { version, ..head };
                let head = head.rehashed(&tokens, &self.lookup, self.is_same_lookup);
                Ok(Moved::Head { customer, head })
            }
            Line::Operation(written) => {
                let record = written
                    .record()
                    .filter(|it| it.kind == ResourceType::Operations);
                let record = record.ok_or("no operation")?;
                Ok(Moved::Operation(Box::new(record)))
            }
            Line::OrderNumber(number) => Ok(Moved::OrderNumber(number)),
            Line::Header(_) | Line::Trailer(_) => Err("a header or trailer".to_owned()),
        }
    }

    fn record(&mut self, written: WrittenRecord) -> Result<Moved, String> {
        let place = written.place.ok_or("it says no place")?;
        let mut record = written.record().ok_or("there is no such type")?;
        let (kind, id) = (record.kind, record.id);
        if !is_moved(kind) || !stands(kind, place) {
            return Err("no record of this type stands there".to_owned());
        }
        require_version(record.version)?;
        change_tokens(&mut record, &|value, path| {
            self.open(value, &place_of(self.from, kind.name(), id.as_str(), path))
        })
        .map_err(|it| it.to_string())?;
        check_attributes(&record)?;
        let record = self.typed(record, place)?;
        Ok(Moved::Record(Box::new(Placed { record, place })))
    }

    /// The record, read as what it is.
    fn typed(&mut self, record: Record, place: Place) -> Result<Record, String> {
        let elsewhere = || "it is of another order or customer than it stands with".to_owned();
        let corrupt = |it: domain::record::Corrupt| it.problem;
        match record.kind {
            ResourceType::Orders => {
                Order::parse(record.clone()).map_err(corrupt)?;
            }
            ResourceType::CustomerPaymentSources => {
                let entry = Entry::parse(record.clone()).map_err(corrupt)?;
                let customer = record.related("customer").map(CustomerId::new);
                let customer = customer.filter(|it| place == Place::Wallet(*it));
                self.remember(customer.ok_or_else(elsewhere)?, &entry);
            }
            kind if PAYMENT_SOURCES.contains(&kind) => {
                let source = PaymentSource::parse(record.clone()).map_err(corrupt)?;
                let order = source.state.order;
                if ![Place::Slot(order), Place::OfOrder(order)].contains(&place) {
                    return Err(elsewhere());
                }
            }
            kind if TRANSACTIONS.contains(&kind) => {
                let transaction = Transaction::parse(record.clone()).map_err(corrupt)?;
                if place != Place::OfOrder(transaction.state.order) {
                    return Err(elsewhere());
                }
            }
            _ => {}
        }
        match self.takes_over {
            true => Ok(record),
            false => without_payments(record).map_err(corrupt),
        }
    }

    fn remember(&mut self, customer: CustomerId, entry: &Entry) {
        let wallet = self.wallet.take().filter(|it| it.0 == customer);
        let (_, mut entries) = wallet.unwrap_or_else(|| (customer, BTreeMap::new()));
        // The newest is the last in the head.
        let newest = entry.token().ok().map(Token::new);
        let former = entry.state.superseded_tokens.iter().cloned();
        entries.insert(entry.id(), former.chain(newest).collect());
        self.wallet = Some((customer, entries));
    }

    fn open(&self, value: &Value, place: &str) -> Result<Value, CannotOpen> {
        open(value, self.key.as_ref().ok_or(CannotOpen)?, place)
    }
}

fn require_version(version: u64) -> Result<(), String> {
    match version {
        0 => Err("a version is 1 at least".to_owned()),
        _ => Ok(()),
    }
}

/// Whether records of this type stand there.
fn stands(kind: ResourceType, place: Place) -> bool {
    match kind.declaration().partition {
        Partition::Order => place == Place::Order,
        Partition::Customer => place == Place::Customer,
        Partition::Payment => matches!(place, Place::Slot(_) | Place::OfOrder(_)),
        Partition::Transaction => matches!(place, Place::OfOrder(_)),
        Partition::Wallet => matches!(place, Place::Wallet(_)),
        Partition::Catalog => place == Place::Catalog,
        Partition::OfOrder | Partition::AddressBook | Partition::Own => {
            matches!(place, Place::Own | Place::OfOrder(_) | Place::OfCustomer(_))
        }
        Partition::TransactionView
        | Partition::CatalogView
        | Partition::Owed
        | Partition::Token => false,
    }
}

/// Every attribute is one that records of the type store, and of its type.
fn check_attributes(record: &Record) -> Result<(), String> {
    for (name, value) in &record.attributes {
        let declared = record.kind.declaration().attribute(name);
        let declared = declared.filter(|it| it.source == Source::Stored);
        let declared = declared.ok_or_else(|| format!("no attribute {name} is stored"))?;
        match json_api::check_shape(&declared, value) {
            // What a gateway said is kept at its length.
            Err(refusal) if refusal.code != Code::RecordTooLarge => return Err(refusal.detail),
            _ => {}
        }
    }
    Ok(())
}
