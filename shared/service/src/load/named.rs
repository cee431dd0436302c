//! The records that a request names in its body.

use decisions::manage::Named;
use domain::record::Identifier;
use domain::resource::Partition;
use futures_util::future;

use crate::{Actor, Failure};

/// Those of these records that are beyond the catalogue and there. One round trip, two where one stands
/// in another's partition.
///
/// # Errors
/// The table does not answer.
pub async fn named(
    actor: &Actor<'_>,
    identifiers: impl IntoIterator<Item = Identifier>,
) -> Result<Named, Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let beyond = |it: &Identifier| {
        let partition = it.kind.declaration().partition;
        !matches!(partition, Partition::Catalog | Partition::CatalogView)
    };
    let reads = identifiers.into_iter().filter(beyond);
    let reads = reads.map(|it| async move {
        let placed = store.placed(tenant, it).await?;
        Ok::<_, Failure>(placed.map(|placed| (it, placed)))
    });
    let found = future::try_join_all(reads).await?;
    Ok(found.into_iter().flatten().collect())
}
