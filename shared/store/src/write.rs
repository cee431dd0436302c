//! Writes: each is one conditional transaction with a token, so that the SDK's retry after a lost
//! answer is recognised. All of it is written or nothing.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::commands::Change;
use domain::operation::Operation;
use domain::source::PaymentSource;
use domain::wallet::{Entry, GatewayCustomer, Head};
use domain::{Id, ResourceType, Tenant};

use crate::item::to_raw;
use crate::keys::{Key, Keys};
use crate::operations::OperationItem;
use crate::read::{GatewayCustomerItem, HeadItem};
use crate::sealing::Binding;
use crate::transaction::Condition;
use crate::{Store, StoreError};

impl Store {
    /// Writes the changes of a decision. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another request was first; [`StoreError::PaymentTaken`]; a
    /// record that is too large; the table does not answer.
    pub async fn commit(&self, tenant: Tenant, changes: &[Change]) -> Result<(), StoreError> {
        let mut writes = Vec::new();
        for change in changes {
            writes.append(&mut self.writes_of(tenant, change)?);
        }
        self.transact(writes).await
    }

    fn writes_of(
        &self,
        tenant: Tenant,
        change: &Change,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        match change {
            Change::PutOrder(order) => {
                let record = order.to_record();
                let condition = Condition::Version(record.version);
                let item = self.to_item(tenant, keys.order(order.id()), &record)?;
                Ok(vec![self.put(item, condition)?])
            }
            Change::CheckOrder(order, version) => {
                Ok(vec![self.check(
                    &keys.order(*order),
                    Condition::Version(*version),
                )?])
            }
            Change::PutSource {
                source,
                is_new,
                is_paid_anew,
            } => self.put_source(tenant, source, *is_new, *is_paid_anew),
            Change::PutSuperseded(source) => {
                let key = superseded_key(&keys, source);
                let item = self.to_item(tenant, key, &source.to_record())?;
                Ok(vec![self.put(item, Condition::Guarded)?])
            }
            Change::EmptySlot(order) => {
                Ok(vec![self.delete(
                    &keys.current_source(*order),
                    Condition::Guarded,
                )?])
            }
            Change::DeleteSource {
                source,
                was_current,
            } => {
                let stood = match was_current {
                    true => keys.current_source(source.state.order),
                    false => superseded_key(&keys, source),
                };
                let locator = keys.locator(source.record.kind, source.id());
                Ok(vec![
                    self.delete(&stood, Condition::Guarded)?,
                    self.delete(&locator, Condition::Guarded)?,
                ])
            }
            Change::PutHead(customer, head) => Ok(vec![self.put_head(&keys, *customer, head)?]),
            Change::CheckHead(customer, version) => {
                Ok(vec![self.check(
                    &keys.wallet_head(*customer),
                    Condition::Version(*version),
                )?])
            }
            Change::PutEntry(customer, entry) => self.put_entry(tenant, *customer, entry),
            Change::DeleteEntry(customer, entry) => {
                let locator = keys.locator(ResourceType::CustomerPaymentSources, *entry);
                Ok(vec![
                    self.delete(&keys.entry(*customer, *entry), Condition::Guarded)?,
                    self.delete(&locator, Condition::Guarded)?,
                ])
            }
            Change::PutGatewayCustomer(customer, gateway_customer) => {
                self.put_gateway_customer(tenant, *customer, gateway_customer)
            }
            Change::Owe(operation) => Ok(vec![self.put_operation(tenant, operation)?]),
            Change::Settle(owner, id) => {
                Ok(vec![self.delete(
                    &keys.operation(*owner, *id),
                    Condition::Guarded,
                )?])
            }
            Change::Beside(change) => self.record_writes(tenant, change),
        }
    }

    fn put_source(
        &self,
        tenant: Tenant,
        source: &PaymentSource,
        is_new: bool,
        is_paid_anew: bool,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        let key = keys.current_source(source.state.order);
        let item = self.to_item(tenant, key, &source.to_record())?;
        let mut writes = vec![self.put(item, Condition::Guarded)?];
        if is_new {
            let (kind, id) = (source.record.kind, source.id());
            writes.push(self.locator(&keys, kind, id, source.state.order, false)?);
        }
        if let (true, Some(payment)) = (is_paid_anew, &source.state.payment) {
            writes.push(self.claim_payment(&keys, source, payment)?);
        }
        Ok(writes)
    }

    fn put_entry(
        &self,
        tenant: Tenant,
        customer: Id,
        entry: &Entry,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let keys = Keys::of(tenant);
        let record = entry.to_record();
        let item = self.to_item(tenant, keys.entry(customer, entry.id()), &record)?;
        let mut writes = vec![self.put(item, Condition::Guarded)?];
        if record.version == 0 {
            writes.push(self.locator(&keys, record.kind, record.id, customer, true)?);
        }
        Ok(writes)
    }

    fn put_gateway_customer(
        &self,
        tenant: Tenant,
        customer: Id,
        made: &GatewayCustomer,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let key = Keys::of(tenant).gateway_customer(customer, made.gateway);
        let binding = Binding {
            tenant,
            gateway: made.gateway.to_string(),
            customer: customer.to_string(),
        };
        let sealed = self.sealer.seal(&made.token, &binding);
        let token = sealed.map_err(|problem| StoreError::Unavailable(problem.to_string()))?;
        let item = to_raw(&GatewayCustomerItem {
            pk: key.pk,
            sk: key.sk,
            kind: "gateway_customer".to_owned(),
            version: 1,
            gateway: made.gateway,
            token,
        })?;
        Ok(vec![self.put(item, Condition::Absent)?])
    }

    fn put_operation(
        &self,
        tenant: Tenant,
        operation: &Operation,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = OperationItem::of(self, tenant, operation, 1)?;
        self.put(to_raw(&item)?, Condition::Guarded)
    }

    fn put_head(
        &self,
        keys: &Keys,
        customer: Id,
        head: &Head,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys.wallet_head(customer);
        let lines = serde_json::to_string(head)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let condition = Condition::of_version(head.version);
        let item = to_raw(&HeadItem {
            pk: key.pk,
            sk: key.sk,
            kind: "wallet".to_owned(),
            version: head.version.saturating_add(1),
            head: lines,
        })?;
        self.put(item, condition)
    }
}

fn superseded_key(keys: &Keys, source: &PaymentSource) -> Key {
    keys.child(source.state.order, source.record.kind, source.id())
}
