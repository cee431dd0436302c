//! Loading: what decisions and documents need, in as few round trips as may be.

mod catalog;
mod expand;
mod named;
mod record;
mod unique;

use std::sync::Arc;

use domain::catalog::Catalog;
use domain::order::OrderStatus;
use domain::purchase::{OrderPartition, Purchase};
use domain::record::{Identifier, Record};
use domain::wallet::Wallet;
use domain::{CustomerId, Id, OrderId, PaymentMethodId, Refusal, ResourceType, SourceId};
use futures_util::future;
use json_api::Include;

use crate::{Actor, Failure};

pub use catalog::{around_catalog, catalog, catalog_itself, reread_catalog};
pub use expand::{expand, step};
pub use named::named;
pub use record::{of_token, own_or, owner_of_entry, record, require_reading};
pub use unique::require_unique;

/// What of an order's surroundings is wanted beside the order, its source and the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Line items, shipments, addresses.
    pub children: bool,
    /// Where there are children, they are read after the order: a decision rests on them.
    pub to_decide: bool,
    /// Children too where the order's payment source cannot be saved without them.
    pub to_save: bool,
    /// Children too where the order is a draft.
    pub to_pend: bool,
    /// The wallet of the order's customer, where the caller may use it.
    pub wallet: bool,
    /// The address book of the order's customer, where the caller may use it.
    pub address_book: bool,
    /// The wallet of the caller too, where the order is a guest's that may become theirs.
    pub to_claim: bool,
    /// This payment source too, which may be superseded.
    pub source: Option<(ResourceType, SourceId)>,
}

impl Wanted {
    /// What a document about an order needs for what it includes.
    pub fn for_order(include: &Include) -> Self {
        Self {
            children: include.has_any(&[
                "line_items",
                "line_item_options",
                "shipments",
                "shipping_address",
                "billing_address",
                "transactions",
                "authorizations",
                "captures",
                "voids",
                "refunds",
            ]),
            wallet: include.has_any(&["available_customer_payment_sources", "customer"]),
            ..Self::default()
        }
    }

    /// The order's parts, its transactions among them.
    pub const fn of_parts() -> Self {
        Self {
            children: true,
            to_decide: false,
            to_save: false,
            to_pend: false,
            wallet: false,
            address_book: false,
            to_claim: false,
            source: None,
        }
    }

    /// The order's parts too.
    pub const fn with_parts(self) -> Self {
        Self {
            children: true,
            ..self
        }
    }

    /// The order's parts too, where it is a draft: with a line it may be pending.
    pub const fn to_pend(self) -> Self {
        Self {
            to_pend: true,
            ..self
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

    /// For a command that saves the order's payment source: a gateway that mints a token for what is
    /// saved wants to know who buys, and what.
    pub const fn to_save(self) -> Self {
        Self {
            to_save: true,
            ..self
        }
    }

    /// This payment source too.
    pub const fn with_source(self, kind: ResourceType, id: SourceId) -> Self {
        Self {
            source: Some((kind, id)),
            ..self
        }
    }

    /// The caller's wallet too, where the order is a guest's that may become theirs.
    pub const fn to_claim(self) -> Self {
        Self {
            to_claim: true,
            ..self
        }
    }

    /// The address book of the order's customer too.
    pub const fn with_address_book(self) -> Self {
        Self {
            address_book: true,
            ..self
        }
    }

    /// For a command, which needs the wallet as well.
    pub const fn to_decide(self) -> Self {
        Self {
            wallet: true,
            ..self.to_decide_without_wallet()
        }
    }

    /// For a command that no wallet takes part in.
    pub const fn to_decide_without_wallet(self) -> Self {
        Self {
            to_decide: true,
            ..self
        }
    }
}

/// An order that the caller may see, and those around it. One round trip where the token names the
/// customer or no wallet is wanted, else two.
///
/// # Errors
/// The order is not there for this caller (404); the table does not answer.
pub async fn purchase(
    actor: &Actor<'_>,
    order: OrderId,
    wanted: Wanted,
) -> Result<Purchase, Failure> {
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
    let order = &partition.order;
    let may_claim = wanted.to_claim && order.is_guest() && order.status.takes_payment();
    let claimant = actor.caller.owner().filter(|_| may_claim);
    let opened = actor.caller.opens_wallet_of(order).or(claimant);
    let customer = opened.filter(|_| wanted.wallet || claimant.is_some());
    let is_read = wallet.as_ref().map(|it| it.customer) == customer;
    let (partition, wallet, address_book) = future::try_join3(
        with_wanted_children(actor, partition, wanted),
        async {
            match is_read {
                true => Ok(wallet),
                false => {
                    actor.permit().await?;
                    optional_wallet(actor, customer).await
                }
            }
        },
        optional_address_book(actor, opened.filter(|_| wanted.address_book)),
    )
    .await?;
    let wallet = wallet.filter(|it| claimant.is_none() || it.profile.is_some());
    let method = partition.order.payment_method();
    let catalog = with_method(actor, catalog, method).await?;
    Ok(Purchase {
        tenant,
        partition,
        wallet,
        address_book,
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
    source: SourceId,
    wanted: Wanted,
) -> Result<Purchase, Failure> {
    let store = &actor.context.store;
    let owner = store
        .owner_of(actor.caller.tenant, kind, source.into())
        .await?;
    let order = owner.ok_or_else(Refusal::not_found)?;
    actor.permit().await?;
    let wanted = wanted.with_source(kind, source);
    let purchase = purchase(actor, OrderId::new(order), wanted).await?;
    match purchase.partition.source(source) {
        Some(found) if found.record.kind == kind => Ok(purchase),
        _ => Err(Refusal::not_found().into()),
    }
}

/// The order that a record is a part of, where the caller may see it. One round trip more than [`purchase`], for
/// the locator.
///
/// # Errors
/// The record is not there for this caller (404); the table does not answer.
pub async fn purchase_of_part(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Id,
    wanted: Wanted,
) -> Result<Purchase, Failure> {
    let store = &actor.context.store;
    let owner = store.owner_of(actor.caller.tenant, kind, id).await?;
    let order = owner.ok_or_else(Refusal::not_found)?;
    purchase(actor, OrderId::new(order), wanted).await
}

async fn partition(
    actor: &Actor<'_>,
    order: OrderId,
    wanted: Wanted,
) -> Result<Option<OrderPartition>, Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let at_once = wanted.children && !wanted.to_decide;
    let read = match wanted.source {
        Some((kind, source)) if !at_once => {
            store.order_with_source(tenant, order, kind, source).await?
        }
        _ => store.order(tenant, order, at_once).await?,
    };
    match read {
        Some(partition) if at_once => Ok(Some(with_addresses(actor, partition).await?)),
        read => Ok(read),
    }
}

/// The order with its children as well, where a decision rests on them.
async fn with_wanted_children(
    actor: &Actor<'_>,
    partition: OrderPartition,
    wanted: Wanted,
) -> Result<OrderPartition, Failure> {
    let saves_with_them = wanted.to_save && is_saved_with_children(&partition);
    // A dropped source's hold is in the order's books.
    let has_transactions = partition.order.state.transactions > 0;
    let may_pend = wanted.to_pend && partition.order.status == OrderStatus::Draft;
    let wants_children = wanted.children || saves_with_them || has_transactions || may_pend;
    if !wanted.to_decide || !wants_children {
        return Ok(partition);
    }
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    actor.permit().await?;
    let partition = store.with_children(tenant, partition).await?;
    with_addresses(actor, partition).await
}

/// Whether the order's payment source is saved with what is bought and by whom.
fn is_saved_with_children(partition: &OrderPartition) -> bool {
    let source = partition.source.as_ref();
    let rules = source.and_then(|it| it.record.kind.payment_rules());
    rules.is_some_and(|it| it.needs_basket || it.saved_at.is_some())
}

/// An address that more than one order names stands with the first of them. One or two round trips,
/// where there is one.
async fn with_addresses(
    actor: &Actor<'_>,
    mut partition: OrderPartition,
) -> Result<OrderPartition, Failure> {
    let Some(children) = &mut partition.children else {
        return Ok(partition);
    };
    let of_order = partition.order.record.relationships.values();
    let of_children = children.iter().flat_map(|it| it.relationships.values());
    let is_missing = |it: &&Identifier| {
        let is_address = it.kind == ResourceType::Addresses;
        is_address && children.iter().all(|child| child.identifier() != **it)
    };
    let missing: std::collections::BTreeSet<_> = of_order
        .chain(of_children)
        .filter(is_missing)
        .copied()
        .collect();
    if missing.is_empty() {
        return Ok(partition);
    }
    actor.permit().await?;
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let reads = missing.into_iter().map(|it| store.placed(tenant, it));
    let found = future::try_join_all(reads).await?;
    for placed in found.into_iter().flatten() {
        partition.elsewhere.insert(placed.record.identifier());
        children.push(placed.record);
    }
    Ok(partition)
}

async fn optional_wallet(
    actor: &Actor<'_>,
    customer: Option<CustomerId>,
) -> Result<Option<Wallet>, Failure> {
    let store = &actor.context.store;
    match customer {
        None => Ok(None),
        Some(customer) => Ok(Some(store.wallet(actor.caller.tenant, customer).await?)),
    }
}

async fn optional_address_book(
    actor: &Actor<'_>,
    customer: Option<CustomerId>,
) -> Result<Option<Vec<Record>>, Failure> {
    let Some(customer) = customer else {
        return Ok(None);
    };
    actor.permit().await?;
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    Ok(Some(store.address_book(tenant, customer).await?))
}

/// A payment method that the catalogue in memory lacks may be new: the catalogue is read again.
async fn with_method(
    actor: &Actor<'_>,
    catalog: Arc<Catalog>,
    method: Option<PaymentMethodId>,
) -> Result<Arc<Catalog>, Failure> {
    let kind = ResourceType::PaymentMethods;
    match method {
        Some(method) if catalog.get(kind, method.into()).is_none() => {
            actor.permit().await?;
            let store = &actor.context.store;
            Ok(store.read_catalog(actor.caller.tenant, actor.now).await?)
        }
        _ => Ok(catalog),
    }
}
