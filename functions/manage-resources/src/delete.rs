//! Deleting records.

use domain::catalog::Catalog;
use domain::manage::{self, Change, Credentials, Decision};
use domain::record::{Identifier, Place, Placed, Record};
use domain::resource::Home;
use domain::{Id, Refusal, ResourceType};
use effects::Secrets;
use json_api::Endpoint;
use service::{Action, Body, Call, Failure, load};

use crate::commit::{Concluded, commit};
use crate::require_precondition;

pub async fn delete(
    call: &Call<'_>,
    secrets: &dyn Secrets,
    kind: ResourceType,
) -> Result<Body, Failure> {
    call.require(Action::DeleteRecord)?;
    let id = call.id()?;
    let query = call.query(&[kind], Endpoint::One)?;
    commit(call, secrets, kind, || async {
        let catalog = match kind.declaration().home {
            Home::Catalog => load::reread_catalog(call).await?,
            _ => load::catalog(call).await?,
        };
        let decision = decide(call, kind, id, &catalog).await?;
        require_precondition(call, &decision.record, &query).await?;
        Ok(Concluded { decision, catalog })
    })
    .await?;
    Ok(Body::Nothing)
}

async fn decide(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
    catalog: &Catalog,
) -> Result<Decision, Failure> {
    match kind.declaration().home {
        Home::Catalog => {
            let record = catalog
                .get(kind, id)
                .cloned()
                .ok_or_else(Refusal::not_found)?;
            let place = Place::Catalog;
            Ok(manage::delete(Placed { record, place }, catalog)?)
        }
        Home::Order => delete_order(call, id).await,
        Home::Customer => delete_customer(call, id).await,
        _ => delete_placed(call, Identifier { kind, id }, catalog).await,
    }
}

async fn delete_order(call: &Call<'_>, id: Id) -> Result<Decision, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let partition = store.order(tenant, id, true).await?;
    let partition = partition.ok_or_else(Refusal::not_found)?;
    let changes = manage::delete_order(&partition)?;
    Ok(plain(partition.order.to_record(), changes))
}

async fn delete_customer(call: &Call<'_>, id: Id) -> Result<Decision, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let wallet = store.wallet(tenant, id).await?;
    let mut book = store.address_book(tenant, id).await?;
    book.retain(|it| it.kind != ResourceType::Customers);
    let changes = manage::delete_customer(&wallet, &book)?;
    let profile = wallet.profile.ok_or_else(Refusal::not_found)?;
    Ok(plain(profile, changes))
}

async fn delete_placed(
    call: &Call<'_>,
    identifier: Identifier,
    catalog: &Catalog,
) -> Result<Decision, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let placed = store.placed(tenant, identifier).await?;
    let Placed { record, place } = placed.ok_or_else(Refusal::not_found)?;
    match place {
        Place::OfOrder(order) => {
            let partition = store.order(tenant, order, true).await?;
            let partition = partition.ok_or_else(Refusal::not_found)?;
            let changes = manage::delete_of_order(&record, &partition)?;
            Ok(plain(record, changes))
        }
        Place::OfCustomer(customer) => {
            let book = store.address_book(tenant, customer).await?;
            manage::require_unnamed(record.identifier(), &book)?;
            let change = Change::Delete(record.clone(), place);
            Ok(plain(record, vec![change]))
        }
        _ => Ok(manage::delete(Placed { record, place }, catalog)?),
    }
}

fn plain(record: Record, changes: Vec<Change>) -> Decision {
    Decision {
        record,
        changes,
        credentials: Credentials::Unchanged,
    }
}
