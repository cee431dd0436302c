//! Orders and their parts: what follows from what they name, and what keeps them.

use std::collections::BTreeSet;

use decisions::manage::{self, Basis, Decision, Named};
use decisions::{Change, Input, OrderLine, Unique};
use domain::order::Order;
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Place, Placed, Record};
use domain::refusal::Code;
use domain::wallet::{GatewayCustomer, Wallet};
use domain::{CustomerId, GatewayId, MarketId, OrderId, Refusal, ResourceType, Role, Timestamp};
use serde_json::{Value, json};

use super::{attribute, basis, catalog, create, input, told, write};
use crate::world::{caller, id, identifier};

const ORDERS: ResourceType = ResourceType::Orders;
const ADDRESSES: ResourceType = ResourceType::Addresses;

fn record(kind: ResourceType, name: &str, attributes: Value) -> Record {
    let mut record = Record::new(kind, id(name), Timestamp::from_unix_millis(0));
    record.version = 2;
    for (name, value) in attributes.as_object().unwrap() {
        record.set(name, value.clone());
    }
    record
}

fn named(records: &[(Record, Place)]) -> Named {
    let placed = records.iter().map(|(record, place)| {
        let placed = Placed {
            record: record.clone(),
            place: *place,
        };
        (record.identifier(), placed)
    });
    placed.collect()
}

fn market() -> (&'static str, Option<Identifier>) {
    ("market", Some(identifier(ResourceType::Markets, "market")))
}

fn order_with(
    named: &Named,
    related: &[(&'static str, Option<Identifier>)],
) -> Result<Decision, Vec<Refusal>> {
    let catalog = catalog();
    let basis = Basis {
        named,
        ..basis(&catalog)
    };
    let related = [&[market()], related].concat();
    manage::create(ORDERS, &write(json!({}), &related), basis)
}

fn address(place: Place) -> (Record, Place) {
    (
        record(ADDRESSES, "address", json!({ "country_code": "IT" })),
        place,
    )
}

#[test]
fn an_address_that_stands_by_itself_moves_to_its_first_order_once() {
    let to = Some(identifier(ADDRESSES, "address"));
    let both = [("shipping_address", to), ("billing_address", to)];
    let by_itself = named(&[address(Place::Own)]);
    let decision = order_with(&by_itself, &both).unwrap();
    let moves: Vec<_> = decision
        .changes
        .iter()
        .filter(|it| !matches!(it, Change::Put { .. }))
        .collect();
    let expected = Change::Move {
        record: address(Place::Own).0,
        from: Place::Own,
        to: Place::OfOrder(OrderId::new(decision.record.id)),
    };
    assert_eq!(moves, [&expected]);
    assert_eq!(decision.record.text("country_code"), Some("IT"));

    let elsewhere = Place::OfOrder(OrderId::new(id("another order")));
    let decision = order_with(&named(&[address(elsewhere)]), &both).unwrap();
    let required = Change::require(identifier(ADDRESSES, "address"), elsewhere);
    let rest: Vec<_> = decision
        .changes
        .iter()
        .filter(|it| !matches!(it, Change::Put { .. }))
        .collect();
    assert_eq!(rest, [&required]);
}

#[test]
fn a_customers_order_is_listed_with_theirs() {
    let customer = record(
        ResourceType::Customers,
        "customer",
        json!({ "email": "a@example.com" }),
    );
    let to = Some(customer.identifier());
    let decision = order_with(&named(&[(customer, Place::Customer)]), &[("customer", to)]).unwrap();
    let order = &decision.record;
    assert_eq!(order.text("customer_email"), Some("a@example.com"));
    assert_eq!(order.get("guest"), Some(&json!(false)));
    let listed = Change::ListOrder(CustomerId::new(id("customer")), OrderLine::of(order));
    assert!(decision.changes.contains(&listed));
}

#[test]
fn amounts_that_nobody_gave_are_printed_and_not_kept() {
    let decision = order_with(&Named::new(), &[]).unwrap();
    assert_eq!(decision.record.get("total_amount_cents"), None);
    let order = Order::parse(decision.record).unwrap();
    assert!(order.amount_due().is_err());
}

#[test]
fn a_token_that_is_held_to_one_market_needs_not_name_it() {
    let refused = told(create(ORDERS, &write(json!({}), &[])));
    assert_eq!(
        refused,
        [(Code::Blank, "/data/relationships/market".to_owned())]
    );
    let catalog = catalog();
    let mut integration = caller(Role::Integration);
    integration.markets = vec![MarketId::new(id("market"))];
    let basis = Basis {
        input: Input {
            caller: &integration,
            ..input()
        },
        ..basis(&catalog)
    };
    let made = manage::create(ORDERS, &write(json!({}), &[]), basis).unwrap();
    assert_eq!(made.record.related("market"), Some(id("market")));
}

#[test]
fn only_an_order_that_is_still_to_be_paid_asks_whether_its_method_is_offered() {
    let method = [
        market(),
        ("payment_method", Some(identifier(super::METHODS, "method"))),
    ];
    let status = |status: &str, currency: &str| {
        let attributes = json!({ "status": status, "currency_code": currency });
        create(ORDERS, &write(attributes, &method))
    };
    assert!(status("pending", "EUR").is_ok());
    assert!(status("placed", "USD").is_ok());
    let refused = told(status("pending", "USD"));
    assert_eq!(
        refused,
        [(
            Code::ValidationError,
            "/data/relationships/payment_method".to_owned()
        )]
    );
    let refused = told(status("lost", "EUR"));
    assert_eq!(refused[0], attribute(Code::ValidationError, "status"));
}

fn partition(children: Vec<Record>) -> OrderPartition {
    let mut order = record(ORDERS, "order", json!({}));
    order.relate("shipping_address", Some(identifier(ADDRESSES, "address")));
    OrderPartition {
        order: Order::parse(order).unwrap(),
        source: None,
        superseded: Vec::new(),
        children: Some(children),
        elsewhere: BTreeSet::new(),
    }
}

#[test]
fn an_orders_address_outlives_it_and_its_lines_do_not() {
    let address = record(ADDRESSES, "address", json!({}));
    let line = record(ResourceType::LineItems, "line", json!({}));
    let mut whole = partition(vec![address.clone(), line.clone()]);
    let with_order = Place::OfOrder(OrderId::new(id("order")));
    assert_eq!(
        manage::delete_order(&whole).unwrap(),
        [
            Change::Move {
                record: address.clone(),
                from: with_order,
                to: Place::Own
            },
            Change::delete(&line, with_order),
            Change::delete(&whole.order.record, Place::Order),
        ]
    );
    let refused = manage::delete_of_order(&address, &whole).unwrap_err();
    assert_eq!(refused.code, Code::Locked);
    whole.order.state.sources = 1;
    assert_eq!(manage::delete_order(&whole).unwrap_err().code, Code::Locked);
}

#[test]
fn a_line_goes_with_its_options() {
    let line = record(ResourceType::LineItems, "line", json!({}));
    let mut option = record(ResourceType::LineItemOptions, "option", json!({}));
    option.relate("line_item", Some(line.identifier()));
    let whole = partition(vec![line.clone(), option.clone()]);
    let with_order = Place::OfOrder(OrderId::new(id("order")));
    let changes = manage::delete_of_order(&line, &whole).unwrap();
    assert_eq!(
        changes,
        [
            Change::delete(&option, with_order),
            Change::delete(&line, with_order)
        ]
    );
}

#[test]
fn a_customer_goes_with_what_gateways_call_them_once_the_wallet_is_empty() {
    let mut wallet = Wallet::new(CustomerId::new(id("customer")));
    assert_eq!(
        manage::delete_customer(&wallet, &[]).unwrap_err().code,
        Code::RecordNotFound
    );
    let email = json!({ "email": "A@example.com" });
    wallet.profile = Some(record(ResourceType::Customers, "customer", email));
    let gateway = GatewayId::new(id("stripe"));
    wallet.gateway_customers = vec![GatewayCustomer {
        gateway,
        token: "cus_1".to_owned(),
        version: 0,
    }];
    let changes = manage::delete_customer(&wallet, &[]).unwrap();
    let released = Unique::new(ResourceType::Customers, "a@example.com");
    assert_eq!(changes[0], Change::Release(released, id("customer")));
    let gateways = vec![gateway];
    let emptied = Change::DeleteWallet {
        customer: CustomerId::new(id("customer")),
        version: 0,
        gateways,
    };
    assert_eq!(changes[1], emptied);
}
