//! Items that make something one record's: an id, an e-mail, a payment at a gateway.

use aws_sdk_dynamodb::types::TransactWriteItem;
use decisions::Unique;
use domain::{GatewayId, Id, OrderId, ResourceType, Tenant};

use crate::item::{from_raw, to_raw};
use crate::keys::{Key, Keys};
use crate::read::LocatorItem;
use crate::transaction::{Condition, PAYMENT, TOKEN};
use crate::{Store, StoreError};

impl Store {
    /// Where the record of a unique value is found.
    pub(crate) fn unique_key(&self, keys: &Keys, unique: &Unique) -> Key {
        let what = match unique.kind {
            ResourceType::Customers => "email",
            kind => kind.name(),
        };
        keys.unique(what, &self.lookup.hash(&[what, &unique.value]))
    }

    /// The record of that type that has this value, which one alone may have. One round trip.
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

    /// A payment at a gateway pays one order, for good: the first that it is put on. The key is how
    /// the gateway's webhooks will find the order, too.
    pub(crate) fn claim_payment(
        &self,
        keys: &Keys,
        order: OrderId,
        gateway: GatewayId,
        payment: &str,
    ) -> Result<TransactWriteItem, StoreError> {
        let hash = self.lookup.hash(&["payment", gateway.as_str(), payment]);
        let key = keys.unique(PAYMENT, &hash);
        let unless_anothers = Condition::AbsentOrOwnedBy(order.into());
        self.reference(key, PAYMENT, order.into(), false, unless_anothers)
    }

    /// What says in whose wallet a token is.
    pub(crate) fn token_key(&self, keys: &Keys, gateway: GatewayId, token: &str) -> Key {
        let hash = self.lookup.hash(&["saved", gateway.as_str(), token]);
        keys.unique(TOKEN, &hash)
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
