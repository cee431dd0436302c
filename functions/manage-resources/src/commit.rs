//! Carrying out what was decided about the catalogue.

use std::sync::Arc;

use domain::catalog::Catalog;
use domain::manage::{Credentials, Decision};
use domain::record::Record;
use effects::Secrets;
use service::{Call, Failure, load};
use store::StoreError;

use crate::credentials;

/// How often a request that lost against another is decided anew.
const MOST_ATTEMPTS: usize = 4;

/// What was carried out.
pub struct Committed {
    /// The record as it is now; a deleted one as it was.
    pub record: Record,
    /// The catalogue as it is now.
    pub catalog: Arc<Catalog>,
}

/// Decides on the catalogue as it is in the table, and writes what comes of it. Where another request
/// changed the same records first, the catalogue is read again and the request decided anew, three
/// times at most.
///
/// A new gateway's credentials are kept before it is there, so that none is ever without: should the
/// second of the two fail, a secret is left that nobody refers to. All others change after the
/// record: should that fail, the same request, made again, completes it.
pub async fn commit(
    call: &Call<'_>,
    secrets: &dyn Secrets,
    decide: impl Fn(&Catalog) -> Result<Decision, Failure>,
) -> Result<Committed, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    for attempt in 1..=MOST_ATTEMPTS {
        let catalog = load::reread_catalog(call).await?;
        let decision = decide(&catalog)?;
        let gateway = decision.record.id;
        if let Credentials::New(given) = &decision.credentials {
            credentials::keep(secrets, tenant, gateway, given).await?;
        }
        match store.commit_to_catalog(tenant, &decision.changes).await {
            Err(StoreError::Conflict) => {
                tracing::info!(attempt, "another request was first");
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
        let catalog = Catalog::clone(&catalog).after(&decision.changes);
        return Ok(Committed {
            record: decision.record,
            catalog: Arc::new(catalog),
        });
    }
    Err(Failure::Contended)
}
