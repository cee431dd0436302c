//! The records around an order that an integration has it name: its market, its customer, its
//! addresses.

use std::ops::ControlFlow::Continue;

use domain::CustomerId;
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Place, Record};
use domain::refusal::Refusal;
use domain::resources::ResourceType;

use super::order_addresses;
use super::patch_order::close_wallet_of_former_customer;
use super::paying::Paying;
use crate::manage::{self, Named};
use crate::{Change, Decided, OrStop, OrderLine, Step};

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
        for (name, to) in &self.relationships {
            let changed = match *name {
                "customer" => self.set_customer(paying, *to),
                "billing_address" | "shipping_address" => {
                    self.set_address(paying, name, *to).or_stop()
                }
                _ => self.set(paying, name, *to).or_stop(),
            };
            changed.map_break(|step| match step {
                Step::Refuse(refusals) => Step::Refuse(refusals.at_relationship(name)),
                step => step,
            })?;
        }
        let order = paying.purchase.order().id();
        let record = paying.purchase.order().record.clone();
        manage::move_addresses(
            &record,
            &self.named,
            Place::OfOrder(order),
            &mut paying.beside,
        );
        self.show_moved(paying, &record);
        Continue(())
    }

    fn set(
        &self,
        paying: &mut Paying<'_>,
        name: &str,
        to: Option<Identifier>,
    ) -> Result<(), Refusal> {
        if let Some(to) = to {
            let catalog = &paying.purchase.catalog;
            let is_catalogued = catalog.get(to.kind, to.id).is_some();
            match self.named.get(&to) {
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
        &self,
        paying: &mut Paying<'_>,
        name: &str,
        to: Option<Identifier>,
    ) -> Result<(), Refusal> {
        order_addresses::require_open(paying)?;
        let placed = to.and_then(|it| self.named.get(&it));
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
        self.set(paying, name, to)
    }

    fn set_customer(&self, paying: &mut Paying<'_>, to: Option<Identifier>) -> Decided<()> {
        let former = paying.purchase.order().customer();
        if former == to.map(|it| it.id).map(CustomerId::new) {
            return Continue(());
        }
        if paying.purchase.partition.source.is_some() {
            paying.purchase.require_open().or_stop()?;
            paying.drop_source()?;
        }
        self.set(paying, "customer", to).or_stop()?;
        let line = OrderLine::of(&paying.purchase.order().record);
        let unlist = former.map(|it| Change::UnlistOrder(it, line));
        let list = to.map(|it| Change::ListOrder(CustomerId::new(it.id), line));
        paying.beside.extend(unlist.into_iter().chain(list));
        close_wallet_of_former_customer(paying);
        Continue(())
    }

    /// The addresses that move to the order are read with it from now on.
    fn show_moved(&self, paying: &mut Paying<'_>, order: &Record) {
        let OrderPartition {
            children: Some(children),
            elsewhere,
            ..
        } = &mut paying.purchase.partition
        else {
            return;
        };
        let named = order.relationships.values();
        for identifier in named.filter(|it| it.kind == ResourceType::Addresses) {
            let is_there = children.iter().any(|it| it.identifier() == *identifier);
            if let (false, Some(placed)) = (is_there, self.named.get(identifier)) {
                children.push(placed.record.clone());
                if placed.place != Place::Own {
                    elsewhere.insert(*identifier);
                }
            }
        }
    }
}
