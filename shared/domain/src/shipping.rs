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

/// Whether something of the order is shipped, as its lines or the shipments that the shop made say.
pub fn is_shipped(partition: &OrderPartition) -> bool {
    ships(partition) || shipments(partition).next().is_some()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Timestamp;
    use crate::order::Order;

    fn record(kind: ResourceType, attributes: &Value) -> Record {
        let id = crate::Id::derived(&[kind.name(), &attributes.to_string()]);
        let mut record = Record::new(kind, id, Timestamp::from_unix_millis(0));
        for (name, value) in attributes.as_object().into_iter().flatten() {
            record.set(name, value.clone());
        }
        record
    }

    fn with(order: &Value, lines: &[Value]) -> OrderPartition {
        let lines = lines.iter().map(|it| record(ResourceType::LineItems, it));
        OrderPartition {
            order: Order::parse(record(ResourceType::Orders, order)).unwrap(),
            source: None,
            superseded: Vec::new(),
            children: Some(lines.collect()),
            elsewhere: std::collections::BTreeSet::new(),
        }
    }

    #[test]
    fn it_is_free_where_what_is_sold_comes_to_the_limit() {
        let free_over = |limit: i64, use_subtotal: bool| {
            let method = json!({
                "price_amount_cents": 500, "free_over_amount_cents": limit, "use_subtotal": use_subtotal,
            });
            record(ResourceType::ShippingMethods, &method)
        };
        let order = json!({ "subtotal_amount_cents": 5000, "discount_amount_cents": -1000 });
        let order = with(&order, &[]);
        for (limit, use_subtotal, expected) in [
            (4000, false, 0),
            (4001, false, 500),
            (5000, true, 0),
            (5001, true, 500),
        ] {
            let priced = price(&free_over(limit, use_subtotal), &order);
            assert_eq!(priced, expected, "{limit} {use_subtotal}");
        }
        let lines = [
            json!({ "item_type": "skus", "total_amount_cents": 3000 }),
            json!({ "item_type": "bundles", "total_amount_cents": 1000 }),
            json!({ "item_type": "shipments", "total_amount_cents": 9000 }),
        ];
        let by_lines = with(&json!({}), &lines);
        assert_eq!(price(&free_over(4000, false), &by_lines), 0);
        assert_eq!(price(&free_over(4001, false), &by_lines), 500);
        // What is not known is not over a limit.
        let unknown = with(&json!({}), &[json!({ "item_type": "skus" })]);
        assert_eq!(price(&free_over(0, false), &unknown), 500);
    }

    #[test]
    fn what_is_sold_ships_unless_its_sku_says_otherwise() {
        let line = |item_type: &str| json!({ "item_type": item_type });
        assert!(!ships(&with(&json!({}), &[])));
        assert!(ships(&with(&json!({}), &[line("skus")])));
        assert!(ships(&with(&json!({}), &[json!({ "quantity": 1 })])));
        assert!(!ships(&with(&json!({}), &[line("payment_methods")])));
        let mut digital = with(&json!({}), &[line("skus")]);
        for line in digital.children.iter_mut().flatten() {
            note_not_shipped(line);
        }
        assert!(!ships(&digital));
    }
}
