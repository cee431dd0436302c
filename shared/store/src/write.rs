//! Writes: each is one conditional transaction with a token, so that the SDK's retry after a lost
//! answer is recognised. All of it is written or nothing.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use domain::commands::Change;
use domain::operation::Operation;
use domain::source::PaymentSource;
use domain::wallet::{Entry, GatewayCustomer, Head};
use domain::{Id, ResourceType, Tenant};

use crate::claims::is_payment_taken;
use crate::item::{RawItem, to_raw};
use crate::keys::{Key, Keys};
use crate::operations::OperationItem;
use crate::read::{GatewayCustomerItem, HeadItem};
use crate::sealing::Binding;
use crate::table::PK;
use crate::{Store, StoreError};

/// On what a write depends.
pub(crate) enum Condition {
    /// The item is not there.
    Absent,
    /// The item is not there, or refers to this record.
    AbsentOrOwnedBy(Id),
    /// The item is there, of this version.
    Version(u64),
    /// Nothing: the write is guarded by another of the same transaction.
    Guarded,
}

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
                Ok(vec![self.check(&keys.order(*order), *version)?])
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
            Change::EmptySlot(order) => Ok(vec![self.delete(&keys.current_source(*order))?]),
            Change::DeleteSource {
                source,
                was_current,
            } => {
                let stood = match was_current {
                    true => keys.current_source(source.state.order),
                    false => superseded_key(&keys, source),
                };
                let locator = keys.locator(source.record.kind, source.id());
                Ok(vec![self.delete(&stood)?, self.delete(&locator)?])
            }
            Change::PutHead(customer, head) => Ok(vec![self.put_head(&keys, *customer, head)?]),
            Change::CheckHead(customer, version) => {
                Ok(vec![self.check(&keys.wallet_head(*customer), *version)?])
            }
            Change::PutEntry(customer, entry) => self.put_entry(tenant, *customer, entry),
            Change::DeleteEntry(customer, entry) => {
                let locator = keys.locator(ResourceType::CustomerPaymentSources, *entry);
                Ok(vec![
                    self.delete(&keys.entry(*customer, *entry))?,
                    self.delete(&locator)?,
                ])
            }
            Change::PutGatewayCustomer(customer, gateway_customer) => {
                self.put_gateway_customer(tenant, *customer, gateway_customer)
            }
            Change::Owe(operation) => Ok(vec![self.put_operation(tenant, operation)?]),
            Change::Settle(owner, id) => Ok(vec![self.delete(&keys.operation(*owner, *id))?]),
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
        let condition = match head.version {
            0 => Condition::Absent,
            version => Condition::Version(version),
        };
        let item = to_raw(&HeadItem {
            pk: key.pk,
            sk: key.sk,
            kind: "wallet".to_owned(),
            version: head.version.saturating_add(1),
            head: lines,
        })?;
        self.put(item, condition)
    }

    pub(crate) fn put(
        &self,
        item: RawItem,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut put = Put::builder().set_item(Some(item)).table_name(&self.table);
        put = match condition {
            Condition::Guarded => put,
            Condition::Absent => put
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PK),
            Condition::AbsentOrOwnedBy(owner) => put
                .condition_expression("attribute_not_exists(#pk) OR #owner = :owner")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#owner", "owner")
                .expression_attribute_values(":owner", AttributeValue::S(owner.to_string()))
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                ),
            Condition::Version(version) => put
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        };
        let put = put
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A condition alone: that the item is there.
    pub(crate) fn require(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#pk", PK)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// A condition alone: that the item is of this version.
    fn check(&self, key: &Key, version: u64) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    pub(crate) fn delete(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Deletes an item that has to be there.
    pub(crate) fn delete_present(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#pk", PK)
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let random: &dyn effects::Random = self.random.as_ref();
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .client_request_token(random.hex());
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(refused) if is_payment_taken(refused) => Err(StoreError::PaymentTaken),
                Some(refused) if is_conflict(refused) => Err(StoreError::Conflict),
                _ => Err(error.into()),
            },
        }
    }
}

fn is_conflict(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        return matches!(
            error,
            TransactWriteItemsError::TransactionInProgressException(_)
        );
    };
    canceled.cancellation_reasons().iter().any(|reason| {
        matches!(
            reason.code(),
            Some("ConditionalCheckFailed" | "TransactionConflict")
        )
    })
}

fn superseded_key(keys: &Keys, source: &PaymentSource) -> Key {
    keys.child(source.state.order, source.record.kind, source.id())
}
