//! The table's mark: one record, made by the first process that needs it and never changed.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use decisions::Permit;
use domain::{Random, TableMark};
use futures_util::future;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::item::{from_raw, to_raw};
use crate::keys;
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// The mark as it is stored.
#[derive(Serialize, Deserialize)]
struct MarkItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    id: String,
    salt: String,
    /// Which table of DynamoDB's it is the mark of, as far as that is known: a restored copy has the same
    /// mark, and is another table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_in: Option<String>,
    /// The names of tables whose payments are this one's by now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    taken_over: Vec<String>,
}

impl MarkItem {
    fn mark(self) -> TableMark {
        TableMark {
            id: self.id,
            salt: self.salt,
            taken_over: self.taken_over,
        }
    }
}

/// How many connections a process opens ahead: a connection carries one call at a time, and a request reads its
/// order beside the catalogue while it is being counted.
const OPENED_AHEAD: usize = 3;

/// Opens connections ahead of the first request, by reading the table's mark: the handshakes then fall into the
/// start, which is not throttled, beside whatever else it waits for. An outage does not fail it: there is no mark
/// then, nor where none was made yet.
pub async fn connect(client: &Client, table: &str) -> Option<TableMark> {
    let read = async || {
        let request = client.get_item().table_name(table).consistent_read(true);
        let key = keys::mark().attributes();
        let read = Box::pin(request.set_key(Some(key)).send()).await?;
        Ok::<_, StoreError>(read.item)
    };
    match future::try_join_all((0..OPENED_AHEAD).map(|_| read())).await {
        Ok(items) => {
            let mark = items.into_iter().flatten().next();
            let mark = mark.and_then(|it| from_raw::<MarkItem>(it).ok());
            mark.map(MarkItem::mark)
        }
        Err(error) => {
            tracing::warn!(%error, "the table does not answer yet");
            None
        }
    }
}

impl Store {
    /// The same, knowing the table's mark.
    #[must_use]
    pub fn knowing(self, mark: Option<TableMark>) -> Self {
        let mark = OnceCell::new_with(mark);
        Self {
            mark: Arc::new(mark),
            ..self
        }
    }

    /// What tells this table from every other. One round trip for a process, three for the first that asks;
    /// then it is remembered.
    ///
    /// # Errors
    /// The table does not answer, or the mark does not read.
    pub async fn mark(&self) -> Result<TableMark, StoreError> {
        let mark = self.mark.get_or_try_init(|| self.read_or_make_mark());
        mark.await.cloned()
    }

    async fn read_or_make_mark(&self) -> Result<TableMark, StoreError> {
        Ok(match self.read_mark().await? {
            Some(item) => item.mark(),
            None => self.make_mark().await?.mark(),
        })
    }

    async fn read_mark(&self) -> Result<Option<MarkItem>, StoreError> {
        let item = self.item(keys::mark()).await?;
        item.map(from_raw).transpose()
    }

    /// Makes the mark, unless another process has by now.
    async fn make_mark(&self) -> Result<MarkItem, StoreError> {
        let random: &dyn Random = self.random.as_ref();
        let key = keys::mark();
        let made = MarkItem {
            pk: key.pk,
            sk: key.sk,
            kind: "table".to_owned(),
            id: random.id().to_string(),
            salt: random.hex(),
            made_in: None,
            taken_over: Vec::new(),
        };
        let put = self.put(to_raw(&made)?, Condition::Absent)?;
        match self.transact(vec![put]).await {
            Ok(()) => Ok(made),
            Err(StoreError::Conflict) => self.read_mark().await?.ok_or(StoreError::Conflict),
            Err(error) => Err(error),
        }
    }

    /// Whether this table is a copy of the one that its mark was made for: what that one owes is not this
    /// one's to carry on. It is none any more once somebody says that the original is gone, by naming this
    /// table as `adopted`. Three round trips at most, then remembered by the process; a copy is asked about
    /// each time.
    ///
    /// # Errors
    /// The table does not answer, or the mark does not read.
    pub async fn copy(
        &self,
        _: &Permit,
        adopted: Option<&str>,
    ) -> Result<Option<TableCopy>, StoreError> {
        if self.is_original.get().is_some() {
            return Ok(None);
        }
        self.mark().await?;
        let Some(table) = self.table_id().await? else {
            return Ok(None);
        };
        let item = self.read_mark().await?.ok_or(StoreError::Conflict)?;
        match item.made_in.as_deref() {
            Some(made_in) if made_in == table => {}
            Some(_) if adopted != Some(&table) => return Ok(Some(TableCopy { id: table })),
            _ => {
                let made_in = Some(table);
                let adopted = to_raw(&MarkItem { made_in, ..item })?;
                self.transact(vec![self.put(adopted, Condition::Present)?])
                    .await?;
            }
        }
        // Another task may have found the same.
        let _set = self.is_original.set(());
        Ok(None)
    }

    /// The payments that bear the mark of the table of this name are this one's from here on. Processes that run
    /// already go by what they have read. Two round trips.
    ///
    /// # Errors
    /// The table does not answer, or the mark does not read.
    pub async fn take_over(&self, _: &Permit, table: &str) -> Result<(), StoreError> {
        if self.mark().await?.may_own(Some(table)) {
            return Ok(());
        }
        let mut item = self.read_mark().await?.ok_or(StoreError::Conflict)?;
        item.taken_over.push(table.to_owned());
        let taken = to_raw(&item)?;
        self.transact(vec![self.put(taken, Condition::Present)?])
            .await
    }

    /// DynamoDB's own id of the table, which no other table ever has; where an engine gives none, its name
    /// among all tables.
    async fn table_id(&self) -> Result<Option<String>, StoreError> {
        let described = self.client.describe_table().table_name(&self.table);
        let described = Box::pin(described.send()).await?;
        Ok(described.table.and_then(|it| it.table_id.or(it.table_arn)))
    }
}

/// A table that is a copy of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCopy {
    /// DynamoDB's own id of it.
    pub id: String,
}
