//! Writes of the records that surround payments.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::manage::{Change, OrderLine, Unique};
use domain::record::{Place, Record};
use domain::{Id, ResourceType, Tenant};

use crate::keys::{Key, Keys};
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// The most writes of one transaction (DynamoDB's limit).
const MOST_WRITES: usize = 100;

impl Store {
    /// Writes the changes of a decision, in their order: all of it or nothing, as long as it is a
    /// hundred writes at most; a deletion of more goes on where it was cut short when it is asked for
    /// again. One round trip per hundred writes. What this process remembers of a catalogue that
    /// changes is forgotten; others may go on by what they read for a minute.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where one of the records is not as it was read any more; a record
    /// that is too large; the table does not answer.
    pub async fn commit_records(
        &self,
        tenant: Tenant,
        changes: &[Change],
    ) -> Result<(), StoreError> {
        let mut writes = Vec::new();
        for change in changes {
            let of_change = self.record_writes(tenant, change)?;
            if writes.len() + of_change.len() > MOST_WRITES {
                self.transact(std::mem::take(&mut writes)).await?;
            }
            writes.extend(of_change);
        }
        let written = self.transact(writes).await;
        // After a failure too: the table may have done it and its answer been lost.
        if changes.iter().any(is_of_catalog) {
            self.catalogs.lock().await.remove(&tenant);
        }
        written
    }

    /// Writes a new record that is not made by a decision; what this process remembers of a catalogue
    /// stays. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a record of that id, or a customer of that e-mail, is there
    /// already; else as [`Self::commit_records`].
    pub async fn create(
        &self,
        tenant: Tenant,
        place: Place,
        record: &Record,
    ) -> Result<(), StoreError> {
        let unique = Unique::of(record).map(|it| Change::Claim(it, record.id));
        let customer = record.related("customer").filter(|_| place == Place::Order);
        let listed = customer.map(|it| Change::ListOrder(it, OrderLine::of(record)));
        let mut writes = Vec::new();
        let changes = [Some(Change::Put(record.clone(), place)), unique, listed];
        for change in changes.into_iter().flatten() {
            writes.extend(self.record_writes(tenant, &change)?);
        }
        self.transact(writes).await
    }

    pub(crate) fn record_writes(
        &self,
        tenant: Tenant,
        change: &Change,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        Ok(match change {
            Change::Put(record, place) => self.put_record(tenant, record, *place)?,
            Change::Delete(record, place) => self.delete_record(&keys, record, *place)?,
            Change::Move { record, from, to } => {
                let mut writes = self.delete_record(&keys, record, *from)?;
                let key = key_of(&keys, record.kind, record.id, *to);
                let item = self.to_item(tenant, key, record)?;
                writes.push(self.put(item, Condition::Absent)?);
                writes.extend(self.located(&keys, record, *to)?);
                writes
            }
            Change::Require(identifier, place) => {
                let key = key_of(&keys, identifier.kind, identifier.id, *place);
                vec![self.check(&key, Condition::Present)?]
            }
            Change::Claim(unique, record) => {
                let key = self.unique_key(&keys, unique);
                vec![self.reference(key, "unique", *record, false, Condition::Absent)?]
            }
            Change::Release(unique) => {
                vec![self.delete(&self.unique_key(&keys, unique), Condition::Guarded)?]
            }
            Change::ListOrder(customer, line) => {
                let key = keys.order_of_customer(*customer, line.created_at, line.order);
                let guarded = Condition::Guarded;
                vec![self.reference(key, "orders", line.order, false, guarded)?]
            }
            Change::UnlistOrder(customer, line) => {
                let key = keys.order_of_customer(*customer, line.created_at, line.order);
                vec![self.delete(&key, Condition::Guarded)?]
            }
            Change::DeleteWallet {
                customer,
                version,
                gateways,
            } => {
                let head = self.delete(
                    &keys.wallet_head(*customer),
                    Condition::of_version(*version),
                )?;
                let at_gateways = gateways
                    .iter()
                    .map(|it| keys.gateway_customer(*customer, *it));
                let deleted = at_gateways.map(|key| self.delete(&key, Condition::Guarded));
                let mut writes = deleted.collect::<Result<Vec<_>, _>>()?;
                writes.push(head);
                writes
            }
            Change::CloseCircuit(gateway) => {
                vec![self.delete(&keys.circuit(*gateway), Condition::Guarded)?]
            }
        })
    }

    fn put_record(
        &self,
        tenant: Tenant,
        record: &Record,
        place: Place,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        let key = key_of(&keys, record.kind, record.id, place);
        let item = self.to_item(tenant, key, record)?;
        let condition = Condition::of_version(record.version);
        let mut writes = vec![self.put(item, condition)?];
        if record.version == 0 {
            writes.extend(self.located(&keys, record, place)?);
        }
        Ok(writes)
    }

    fn delete_record(
        &self,
        keys: &Keys,
        record: &Record,
        place: Place,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let key = key_of(keys, record.kind, record.id, place);
        let mut writes = vec![self.delete(&key, Condition::of_version(record.version))?];
        if has_locator(place) {
            writes.push(self.delete(&keys.locator(record.kind, record.id), Condition::Guarded)?);
        }
        Ok(writes)
    }

    /// Where a record in another's partition is found.
    fn located(
        &self,
        keys: &Keys,
        record: &Record,
        place: Place,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let locator = |owner: Id, of_customer| {
            let located = self.locator(keys, record.kind, record.id, owner, of_customer);
            located.map(Some)
        };
        match place {
            Place::OfOrder(order) => locator(order, false),
            Place::OfCustomer(customer) => locator(customer, true),
            Place::Order | Place::Customer | Place::Catalog | Place::Own => Ok(None),
        }
    }
}

/// The key of a record that stands there.
pub fn key_of(keys: &Keys, kind: ResourceType, id: Id, place: Place) -> Key {
    match place {
        Place::Order => keys.order(id),
        Place::OfOrder(order) => keys.child(order, kind, id),
        Place::Customer => keys.customer(id),
        Place::OfCustomer(customer) => keys.of_customer(customer, kind, id),
        Place::Catalog => keys.catalogued(kind, id),
        Place::Own => keys.own(kind, id),
    }
}

const fn has_locator(place: Place) -> bool {
    matches!(place, Place::OfOrder(_) | Place::OfCustomer(_))
}

const fn is_of_catalog(change: &Change) -> bool {
    matches!(
        change,
        Change::Put(_, Place::Catalog)
            | Change::Delete(_, Place::Catalog)
            | Change::CloseCircuit(_)
    )
}
