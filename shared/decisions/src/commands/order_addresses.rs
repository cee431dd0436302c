//! Where an order is shipped to and who is billed: copies of addresses, what follows from them, and keeping them
//! in the customer's address book (Commerce Layer, orders: `_billing_address_clone_id` and its kin).

use std::ops::ControlFlow::Continue;

use domain::record::{Identifier, Place, Record};
use domain::refusal::Refusal;
use domain::resources::ResourceType;
use domain::{CustomerId, Id, Role, shipping};

use super::paying::Paying;
use crate::manage;
use crate::{Change, Decided, OrStop, stop};

/// What an order's address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Billing,
    Shipping,
}

impl For {
    const BOTH: [Self; 2] = [Self::Billing, Self::Shipping];

    const fn relationship(self) -> &'static str {
        match self {
            Self::Billing => "billing_address",
            Self::Shipping => "shipping_address",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Billing => Self::Shipping,
            Self::Shipping => Self::Billing,
        }
    }

    const fn same_as_trigger(self) -> &'static str {
        match self {
            Self::Billing => "_billing_address_same_as_shipping",
            Self::Shipping => "_shipping_address_same_as_billing",
        }
    }

    const fn save_trigger(self) -> &'static str {
        match self {
            Self::Billing => "_save_billing_address_to_customer_address_book",
            Self::Shipping => "_save_shipping_address_to_customer_address_book",
        }
    }
}

/// What is asked of one of an order's addresses.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AddressTriggers {
    /// `_billing_address_clone_id` and its like: the address that is copied, which the caller may read.
    pub copied: Option<Record>,
    /// `_billing_address_same_as_shipping` and its like.
    pub same_as_other: bool,
    /// `_save_billing_address_to_customer_address_book` and its like.
    pub save: bool,
}

/// What is asked of both. Carried out in the order of the triggers' fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrderAddresses {
    /// Of who is billed.
    pub billing: AddressTriggers,
    /// Of where it is shipped to.
    pub shipping: AddressTriggers,
}

impl OrderAddresses {
    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        *self != Self::default()
    }

    /// Whether an address is to be kept in the customer's address book.
    pub const fn saves(&self) -> bool {
        self.billing.save || self.shipping.save
    }

    const fn of(&self, what: For) -> &AddressTriggers {
        match what {
            For::Billing => &self.billing,
            For::Shipping => &self.shipping,
        }
    }

    /// Puts the copies on the order.
    pub(super) fn copy(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let copies = |what: &For| self.of(*what).copied.is_some() || self.of(*what).same_as_other;
        if let Some(what) = For::BOTH.iter().find(|what| copies(what)) {
            require_open(paying)
                .map_err(|refusal| refusal.at_relationship(what.relationship()))
                .or_stop()?;
        }
        if self.billing.same_as_other && self.shipping.same_as_other {
            let detail = "Each address would be the other's copy. Ask for one of them.";
            let refusal = Refusal::invalid(detail);
            return stop(refusal.at_attribute(For::Shipping.same_as_trigger()));
        }
        for what in For::BOTH {
            if let Some(copied) = &self.of(what).copied {
                put_copy(paying, what, copied);
            }
        }
        for what in For::BOTH {
            if self.of(what).same_as_other {
                let trigger = what.same_as_trigger();
                let other = require(paying, what.other(), trigger).or_stop()?;
                put_copy(paying, what, &other);
            }
        }
        Continue(())
    }

    /// Keeps the addresses in the address book of the order's customer, those that are not in it yet.
    pub(super) fn keep(&self, paying: &mut Paying<'_>) -> Decided<()> {
        for what in For::BOTH {
            if self.of(what).save {
                keep(paying, what).or_stop()?;
            }
        }
        Continue(())
    }
}

/// What follows from the order's addresses, once they changed: the country, whether it may be shipped there,
/// and that what the order names no more stands by itself again.
pub(super) fn follow(paying: &mut Paying<'_>, gives_country: bool) -> Decided<()> {
    let (before, now) = (&paying.read.order().record, &paying.purchase.order().record);
    let is_changed = |what: &For| {
        let name = what.relationship();
        before.related(name) != now.related(name)
    };
    let lock = "shipping_country_code_lock";
    let is_locked_anew = before.get(lock) != now.get(lock);
    if (is_locked_anew || is_changed(&For::Shipping))
        && let Some(address) = address(paying, For::Shipping)
    {
        manage::require_unlocked(now, address)
            .map_err(|refusal| refusal.at_relationship("shipping_address"))
            .or_stop()?;
    }
    if !For::BOTH.iter().any(is_changed) {
        return Continue(());
    }
    let lead = manage::lead_country(now);
    let lead = For::BOTH
        .into_iter()
        .find(|what| lead == Some(what.relationship()));
    let country = lead.and_then(|what| address(paying, what)?.text("country_code"));
    if let (false, Some(country)) = (gives_country, country.map(str::to_owned)) {
        let order = &mut paying.purchase.partition.order;
        order.record.set("country_code", country);
    }
    let former: Vec<_> = For::BOTH
        .iter()
        .filter_map(|what| paying.read.order().record.related(what.relationship()))
        .collect();
    for id in former {
        let_go(paying, id);
    }
    begin_shipment(paying);
    Continue(())
}

/// Once it is known where to, what ships of an open order is a shipment, unless the shop made shipments of it.
fn begin_shipment(paying: &mut Paying<'_>) {
    let partition = &paying.purchase.partition;
    let order = &partition.order;
    let is_wanted = order.status.takes_payment()
        && address(paying, For::Shipping).is_some()
        && shipping::ships(partition)
        && shipping::shipments(partition).next().is_none();
    if !is_wanted {
        return;
    }
    let id = Id::derived(&["shipment", paying.input.fresh.as_str()]);
    let mut shipment = Record::new(ResourceType::Shipments, id, paying.input.now);
    let number = order
        .record
        .text("number")
        .unwrap_or(order.record.id.as_str());
    shipment.set("number", format!("{number}/S/001"));
    shipment.set("status", "draft");
    let currency = order.record.get("currency_code").cloned();
    shipment.set("currency_code", currency.unwrap_or_default());
    shipment.relate("order", Some(order.record.identifier()));
    let place = Place::OfOrder(order.id());
    paying.beside.push(Change::put(shipment.clone(), place));
    let partition = &mut paying.purchase.partition;
    partition.order.record.set("shipments_count", 1);
    partition.children.get_or_insert_default().push(shipment);
}

/// Sales channels change an order's addresses only while it is draft or pending.
pub(super) fn require_open(paying: &Paying<'_>) -> Result<(), Refusal> {
    let by_shopper = paying.input.caller.role != Role::Integration;
    match by_shopper && !paying.purchase.order().status.takes_payment() {
        false => Ok(()),
        true => Err(Refusal::invalid(
            "The addresses of an order can be changed only while it is draft or pending.",
        )),
    }
}

/// The order's address, as far as it is there.
fn address<'p>(paying: &'p Paying<'_>, what: For) -> Option<&'p Record> {
    let id = paying
        .purchase
        .order()
        .record
        .related(what.relationship())?;
    let mut children = paying.purchase.partition.children.iter().flatten();
    children.find(|it| it.kind == ResourceType::Addresses && it.id == id)
}

/// What the order's billing address says for invoices.
pub(super) fn billing_info<'p>(paying: &'p Paying<'_>) -> Option<&'p str> {
    let billing = address(paying, For::Billing)?;
    billing
        .text("billing_info")
        .filter(|it| !it.trim().is_empty())
}

fn require(paying: &Paying<'_>, what: For, trigger: &str) -> Result<Record, Refusal> {
    let name = what.relationship();
    let missing = || Refusal::invalid(format!("{name} - can't be blank")).at_attribute(trigger);
    address(paying, what).cloned().ok_or_else(missing)
}

/// Puts a copy of the address on the order, unless the order has the like already.
fn put_copy(paying: &mut Paying<'_>, what: For, of: &Record) {
    if address(paying, what).is_some_and(|it| it.attributes == of.attributes) {
        return;
    }
    let name = what.relationship();
    let copy = copied(paying, of, name);
    let order = &mut paying.purchase.partition.order;
    order.record.relate(name, Some(copy.identifier()));
    let place = Place::OfOrder(order.id());
    paying.beside.push(Change::put(copy.clone(), place));
    let children = &mut paying.purchase.partition.children;
    children.get_or_insert_default().push(copy);
}

/// A copy of an address, of which the caller is the maker.
fn copied(paying: &Paying<'_>, of: &Record, why: &str) -> Record {
    let id = Id::derived(&["copy", paying.input.fresh.as_str(), why]);
    let mut copy = Record::new(ResourceType::Addresses, id, paying.input.now);
    copy.attributes.clone_from(&of.attributes);
    paying.input.caller.sign(&mut copy);
    copy
}

/// An address that stands with the order and is not named there any more stands by itself again.
fn let_go(paying: &mut Paying<'_>, id: Id) {
    let partition = &mut paying.purchase.partition;
    let Some(children) = &mut partition.children else {
        return;
    };
    let address = Identifier {
        kind: ResourceType::Addresses,
        id,
    };
    let of_parts = children.iter().flat_map(|it| it.relationships.values());
    let mut named = partition
        .order
        .record
        .relationships
        .values()
        .chain(of_parts);
    if partition.elsewhere.contains(&address) || named.any(|it| *it == address) {
        return;
    }
    if let Some(at) = children.iter().position(|it| it.identifier() == address) {
        paying.beside.push(Change::Move {
            record: children.remove(at),
            from: Place::OfOrder(partition.order.id()),
            to: Place::Own,
        });
    }
}

/// Keeps a copy of the order's address in the address book, unless the like is in it already. The entry's id
/// follows from the address as it is, so that asking twice at the same moment makes one entry.
fn keep(paying: &mut Paying<'_>, what: For) -> Result<(), Refusal> {
    let trigger = what.save_trigger();
    let order = paying.purchase.order();
    let customer = paying.input.caller.opens_wallet_of(order);
    let customer = customer.ok_or_else(|| Refusal::blank("customer").at_attribute(trigger))?;
    let address = require(paying, what, trigger)?;
    let changed_at = address.updated_at.to_string();
    let id = Id::derived(&[
        "kept",
        order.id().as_str(),
        address.id.as_str(),
        &changed_at,
    ]);
    let book = paying.purchase.address_book.as_deref().unwrap_or_default();
    if book.iter().any(|it| it.id == id || is_alike(it, &address)) {
        return Ok(());
    }
    let copy = copied(paying, &address, trigger);
    let mut entry = Record::new(ResourceType::CustomerAddresses, id, paying.input.now);
    let owner = Identifier {
        kind: ResourceType::Customers,
        id: CustomerId::into(customer),
    };
    entry.relate("customer", Some(owner));
    entry.relate("address", Some(copy.identifier()));
    let place = Place::OfCustomer(customer);
    let requires_owner = Change::require(owner, Place::Customer);
    if !paying.beside.contains(&requires_owner) {
        paying.beside.push(requires_owner);
    }
    for record in [copy, entry] {
        paying.beside.push(Change::put(record.clone(), place));
        let book = &mut paying.purchase.address_book;
        book.get_or_insert_default().push(record);
    }
    Ok(())
}

/// Whether a record of the address book is the same address, whatever the shop calls it.
fn is_alike(kept: &Record, address: &Record) -> bool {
    let told = |record: &Record| {
        let mut attributes = record.attributes.clone();
        for name in ["reference", "reference_origin", "metadata"] {
            attributes.remove(name);
        }
        attributes
    };
    kept.kind == ResourceType::Addresses && told(kept) == told(address)
}
