//! The table: it keeps the store's conditions, and writes all changes or none.

use std::collections::BTreeSet;

use decisions::{AsRead, Change};
use domain::operation::Owner;
use domain::order::Order;
use domain::record::{Identifier, Place, Record};
use domain::resources::TRANSACTIONS;
use domain::source::PaymentSource;
use domain::wallet::{Entry, Wallet};
use domain::{CustomerId, EntryId, Id, OperationId};

use super::World;

impl World {
    /// Writes all changes or none, on the store's conditions.
    pub fn commit(&mut self, changes: &[Change]) -> bool {
        require_an_item_each(changes);
        let holds = changes.iter().all(|change| self.holds(change));
        if holds {
            changes.iter().for_each(|change| self.write(change));
            let writes = changes.iter().filter(|it| !is_check(it));
            self.commits.push(writes.cloned().collect());
        }
        holds
    }

    fn holds(&self, change: &Change) -> bool {
        match change {
            Change::Put {
                record,
                place,
                read,
            } => {
                let is_free = record.version > 0 || !self.claimed.contains(&record.id);
                is_free && self.is_as_read(record.identifier(), *place, *read)
            }
            Change::Delete { of, place, read } | Change::Check { of, place, read } => {
                self.is_as_read(*of, *place, *read)
            }
            Change::Move { record, from, to } => {
                let of = record.identifier();
                self.is_as_read(of, *from, AsRead::of(record))
                    && self.is_as_read(of, *to, AsRead::Nothing)
            }
            Change::CheckSlot(order, read) => {
                self.is_as_read(self.order.record.identifier(), Place::Slot(*order), *read)
            }
            Change::PutHead(customer, head) => head.version == self.head_version(*customer),
            Change::CheckHead(customer, version) => *version == self.head_version(*customer),
            Change::PutGatewayCustomer(customer, made) => {
                let stored = self.wallets.get(customer);
                stored.is_none_or(|it| it.gateway_customer(made.gateway).is_none())
            }
            _ => true,
        }
    }

    fn is_as_read(&self, of: Identifier, place: Place, read: AsRead) -> bool {
        let stored = match place {
            Place::Order => {
                assert_eq!(of.id, self.order.id(), "another order's");
                Some((of.id, self.order.record.version))
            }
            Place::Slot(_) => self.source.as_ref().map(version),
            Place::OfOrder(_) if TRANSACTIONS.contains(&of.kind) => {
                let stored = self.transactions.iter().find(|it| it.id == of.id);
                stored.map(|it| (it.id, it.version))
            }
            Place::OfOrder(_) => self
                .superseded
                .iter()
                .find(|it| it.id() == of.id)
                .map(version),
            Place::Wallet(customer) => {
                let entry = self
                    .wallets
                    .get(&customer)
                    .and_then(|it| it.entry(EntryId::new(of.id)));
                entry.map(|it| (of.id, it.record.version))
            }
            _ => return true,
        };
        match (read, stored) {
            (AsRead::Nothing, stored) => stored.is_none(),
            (AsRead::There, stored) => stored.is_some(),
            (AsRead::Version(id, version), stored) => stored == Some((id, version)),
        }
    }

    fn head_version(&self, customer: CustomerId) -> u64 {
        let stored = self.wallets.get(&customer);
        stored.map_or(0, |it| it.head.version)
    }

    fn stored_wallet(&mut self, customer: CustomerId) -> &mut Wallet {
        let wallet = self.wallets.entry(customer);
        wallet.or_insert_with(|| Wallet::new(customer))
    }

    fn write(&mut self, change: &Change) {
        match change {
            Change::Put { record, place, .. } => {
                self.claimed.insert(record.id);
                self.put(written(record), *place);
            }
            Change::Move { record, from, to } => {
                self.remove(record.id, *from);
                self.put(written(record), *to);
            }
            Change::Delete { of, place, .. } => self.remove(of.id, *place),
            Change::PutHead(customer, head) => {
                let mut head = head.clone();
                head.version += 1;
                self.stored_wallet(*customer).head = head;
            }
            Change::PutGatewayCustomer(customer, made) => {
                let customers = &mut self.stored_wallet(*customer).gateway_customers;
                customers.push(made.clone());
            }
            Change::Owe(operation) => {
                let stored = serde_json::to_value(operation).unwrap();
                let read = serde_json::from_value(stored).unwrap();
                let kept = match operation.watches() {
                    true => &mut self.watched,
                    false => &mut self.owed,
                };
                kept.insert(operation.id, read);
            }
            Change::Settle(_, id) => {
                self.owed.remove(id);
                self.watched.remove(id);
            }
            _ => {}
        }
    }

    fn put(&mut self, record: Record, place: Place) {
        match place {
            Place::Order => self.order = Order::parse(record).unwrap(),
            Place::Slot(_) => self.source = Some(PaymentSource::parse(record).unwrap()),
            Place::OfOrder(_) if TRANSACTIONS.contains(&record.kind) => {
                self.transactions.retain(|it| it.id != record.id);
                self.transactions.push(record);
            }
            Place::OfOrder(_) => {
                self.superseded.retain(|it| it.id() != record.id);
                self.superseded.push(PaymentSource::parse(record).unwrap());
            }
            Place::Wallet(customer) => {
                let entry = Entry::parse(record).unwrap();
                let entries = &mut self.stored_wallet(customer).entries;
                match entries.iter_mut().find(|it| it.id() == entry.id()) {
                    Some(former) => *former = entry,
                    None => entries.push(entry),
                }
            }
            _ => {}
        }
    }

    fn remove(&mut self, id: Id, place: Place) {
        match place {
            Place::Slot(_) => self.source = None,
            Place::OfOrder(_) => self.superseded.retain(|it| it.id() != id),
            Place::Wallet(customer) => {
                let entries = &mut self.stored_wallet(customer).entries;
                entries.retain(|it| it.id() != id);
            }
            _ => {}
        }
    }
}

const fn is_check(change: &Change) -> bool {
    matches!(
        change,
        Change::Check { .. } | Change::CheckSlot(..) | Change::CheckHead(..)
    )
}

fn version(source: &PaymentSource) -> (Id, u64) {
    (source.record.id, source.record.version)
}

fn written(record: &Record) -> Record {
    let mut record = record.clone();
    record.version += 1;
    record
}

/// The table takes no transaction that touches one item twice.
fn require_an_item_each(changes: &[Change]) {
    let mut touched = BTreeSet::new();
    for change in changes {
        for item in items(change) {
            let is_first = touched.insert(item.clone());
            assert!(is_first, "{item} is written twice: {changes:#?}");
        }
    }
}

fn items(change: &Change) -> Vec<String> {
    match change {
        Change::Put { record, place, .. } => vec![item(record.identifier(), *place)],
        Change::Delete { of, place, .. } | Change::Check { of, place, .. } => {
            vec![item(*of, *place)]
        }
        Change::Move { record, from, to } => {
            vec![
                item(record.identifier(), *from),
                item(record.identifier(), *to),
            ]
        }
        Change::CheckSlot(order, _) => vec![format!("slot {order}")],
        Change::PutHead(customer, _) | Change::CheckHead(customer, _) => {
            vec![format!("head {customer}")]
        }
        Change::PutGatewayCustomer(_, made) => vec![format!("gateway customer {}", made.gateway)],
        Change::Owe(operation) => vec![operation_item(operation.owner, operation.id)],
        Change::Settle(owner, id) => vec![operation_item(*owner, *id)],
        other => vec![format!("{other:?}")],
    }
}

/// A slot is one item, whichever source is in it.
fn item(of: Identifier, place: Place) -> String {
    match place {
        Place::Slot(order) => format!("slot {order}"),
        place => format!("{place:?} {} {}", of.kind, of.id),
    }
}

fn operation_item(owner: Owner, id: OperationId) -> String {
    format!("operation {owner:?} {id}")
}
