//! The catalogue: as it is remembered, or as it is in the table.

use std::sync::Arc;

use domain::catalog::Catalog;
use domain::graph::Graph;
use domain::record::Record;
use domain::{Id, Refusal, ResourceType, Role};

use crate::{Actor, Failure};

/// The graph of nothing but the catalogue, as the caller sees it.
///
/// # Errors
/// The table does not answer.
pub async fn around_catalog(actor: &Actor<'_>) -> Result<Graph, Failure> {
    let catalog = catalog(actor).await?;
    Ok(Graph::new(actor.caller.clone(), actor.now, catalog))
}

/// A market, a payment method, a gateway.
pub(super) async fn catalogued(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let catalog = catalog_with(actor, kind, id).await?;
    let record = catalog.find(kind, id);
    let record = record.filter(|record| catalog.shows(record, &actor.caller));
    let record = record.ok_or_else(Refusal::not_found)?;
    let graph = Graph::new(actor.caller.clone(), actor.now, catalog);
    Ok((record, graph))
}

/// The catalogue of the caller's tenant.
///
/// # Errors
/// The table does not answer.
pub async fn catalog(actor: &Actor<'_>) -> Result<Arc<Catalog>, Failure> {
    let store = &actor.context.store;
    Ok(store.catalog(actor.caller.tenant, actor.now).await?)
}

/// The catalogue for those who read its own records: for integrations, who change them, as it is in
/// the table; for others as it is remembered.
///
/// # Errors
/// The table does not answer.
pub async fn catalog_itself(actor: &Actor<'_>) -> Result<Arc<Catalog>, Failure> {
    match actor.caller.role {
        Role::Integration => reread_catalog(actor).await,
        Role::Customer(_) | Role::Guest => catalog(actor).await,
    }
}

/// The catalogue for those who read one record of it: one that memory lacks may be new.
async fn catalog_with(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<Arc<Catalog>, Failure> {
    let catalog = catalog_itself(actor).await?;
    match actor.caller.role != Role::Integration && catalog.find(kind, id).is_none() {
        true => reread_catalog(actor).await,
        false => Ok(catalog),
    }
}

/// The catalogue as it is in the table.
///
/// # Errors
/// The table does not answer.
pub async fn reread_catalog(actor: &Actor<'_>) -> Result<Arc<Catalog>, Failure> {
    let store = &actor.context.store;
    Ok(store.read_catalog(actor.caller.tenant, actor.now).await?)
}
