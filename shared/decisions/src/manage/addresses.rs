//! What addresses go by beyond their declaration: whose they are, and where they stand.

use domain::OrderId;
use domain::record::{Identifier, Place, Record};
use domain::resources::ResourceType;
use serde_json::Value;

use super::Named;
use super::draft::Draft;
use crate::Change;

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
