//! The records around an order that an integration has it name: its market, its customer, its
//! addresses.

use std::ops::ControlFlow::Continue;

use domain::CustomerId;
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Place, Record};
use domain::refusal::Refusal;
use domain::resources::ResourceType;

use super::order_addresses;
use super::order_customer::name_customer;
use super::patch_order::close_wallet_of_former_customer;
use super::paying::Paying;
use crate::manage::{self, Named};
use crate::{Change, Decided, OrStop, Step};

/// Which records an order is to name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrderRelations {
    /// By relationship: another record, or none.
    pub relationships: Vec<(&'static str, Option<Identifier>)>,
    /// Those of them that are beyond the catalogue, as far as they are there.
    pub named: Named,
}

impl OrderRelations {
    /// Whether the order's customer is among them.
    pub fn names_customer(&self) -> bool {
        self.relationships
            .iter()
            .any(|(name, _)| *name == "customer")
    }

    /// Has the order name them. Another customer, or none, drops the payment source: it stands on the
    /// former's record at the gateway.
    pub(super) fn change(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let named = self.named_now(paying);
        for (name, to) in &self.relationships {
            let changed = match *name {
                "customer" => set_customer(paying, &named, *to),
                "billing_address" | "shipping_address" => {
                    set_address(paying, &named, name, *to).or_stop()
                }
                _ => set(paying, &named, name, *to).or_stop(),
            };
            changed.map_break(|step| match step {
                Step::Refuse(refusals) => Step::Refuse(refusals.at_relationship(name)),
                step => step,
            })?;
        }
        let order = paying.purchase.order().id();
        let record = paying.purchase.order().record.clone();
        manage::move_addresses(&record, &named, Place::OfOrder(order), &mut paying.beside);
        show_moved(paying, &named, &record);
        Continue(())
    }

    /// What is named, where it stands by what was read of the order last: the same request, sent twice at once, may
    /// have moved an address to it since.
    fn named_now(&self, paying: &Paying<'_>) -> Named {
        let partition = &paying.read.partition;
        let mut named = self.named.clone();
        for record in partition.children.iter().flatten() {
            let identifier = record.identifier();
            if let (Some(placed), false) = (
                named.get_mut(&identifier),
                partition.elsewhere.contains(&identifier),
            ) {
                placed.record.clone_from(record);
                placed.place = Place::OfOrder(partition.order.id());
            }
        }
        named
    }
}

fn set(
    paying: &mut Paying<'_>,
    named: &Named,
    name: &str,
    to: Option<Identifier>,
) -> Result<(), Refusal> {
    if let Some(to) = to {
        let catalog = &paying.purchase.catalog;
        let is_catalogued = catalog.get(to.kind, to.id).is_some();
        match named.get(&to) {
            Some(placed) => {
                paying.beside.push(Change::require(to, placed.place));
            }
            None if is_catalogued => {}
            None => return Err(Refusal::not_found()),
        }
    }
    paying.purchase.partition.order.record.relate(name, to);
    Ok(())
}

/// Sales channels have an order name what stands with it already, and what they made and nobody names: an
/// address that is kept elsewhere may change there after the order is placed.
fn set_address(
    paying: &mut Paying<'_>,
    named: &Named,
    name: &str,
    to: Option<Identifier>,
) -> Result<(), Refusal> {
    order_addresses::require_open(paying)?;
    let placed = to.and_then(|it| named.get(&it));
    let order = paying.purchase.order().id();
    if let (Some(placed), Some(_)) = (placed, paying.input.caller.maker()) {
        match placed.place {
            Place::Own if paying.input.caller.has_made(&placed.record) => {}
            Place::OfOrder(of) if of == order => {}
            Place::OfCustomer(of) if paying.input.caller.owner() == Some(of) => {
                return Err(Refusal::invalid(format!(
                    "{name} - an address of the address book is copied to an order. Send its id as _{name}_clone_id."
                )));
            }
            _ => return Err(Refusal::not_found()),
        }
    }
    set(paying, named, name, to)
}

fn set_customer(paying: &mut Paying<'_>, named: &Named, to: Option<Identifier>) -> Decided<()> {
    let former = paying.purchase.order().customer();
    if former == to.map(|it| it.id).map(CustomerId::new) {
        return Continue(());
    }
    if paying.purchase.partition.source.is_some() {
        paying.purchase.require_open().or_stop()?;
        paying.drop_source()?;
    }
    name_customer(paying, to.map(|it| CustomerId::new(it.id)));
    set(paying, named, "customer", to).or_stop()?;
    close_wallet_of_former_customer(paying);
    Continue(())
}

/// The addresses that move to the order are read with it from now on.
fn show_moved(paying: &mut Paying<'_>, named: &Named, order: &Record) {
    let OrderPartition {
        children: Some(children),
        elsewhere,
        ..
    } = &mut paying.purchase.partition
    else {
        return;
    };
    let addresses = order.relationships.values();
    for identifier in addresses.filter(|it| it.kind == ResourceType::Addresses) {
        let is_there = children.iter().any(|it| it.identifier() == *identifier);
        if let (false, Some(placed)) = (is_there, named.get(identifier)) {
            children.push(placed.record.clone());
            if placed.place != Place::Own {
                elsewhere.insert(*identifier);
            }
        }
    }
}
