//! What is written of a record, and of the credentials that are kept beside it.

use decisions::catalog_after;
use decisions::manage::{Credentials, Decision};
use decisions::{Commit, Step};
use domain::catalog::Catalog;
use domain::record::Record;
use json_api::Query;
use secrets::WritableSecrets;
use service::{Call, Failure};
use store::StoreError;

use crate::{credentials, shown};
use domain::GatewayId;

/// A record that was made, changed or deleted.
pub struct Written {
    /// The record as it was written; a deleted one as it was.
    pub record: Record,
    /// The catalogue as it is then.
    pub catalog: Catalog,
    credentials: Credentials,
}

impl Written {
    /// The step that carries out a decision made by this catalogue.
    pub fn step(decision: Decision, catalog: &Catalog) -> Step<Self> {
        let written = Self {
            catalog: catalog_after(catalog.clone(), &decision.changes),
            record: decision.record,
            credentials: decision.credentials,
        };
        Step::commit(decision.changes, written)
    }
}

/// A new gateway's credentials are kept before it is there, so that none is ever without: should the
/// second of the two fail, a secret is left that nobody refers to.
pub async fn keep_new_credentials(
    call: &Call<'_>,
    secrets: &dyn WritableSecrets,
    commit: &Commit<Written>,
) -> Result<(), Failure> {
    if let Ok(written) = &commit.answer
        && let Credentials::New(given) = &written.credentials
    {
        let (tenant, gateway) = (call.caller.tenant, written.record.id);
        credentials::keep(secrets, tenant, GatewayId::new(gateway), given).await?;
    }
    Ok(())
}

/// All others change after the record: should that fail, the same request, made again, completes it.
pub async fn keep_credentials(
    call: &Call<'_>,
    secrets: &dyn WritableSecrets,
    commit: &Commit<Written>,
) -> Result<(), Failure> {
    let Ok(written) = &commit.answer else {
        return Ok(());
    };
    let (tenant, gateway) = (call.caller.tenant, written.record.id);
    match &written.credentials {
        Credentials::Merge(given) => {
            credentials::merge(secrets, tenant, GatewayId::new(gateway), given).await?;
        }
        Credentials::Remove => credentials::remove(secrets, tenant, GatewayId::new(gateway)).await,
        Credentials::Unchanged | Credentials::New(_) => {}
    }
    Ok(())
}

/// What the request demands of the record that it changes holds for the very state that was read.
pub async fn require_precondition(
    call: &Call<'_>,
    read: &Record,
    query: &Query,
) -> Result<(), Failure> {
    let Record { kind, id, .. } = *read;
    let precondition = call.precondition(kind, id, query);
    if !precondition.is_set() {
        return Ok(());
    }
    let (record, graph) = shown(call, kind, id).await?;
    if record.version != read.version {
        return Err(StoreError::Conflict.into());
    }
    precondition.check(call, &record, graph).await
}
