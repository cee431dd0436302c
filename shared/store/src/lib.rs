//! The DynamoDB table: one table for everything, spoken to through the AWS SDK alone.
//!
//! Keys are built in `keys` and nowhere else; records become items in `item`; every write is one
//! conditional transaction in `write`. Reads that follow a write are strongly consistent, and
//! nothing scans but `reseal` and `export`, which are no request's.

mod attempts;
mod catalogs;
mod circuits;
mod claims;
mod clients;
mod codes;
mod error;
mod export;
mod import;
mod inspected;
mod item;

mod kept_requests;
mod keys;
mod listing;
mod lists;
mod mark;
mod operations;
mod pauses;
mod placed;
mod read;
mod requests;
mod reseal;
mod sealing;
mod sessions;
pub mod table;
mod throttle;
mod transaction;
mod write;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use domain::lookup::LookupKey;
use domain::{Random, TableMark};
use tokio::sync::OnceCell;

use crate::catalogs::Catalogs;

pub use attempts::{AttemptPlace, Limited, Taken};
pub use aws_sdk_dynamodb;
pub use clients::{ApiClient, ClientKind, Credentials, is_client_id};
pub use codes::{Authorization, StoredCode};
pub use error::StoreError;
pub use export::{ExportPage, Moved};
pub use import::Import;
pub use inspected::{Inspected, inspect};
pub use keys::Key;
pub use listing::{Bookmark, Direction, Listing, Stretch};
pub use mark::{TableCopy, connect};
pub use operations::{DueWalk, Owed};
pub use pauses::{Begun, Paused, Seen, Try};
pub use placed::Found;
pub use reseal::Resealed;
pub use sealing::{Sealer, SealingKey, SealingKeys};
pub use sessions::{Session, StoredSession};

/// The table, as one process uses it.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
    sealer: Sealer,
    lookup: LookupKey,
    random: Arc<dyn Random>,
    catalogs: Arc<Catalogs>,
    tallies: Arc<std::sync::Mutex<throttle::Tallies>>,
    mark: Arc<OnceCell<TableMark>>,
    is_original: Arc<OnceCell<()>>,
}

impl Store {
    /// Uses the table of that name through a ready client: its endpoint, timeouts and retries are
    /// the caller's affair.
    pub fn new(
        client: Client,
        table: impl Into<String>,
        sealer: Sealer,
        lookup: LookupKey,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            client,
            table: table.into(),
            sealer,
            lookup,
            random,
            catalogs: Arc::default(),
            tallies: Arc::default(),
            mark: Arc::default(),
            is_original: Arc::default(),
        }
    }

    /// The same table as another process uses it: nothing of it is remembered yet.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            catalogs: Arc::default(),
            tallies: Arc::default(),
            mark: Arc::default(),
            is_original: Arc::default(),
            ..self.clone()
        }
    }

    /// The key of the lookup hashes.
    pub const fn lookup(&self) -> &LookupKey {
        &self.lookup
    }
}
