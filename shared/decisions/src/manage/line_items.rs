//! What the parts of an order go by beyond their declarations: what follows from the records that they
//! name.

use domain::order::{Order, OrderStatus};
use domain::record::{Place, Record};
use domain::resources::ResourceType;
use domain::shipping;
use serde_json::Value;

use super::draft::Draft;
use crate::Change;

pub(super) fn complete(draft: &mut Draft<'_>) {
    if draft.former.is_some() {
        return;
    }
    let parent = draft
        .related("line_item")
        .or_else(|| draft.related("order"));
    if let Some(parent) = parent {
        inherit(
            &mut draft.record,
            &parent.record,
            &[("currency_code", "currency_code")],
        );
        // An option is read with its line's order, and says which that is.
        let order = parent.record.relationships.get("order").copied();
        if draft.record.kind == ResourceType::LineItemOptions {
            draft.record.relate("order", order);
        }
    }
    pend_order(draft);
    if let Some(item) = draft.related("item") {
        let kind = item.record.kind;
        if draft.record.get("item_type").is_none() {
            draft.record.set("item_type", kind.name());
        }
        let names = [
            ("sku_code", "code"),
            ("name", "name"),
            ("image_url", "image_url"),
        ];
        if item.record.get("do_not_ship") == Some(&Value::Bool(true)) {
            shipping::note_not_shipped(&mut draft.record);
        }
        if kind == ResourceType::Skus {
            inherit(&mut draft.record, &item.record, &names);
        }
    }
}

/// A draft order of a customer is pending with its first line.
fn pend_order(draft: &mut Draft<'_>) {
    let order = draft
        .related("order")
        .filter(|_| draft.record.kind == ResourceType::LineItems);
    let Some(mut order) = order.and_then(|it| Order::parse(it.record).ok()) else {
        return;
    };
    if order.status != OrderStatus::Draft || !order.is_of_somebody() {
        return;
    }
    order.status = OrderStatus::Pending;
    order.record.updated_at = draft.basis.input.now;
    let record = order.to_record();
    draft.beside.retain(|it| !it.is_of(record.identifier()));
    draft.beside.push(Change::put(record, Place::Order));
}

/// Takes over what the record was not given itself.
fn inherit(record: &mut Record, from: &Record, names: &[(&str, &str)]) {
    for (name, their) in names {
        if record.get(name).is_none() {
            let value: Value = from.get(their).cloned().unwrap_or_default();
            record.set(name, value);
        }
    }
}
