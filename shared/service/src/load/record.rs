//! One record of any type, by its id.

use access::Action;
use domain::graph::Graph;
use domain::record::{Identifier, Place, Record};
use domain::resource::Partition;
use domain::resources::PAYMENT_GATEWAYS;
use domain::wallet::Entry;
use domain::{
    CustomerId, EntryId, Id, OperationId, OrderId, Refusal, ResourceType, Role, SourceId, Timestamp,
};
use futures_util::future;
use serde_json::json;
use store::{ClientKind, Found};

use super::catalog::{catalog, catalogued};
use super::{Wanted, optional_wallet, purchase, purchase_of_source};
use crate::{Actor, Failure};

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
    require_reading(actor, kind)?;
    match kind.declaration().partition {
        Partition::Order => {
            let purchase = purchase(actor, OrderId::new(id), Wanted::default()).await?;
            Ok((purchase.order().to_record(), actor.around(purchase)))
        }
        Partition::Payment => {
            let purchase =
                purchase_of_source(actor, kind, SourceId::new(id), Wanted::default()).await?;
            let source = purchase.partition.source(SourceId::new(id));
            let record = source.ok_or_else(Refusal::not_found)?.to_record();
            Ok((record, actor.around(purchase)))
        }
        Partition::OfOrder | Partition::Transaction => part(actor, kind, id).await,
        Partition::TransactionView => transaction(actor, kind, id).await,
        Partition::Customer | Partition::Wallet => of_customer(actor, kind, id).await,
        Partition::AddressBook | Partition::Own => by_itself(actor, kind, id).await,
        Partition::Catalog | Partition::CatalogView => catalogued(actor, kind, id).await,
        Partition::Owed => operation(actor, OperationId::new(id)).await,
        Partition::Token => Err(Refusal::not_found().into()),
    }
}

/// Refuses to read records of this type to those for whom they are not.
///
/// # Errors
/// They are not for this caller (401).
pub fn require_reading(actor: &Actor<'_>, kind: ResourceType) -> Result<(), Refusal> {
    actor.require(reading(kind))
}

/// What a caller asks for who reads a record of this type.
fn reading(kind: ResourceType) -> Action {
    match kind.declaration().partition {
        Partition::Order => Action::GetOrder,
        Partition::Payment => Action::GetPaymentSource,
        Partition::OfOrder => Action::GetOrderRecord,
        Partition::Transaction | Partition::TransactionView => Action::GetTransaction,
        Partition::Customer | Partition::AddressBook => Action::GetCustomer,
        Partition::Wallet => Action::GetWalletEntry,
        Partition::Own if kind == ResourceType::Addresses => Action::GetOrderRecord,
        Partition::Own if kind == ResourceType::CustomerPasswordResets => Action::ListRecords,
        Partition::CatalogView => Action::GetPaymentGateway,
        Partition::Owed => Action::ListRecords,
        Partition::Catalog if PAYMENT_GATEWAYS.contains(&kind) => Action::GetPaymentGateway,
        Partition::Own | Partition::Catalog | Partition::Token => Action::GetCatalogRecord,
    }
}

/// The one record of this type that follows from the token.
///
/// # Errors
/// There is none of this type (404); the table does not answer.
pub async fn of_token(actor: &Actor<'_>, kind: ResourceType) -> Result<(Record, Graph), Failure> {
    actor.require(reading(kind))?;
    let catalog = catalog(actor).await?;
    let record = match kind {
        ResourceType::Organizations => {
            let id = actor.caller.tenant.organization;
            let kept = catalog.get(kind, id).cloned();
            // One of which nothing was written down yet has no date: it is as old as time.
            kept.unwrap_or_else(|| Record::new(kind, id, Timestamp::from_unix_millis(0)))
        }
        ResourceType::Applications => application(actor).await?,
        _ => return Err(Refusal::not_found().into()),
    };
    let graph = Graph::new(actor.caller.clone(), actor.now, catalog);
    Ok((record, graph))
}

/// The application that the token was issued to: as it is registered here, or as far as a token of
/// another issuer tells.
async fn application(actor: &Actor<'_>) -> Result<Record, Failure> {
    let (caller, kind) = (&actor.caller, ResourceType::Applications);
    let client = actor.context.store.api_client(&caller.client_id).await?;
    let client = client.filter(|it| it.tenant == caller.tenant);
    let id = match &client {
        Some(client) => client.id,
        None => Id::derived(&["application", &caller.client_id]),
    };
    let mut record = Record::new(kind, id, Timestamp::from_unix_millis(0));
    record.set("name", caller.client_id.as_str());
    record.set(
        "kind",
        match caller.role {
            Role::Integration => "integration",
            Role::Guest | Role::Customer(_) => "sales_channel",
        },
    );
    let is_public =
        client.is_none_or(|it| it.kind == ClientKind::SalesChannel && it.secret_hash.is_none());
    record.set(
        "public_access",
        is_public && caller.role != Role::Integration,
    );
    let markets = caller.markets.iter().map(|it| format!("market:id:{it}"));
    let scopes: Vec<_> = markets.collect();
    record.set(
        "scopes",
        match scopes.is_empty() {
            true => json!("market:all"),
            false => json!(scopes.join(" ")),
        },
    );
    Ok(record)
}

async fn operation(actor: &Actor<'_>, id: OperationId) -> Result<(Record, Graph), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let found = store.operation_of_id(tenant, id).await?;
    let found = found.filter(|it| !it.operation.watches());
    let record = found.ok_or_else(Refusal::not_found)?.to_record();
    Ok((record, super::around_catalog(actor).await?))
}

/// A line item, a shipment or another part of an order, by way of the order.
async fn part(actor: &Actor<'_>, kind: ResourceType, id: Id) -> Result<(Record, Graph), Failure> {
    let store = &actor.context.store;
    let order = store.owner_of(actor.caller.tenant, kind, id).await?;
    let order = order.ok_or_else(Refusal::not_found)?;
    actor.permit().await?;
    part_of(actor, OrderId::new(order), kind, id).await
}

/// A transaction of whichever kind, by way of the order.
async fn transaction(
    actor: &Actor<'_>,
    view: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let owners = view.kinds().iter().map(|kind| async move {
        let order = store.owner_of(tenant, *kind, id).await?;
        Ok::<_, Failure>(order.map(|order| (*kind, OrderId::new(order))))
    });
    let owners = future::try_join_all(owners).await?;
    actor.permit().await?;
    let found = owners.into_iter().flatten().next();
    let (kind, order) = found.ok_or_else(Refusal::not_found)?;
    part_of(actor, order, kind, id).await
}

async fn part_of(
    actor: &Actor<'_>,
    order: OrderId,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
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

/// An address, an entry of an address book, or what is sold. An address is seen by those who see the
/// order or the customer that it is with; one by itself by who made it.
async fn by_itself(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let identifier = Identifier { kind, id };
    let found = store.find(tenant, identifier).await?;
    actor.permit().await?;
    match found.ok_or_else(Refusal::not_found)? {
        Found::At(Place::OfOrder(order)) => part_of(actor, order, kind, id).await,
        Found::At(Place::OfCustomer(customer)) => {
            if own_or(actor, customer)? != customer {
                return Err(Refusal::not_found().into());
            }
            let (book, catalog) = future::try_join(
                async { Ok(store.address_book(tenant, customer).await?) },
                catalog(actor),
            )
            .await?;
            let record = book
                .iter()
                .find(|it| it.identifier() == identifier)
                .cloned();
            let record = record.ok_or_else(Refusal::not_found)?;
            let mut graph = Graph::new(actor.caller.clone(), actor.now, catalog);
            graph.add_address_book(customer, book);
            Ok((record, graph))
        }
        Found::Here(record) => {
            let is_open = kind != ResourceType::Addresses;
            if !is_open && !actor.caller.has_made(&record) {
                return Err(Refusal::not_found().into());
            }
            let graph = super::around_catalog(actor).await?;
            Ok((*record, graph))
        }
        Found::At(_) => Err(Refusal::not_found().into()),
    }
}

/// A customer or a wallet entry: a customer's own, any for integrations.
async fn of_customer(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Record, Graph), Failure> {
    let customer = match kind {
        ResourceType::Customers => own_or(actor, CustomerId::new(id))?,
        _ => owner_of_entry(actor, EntryId::new(id)).await?,
    };
    let (wallet, catalog) =
        future::try_join(optional_wallet(actor, Some(customer)), catalog(actor)).await?;
    let wallet = wallet.ok_or_else(Refusal::not_found)?;
    let record = match kind {
        ResourceType::Customers => wallet.profile.clone().filter(|it| it.id == id),
        _ => wallet.entry(EntryId::new(id)).map(Entry::to_record),
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
pub async fn owner_of_entry(actor: &Actor<'_>, entry: EntryId) -> Result<CustomerId, Failure> {
    let kind = ResourceType::CustomerPaymentSources;
    match actor.caller.role {
        Role::Integration => {
            let store = &actor.context.store;
            let owner = store
                .owner_of(actor.caller.tenant, kind, entry.into())
                .await?;
            actor.permit().await?;
            Ok(CustomerId::new(owner.ok_or_else(Refusal::not_found)?))
        }
        Role::Customer(owner) => Ok(owner),
        Role::Guest => Err(Refusal::not_found().into()),
    }
}

/// The caller's own customer, or `named` for integrations.
///
/// # Errors
/// The caller is a guest: there is none for them (404).
pub fn own_or(actor: &Actor<'_>, named: CustomerId) -> Result<CustomerId, Refusal> {
    match actor.caller.role {
        Role::Guest => Err(Refusal::not_found()),
        Role::Customer(owner) => Ok(owner),
        Role::Integration => Ok(named),
    }
}
