//! Owed operations: found by the sweeper, begun by one process at a time, settled once done.

use aws_sdk_dynamodb::types::AttributeValue;
use decisions::Permit;
use domain::operation::{Operation, Owner};
use domain::record::{Identifier, Record};
use domain::{GatewayId, Id, Mode, OperationId, Period, ResourceType, Tenant, Timestamp};
use futures_util::future;
use serde::{Deserialize, Serialize};

use crate::item::{RawItem, from_raw, to_raw};
use crate::keys::{self, DUE_PARTS, Key, Keys};
use crate::listing::key_of;
use crate::sealing::Binding;
use crate::table::DUE;
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// The type of the items that store operations.
pub(crate) const OPERATION: &str = "operation";

/// As what the API shows them.
const KIND: ResourceType = ResourceType::Operations;

/// An operation as it is stored: sealed whole, since what is owed may name a token.
#[derive(Serialize, Deserialize)]
pub(crate) struct OperationItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    version: u64,
    organization: Id,
    mode: Mode,
    gateway: GatewayId,
    owner: Owner,
    operation: String,
    /// Whether it only watches, so that nothing is owed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    watches: bool,
    due: String,
    due_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_type_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_with: Option<String>,
}

/// An operation that was found, of this version.
#[derive(Debug, Clone, PartialEq)]
pub struct Owed {
    /// The organization and mode.
    pub tenant: Tenant,
    /// The operation.
    pub operation: Operation,
    version: u64,
}

impl Owed {
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// The operation as the API shows it: without tokens.
    pub fn to_record(&self) -> Record {
        let operation = &self.operation;
        let mut record = Record::new(KIND, operation.id.into(), begun_at(operation));
        record.version = self.version;
        record.updated_at = operation
            .stuck
            .as_ref()
            .map_or(record.created_at, |it| it.since);
        let status = match (&operation.stuck, operation.request.is_noted()) {
            (Some(_), _) => "stuck",
            (None, true) => "under_way",
            (None, false) => "owed",
        };
        record.set("status", status);
        record.set("step", operation.request.step());
        record.set("tries", operation.tries);
        record.set("due_at", operation.due_at.to_string());
        record.set("payment", operation.request.payment());
        if let Some(stuck) = &operation.stuck {
            record.set("problem", stuck.reason.name());
            record.set("problem_detail", stuck.detail.as_str());
            record.set("stuck_at", stuck.since.to_string());
        }
        let (name, kind, id) = match operation.owner {
            Owner::Order(order) => ("order", ResourceType::Orders, order.into()),
            Owner::Customer(customer) => ("customer", ResourceType::Customers, customer.into()),
        };
        record.relate(name, Some(Identifier { kind, id }));
        let gateway = Identifier {
            kind: operation.gateway_kind.resource_type(),
            id: operation.gateway.into(),
        };
        record.relate("payment_gateway", Some(gateway));
        record
    }
}

/// Since when it is there, which never changes; of those of earlier versions it is not known.
fn begun_at(operation: &Operation) -> Timestamp {
    operation.since.unwrap_or(Timestamp::from_unix_millis(0))
}

/// A walk over what is due at a moment, the longest due first in each part of the index.
#[derive(Debug)]
pub struct DueWalk {
    now: Timestamp,
    limit: i32,
    parts: Vec<DuePart>,
}

#[derive(Debug)]
struct DuePart {
    part: u8,
    start: Option<RawItem>,
}

impl DueWalk {
    /// Over what is due at `now`, at most `limit` of each of the sixteen parts at a time.
    pub fn new(now: Timestamp, limit: i32) -> Self {
        let parts = (0..DUE_PARTS).map(|part| DuePart { part, start: None });
        Self {
            now,
            limit,
            parts: parts.collect(),
        }
    }
}

impl OperationItem {
    pub(crate) fn of(
        store: &Store,
        tenant: Tenant,
        operation: &Operation,
        version: u64,
    ) -> Result<Self, StoreError> {
        let keys = Keys::of(tenant);
        let key = keys.operation(operation.owner, operation.id);
        let id = Id::from(operation.id);
        let listed = (!operation.watches()).then(|| keys.by_type(KIND, begun_at(operation), id));
        let (by_type, by_type_at) = listed.unzip();
        let (due, due_at) = keys::due(operation.due_at, operation.id);
        let text = serde_json::to_string(operation)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let binding = binding(tenant, operation.gateway, operation.owner, key.clone());
        let sealing = store.sealer.sealing(binding);
        let sealed = sealing.and_then(|it| Ok((it.seal(&text, OPERATION)?, it.used_key())));
        let (sealed, sealed_with) =
            sealed.map_err(|problem| StoreError::Unavailable(problem.to_string()))?;
        Ok(Self {
            pk: key.pk,
            sk: key.sk,
            kind: OPERATION.to_owned(),
            version,
            organization: tenant.organization,
            mode: tenant.mode,
            gateway: operation.gateway,
            owner: operation.owner,
            operation: sealed,
            watches: operation.watches(),
            due,
            due_at,
            by_type,
            by_type_at,
            by_key: Some(store.keyed(&keys, KIND, "id", id.as_str())),
            sealed_with,
        })
    }
}

impl Store {
    /// The next operations that are due, some of each part of the index; none once the walk is over. Those
    /// that are left as they are do not come again in the same walk, and keep none behind them waiting. Two
    /// round trips, and one more per hundred operations.
    ///
    /// One that does not read is left out, and logged.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn next_due(&self, walk: &mut DueWalk) -> Result<Vec<Owed>, StoreError> {
        let now = walk.now;
        while !walk.parts.is_empty() {
            let (parts, limit) = (std::mem::take(&mut walk.parts), walk.limit);
            let pages = parts.into_iter().map(|it| self.due_page(it, now, limit));
            let mut keys = Vec::new();
            for (found, next) in future::try_join_all(pages).await? {
                keys.extend(found);
                walk.parts.extend(next);
            }
            let chunks = keys.chunks(100).map(|some| self.items(some.to_vec()));
            let items = future::try_join_all(chunks).await?;
            let mut owed: Vec<_> = items
                .into_iter()
                .flatten()
                .filter_map(|item| match self.read_owed(item) {
                    Ok(found) => Some(found),
                    // One that does not read must not keep all the others waiting.
                    Err(error) => {
                        tracing::error!(%error, "an owed operation does not read");
                        None
                    }
                })
                // The index lags behind the table: another process may have begun it already.
                .filter(|found| found.operation.due_at <= now)
                .collect();
            owed.sort_by_key(|it| it.operation.due_at);
            if !owed.is_empty() {
                return Ok(owed);
            }
        }
        Ok(Vec::new())
    }

    /// The keys of a page of a part of the index, and where the part goes on.
    async fn due_page(
        &self,
        at: DuePart,
        now: Timestamp,
        limit: i32,
    ) -> Result<(Vec<Key>, Option<DuePart>), StoreError> {
        let part = at.part;
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(DUE.name)
            .key_condition_expression("#pk = :pk AND #sk <= :now")
            .expression_attribute_names("#pk", DUE.pk)
            .expression_attribute_names("#sk", DUE.sk)
            .expression_attribute_values(":pk", AttributeValue::S(keys::due_partition(part)))
            .expression_attribute_values(":now", AttributeValue::S(format!("{now}#~")))
            .set_exclusive_start_key(at.start)
            .limit(limit);
        let page = Box::pin(request.send()).await?;
        let items = page.items.unwrap_or_default();
        let keys = items.iter().map(key_of);
        let next = page.last_evaluated_key.map(|start| DuePart {
            part,
            start: Some(start),
        });
        Ok((keys.collect(), next))
    }

    pub(crate) fn read_owed(&self, item: RawItem) -> Result<Owed, StoreError> {
        let item: OperationItem = from_raw(item)?;
        let tenant = Tenant {
            organization: item.organization,
            mode: item.mode,
        };
        let corrupt = |problem: String| StoreError::CorruptItem {
            pk: item.pk.clone(),
            sk: item.sk.clone(),
            problem,
        };
        let key = Key {
            pk: item.pk.clone(),
            sk: item.sk.clone(),
        };
        let binding = binding(tenant, item.gateway, item.owner, key);
        let opened = self
            .sealer
            .open(&item.operation, &binding, OPERATION)
            .map_err(|problem| corrupt(problem.to_string()))?;
        let operation =
            serde_json::from_str(&opened).map_err(|error| corrupt(error.to_string()))?;
        Ok(Owed {
            tenant,
            operation,
            version: item.version,
        })
    }

    /// An operation, while it is owed or under way. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or the operation does not read.
    pub async fn operation(
        &self,
        tenant: Tenant,
        owner: Owner,
        id: OperationId,
    ) -> Result<Option<Owed>, StoreError> {
        let item = self.item(Keys::of(tenant).operation(owner, id)).await?;
        item.map(|it| self.read_owed(it)).transpose()
    }

    /// As [`Self::operation`], wherever it stands. Two round trips.
    ///
    /// # Errors
    /// As [`Self::operation`].
    pub async fn operation_of_id(
        &self,
        tenant: Tenant,
        id: OperationId,
    ) -> Result<Option<Owed>, StoreError> {
        let (id, all) = ([id.as_str()], Period::default());
        let found = self.found_by(tenant, KIND, "id", &id, all, 1).await?;
        let Some(key) = found.into_iter().next() else {
            return Ok(None);
        };
        let item = self.item(key).await?;
        item.map(|it| self.read_owed(it)).transpose()
    }

    /// Begins an operation that was found: it is this process's until it is due again. One round
    /// trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another process began or settled it; the table does not
    /// answer.
    pub async fn begin(
        &self,
        permit: &Permit,
        owed: &Owed,
        now: Timestamp,
    ) -> Result<Owed, StoreError> {
        self.change_operation(permit, owed, owed.operation.begun(now))
            .await
    }

    /// Writes an operation that was found as it is to be. One round trip.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn change_operation(
        &self,
        _: &Permit,
        owed: &Owed,
        operation: Operation,
    ) -> Result<Owed, StoreError> {
        let changed = Owed {
            tenant: owed.tenant,
            operation,
            version: owed.version.saturating_add(1),
        };
        let item = OperationItem::of(self, changed.tenant, &changed.operation, changed.version)?;
        let put = self.put(to_raw(&item)?, Condition::of_version(owed.version))?;
        self.transact(vec![put]).await?;
        Ok(changed)
    }
}

fn binding(tenant: Tenant, gateway: GatewayId, owner: Owner, item: Key) -> Binding {
    let owner = match owner {
        Owner::Order(order) => order.to_string(),
        Owner::Customer(customer) => customer.to_string(),
    };
    Binding {
        tenant,
        gateway: gateway.to_string(),
        customer: owner,
        item,
        record: OPERATION.to_owned(),
    }
}
