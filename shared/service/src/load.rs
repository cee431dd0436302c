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

use crate::{Actor, Failure};

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

    /// What opening or changing a payment of this type takes.
    pub fn for_payment(kind: ResourceType) -> Self {
        let rules = kind.payment_rules();
        Self {
            children: rules.is_some_and(|it| it.needs_basket),
            ..Self::default()
        }
    }

    /// Line items, shipments and addresses too.
    pub const fn with_children(self) -> Self {
        Self {
            children: true,
            ..self
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
pub async fn purchase(actor: &Actor<'_>, order: Id, wanted: Wanted) -> Result<Purchase, Failure> {
    let tenant = actor.caller.tenant;
    let likely_customer = actor.caller.owner().filter(|_| wanted.wallet);
    let (partition, wallet, catalog) = future::try_join3(
        partition(actor, order, wanted),
        optional_wallet(actor, likely_customer),
        catalog(actor),
    )
    .await?;
    let partition = partition
        .filter(|partition| actor.caller.sees(&partition.order))
        .ok_or_else(Refusal::not_found)?;
    let customer = actor.caller.opens_wallet_of(&partition.order);
    let wallet = match (wallet, customer.filter(|_| wanted.wallet)) {
        (Some(wallet), Some(customer)) if wallet.customer == customer => Some(wallet),
        (_, customer) => optional_wallet(actor, customer).await?,
    };
    let method = partition.order.payment_method();
    let catalog = with_method(actor, catalog, method).await?;
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
    actor: &Actor<'_>,
    kind: ResourceType,
    source: Id,
    wanted: Wanted,
) -> Result<Purchase, Failure> {
    let store = &actor.context.store;
    let owner = store.owner_of(actor.caller.tenant, kind, source).await?;
    let order = owner.ok_or_else(Refusal::not_found)?;
    let wanted = wanted.with_source(kind, source);
    let purchase = purchase(actor, order, wanted).await?;
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
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    use ResourceType as T;

    actor.require(reading(kind))?;
    match kind {
        T::Orders => {
            let purchase = purchase(actor, id, Wanted::default()).await?;
            Ok((purchase.order().to_record(), actor.around(purchase)))
        }
        kind if PAYMENT_SOURCES.contains(&kind) => {
            let purchase = purchase_of_source(actor, kind, id, Wanted::default()).await?;
            let source = purchase.partition.source(id);
            let record = source.ok_or_else(Refusal::not_found)?.to_record();
            Ok((record, actor.around(purchase)))
        }
        T::Addresses | T::LineItems | T::Shipments => child(actor, kind, id).await,
        T::Customers | T::CustomerPaymentSources => of_customer(actor, kind, id).await,
        kind => catalogued(actor, kind, id).await,
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
async fn child(actor: &Actor<'_>, kind: ResourceType, id: Id) -> Result<(Record, Graph), Failure> {
    let store = &actor.context.store;
    let order = store.owner_of(actor.caller.tenant, kind, id).await?;
    let order = order.ok_or_else(Refusal::not_found)?;
    let wanted = Wanted {
        children: true,
        ..Wanted::default()
    };
    let purchase = purchase(actor, order, wanted).await?;
    let mut children = purchase.partition.children.iter().flatten();
    let record = children.find(|it| it.kind == kind && it.id == id).cloned();
    let record = record.ok_or_else(Refusal::not_found)?;
    Ok((record, actor.around(purchase)))
}

/// A customer or a wallet entry: a customer's own, any for integrations.
async fn of_customer(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let customer = match kind {
        ResourceType::Customers => own_or(actor, id)?,
        _ => owner_of_entry(actor, id).await?,
    };
    let (wallet, catalog) =
        future::try_join(optional_wallet(actor, Some(customer)), catalog(actor)).await?;
    let wallet = wallet.ok_or_else(Refusal::not_found)?;
    let record = match kind {
        ResourceType::Customers => wallet.profile.clone().filter(|it| it.id == id),
        _ => wallet.entry(id).map(Entry::to_record),
    };
    let record = record.ok_or_else(Refusal::not_found)?;
    let mut graph = Graph::new(actor.caller.clone(), actor.now, catalog);
    graph.add_wallet(wallet);
    Ok((record, graph))
}

/// The customer whose wallet holds an entry: a customer's own, anyone's for integrations. One round
/// trip for these.
///
/// # Errors
/// There is no such entry for this caller (404); the table does not answer.
pub async fn owner_of_entry(actor: &Actor<'_>, entry: Id) -> Result<Id, Failure> {
    let kind = ResourceType::CustomerPaymentSources;
    match actor.caller.role {
        Role::Integration => {
            let store = &actor.context.store;
            let owner = store.owner_of(actor.caller.tenant, kind, entry).await?;
            Ok(owner.ok_or_else(Refusal::not_found)?)
        }
        _ => Ok(own_or(actor, entry)?),
    }
}

/// The caller's own customer, or `named` for integrations.
fn own_or(actor: &Actor<'_>, named: Id) -> Result<Id, Refusal> {
    match actor.caller.role {
        Role::Guest => Err(Refusal::not_found()),
        Role::Customer(owner) => Ok(owner),
        Role::Integration => Ok(named),
    }
}

/// The graph of nothing but the catalogue, as the caller sees it.
///
/// # Errors
/// The table does not answer.
pub async fn around_catalog(actor: &Actor<'_>) -> Result<Graph, Failure> {
    let catalog = catalog(actor).await?;
    Ok(Graph::new(actor.caller.clone(), actor.now, catalog))
}

/// A market, a payment method, a gateway.
async fn catalogued(
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

/// Reads what is missing before `records` can be shown with `include`, depth by depth.
///
/// # Errors
/// The table does not answer.
pub async fn expand(
    actor: &Actor<'_>,
    mut graph: Graph,
    records: &[Record],
    include: &Include,
) -> Result<Graph, Failure> {
    loop {
        let missing = include.missing(&graph, records);
        if missing.is_empty() {
            return Ok(graph);
        }
        let parts = missing.into_iter().map(|part| read_part(actor, part));
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

async fn read_part(actor: &Actor<'_>, part: Part) -> Result<ReadPart, Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    Ok(match part {
        Part::Order { id, children } => {
            let partition = store.order(tenant, id, children).await?;
            ReadPart::Order(id, Box::new(partition))
        }
        Part::Wallet(customer) => ReadPart::Wallet(Box::new(store.wallet(tenant, customer).await?)),
    })
}

async fn partition(
    actor: &Actor<'_>,
    order: Id,
    wanted: Wanted,
) -> Result<Option<OrderPartition>, Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let read = match wanted.source {
        Some((kind, source)) if !wanted.children => {
            store.order_with_source(tenant, order, kind, source).await?
        }
        _ => store.order(tenant, order, wanted.children).await?,
    };
    Ok(read)
}

async fn optional_wallet(
    actor: &Actor<'_>,
    customer: Option<Id>,
) -> Result<Option<Wallet>, Failure> {
    let store = &actor.context.store;
    match customer {
        None => Ok(None),
        Some(customer) => Ok(Some(store.wallet(actor.caller.tenant, customer).await?)),
    }
}

/// A payment method that the catalogue in memory lacks may be new: the catalogue is read again.
async fn with_method(
    actor: &Actor<'_>,
    catalog: Arc<Catalog>,
    method: Option<Id>,
) -> Result<Arc<Catalog>, Failure> {
    let kind = ResourceType::PaymentMethods;
    match method {
        Some(method) if catalog.get(kind, method).is_none() => {
            let store = &actor.context.store;
            Ok(store.read_catalog(actor.caller.tenant, actor.now).await?)
        }
        _ => Ok(catalog),
    }
}
