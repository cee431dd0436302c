//! What shipping an order costs: the prices of the shipping methods that its shipments have, each free over its
//! limit (Commerce Layer, shipping methods, `free_over_amount_cents`).

use serde_json::Value;

use crate::catalog::Catalog;
use crate::purchase::OrderPartition;
use crate::record::Record;
use crate::resources::ResourceType;

/// What of an order's lines is sold: other lines say what its shipping, its payment or a promotion comes to.
const SOLD: [&str; 2] = ["skus", "bundles"];

/// What this method costs for a shipment of the order, in minor units: nothing where what is sold comes to its
/// limit or more. With `use_subtotal` discounts are not taken off before.
pub fn price(method: &Record, partition: &OrderPartition) -> i64 {
    let price = method.integer("price_amount_cents").unwrap_or_default();
    let counts_discounts = method.get("use_subtotal") != Some(&Value::Bool(true));
    let goods = goods(partition).map(|goods| match counts_discounts {
        true => goods.saturating_add(discount(&partition.order.record)),
        false => goods,
    });
    match (method.integer("free_over_amount_cents"), goods) {
        (Some(limit), Some(goods)) if goods >= limit => 0,
        _ => price,
    }
}

/// What the order's shipments cost together, in minor units; one without a method costs nothing.
pub fn cost(partition: &OrderPartition, catalog: &Catalog) -> i64 {
    let methods = shipments(partition).filter_map(|shipment| {
        let id = shipment.related("shipping_method")?;
        catalog.get(ResourceType::ShippingMethods, id)
    });
    methods.fold(0_i64, |sum, method| {
        sum.saturating_add(price(method, partition))
    })
}

/// The order's shipments; none where its parts were not read.
pub fn shipments(partition: &OrderPartition) -> impl Iterator<Item = &Record> {
    of_kind(partition, ResourceType::Shipments)
}

/// Whether something of the order is shipped: a line that is sold, unless its sku is `do_not_ship`.
pub fn ships(partition: &OrderPartition) -> bool {
    let mut lines = of_kind(partition, ResourceType::LineItems);
    lines.any(|line| is_sold(line) && !is_not_shipped(line))
}

/// Notes on a line that what it sells is not shipped, as its sku says when the line is made.
pub fn note_not_shipped(line: &mut Record) {
    line.state = serde_json::json!({ DO_NOT_SHIP: true });
}

const DO_NOT_SHIP: &str = "do_not_ship";

fn is_not_shipped(line: &Record) -> bool {
    line.state.get(DO_NOT_SHIP) == Some(&Value::Bool(true))
}

fn is_sold(line: &Record) -> bool {
    line.text("item_type").is_none_or(|it| SOLD.contains(&it))
}

/// What the lines that are sold come to: as the order says, else their sum.
fn goods(partition: &OrderPartition) -> Option<i64> {
    let given = partition.order.record.integer("subtotal_amount_cents");
    given.or_else(|| {
        let lines = of_kind(partition, ResourceType::LineItems).filter(|line| is_sold(line));
        lines
            .map(|line| line.integer("total_amount_cents"))
            .reduce(|sum, line| sum?.checked_add(line?))?
    })
}

/// What promotions take off: negative, or nothing.
fn discount(order: &Record) -> i64 {
    let given = order.integer("discount_amount_cents");
    given.unwrap_or_default().min(0)
}

fn of_kind(partition: &OrderPartition, kind: ResourceType) -> impl Iterator<Item = &Record> {
    let children = partition.children.iter().flatten();
    children.filter(move |it| it.kind == kind)
}
