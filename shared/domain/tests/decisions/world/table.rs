//! The table: it keeps the store's conditions, and writes all changes or none.

use std::collections::BTreeSet;

use domain::Id;
use domain::commands::Change;
use domain::operation::Owner;
use domain::order::Order;
use domain::source::PaymentSource;
use domain::wallet::Wallet;

use super::World;

impl World {
    /// Writes all changes or none, on the store's conditions.
    pub fn commit(&mut self, changes: &[Change]) -> bool {
        require_an_item_each(changes);
        let holds = changes.iter().all(|change| self.holds(change));
        if holds {
            changes.iter().for_each(|change| self.write(change));
            self.commits.push(changes.to_vec());
        }
        holds
    }

    fn holds(&self, change: &Change) -> bool {
        match change {
            Change::PutOrder(order) => {
                assert_eq!(order.id(), self.order.id(), "another order's");
                order.record.version == self.order.record.version
            }
            Change::CheckOrder(order, version) => {
                assert_eq!(*order, self.order.id(), "another order's");
                *version == self.order.record.version
            }
            Change::PutSource { source, is_new, .. } => {
                !is_new || !self.claimed.contains(&source.id())
            }
            Change::PutEntry(_, entry) => {
                entry.record.version > 0 || !self.claimed.contains(&entry.id())
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

    fn head_version(&self, customer: Id) -> u64 {
        let stored = self.wallets.get(&customer);
        stored.map_or(0, |it| it.head.version)
    }

    fn stored_wallet(&mut self, customer: Id) -> &mut Wallet {
        let wallet = self.wallets.entry(customer);
        wallet.or_insert_with(|| Wallet::new(customer))
    }

    fn write(&mut self, change: &Change) {
        match change {
            Change::PutOrder(order) => {
                let mut record = order.to_record();
                record.version += 1;
                self.order = Order::parse(record).unwrap();
            }
            Change::CheckOrder(..) | Change::CheckHead(..) | Change::Beside(_) => {}
            Change::PutSource { source, .. } => {
                self.claimed.insert(source.id());
                self.source = Some(PaymentSource::parse(source.to_record()).unwrap());
            }
            Change::PutSuperseded(source) => {
                self.superseded.retain(|it| it.id() != source.id());
                self.superseded.push(source.clone());
            }
            Change::EmptySlot(_) => self.source = None,
            Change::DeleteSource {
                source,
                was_current,
            } => match was_current {
                true => self.source = None,
                false => self.superseded.retain(|it| it.id() != source.id()),
            },
            Change::PutHead(customer, head) => {
                let mut head = head.clone();
                head.version += 1;
                self.stored_wallet(*customer).head = head;
            }
            Change::PutEntry(customer, entry) => {
                let mut entry = entry.clone();
                entry.record.version += 1;
                self.claimed.insert(entry.id());
                let entries = &mut self.stored_wallet(*customer).entries;
                match entries.iter_mut().find(|it| it.id() == entry.id()) {
                    Some(former) => *former = entry,
                    None => entries.push(entry),
                }
            }
            Change::DeleteEntry(customer, entry) => {
                let entries = &mut self.stored_wallet(*customer).entries;
                entries.retain(|it| it.id() != *entry);
            }
            Change::PutGatewayCustomer(customer, made) => {
                let customers = &mut self.stored_wallet(*customer).gateway_customers;
                customers.push(made.clone());
            }
            Change::Owe(operation) => {
                let stored = serde_json::to_value(operation).unwrap();
                let read = serde_json::from_value(stored).unwrap();
                self.owed.insert(operation.id, read);
            }
            Change::Settle(_, id) => {
                self.owed.remove(id);
            }
        }
    }
}

/// The table takes no transaction that touches one item twice.
fn require_an_item_each(changes: &[Change]) {
    let mut touched = BTreeSet::new();
    for change in changes {
        let (what, of) = item(change);
        let is_first = touched.insert((what, of.clone()));
        assert!(is_first, "{what} {of} is written twice: {changes:#?}");
    }
}

fn item(change: &Change) -> (&'static str, String) {
    match change {
        Change::PutOrder(order) => ("order", order.id().to_string()),
        Change::CheckOrder(order, _) => ("order", order.to_string()),
        Change::PutSource { source, .. } => ("slot", source.state.order.to_string()),
        Change::EmptySlot(order) => ("slot", order.to_string()),
        Change::DeleteSource {
            source,
            was_current: true,
        } => ("slot", source.state.order.to_string()),
        Change::DeleteSource { source, .. } | Change::PutSuperseded(source) => {
            ("superseded", source.id().to_string())
        }
        Change::PutHead(customer, _) | Change::CheckHead(customer, _) => {
            ("head", customer.to_string())
        }
        Change::PutEntry(_, entry) => ("entry", entry.id().to_string()),
        Change::DeleteEntry(_, entry) => ("entry", entry.to_string()),
        Change::PutGatewayCustomer(_, made) => ("gateway customer", made.gateway.to_string()),
        Change::Owe(operation) => operation_item(operation.owner, operation.id),
        Change::Settle(owner, id) => operation_item(*owner, *id),
        Change::Beside(change) => ("beside", format!("{change:?}")),
    }
}

fn operation_item(owner: Owner, id: Id) -> (&'static str, String) {
    ("operation", format!("{owner:?} {id}"))
}
