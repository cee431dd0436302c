//! Lists: of the whole organization for integrations, of what shoppers choose from for everyone, of
//! their own for customers.

use domain::graph::{Graph, Related};
use domain::record::Record;
use domain::resource::Partition;
use domain::{CustomerId, Refusal, ResourceType, Role, Timestamp};
use json_api::{Query, QueryFor};
use service::{Action, Body, Call, Failure, load};

pub async fn list(call: &Call<'_>, kind: ResourceType) -> Result<Body, Failure> {
    call.require(listing(kind))?;
    let query = call.query(&[kind], QueryFor::Many)?;
    let document = match (kind.declaration().partition, call.caller.role) {
        (Partition::Catalog | Partition::CatalogView, _) => catalogued(call, kind, &query).await?,
        (Partition::Own, _) | (_, Role::Integration) => {
            call.render_tenant_list(kind, &query).await?
        }
        (Partition::Order, Role::Customer(owner)) => call.render_orders_of(owner, &query).await?,
        (_, Role::Customer(owner)) => of_customer(call, kind, owner, &query).await?,
        (_, Role::Guest) => return Err(Refusal::unauthorized().into()),
    };
    Ok(Body::Document(document))
}

/// What a caller asks for who lists records of this type.
const fn listing(kind: ResourceType) -> Action {
    match kind {
        ResourceType::PaymentMethods
        | ResourceType::ShippingMethods
        | ResourceType::DeliveryLeadTimes
        | ResourceType::Markets
        | ResourceType::Skus => Action::GetCatalogRecord,
        ResourceType::Orders | ResourceType::CustomerAddresses => Action::ListOwnRecords,
        _ => Action::ListRecords,
    }
}

/// Integrations read the catalogue that they change as it is in the table.
async fn catalogued(call: &Call<'_>, kind: ResourceType, query: &Query) -> Result<String, Failure> {
    let catalog = load::catalog_itself(call).await?;
    let mut records = catalog.list(kind);
    records.retain(|record| catalog.shows(record, &call.caller));
    let graph = Graph::new(call.caller.clone(), call.now, catalog);
    call.render_list(records, graph, query).await
}

/// A customer's own records: where the relationship of that name leads from them.
async fn of_customer(
    call: &Call<'_>,
    kind: ResourceType,
    owner: CustomerId,
    query: &Query,
) -> Result<String, Failure> {
    let customer = Record::new(
        ResourceType::Customers,
        owner.into(),
        Timestamp::from_unix_millis(0),
    );
    let graph = load::around_catalog(call).await?;
    let graph = load::step(call, graph, &customer, kind.name()).await?;
    let records = match graph.related(&customer, kind.name()) {
        Ok(Related::Many(records)) => records,
        Ok(Related::One(_)) | Err(_) => return Err(Refusal::not_found().into()),
    };
    call.render_list(records, graph, query).await
}
