//! The demo organization's records.

use domain::record::{Place, Record};
use domain::{ResourceType, Timestamp};
use serde_json::json;

use super::parts::{
    MARKET, METHODS, SHIPPING_METHOD, SKUS, address_attributes, id, record, relate,
};
use super::{
    CART, CUSTOMER_EMAIL, CUSTOMER_PASSWORD_HASH, ExternalGateway, GUESTS_CART, customer, orders,
};

/// An order's id, the index of its method, and whether it is a guest's.
const ORDERS: [(&str, usize, bool); 6] = [
    ("qaMAhZkZvd", 0, false),
    ("eqkykhjlVw", 0, false),
    ("bkPlhXmQzc", 1, false),
    ("dRWnfTqVjs", 2, false),
    ("gYzLhKcMxp", 3, false),
    ("pNwQhTxKzR", 0, true),
];

/// The id of an order without addresses, and whether it is a guest's.
const CARTS: [(&str, bool); 2] = [(CART, false), (GUESTS_CART, true)];

/// What is sold, how it is paid, and who buys: each record with its place.
pub fn shop(now: Timestamp, external: &ExternalGateway) -> Vec<(Place, Record)> {
    let mut records = vec![
        (Place::Catalog, organization(now)),
        (Place::Catalog, market(now)),
        (Place::Catalog, shipping_method(now)),
        (Place::Customer, the_customer(now)),
    ];
    records.extend(address_book(now));
    records.extend(SKUS.iter().map(|sku| (Place::Own, sku_record(now, sku))));
    for (index, method) in METHODS.iter().enumerate() {
        // Methods are offered in order of creation.
        let now = Timestamp::from_unix_millis(now.unix_millis() + index as i64);
        let [mut gateway, method] = payment_method(now, method);
        // The demo's shop asks for consent in its checkout.
        if gateway.1.kind != ResourceType::ExternalGateways {
            gateway.1.set("save_payment_sources", "always");
        }
        if gateway.1.kind == ResourceType::ExternalGateways {
            gateway.1.state = json!({ "gateway": gateway.1.id });
            external.name_endpoints(&mut gateway.1);
            gateway
                .1
                .set("shared_secret", external.shared_secret.as_str());
        }
        records.extend([gateway, method]);
    }
    records
}

/// Every order with what belongs to it: each record with its place.
pub fn orders(now: Timestamp) -> Vec<(Place, Record)> {
    let mut records = Vec::new();
    for (index, order) in ORDERS.iter().enumerate() {
        records.extend(orders::with_children(now, index, order));
    }
    for (index, cart) in CARTS.iter().enumerate() {
        records.extend(orders::cart(now, ORDERS.len() + index, cart));
    }
    records
}

fn market(now: Timestamp) -> Record {
    let attributes = json!({
        "number": 1,
        "name": "Europe",
        "code": "europe",
        "currency_code": "EUR",
        "private": false,
    });
    let mut market = record(ResourceType::Markets, id(MARKET), now, attributes);
    let (kind, method) = (ResourceType::ShippingMethods, id(SHIPPING_METHOD));
    relate(&mut market, "default_shipping_method", kind, method);
    market
}

fn organization(now: Timestamp) -> Record {
    let attributes = json!({
        "name": "Demo",
        "support_email": "support@example.com",
        "primary_color": "#1D4ED8",
        "config": {},
    });
    let id = super::tenant().organization;
    record(ResourceType::Organizations, id, now, attributes)
}

fn shipping_method(now: Timestamp) -> Record {
    let attributes = json!({
        "name": "Standard shipping",
        "scheme": "flat",
        "currency_code": "EUR",
        "price_amount_cents": 0,
        "use_subtotal": false,
    });
    let kind = ResourceType::ShippingMethods;
    let mut method = record(kind, id(SHIPPING_METHOD), now, attributes);
    relate(&mut method, "market", ResourceType::Markets, id(MARKET));
    method
}

fn address_book(now: Timestamp) -> [(Place, Record); 2] {
    let address = record(
        ResourceType::Addresses,
        id("customer address"),
        now,
        address_attributes("IT"),
    );
    let kind = ResourceType::CustomerAddresses;
    let mut entry = record(kind, id("address book"), now, json!({}));
    relate(
        &mut entry,
        "customer",
        ResourceType::Customers,
        customer().into(),
    );
    relate(&mut entry, "address", address.kind, address.id);
    let place = Place::OfCustomer(customer());
    [(place, address), (place, entry)]
}

fn sku_record(now: Timestamp, (code, name, _): &(&str, &str, i64)) -> Record {
    let attributes = json!({
        "code": code,
        "name": name,
        "do_not_ship": false,
        "do_not_track": false,
    });
    record(ResourceType::Skus, id(code), now, attributes)
}

fn the_customer(now: Timestamp) -> Record {
    let attributes = json!({ "email": CUSTOMER_EMAIL, "status": "acquired" });
    let mut record = record(ResourceType::Customers, customer().into(), now, attributes);
    record.state = json!({ "password_hash": CUSTOMER_PASSWORD_HASH });
    record
}

fn payment_method(
    now: Timestamp,
    (gateway_kind, gateway, source_type, name, method): &(ResourceType, &str, &str, &str, &str),
) -> [(Place, Record); 2] {
    let gateway_name = format!("{} gateway", name.trim_end_matches(" Payment"));
    let gateway = record(
        *gateway_kind,
        id(gateway),
        now,
        json!({ "name": gateway_name }),
    );
    let attributes = json!({
        "payment_source_type": source_type,
        "name": name,
        "currency_code": "EUR",
        "moto": false,
        "require_capture": true,
        "auto_place": false,
        "auto_capture": false,
        "price_amount_cents": 0,
    });
    let kind = ResourceType::PaymentMethods;
    let mut method = record(kind, id(method), now, attributes);
    relate(&mut method, "payment_gateway", *gateway_kind, gateway.id);
    relate(&mut method, "market", ResourceType::Markets, id(MARKET));
    [(Place::Catalog, gateway), (Place::Catalog, method)]
}

#[cfg(test)]
mod tests {
    use domain::OrderId;

    use super::*;

    #[test]
    fn every_order_is_the_sum_of_its_lines() {
        let records = orders(Timestamp::from_unix_millis(0));
        let ordered = ORDERS.map(|(order, ..)| order);
        let carts = CARTS.map(|(cart, _)| cart);
        for order in ordered.into_iter().chain(carts) {
            let lines = records.iter().filter(|(placement, record)| {
                *placement == Place::OfOrder(OrderId::new(id(order)))
                    && record.kind == ResourceType::LineItems
            });
            let sum: i64 = lines
                .filter_map(|(_, it)| it.integer("total_amount_cents"))
                .sum();
            assert_eq!(sum, 12_900, "{order}");
        }
    }

    #[test]
    fn only_declared_attributes_are_given() {
        let now = Timestamp::from_unix_millis(0);
        let shop = shop(now, &ExternalGateway::default());
        for (_, record) in shop.into_iter().chain(orders(now)) {
            for name in record.attributes.keys() {
                let declared = record.kind.declaration().attribute(name);
                assert!(declared.is_some(), "{} has no {name}", record.kind);
            }
        }
    }
}
