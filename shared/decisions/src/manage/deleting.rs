//! Deleting records: what goes with them, and what keeps them.

use domain::catalog::Catalog;
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Place, Placed, Record};
use domain::refusal::Code;
use domain::resources::{PAYMENT_GATEWAYS, ResourceType};
use domain::wallet::Wallet;
use domain::{OrderId, Refusal, retirement};

use super::{Credentials, Decision, is_credential};
use crate::{Change, OrderLine, Unique};

/// Deletes a record of the catalogue, or one that stands by itself. A gateway that a payment method
/// has ever named is retired, and its credentials stay: payments may be held there, and cards kept.
///
/// # Errors
/// Others of the catalogue name it.
pub fn delete(placed: Placed, catalog: &Catalog) -> Result<Decision, Refusal> {
    let record = placed.record;
    if let Some(other) = catalog.naming(record.identifier()).first() {
        return Err(locked(format!(
            "There are {} that name this record, {} among them. Delete them or let them name another first.",
            other.kind, other.id
        )));
    }
    if PAYMENT_GATEWAYS.contains(&record.kind) && retirement::may_hold(&record) {
        return Ok(retired(record, placed.place));
    }
    let mut attributes = record.kind.declaration().own_attributes();
    let has_credentials = attributes.any(|it| is_credential(record.kind, it));
    let released = Unique::of(&record).map(|it| Change::Release(it, record.id));
    let deleted = Change::delete(&record, placed.place);
    Ok(Decision {
        changes: released.into_iter().chain([deleted]).collect(),
        credentials: match has_credentials {
            true => Credentials::Remove,
            false => Credentials::Unchanged,
        },
        record,
    })
}

fn retired(record: Record, place: Place) -> Decision {
    let mut retired = record.clone();
    retirement::retire(&mut retired);
    Decision {
        changes: vec![Change::put(retired, place)],
        credentials: Credentials::Unchanged,
        record,
    }
}

/// Deletes a part of an order, with what is part of it in turn.
///
/// # Errors
/// Another part of the order names it: an address where it is shipped to.
pub fn delete_of_order(
    record: &Record,
    partition: &OrderPartition,
) -> Result<Vec<Change>, Refusal> {
    let identifier = record.identifier();
    let order = &partition.order.record;
    let names = |it: &&Record| it.relationships.values().any(|it| *it == identifier);
    let children = || partition.children.iter().flatten();
    let naming = children().chain([order]).filter(names);
    let (options, others): (Vec<_>, Vec<_>) =
        naming.partition(|it| it.kind == ResourceType::LineItemOptions);
    require_unnamed(identifier, others)?;
    let place = Place::OfOrder(OrderId::new(order.id));
    let gone = options.into_iter().chain([record]);
    Ok(gone.map(|it| Change::delete(it, place)).collect())
}

/// Deletes an order that was never paid, with all its parts; its addresses stay, by themselves.
///
/// # Errors
/// The order has, or had, a payment source.
pub fn delete_order(partition: &OrderPartition) -> Result<Vec<Change>, Refusal> {
    let order = &partition.order;
    if partition.source.is_some() || order.state.sources > 0 {
        return Err(locked(
            "The order has or had payment sources, so it is kept. Cancel it instead.".to_owned(),
        ));
    }
    let place = Place::OfOrder(order.id());
    let children = partition.children.iter().flatten();
    let mut changes: Vec<_> = children
        .map(|child| match child.kind {
            ResourceType::Addresses => Change::Move {
                record: child.clone(),
                from: place,
                to: Place::Own,
            },
            _ => Change::delete(child, place),
        })
        .collect();
    let line = OrderLine::of(&order.record);
    let listed = order.customer().map(|it| Change::UnlistOrder(it, line));
    changes.extend(listed);
    changes.extend(Unique::of(&order.record).map(|it| Change::Release(it, order.record.id)));
    changes.push(Change::delete(&order.record, Place::Order));
    Ok(changes)
}

/// Deletes a customer with their address book. Their orders stay.
///
/// # Errors
/// There are saved payment sources in the wallet: gateways have to be told before these go.
pub fn delete_customer(wallet: &Wallet, book: &[Record]) -> Result<Vec<Change>, Refusal> {
    let profile = wallet.profile.clone().ok_or_else(Refusal::not_found)?;
    if !wallet.entries.is_empty() {
        return Err(locked(
            "The customer's wallet holds saved payment sources. Delete them first: the gateways forget them then."
                .to_owned(),
        ));
    }
    let place = Place::OfCustomer(wallet.customer);
    let mut changes: Vec<_> = book.iter().map(|it| Change::delete(it, place)).collect();
    changes.extend(Unique::of(&profile).map(|it| Change::Release(it, profile.id)));
    changes.push(Change::DeleteWallet {
        customer: wallet.customer,
        version: wallet.head.version,
        gateways: wallet
            .gateway_customers
            .iter()
            .map(|it| it.gateway)
            .collect(),
    });
    changes.push(Change::delete(&profile, Place::Customer));
    Ok(changes)
}

/// Refuses to delete a record that one of these names.
///
/// # Errors
/// One of them names the record.
pub fn require_unnamed<'a>(
    identifier: Identifier,
    others: impl IntoIterator<Item = &'a Record>,
) -> Result<(), Refusal> {
    let names = |it: &&Record| it.relationships.values().any(|it| *it == identifier);
    match others.into_iter().find(names) {
        Some(other) => Err(locked(format!(
            "The {} {} names this record. Delete it or let it name another first.",
            other.kind, other.id
        ))),
        None => Ok(()),
    }
}

fn locked(detail: String) -> Refusal {
    Refusal::new(Code::Locked, detail)
}
