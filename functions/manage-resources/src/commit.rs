//! Carrying out what was decided.

use std::future::Future;
use std::sync::Arc;

use domain::ResourceType;
use domain::catalog::Catalog;
use domain::manage::{Credentials, Decision};
use domain::record::Record;
use effects::Secrets;
use service::{Call, Failure};
use store::StoreError;

use crate::credentials;

/// How often a request that lost against another is decided anew.
const MOST_ATTEMPTS: usize = 4;

/// What was decided.
pub struct Concluded {
    /// The decision.
    pub decision: Decision,
    /// The catalogue that it goes by.
    pub catalog: Arc<Catalog>,
}

/// What was carried out.
pub struct Committed {
    /// The record as it was written; a deleted one as it was.
    pub record: Record,
    /// The catalogue as it is now.
    pub catalog: Catalog,
}

/// Decides, and writes what comes of it. Where another request changed the same records first, the
/// request is decided anew by what is in the table then, three times at most.
///
/// A new gateway's credentials are kept before it is there, so that none is ever without: should the
/// second of the two fail, a secret is left that nobody refers to. All others change after the
/// record: should that fail, the same request, made again, completes it.
pub async fn commit<F>(
    call: &Call<'_>,
    secrets: &dyn Secrets,
    kind: ResourceType,
    mut decide: impl FnMut() -> F,
) -> Result<Committed, Failure>
where
    F: Future<Output = Result<Concluded, Failure>>,
{
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    for attempt in 1..=MOST_ATTEMPTS {
        let Concluded { decision, catalog } = match decide().await {
            Err(Failure::Store(StoreError::Conflict)) => {
                tracing::info!(attempt, %kind, "another request was first");
                continue;
            }
            decided => decided?,
        };
        call.admitted().await?;
        let gateway = decision.record.id;
        if let Credentials::New(given) = &decision.credentials {
            credentials::keep(secrets, tenant, gateway, given).await?;
        }
        match store.commit_records(tenant, &decision.changes).await {
            Err(StoreError::Conflict) => {
                tracing::info!(attempt, %kind, "another request was first");
                continue;
            }
            written => written?,
        }
        match &decision.credentials {
            Credentials::Merge(given) => {
                credentials::merge(secrets, tenant, gateway, given).await?;
            }
            Credentials::Remove => credentials::remove(secrets, tenant, gateway).await,
            Credentials::Unchanged | Credentials::New(_) => {}
        }
        return Ok(Committed {
            catalog: Catalog::clone(&catalog).after(&decision.changes),
            record: decision.record,
        });
    }
    Err(Failure::Contended)
}
