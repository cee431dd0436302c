//! What addresses go by beyond their declaration: whose they are, and where they stand.

use domain::record::{Identifier, Place, Record};
use domain::resources::ResourceType;
use domain::{OrderId, Refusal, Role};
use serde_json::Value;

use super::Named;
use super::draft::Draft;
use crate::Change;

const SHIPPING: &str = "shipping_address";
const BILLING: &str = "billing_address";

/// An address is a person's, or a business's.
pub(super) fn complete(draft: &mut Draft<'_>) {
    let business = draft.record.get("business").and_then(Value::as_bool);
    let required: &[&str] = match business {
        Some(true) => &["company"],
        _ => &["first_name", "last_name"],
    };
    for name in required {
        if draft.record.text(name).is_none_or(str::is_empty) && !draft.is_refused(name) {
            draft.refuse_blank(name);
        }
    }
    match draft.former {
        None => draft.basis.input.caller.sign(&mut draft.record),
        Some(_) => follow_to_order(draft),
    }
}

/// Of an order's address its shopper may say something else while the order is draft or pending; the order's
/// country follows.
fn follow_to_order(draft: &mut Draft<'_>) {
    let Some(order) = draft.basis.order else {
        return;
    };
    let by_shopper = draft.basis.input.caller.role != Role::Integration;
    if by_shopper && !order.status.takes_payment() {
        let detail = "The addresses of an order can be changed only while it is draft or pending.";
        draft.refusals.push(Refusal::invalid(detail).at("/data"));
        return;
    }
    let is_named = |name| order.record.related(name) == Some(draft.record.id);
    if is_named(SHIPPING)
        && let Err(refusal) = require_unlocked(&order.record, &draft.record)
    {
        draft.refusals.push(refusal.at_attribute("country_code"));
    }
    let country = order.record.text("country_code");
    let leads = lead_country(&order.record).is_some_and(is_named);
    let change = match draft.record.text("country_code") {
        Some(new) if leads && country != Some(new) => {
            let mut order = order.clone();
            order.record.set("country_code", new);
            order.record.updated_at = draft.basis.input.now;
            Change::put(order.to_record(), Place::Order)
        }
        _ => Change::check(&order.record, Place::Order),
    };
    draft.beside.push(change);
}

/// The address that an order takes its country over from: where it is shipped to, else who is billed (Commerce
/// Layer, orders, `country_code`).
pub fn lead_country(order: &Record) -> Option<&'static str> {
    [SHIPPING, BILLING]
        .into_iter()
        .find(|name| order.related(name).is_some())
}

/// Refuses to ship to another country than the order is locked to (Commerce Layer, orders,
/// `shipping_country_code_lock`).
///
/// # Errors
/// The address is in another country.
pub fn require_unlocked(order: &Record, address: &Record) -> Result<(), Refusal> {
    match order.text("shipping_country_code_lock") {
        Some(lock) if address.text("country_code") != Some(lock) => Err(Refusal::invalid(format!(
            "shipping_address - the order ships to {lock} alone."
        ))),
        _ => Ok(()),
    }
}

/// An address that stands by itself moves to the first that names it, to be read with it: an order, or
/// a customer's address book.
pub(super) fn move_in(draft: &mut Draft<'_>, place: Place) {
    let to = match place {
        Place::Order => Place::OfOrder(OrderId::new(draft.record.id)),
        Place::OfOrder(_) | Place::OfCustomer(_) => place,
        Place::Customer | Place::Slot(_) | Place::Wallet(_) | Place::Catalog | Place::Own => return,
    };
    move_addresses(&draft.record, draft.basis.named, to, &mut draft.beside);
}

/// Has the addresses that `record` names, and that stand by themselves, move to `to`: in place of what
/// `changes` asks of them.
pub fn move_addresses(record: &Record, named: &Named, to: Place, changes: &mut Vec<Change>) {
    let mut addresses: Vec<Identifier> = record.relationships.values().copied().collect();
    addresses.retain(|it| it.kind == ResourceType::Addresses);
    addresses.sort_unstable();
    addresses.dedup();
    for address in addresses {
        // Named twice, as for shipping and billing, it is still one record to be checked or moved.
        let requires = |it: &Change| matches!(it, Change::Check { of, .. } if *of == address);
        let Some(first) = changes.iter().position(requires) else {
            continue;
        };
        let required = changes[first].clone();
        changes.retain(|it| !requires(it));
        changes.push(match named.get(&address) {
            Some(placed) if placed.place == Place::Own => Change::Move {
                record: placed.record.clone(),
                from: Place::Own,
                to,
            },
            _ => required,
        });
    }
}
