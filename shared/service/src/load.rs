//! Loading: what decisions and documents need, in as few round trips as may be.

use std::sync::Arc;

use access::Action;
use domain::catalog::Catalog;
use domain::graph::{Graph, Part};
use domain::purchase::{OrderPartition, Purchase};
use domain::record::Record;
use domain::resources::{PAYMENT_GATEWAYS, PAYMENT_SOURCES};
use domain::wallet::{Entry, Wallet};
use domain::{Id, Refusal, ResourceType, Role};
use futures_util::future;
use json_api::Include;

use crate::{Call, Failure};

/// What of an order's surroundings is wanted beside the order, its source and the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Line items, shipments, addresses.
    pub children: bool,
    /// The wallet of the order's customer, where the caller may use it.
    pub wallet: bool,
    /// This payment source too, which may be superseded.
    pub source: Option<(ResourceType, Id)>,
}

impl Wanted {
    /// What a document about an order needs for what it includes.
    pub fn for_order(include: &Include) -> Self {
        Self {
            children: include.has_any(&[
                "line_items",
                "shipments",
                "shipping_address",
                "billing_address",
            ]),
            wallet: include.has_any(&["available_customer_payment_sources", "customer"]),
            source: None,
        }
    }

    /// This payment source too.
    pub const fn with_source(self, kind: ResourceType, id: Id) -> Self {
        Self {
            source: Some((kind, id)),
            ..self
        }
    }

    /// What a command needs: the wallet as well.
    pub const fn with_wallet(self) -> Self {
        Self {
            wallet: true,
            ..self
        }
    }
}

/// An order that the caller may see, and those around it. One round trip where the token names the
/// customer or no wallet is wanted, else two.
///
/// # Errors
/// The order is not there for this caller (404); the table does not answer.
pub async fn purchase(call: &Call<'_>, order: Id, wanted: Wanted) -> Result<Purchase, Failure> {
    let tenant = call.caller.tenant;
    let likely_customer = call.caller.owner().filter(|_| wanted.wallet);
    let (partition, wallet, catalog) = future::try_join3(
        partition(call, order, wanted),
        optional_wallet(call, likely_customer),
        catalog(call),
    )
    .await?;
    let partition = partition
        .filter(|partition| call.caller.sees(&partition.order))
        .ok_or_else(Refusal::not_found)?;
    let customer = call.caller.opens_wallet_of(&partition.order);
    let wallet = match (wallet, customer.filter(|_| wanted.wallet)) {
        (Some(wallet), Some(customer)) if wallet.customer == customer => Some(wallet),
        (_, customer) => optional_wallet(call, customer).await?,
    };
    let method = partition.order.payment_method();
    let catalog = with_method(call, catalog, method).await?;
    Ok(Purchase {
        tenant,
        partition,
        wallet,
        catalog,
    })
}

/// The order that a payment source pays, where the caller may see it. One round trip more than
/// [`purchase`], for the locator.
///
/// # Errors
/// The source is not there for this caller (404); the table does not answer.
pub async fn purchase_of_source(
    call: &Call<'_>,
    kind: ResourceType,
    source: Id,
    wanted: Wanted,
) -> Result<Purchase, Failure> {
    let store = &call.context.store;
    let owner = store.owner_of(call.caller.tenant, kind, source).await?;
    let order = owner.ok_or_else(Refusal::not_found)?;
    let wanted = wanted.with_source(kind, source);
    let purchase = purchase(call, order, wanted).await?;
    match purchase.partition.source(source) {
        Some(found) if found.record.kind == kind => Ok(purchase),
        _ => Err(Refusal::not_found().into()),
    }
}

/// Any record that the caller may see, and what was read around it.
///
/// # Errors
/// The record is not there for this caller (404); records of that type are not for this caller
/// (401); the table does not answer.
pub async fn record(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    use ResourceType as T;

    call.require(reading(kind))?;
    match kind {
        T::Orders => {
            let purchase = purchase(call, id, Wanted::default()).await?;
            Ok((purchase.order().to_record(), call.around(purchase)))
        }
        kind if PAYMENT_SOURCES.contains(&kind) => {
            let purchase = purchase_of_source(call, kind, id, Wanted::default()).await?;
            let source = purchase.partition.source(id);
            let record = source.ok_or_else(Refusal::not_found)?.to_record();
            Ok((record, call.around(purchase)))
        }
        T::Addresses | T::LineItems | T::Shipments => child(call, kind, id).await,
        T::Customers | T::CustomerPaymentSources => of_customer(call, kind, id).await,
        kind => catalogued(call, kind, id).await,
    }
}

/// What a caller asks for who reads a record of this type.
fn reading(kind: ResourceType) -> Action {
    use ResourceType as T;

    match kind {
        T::Orders => Action::GetOrder,
        T::Customers => Action::GetCustomer,
        T::CustomerPaymentSources => Action::GetWalletEntry,
        T::Addresses | T::LineItems | T::Shipments => Action::GetOrderRecord,
        kind if PAYMENT_SOURCES.contains(&kind) => Action::GetPaymentSource,
        T::PaymentGateways => Action::GetPaymentGateway,
        kind if PAYMENT_GATEWAYS.contains(&kind) => Action::GetPaymentGateway,
        _ => Action::GetCatalogRecord,
    }
}

/// A line item, shipment or address, by way of its order.
async fn child(call: &Call<'_>, kind: ResourceType, id: Id) -> Result<(Record, Graph), Failure> {
    let store = &call.context.store;
    let order = store.owner_of(call.caller.tenant, kind, id).await?;
    let order = order.ok_or_else(Refusal::not_found)?;
    let wanted = Wanted {
        children: true,
        ..Wanted::default()
    };
    let purchase = purchase(call, order, wanted).await?;
    let mut children = purchase.partition.children.iter().flatten();
    let record = children.find(|it| it.kind == kind && it.id == id).cloned();
    let record = record.ok_or_else(Refusal::not_found)?;
    Ok((record, call.around(purchase)))
}

/// A customer or a wallet entry: a customer's own, any for integrations.
async fn of_customer(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let customer = match (call.caller.role, kind) {
        (Role::Guest, _) => return Err(Refusal::not_found().into()),
        (Role::Customer(owner), _) => owner,
        (Role::Integration, ResourceType::Customers) => id,
        (Role::Integration, kind) => {
            let owner = store.owner_of(tenant, kind, id).await?;
            owner.ok_or_else(Refusal::not_found)?
        }
    };
    let (wallet, catalog) =
        future::try_join(optional_wallet(call, Some(customer)), catalog(call)).await?;
    let wallet = wallet.ok_or_else(Refusal::not_found)?;
    let record = match kind {
        ResourceType::Customers => wallet.profile.clone().filter(|it| it.id == id),
        _ => wallet.entry(id).map(Entry::to_record),
    };
    let record = record.ok_or_else(Refusal::not_found)?;
    let mut graph = Graph::new(call.caller.clone(), call.now, catalog);
    graph.add_wallet(wallet);
    Ok((record, graph))
}

/// A market, a payment method, a gateway.
async fn catalogued(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let catalog = catalog_with(call, kind, id).await?;
    let record = catalog.find(kind, id);
    let record = record.filter(|record| catalog.shows(record, &call.caller));
    let record = record.ok_or_else(Refusal::not_found)?;
    let graph = Graph::new(call.caller.clone(), call.now, catalog);
    Ok((record, graph))
}

/// The catalogue of the caller's tenant.
///
/// # Errors
/// The table does not answer.
pub async fn catalog(call: &Call<'_>) -> Result<Arc<Catalog>, Failure> {
    let store = &call.context.store;
    Ok(store.catalog(call.caller.tenant, call.now).await?)
}

/// The catalogue for those who read its own records: for integrations, who change them, as it is in
/// the table; for others as it is remembered.
///
/// # Errors
/// The table does not answer.
pub async fn catalog_itself(call: &Call<'_>) -> Result<Arc<Catalog>, Failure> {
    match call.caller.role {
        Role::Integration => reread_catalog(call).await,
        Role::Customer(_) | Role::Guest => catalog(call).await,
    }
}

/// The catalogue for those who read one record of it: one that memory lacks may be new.
async fn catalog_with(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<Arc<Catalog>, Failure> {
    let catalog = catalog_itself(call).await?;
    match call.caller.role != Role::Integration && catalog.find(kind, id).is_none() {
        true => reread_catalog(call).await,
        false => Ok(catalog),
    }
}

/// The catalogue as it is in the table.
///
/// # Errors
/// The table does not answer.
pub async fn reread_catalog(call: &Call<'_>) -> Result<Arc<Catalog>, Failure> {
    let store = &call.context.store;
    Ok(store.read_catalog(call.caller.tenant, call.now).await?)
}

/// Reads what is missing before `records` can be shown with `include`, depth by depth.
///
/// # Errors
/// The table does not answer.
pub async fn expand(
    call: &Call<'_>,
    mut graph: Graph,
    records: &[Record],
    include: &Include,
) -> Result<Graph, Failure> {
    loop {
        let missing = include.missing(&graph, records);
        if missing.is_empty() {
            return Ok(graph);
        }
        let parts = missing.into_iter().map(|part| read_part(call, part));
        for read in future::try_join_all(parts).await? {
            match read {
                ReadPart::Order(id, partition) => graph.add_order(id, *partition),
                ReadPart::Wallet(wallet) => graph.add_wallet(*wallet),
            }
        }
    }
}

enum ReadPart {
    Order(Id, Box<Option<OrderPartition>>),
    Wallet(Box<Wallet>),
}

async fn read_part(call: &Call<'_>, part: Part) -> Result<ReadPart, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    Ok(match part {
        Part::Order { id, children } => {
            let partition = store.order(tenant, id, children).await?;
            ReadPart::Order(id, Box::new(partition))
        }
        Part::Wallet(customer) => ReadPart::Wallet(Box::new(store.wallet(tenant, customer).await?)),
    })
}

async fn partition(
    call: &Call<'_>,
    order: Id,
    wanted: Wanted,
) -> Result<Option<OrderPartition>, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let read = match wanted.source {
        Some((kind, source)) if !wanted.children => {
            store.order_with_source(tenant, order, kind, source).await?
        }
        _ => store.order(tenant, order, wanted.children).await?,
    };
    Ok(read)
}

async fn optional_wallet(call: &Call<'_>, customer: Option<Id>) -> Result<Option<Wallet>, Failure> {
    let store = &call.context.store;
    match customer {
        None => Ok(None),
        Some(customer) => Ok(Some(store.wallet(call.caller.tenant, customer).await?)),
    }
}

/// A payment method that the catalogue in memory lacks may be new: the catalogue is read again.
async fn with_method(
    call: &Call<'_>,
    catalog: Arc<Catalog>,
    method: Option<Id>,
) -> Result<Arc<Catalog>, Failure> {
    let kind = ResourceType::PaymentMethods;
    match method {
        Some(method) if catalog.get(kind, method).is_none() => {
            let store = &call.context.store;
            Ok(store.read_catalog(call.caller.tenant, call.now).await?)
        }
        _ => Ok(catalog),
    }
}
