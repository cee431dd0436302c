//! Requests to the table, strongly consistent, as the SDK makes them.
//!
//! Each is boxed: the SDK's futures take kilobytes, and every future that awaits one would hold it
//! whole, up to the handler's.

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use crate::item::RawItem;
use crate::keys::Key;
use crate::table::{PK, SK};
use crate::{Store, StoreError};

/// How many items one request reads (DynamoDB's limit).
pub(crate) const READ_IN_A_BATCH: usize = 100;

/// The attribute of an item that names the key of all that is sealed in it. Items of earlier versions have
/// none.
pub(crate) const SEALED_WITH: &str = "sealed_with";

/// How often what a batch left unread is asked for: each round has the SDK's own pauses and retries.
const MOST_ROUNDS: u32 = 8;

impl Store {
    pub(crate) async fn item(&self, key: Key) -> Result<Option<RawItem>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .consistent_read(true);
        let item = Box::pin(request.send()).await?.item;
        self.know_keys(item.as_slice()).await;
        Ok(item)
    }

    /// The items under these keys, at most [`READ_IN_A_BATCH`], in no order.
    pub(crate) async fn items(&self, keys: Vec<Key>) -> Result<Vec<RawItem>, StoreError> {
        let mut items = Vec::new();
        let mut wanted: Vec<_> = keys.iter().map(Key::attributes).collect();
        for _ in 0..MOST_ROUNDS {
            if wanted.is_empty() {
                break;
            }
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            let request = self
                .client
                .batch_get_item()
                .request_items(&self.table, asked);
            let output = Box::pin(request.send()).await?;
            let mut answered = output.responses.unwrap_or_default();
            items.append(&mut answered.remove(&self.table).unwrap_or_default());
            let mut unprocessed = output.unprocessed_keys.unwrap_or_default();
            wanted = unprocessed
                .remove(&self.table)
                .map(|it| it.keys)
                .unwrap_or_default();
        }
        self.know_keys(&items).await;
        match wanted.is_empty() {
            true => Ok(items),
            false => Err(StoreError::Unavailable(
                "not all of a batch was read".to_owned(),
            )),
        }
    }

    pub(crate) async fn partition(&self, pk: &str) -> Result<Vec<RawItem>, StoreError> {
        self.query(pk, None).await
    }

    pub(crate) async fn range(
        &self,
        pk: &str,
        from: &str,
        to: &str,
    ) -> Result<Vec<RawItem>, StoreError> {
        self.query(pk, Some((from, to))).await
    }

    async fn query(
        &self,
        pk: &str,
        range: Option<(&str, &str)>,
    ) -> Result<Vec<RawItem>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let mut request = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .expression_attribute_names("#pk", PK)
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .set_exclusive_start_key(start);
            request = match range {
                None => request.key_condition_expression("#pk = :pk"),
                Some((from, to)) => request
                    .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
                    .expression_attribute_names("#sk", SK)
                    .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
                    .expression_attribute_values(":to", AttributeValue::S(to.to_owned())),
            };
            let page = Box::pin(request.send()).await?;
            items.append(&mut page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                self.know_keys(&items).await;
                return Ok(items);
            }
        }
    }

    /// Has the keys looked up that items were sealed with and this process does not know yet.
    pub(crate) async fn know_keys(&self, items: &[RawItem]) {
        for item in items {
            if let Some(AttributeValue::S(key)) = item.get(SEALED_WITH) {
                self.sealer.know(key).await;
            }
        }
    }
}

/// An attribute of an item that is a text; nothing where it is not there.
pub(crate) fn text(item: &RawItem, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        _ => String::new(),
    }
}
