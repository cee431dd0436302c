//! The one way to write: changes of a decision become one conditional transaction with a token, so that
//! the SDK's retry after a lost answer is recognised. All of it is written or nothing.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::TransactWriteItem;
use decisions::{AsRead, Change, OrderLine, Permit, Unique};
use domain::operation::Operation;
use domain::record::{Identifier, Place, Record};
use domain::wallet::{GatewayCustomer, Head};
use domain::{CustomerId, Id, ResourceType, Tenant};

use crate::item::{RawItem, to_raw};
use crate::keys::Keys;
use crate::operations::{OPERATION, OperationItem};
use crate::read::{GATEWAY_CUSTOMER, GatewayCustomerItem, HeadItem};
use crate::sealing::Binding;
use crate::transaction::{Condition, TOKEN};
use crate::{Store, StoreError, circuits};

/// The most writes of one transaction (DynamoDB's limit).
const MOST_WRITES: usize = 100;

impl Store {
    /// Writes the changes of a decision, in their order: all of it or nothing, as long as it is a
    /// hundred writes at most; a deletion of more goes on where it was cut short when it is asked for
    /// again. One round trip per hundred writes. What this process remembers of a catalogue that
    /// changes is forgotten; others may go on by what they read for a minute.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where one of the records is not as it was read any more;
    /// [`StoreError::PaymentTaken`]; [`StoreError::TokenTaken`]; a record that is too large; the table does not answer.
    pub async fn commit(
        &self,
        _: &Permit,
        tenant: Tenant,
        changes: &[Change],
    ) -> Result<(), StoreError> {
        let mut writes = self.owners(tenant, changes)?;
        for change in changes {
            let of_change = self.writes_of(tenant, change)?;
            if writes.len() + of_change.len() > MOST_WRITES {
                self.transact(std::mem::take(&mut writes)).await?;
            }
            writes.extend(of_change);
        }
        let written = self.transact(writes).await;
        // After a failure too: the table may have done it and its answer been lost.
        if changes.iter().any(Change::is_of_catalog) {
            self.catalogs.forget(tenant);
        }
        written
    }

    /// Writes a new record that is not made by a decision; what this process remembers of a catalogue
    /// stays. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where a record of that id, or a customer of that e-mail, is there
    /// already; else as [`Self::commit`].
    pub async fn create(
        &self,
        _: &Permit,
        tenant: Tenant,
        place: Place,
        record: &Record,
    ) -> Result<(), StoreError> {
        self.transact(self.creation(tenant, place, record)?).await
    }

    /// Writes new records as [`Self::create`] writes one: all of them or nothing, which is a hundred writes at most.
    /// One round trip.
    ///
    /// # Errors
    /// As [`Self::create`], for any of them.
    pub async fn create_together(
        &self,
        _: &Permit,
        tenant: Tenant,
        records: &[(Place, Record)],
    ) -> Result<(), StoreError> {
        let mut writes = Vec::new();
        for (place, record) in records {
            writes.extend(self.creation(tenant, *place, record)?);
        }
        self.transact(writes).await
    }

    /// The writes that make a new record.
    fn creation(
        &self,
        tenant: Tenant,
        place: Place,
        record: &Record,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let unique = Unique::of(record).map(|it| Change::Claim(it, record.id));
        let customer = record.related("customer").filter(|_| place == Place::Order);
        let listed =
            customer.map(|it| Change::ListOrder(CustomerId::new(it), OrderLine::of(record)));
        let mut writes = Vec::new();
        let changes = [Some(Change::put(record.clone(), place)), unique, listed];
        for change in changes.into_iter().flatten() {
            writes.extend(self.writes_of(tenant, &change)?);
        }
        Ok(writes)
    }

    /// That the customers are there under whom something is written for the first time: one who was erased
    /// meanwhile gets nothing again.
    fn owners(
        &self,
        tenant: Tenant,
        changes: &[Change],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let is_written = |customer: &CustomerId| {
            let id = Id::from(*customer);
            let kind = ResourceType::Customers;
            changes.iter().any(|it| it.is_of(Identifier { kind, id }))
        };
        let owners: BTreeSet<_> = changes.iter().filter_map(first_under).collect();
        let owners = owners.into_iter().filter(|it| !is_written(it));
        let keys = Keys::of(tenant);
        owners
            .map(|it| self.check(&keys.customer(it), Condition::Present))
            .collect()
    }

    fn writes_of(
        &self,
        tenant: Tenant,
        change: &Change,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        Ok(match change {
            Change::Put {
                record,
                place,
                read,
            } => self.put_record(tenant, record, *place, *read)?,
            Change::Delete { of, place, read } => {
                let key = keys.at(of.kind, of.id, *place);
                let deleted = self.delete(&key, Condition::of(*read))?;
                let unlocated = self.unlocate(&keys, of.kind, of.id, *place)?;
                [deleted].into_iter().chain(unlocated).collect()
            }
            Change::Move { record, from, to } => self.move_record(tenant, record, *from, *to)?,
            Change::Check { of, place, read } => {
                let key = keys.at(of.kind, of.id, *place);
                vec![self.check(&key, Condition::of(*read))?]
            }
            Change::CheckSlot(order, read) => {
                let key = keys.current_source(*order);
                vec![self.check(&key, Condition::of(*read))?]
            }
            Change::PutHead(customer, head) => vec![self.put_head(&keys, *customer, head)?],
            Change::CheckHead(customer, version) => {
                let key = keys.wallet_head(*customer);
                vec![self.check(&key, Condition::of_version(*version))?]
            }
            Change::DeleteWallet {
                customer,
                version,
                gateways,
            } => {
                let at_gateways = gateways
                    .iter()
                    .map(|it| keys.gateway_customer(*customer, *it));
                let deleted = at_gateways.map(|key| self.delete(&key, Condition::Present));
                let mut writes = deleted.collect::<Result<Vec<_>, _>>()?;
                let head = keys.wallet_head(*customer);
                writes.push(self.delete(&head, Condition::of_version(*version))?);
                writes
            }
            Change::PutGatewayCustomer(customer, made) => {
                vec![self.put_gateway_customer(tenant, *customer, made)?]
            }
            Change::Owe(operation) => vec![self.put_operation(tenant, operation)?],
            Change::Settle(owner, id) => {
                let same = Condition::AbsentOrOfType(OPERATION);
                vec![self.delete(&keys.operation(*owner, *id), same)?]
            }
            Change::ClaimPayment {
                order,
                gateway,
                payment,
            } => vec![self.claim_payment(&keys, *order, *gateway, payment)?],
            Change::ClaimToken {
                customer,
                gateway,
                token,
            } => {
                let key = self.token_key(&keys, *gateway, token);
                let owner = Id::from(*customer);
                let unless_anothers = Condition::AbsentOrOwnedBy(owner);
                vec![self.reference(key, TOKEN, owner, true, unless_anothers)?]
            }
            Change::ReleaseToken {
                customer,
                gateway,
                token,
            } => {
                let key = self.token_key(&keys, *gateway, token);
                vec![self.delete(&key, Condition::AbsentOrOwnedBy((*customer).into()))?]
            }
            Change::Claim(unique, record) => {
                let key = self.unique_key(&keys, unique);
                vec![self.reference(key, "unique", *record, false, Condition::Absent)?]
            }
            Change::Release(unique, record) => {
                let owned = Condition::AbsentOrOwnedBy(*record);
                vec![self.delete(&self.unique_key(&keys, unique), owned)?]
            }
            Change::ListOrder(customer, line) => {
                let key = keys.order_of_customer(*customer, line.created_at, line.order);
                let owned = Condition::AbsentOrOwnedBy(line.order.into());
                vec![self.reference(key, "orders", line.order.into(), false, owned)?]
            }
            Change::UnlistOrder(customer, line) => {
                let key = keys.order_of_customer(*customer, line.created_at, line.order);
                vec![self.delete(&key, Condition::AbsentOrOwnedBy(line.order.into()))?]
            }
            Change::CloseCircuit(gateway) => {
                let counted = Condition::AbsentOrOfType(circuits::CIRCUIT);
                vec![self.delete(&keys.circuit(*gateway), counted)?]
            }
            Change::KeepRequest(kept, until) => vec![self.keep_request(&keys, kept, *until)?],
        })
    }

    fn put_record(
        &self,
        tenant: Tenant,
        record: &Record,
        place: Place,
        read: AsRead,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        let key = keys.at(record.kind, record.id, place);
        let item = self.to_item(tenant, key, record)?;
        let mut writes = vec![self.put(item, Condition::of(read))?];
        if record.version == 0 {
            writes.extend(self.locate(&keys, record, place)?);
        }
        Ok(writes)
    }

    fn move_record(
        &self,
        tenant: Tenant,
        record: &Record,
        from: Place,
        to: Place,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        let at = |place| keys.at(record.kind, record.id, place);
        let item = self.to_item(tenant, at(to), record)?;
        let mut writes = vec![
            self.delete(&at(from), Condition::of(AsRead::of(record)))?,
            self.put(item, Condition::Absent)?,
        ];
        if locating(from) != locating(to) {
            writes.extend(self.unlocate(&keys, record.kind, record.id, from)?);
            writes.extend(self.locate(&keys, record, to)?);
        }
        Ok(writes)
    }

    /// Writes where a record in another's partition is found, which claims its id.
    fn locate(
        &self,
        keys: &Keys,
        record: &Record,
        place: Place,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let located = locating(place).map(|(owner, of_customer)| {
            let key = keys.locator(record.kind, record.id);
            self.reference(key, "locator", owner, of_customer, Condition::Absent)
        });
        located.transpose()
    }

    fn unlocate(
        &self,
        keys: &Keys,
        kind: ResourceType,
        id: Id,
        place: Place,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let unlocated = locating(place).map(|(owner, _)| {
            let key = keys.locator(kind, id);
            self.delete(&key, Condition::AbsentOrOwnedBy(owner))
        });
        unlocated.transpose()
    }

    fn put_gateway_customer(
        &self,
        tenant: Tenant,
        customer: CustomerId,
        made: &GatewayCustomer,
    ) -> Result<TransactWriteItem, StoreError> {
        let version = made.version.saturating_add(1);
        let item = self.gateway_customer_item(tenant, customer, made, version)?;
        self.put(item, Condition::of_version(made.version))
    }

    /// The item that stores a customer's record at a gateway, of this version.
    pub(crate) fn gateway_customer_item(
        &self,
        tenant: Tenant,
        customer: CustomerId,
        made: &GatewayCustomer,
        version: u64,
    ) -> Result<RawItem, StoreError> {
        let key = Keys::of(tenant).gateway_customer(customer, made.gateway);
        let binding = Binding::of_gateway_customer(tenant, customer, made.gateway, key.clone());
        let sealing = self.sealer.sealing(binding);
        let sealed = sealing.and_then(|it| Ok((it.seal(&made.token, "token")?, it.used_key())));
        let (token, sealed_with) =
            sealed.map_err(|problem| StoreError::Unavailable(problem.to_string()))?;
        to_raw(&GatewayCustomerItem {
            pk: key.pk,
            sk: key.sk,
            kind: GATEWAY_CUSTOMER.to_owned(),
            version,
            gateway: made.gateway,
            token,
            sealed_with,
        })
    }

    fn put_operation(
        &self,
        tenant: Tenant,
        operation: &Operation,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = OperationItem::of(self, tenant, operation, 1)?;
        // What is noted already goes on as it was noted.
        let condition = match operation.request.is_noted() {
            true => Condition::Absent,
            false => Condition::AbsentOrOfType(OPERATION),
        };
        self.put(to_raw(&item)?, condition)
    }

    fn put_head(
        &self,
        keys: &Keys,
        customer: CustomerId,
        head: &Head,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = head_item(keys, customer, head, head.version.saturating_add(1))?;
        self.put(item, Condition::of_version(head.version))
    }
}

/// The item that stores the head of a wallet, of this version.
pub(crate) fn head_item(
    keys: &Keys,
    customer: CustomerId,
    head: &Head,
    version: u64,
) -> Result<RawItem, StoreError> {
    let key = keys.wallet_head(customer);
    let lines =
        serde_json::to_string(head).map_err(|error| StoreError::Unavailable(error.to_string()))?;
    to_raw(&HeadItem {
        pk: key.pk,
        sk: key.sk,
        kind: "wallet".to_owned(),
        version,
        head: lines,
    })
}

/// The customer under whom a change writes something that was not there.
fn first_under(change: &Change) -> Option<CustomerId> {
    match change {
        Change::PutHead(customer, head) => (head.version == 0).then_some(*customer),
        Change::PutGatewayCustomer(customer, _) | Change::ListOrder(customer, _) => Some(*customer),
        Change::Put {
            place: Place::Wallet(customer) | Place::OfCustomer(customer),
            read: AsRead::Nothing,
            ..
        }
        | Change::Move {
            to: Place::OfCustomer(customer),
            ..
        } => Some(*customer),
        _ => None,
    }
}

/// Whose partition a record stands in that is found by a locator, and whether that is a customer's.
pub(crate) fn locating(place: Place) -> Option<(Id, bool)> {
    match place {
        Place::Slot(order) | Place::OfOrder(order) => Some((order.into(), false)),
        Place::Wallet(customer) | Place::OfCustomer(customer) => Some((customer.into(), true)),
        Place::Order | Place::Customer | Place::Catalog | Place::Own => None,
    }
}
