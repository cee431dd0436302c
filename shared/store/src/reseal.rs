//! Sealing anew what is sealed with a key that is to go, or bound as earlier versions bound it: a walk over
//! the whole table, page by page. It is the one thing that scans, and no request's.

use decisions::Permit;
use domain::record::{Corrupt, Record};
use domain::resources::PAYMENT_SOURCES;
use domain::source::PaymentSource;
use domain::wallet::Entry;
use domain::{Mode, ResourceType, Tenant};
use futures_util::{StreamExt, stream};

use crate::item::{ATTRIBUTES, RawItem, to_raw};
use crate::keys::Key;
use crate::listing::key_of;
use crate::operations::{OPERATION, OperationItem};
use crate::read::GATEWAY_CUSTOMER;
use crate::requests::{SEALED_WITH, text};
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// How many items are read at a time: with what is written of them, all that is in memory.
const ITEMS_OF_A_PAGE: i32 = 500;

/// How many items are written at the same time.
const WRITES_AT_ONCE: usize = 16;

/// How often an item is read again that others write meanwhile.
const MOST_TRIES: u32 = 5;

/// A page of the walk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resealed {
    /// How many items were looked at.
    pub seen: usize,
    /// How many were sealed anew.
    pub resealed: usize,
    /// The items that do not read, which were left as they are: partition and sort key.
    pub unreadable: Vec<String>,
    /// Where the walk goes on; none at the end of the table.
    pub next: Option<Key>,
}

enum Outcome {
    AsItWas,
    Resealed,
    Unreadable(String),
}

impl Store {
    /// Seals a page of the table anew with the newest key, after the item of that key. An item is written
    /// only if nobody has written it since it was read, and keeps its version: a request that goes on by
    /// what it read before is not overtaken. To walk twice, or again from anywhere, does no harm.
    ///
    /// # Errors
    /// The table does not answer; or an item is written by others all the time.
    pub async fn reseal_page(
        &self,
        permit: &Permit,
        after: Option<&Key>,
    ) -> Result<Resealed, StoreError> {
        let request = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .limit(ITEMS_OF_A_PAGE)
            .set_exclusive_start_key(after.map(Key::attributes));
        let page = Box::pin(request.send()).await?;
        let items = page.items.unwrap_or_default();
        let mut resealed = Resealed {
            seen: items.len(),
            next: page.last_evaluated_key.map(|it| key_of(&it)),
            ..Resealed::default()
        };
        let items = items.into_iter().map(|item| self.reseal(permit, item));
        let mut outcomes = stream::iter(items).buffer_unordered(WRITES_AT_ONCE);
        while let Some(outcome) = outcomes.next().await {
            match outcome? {
                Outcome::AsItWas => {}
                Outcome::Resealed => resealed.resealed += 1,
                Outcome::Unreadable(which) => resealed.unreadable.push(which),
            }
        }
        Ok(resealed)
    }

    async fn reseal(&self, _: &Permit, mut item: RawItem) -> Result<Outcome, StoreError> {
        let key = key_of(&item);
        for _ in 0..MOST_TRIES {
            let Some((version, anew)) = (match self.sealed_anew(item).await {
                Ok(anew) => anew,
                Err(error) => {
                    tracing::error!(%error, "an item is not sealed anew");
                    return Ok(Outcome::Unreadable(format!("{} {}", key.pk, key.sk)));
                }
            }) else {
                return Ok(Outcome::AsItWas);
            };
            let put = self.put(anew, Condition::Version(None, version))?;
            match self.transact(vec![put]).await {
                Ok(()) => return Ok(Outcome::Resealed),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
            match self.item(key.clone()).await? {
                Some(again) => item = again,
                None => return Ok(Outcome::AsItWas),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The item with all that is sealed in it sealed anew, and its version; nothing where there is nothing to
    /// be done.
    async fn sealed_anew(&self, item: RawItem) -> Result<Option<(u64, RawItem)>, StoreError> {
        let sealed_with = text(&item, SEALED_WITH);
        if Some(&sealed_with) == self.sealer.newest().as_ref() {
            return Ok(None);
        }
        let kind = text(&item, "type");
        // An order's line in its customer's partition is of the order's type, and stores no record.
        let is_record = ResourceType::named(&kind).is_some() && item.contains_key(ATTRIBUTES);
        if !is_record && ![OPERATION, GATEWAY_CUSTOMER].contains(&kind.as_str()) {
            return Ok(None);
        }
        self.know_keys(std::slice::from_ref(&item)).await;
        let key = key_of(&item);
        let corrupt = |problem: &str| StoreError::CorruptItem {
            pk: key.pk.clone(),
            sk: key.sk.clone(),
            problem: problem.to_owned(),
        };
        let tenant = tenant_of(&key).ok_or_else(|| corrupt("its key is no tenant's"))?;
        let (version, anew) = match kind.as_str() {
            OPERATION => {
                let owed = self.read_owed(item)?;
                let version = owed.version();
                let anew = OperationItem::of(self, tenant, &owed.operation, version)?;
                (version, to_raw(&anew)?)
            }
            GATEWAY_CUSTOMER => {
                let customer = key.pk.rsplit('#').next().and_then(|it| it.parse().ok());
                let customer = customer.ok_or_else(|| corrupt("its key is no customer's"))?;
                let made = self.gateway_customer(tenant, customer, item)?;
                let anew = self.gateway_customer_item(tenant, customer, &made, made.version)?;
                (made.version, anew)
            }
            _ => {
                let record = typed(self.to_record(tenant, item)?)?;
                let anew = self.to_item_of(tenant, key, &record, record.version)?;
                (record.version, anew)
            }
        };
        Ok(anew.contains_key(SEALED_WITH).then_some((version, anew)))
    }
}

/// The record with its state as it is written now: earlier versions kept members of it in clear.
pub(crate) fn typed(record: Record) -> Result<Record, Corrupt> {
    Ok(match record.kind {
        ResourceType::CustomerPaymentSources => Entry::parse(record)?.to_record(),
        kind if PAYMENT_SOURCES.contains(&kind) => PaymentSource::parse(record)?.to_record(),
        _ => record,
    })
}

/// The tenant that a key begins with.
fn tenant_of(key: &Key) -> Option<Tenant> {
    let mut parts = key.pk.split('#');
    Some(Tenant {
        organization: parts.next()?.parse().ok()?,
        mode: match parts.next()? {
            "test" => Mode::Test,
            "live" => Mode::Live,
            _ => return None,
        },
    })
}
