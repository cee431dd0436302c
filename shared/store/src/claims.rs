//! Items that make something one record's: an id, an e-mail, a payment at a gateway.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, TransactWriteItem};
use decisions::{Permit, Unique};
use domain::record::Record;
use domain::{CustomerId, GatewayId, Id, OrderId, Period, ResourceType, Tenant};
use futures_util::future;
use serde::Deserialize;

use crate::item::{from_raw, to_raw};
use crate::keys::{Key, Keys};
use crate::read::LocatorItem;
use crate::transaction::{Condition, PAYMENT, TOKEN};
use crate::{Store, StoreError};

/// How many records of an earlier version are looked at that may have the same value.
const MOST_HOLDERS: usize = 100;

/// How many numbers are tried for an order: by then the last was a million away.
const MOST_NUMBERS: u32 = 20;

/// What is counted for as long as the tenant is there.
#[derive(Deserialize)]
struct CounterItem {
    count: u64,
}

impl Store {
    /// Where the record of a unique value is found.
    pub(crate) fn unique_key(&self, keys: &Keys, unique: &Unique) -> Key {
        let what = match unique.kind {
            ResourceType::Customers => "email",
            kind => kind.name(),
        };
        keys.unique(what, &self.lookup.hash(&[what, &unique.value]))
    }

    /// The record of that type that has claimed this value, which one alone may have. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn owner_of_unique(
        &self,
        tenant: Tenant,
        unique: &Unique,
    ) -> Result<Option<Id>, StoreError> {
        let key = self.unique_key(&Keys::of(tenant), unique);
        let found = self.item(key).await?;
        let found = found.map(from_raw::<LocatorItem>).transpose()?;
        Ok(found.map(|it| it.owner))
    }

    /// As [`Self::owner_of_unique`]; a record that an earlier version wrote, which held it to nothing, is
    /// found by the index of keys. One round trip, two where the index has it.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn holder_of_unique(
        &self,
        tenant: Tenant,
        unique: &Unique,
    ) -> Result<Option<Id>, StoreError> {
        let attribute = Unique::attribute(unique.kind).unwrap_or_default();
        let values = [unique.value.as_str()];
        let (kind, all) = (unique.kind, Period::default());
        let indexed = self.found_by(tenant, kind, attribute, &values, all, MOST_HOLDERS);
        let claimed = self.owner_of_unique(tenant, unique);
        let (claimed, indexed) = future::try_join(claimed, indexed).await?;
        if claimed.is_some() {
            return Ok(claimed);
        }
        let records = self.records(tenant, indexed).await?;
        let has_it = |it: &&Record| Unique::of(it).as_ref() == Some(unique);
        Ok(records.iter().find(has_it).map(|it| it.id))
    }

    /// A number for an order of the tenant's that no order has; those in between may never be used. One
    /// round trip to count, and one or two to see whether it is free; where it is not, the next to be
    /// tried is twice as far away.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where none is found; the table does not answer.
    pub async fn next_order_number(
        &self,
        _: &Permit,
        tenant: Tenant,
    ) -> Result<String, StoreError> {
        let mut step = 1_u64;
        for _ in 0..MOST_NUMBERS {
            let number = self
                .next_of(&Keys::of(tenant).counter("orders"), step)
                .await?;
            let unique = Unique::new(ResourceType::Orders, &number.to_string());
            if self.holder_of_unique(tenant, &unique).await?.is_none() {
                return Ok(unique.value);
            }
            step = step.saturating_mul(2);
        }
        Err(StoreError::Conflict)
    }

    /// The number that the tenant's next order's follows; none before the first. One round trip.
    pub(crate) async fn order_number(&self, tenant: Tenant) -> Result<Option<u64>, StoreError> {
        let item = self.item(Keys::of(tenant).counter("orders")).await?;
        let counter = item.map(from_raw::<CounterItem>).transpose()?;
        Ok(counter.map(|it| it.count))
    }

    /// Has the tenant's next order's number follow this one, unless it follows a higher one already.
    pub(crate) async fn raise_order_number(
        &self,
        tenant: Tenant,
        to: u64,
    ) -> Result<(), StoreError> {
        let key = Keys::of(tenant).counter("orders");
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression("SET #type = :type, #count = :to")
            .condition_expression("attribute_not_exists(#count) OR #count < :to")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":type", AttributeValue::S("counter".to_owned()))
            .expression_attribute_values(":to", AttributeValue::N(to.to_string()));
        match Box::pin(update.send()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_conditional_check_failed_exception() => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Adds to what is counted under this key, and says what it comes to.
    async fn next_of(&self, key: &Key, step: u64) -> Result<u64, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression("SET #type = :type ADD #count :step")
            .expression_attribute_names("#type", "type")
            .expression_attribute_names("#count", "count")
            .expression_attribute_values(":type", AttributeValue::S("counter".to_owned()))
            .expression_attribute_values(":step", AttributeValue::N(step.to_string()))
            .return_values(ReturnValue::AllNew);
        let counted = Box::pin(update.send()).await?.attributes;
        let CounterItem { count } = from_raw(counted.unwrap_or_default())?;
        Ok(count)
    }

    /// A payment at a gateway pays one order, for good: the first that it is put on. The key is how
    /// the gateway's webhooks will find the order, too.
    pub(crate) fn claim_payment(
        &self,
        keys: &Keys,
        order: OrderId,
        gateway: GatewayId,
        payment: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = self.payment_key(keys, gateway, payment);
        let unless_anothers = Condition::AbsentOrOwnedBy(order.into());
        self.reference(key, PAYMENT, order.into(), false, unless_anothers)
    }

    /// The order that has claimed a gateway's payment. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn order_of_payment(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
        payment: &str,
    ) -> Result<Option<OrderId>, StoreError> {
        let key = self.payment_key(&Keys::of(tenant), gateway, payment);
        let found = self.item(key).await?;
        let found = found.map(from_raw::<LocatorItem>).transpose()?;
        Ok(found.map(|it| OrderId::new(it.owner)))
    }

    /// What says which order a gateway's payment pays.
    pub(crate) fn payment_key(&self, keys: &Keys, gateway: GatewayId, payment: &str) -> Key {
        let hash = self.lookup.hash(&["payment", gateway.as_str(), payment]);
        keys.unique(PAYMENT, &hash)
    }

    /// What says in whose wallet a token is.
    pub(crate) fn token_key(&self, keys: &Keys, gateway: GatewayId, token: &str) -> Key {
        let hash = self.lookup.hash(&["saved", gateway.as_str(), token]);
        keys.unique(TOKEN, &hash)
    }

    /// The customer in whose wallet a gateway's token is. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn customer_of_token(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
        token: &str,
    ) -> Result<Option<CustomerId>, StoreError> {
        let key = self.token_key(&Keys::of(tenant), gateway, token);
        let found = self.item(key).await?;
        let found = found.map(from_raw::<LocatorItem>).transpose()?;
        Ok(found.map(|it| CustomerId::new(it.owner)))
    }

    pub(crate) fn reference(
        &self,
        key: Key,
        kind: &str,
        owner: Id,
        of_customer: bool,
        condition: Condition,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = to_raw(&LocatorItem {
            pk: key.pk,
            sk: key.sk,
            kind: kind.to_owned(),
            version: 1,
            owner,
            of_customer,
        })?;
        self.put(item, condition)
    }
}
