//! Requests that named a key: one item each, written by the transaction that carries the request out, so that
//! of two with the same key one is carried out.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::record::Identifier;
use domain::refusal::Refusals;
use domain::{KeptRequest, Tenant, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{from_raw, to_raw};
use crate::keys::{Key, Keys};
use crate::transaction::Condition;
use crate::{Store, StoreError};

#[derive(Serialize, Deserialize)]
struct RequestItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    version: u64,
    fingerprint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Identifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusals: Option<Refusals>,
    ttl: i64,
}

impl Store {
    /// What is remembered of the request with this key's hash. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or what it remembers does not read.
    pub async fn kept_request(
        &self,
        tenant: Tenant,
        key: &str,
    ) -> Result<Option<KeptRequest>, StoreError> {
        let Some(item) = self.item(Keys::of(tenant).request(key)).await? else {
            return Ok(None);
        };
        let item: RequestItem = from_raw(item)?;
        Ok(Some(KeptRequest {
            key: key.to_owned(),
            fingerprint: item.fingerprint,
            subject: item.subject,
            refusals: item.refusals,
        }))
    }

    pub(crate) fn keep_request(
        &self,
        keys: &Keys,
        kept: &KeptRequest,
        until: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let Key { pk, sk } = keys.request(&kept.key);
        let item = RequestItem {
            pk,
            sk,
            kind: "request".to_owned(),
            version: 1,
            fingerprint: kept.fingerprint.clone(),
            subject: kept.subject,
            refusals: kept.refusals.clone(),
            ttl: until.unix_seconds(),
        };
        self.put(to_raw(&item)?, Condition::Absent)
    }
}
