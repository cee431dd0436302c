//! Writes to the catalogue.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use domain::Tenant;
use domain::manage::Change;

use crate::keys::{Key, Keys};
use crate::write::Condition;
use crate::{Store, StoreError};

impl Store {
    /// Writes the changes of a decision about the catalogue. One round trip. What this process
    /// remembers of the catalogue is forgotten; others may go on by what they read for a minute.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where one of the records is not as it was read any more; a record
    /// that is too large; the table does not answer.
    pub async fn commit_to_catalog(
        &self,
        tenant: Tenant,
        changes: &[Change],
    ) -> Result<(), StoreError> {
        let writes: Result<Vec<_>, _> = changes
            .iter()
            .map(|change| self.catalog_write(tenant, change))
            .collect();
        let written = self.transact(writes?).await;
        // After a failure too: the table may have done it and its answer been lost.
        self.catalogs.lock().await.remove(&tenant);
        written
    }

    fn catalog_write(
        &self,
        tenant: Tenant,
        change: &Change,
    ) -> Result<TransactWriteItem, StoreError> {
        let keys = Keys::of(tenant);
        match change {
            Change::Put(record) => {
                let key = keys.catalogued(record.kind, record.id);
                let condition = match record.version {
                    0 => Condition::Absent,
                    version => Condition::Version(version),
                };
                self.put(self.to_item(tenant, key, record)?, condition)
            }
            Change::Delete(record) => {
                let key = keys.catalogued(record.kind, record.id);
                self.delete_version(&key, record.version)
            }
            Change::CloseCircuit(gateway) => self.delete(&keys.circuit(*gateway)),
        }
    }

    /// Deletes an item if it is of this version.
    fn delete_version(&self, key: &Key, version: u64) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .set_key(Some(key.attributes()))
            .table_name(&self.table)
            .condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", AttributeValue::N(version.to_string()))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}
