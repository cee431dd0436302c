//! What gateways are told of an order's lines and of who buys.

use domain::ResourceType;
use domain::basket::{Basket, Buyer};
use domain::record::Record;
use serde_json::{Value, json};

use crate::world::{World, id, identifier};

fn basket(world: &World) -> Basket {
    Basket::of(&world.read_whole().partition).unwrap()
}

fn add_line(world: &mut World, name: &str, attributes: &Value) {
    let mut line = Record::new(ResourceType::LineItems, id(name), world.now);
    line.attributes = serde_json::from_value(attributes.clone()).unwrap();
    world.children.push(line);
}

#[test]
fn it_is_not_known_where_the_lines_were_not_read() {
    let world = World::new();
    assert_eq!(Basket::of(&world.read(None).partition), None);
    assert_eq!(Buyer::of(&world.read(None).partition), None);
}

#[test]
fn every_line_is_in_it_whatever_its_type() {
    let mut world = World::new();
    add_line(
        &mut world,
        "shipping",
        &json!({ "item_type": "shipments", "total_amount_cents": 700, "tax_amount_cents": 126,
            "tax_rate": 0.22 }),
    );
    add_line(
        &mut world,
        "discount",
        &json!({ "item_type": "percentage_discount_promotions", "name": "Sale", "quantity": 3,
            "total_amount_cents": -500 }),
    );
    let basket = basket(&world);
    let [sku, shipping, discount] = &basket.lines[..] else {
        panic!("three lines");
    };
    assert_eq!(
        (sku.item_type.as_str(), sku.name.as_str()),
        ("skus", "TSHIRT")
    );
    assert_eq!(
        (sku.quantity, sku.total_cents, sku.tax_cents),
        (1, 12_900, 0)
    );
    assert_eq!(shipping.name, "shipments");
    assert_eq!((shipping.tax_cents, shipping.tax_rate), (126, 0.22));
    assert_eq!((discount.name.as_str(), discount.quantity), ("Sale", 3));
    assert_eq!(discount.total_cents, -500);
}

#[test]
fn taxes_are_on_top_only_where_the_order_says_so() {
    let mut world = World::new();
    world.set("total_tax_amount_cents", 2_200);
    assert_eq!(basket(&world).taxes_on_top, None);
    world.set("tax_included", true);
    assert_eq!(basket(&world).taxes_on_top, None);
    world.set("tax_included", false);
    assert_eq!(basket(&world).taxes_on_top, Some(2_200));
    world.set("total_tax_amount_cents", Value::Null);
    assert_eq!(basket(&world).taxes_on_top, Some(0));
}

#[test]
fn the_buyer_is_billed_in_their_country_or_else_shipped_to_it() {
    let mut world = World::new();
    world.set("language_code", "de");
    let mut shipping = Record::new(ResourceType::Addresses, id("shipping"), world.now);
    shipping.set("country_code", "AT");
    world.children.push(shipping);
    let to = identifier(ResourceType::Addresses, "shipping");
    world.order.record.relate("shipping_address", Some(to));
    let buyer = basket(&world).buyer;
    assert_eq!(buyer.email.as_deref(), Some("customer@example.com"));
    assert_eq!(buyer.language.as_deref(), Some("de"));
    assert_eq!(buyer.country(), Some("DE"));
    world.order.record.relate("billing_address", None);
    assert_eq!(basket(&world).buyer.country(), Some("AT"));
    world.order.record.relate("shipping_address", None);
    assert_eq!(basket(&world).buyer.country(), None);
}
