//! The demo organization's orders.

use domain::record::{Place, Record};
use domain::{Id, OrderId, ResourceType, Timestamp};
use serde_json::{Value, json};

use super::parts::{
    MARKET, METHODS, SHIPPING_METHOD, SKUS, address_attributes, id, record, relate,
};
use super::{CUSTOMER_EMAIL, customer};

/// An order with its address, its lines and its shipment.
pub(super) fn with_children(
    now: Timestamp,
    index: usize,
    (order_id, method, is_guest): &(&str, usize, bool),
) -> Vec<(Place, Record)> {
    let of_order = |part: &str| id(&format!("{order_id} {part}"));
    // Klarna makes no tokens for Italy.
    let country = match METHODS[*method].0 {
        ResourceType::KlarnaGateways => "DE",
        _ => "IT",
    };
    let mut order = order(now, index, order_id, *is_guest);
    order.set("status", "pending");
    order.set("country_code", country);
    order.set("shipments_count", 1);
    if *is_guest {
        order.set("customer_email", "guest@example.com");
    }
    let (address, method) = (of_order("address"), id(METHODS[*method].4));
    relate(
        &mut order,
        "payment_method",
        ResourceType::PaymentMethods,
        method,
    );
    relate(
        &mut order,
        "shipping_address",
        ResourceType::Addresses,
        address,
    );
    relate(
        &mut order,
        "billing_address",
        ResourceType::Addresses,
        address,
    );
    let address = record(
        ResourceType::Addresses,
        address,
        now,
        address_attributes(country),
    );
    let shipment = shipment(now, of_order("shipment"), index);
    let [shirt, cap] = lines(now, order_id);
    in_place(order, [address, shirt, cap, shipment])
}

/// An order that its shopper has filled and no more.
pub(super) fn cart(
    now: Timestamp,
    index: usize,
    (order_id, is_guest): &(&str, bool),
) -> Vec<(Place, Record)> {
    let order = order(now, index, order_id, *is_guest);
    in_place(order, lines(now, order_id))
}

/// An order that says what is sold, and to which customer.
fn order(now: Timestamp, index: usize, order_id: &str, is_guest: bool) -> Record {
    let kind = ResourceType::Orders;
    let mut order = record(kind, id(order_id), now, attributes(index));
    order.set("guest", is_guest);
    relate(&mut order, "market", ResourceType::Markets, id(MARKET));
    if !is_guest {
        order.set("status", "pending");
        order.set("customer_email", CUSTOMER_EMAIL);
        let customer = customer().into();
        relate(&mut order, "customer", ResourceType::Customers, customer);
    }
    order
}

fn lines(now: Timestamp, order_id: &str) -> [Record; 2] {
    let line = |part: &str, sku, quantity| {
        line_item(now, id(&format!("{order_id} {part}")), sku, quantity)
    };
    [line("shirt", &SKUS[0], 2), line("cap", &SKUS[1], 1)]
}

fn in_place(order: Record, children: impl IntoIterator<Item = Record>) -> Vec<(Place, Record)> {
    let identifier = order.identifier();
    let placed = children.into_iter().map(|mut child| {
        if child.kind != ResourceType::Addresses {
            child.relate("order", Some(identifier));
        }
        (Place::OfOrder(OrderId::new(identifier.id)), child)
    });
    std::iter::once((Place::Order, order))
        .chain(placed)
        .collect()
}

fn attributes(index: usize) -> Value {
    json!({
        "number": (index + 1).to_string(),
        "autorefresh": true,
        "place_async": false,
        "status": "draft",
        "payment_status": "unpaid",
        "fulfillment_status": "unfulfilled",
        "language_code": "en",
        "currency_code": "EUR",
        "tax_included": true,
        "tax_rate": 0.22,
        "subtotal_amount_cents": 12900,
        "shipping_amount_cents": 0,
        "payment_method_amount_cents": 0,
        "discount_amount_cents": 0,
        "adjustment_amount_cents": 0,
        "gift_card_amount_cents": 0,
        "total_tax_amount_cents": 2326,
        "subtotal_tax_amount_cents": 2326,
        "total_amount_cents": 12900,
        "total_taxable_amount_cents": 10574,
        "subtotal_taxable_amount_cents": 10574,
        "total_amount_with_taxes_cents": 12900,
        "skus_count": 3,
        "shipments_count": 0,
    })
}

fn line_item(
    now: Timestamp,
    line: Id,
    (code, name, unit_cents): &(&str, &str, i64),
    quantity: i64,
) -> Record {
    let attributes = json!({
        "sku_code": code,
        "name": name,
        "quantity": quantity,
        "currency_code": "EUR",
        "unit_amount_cents": unit_cents,
        "total_amount_cents": quantity * unit_cents,
        "tax_rate": 0.22,
        "item_type": "skus",
    });
    let mut line = record(ResourceType::LineItems, line, now, attributes);
    relate(&mut line, "item", ResourceType::Skus, id(code));
    line
}

fn shipment(now: Timestamp, shipment: Id, index: usize) -> Record {
    let attributes = json!({
        "number": format!("{}/S/001", index + 1),
        "status": "draft",
        "currency_code": "EUR",
        "cost_amount_cents": 0,
    });
    let mut shipment = record(ResourceType::Shipments, shipment, now, attributes);
    let kind = ResourceType::ShippingMethods;
    relate(&mut shipment, "shipping_method", kind, id(SHIPPING_METHOD));
    shipment
}
