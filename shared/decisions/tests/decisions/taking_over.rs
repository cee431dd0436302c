//! Payments that the shop opened at the gateway itself.

use domain::gateway::NewPayment;
use domain::money::Amount;
use domain::refusal::Code;
use domain::{CustomerId, OrderId, Role};
use serde_json::{Map, json};

use crate::asking::{pay, pay_with};
use crate::world::{World, id, refusal};

fn at(pointer: &str) -> (Code, String) {
    (Code::ValidationError, pointer.to_owned())
}

/// An integration's world in which the shop opened a payment at the gateway itself.
fn with_payment(new: NewPayment) -> (World, String) {
    let mut world = World::new().with_role(Role::Integration);
    world.run(&pay("pm_visa")).unwrap();
    world.gateway.calls.clear();
    let reference = world.gateway.open(&new);
    (world, reference)
}

fn shops_payment() -> NewPayment {
    NewPayment {
        order: OrderId::new(id("order")),
        order_number: None,
        amount: Amount {
            cents: 12_900,
            currency: "EUR".parse().unwrap(),
        },
        customer: Some(CustomerId::new(id("customer"))),
        customer_token: Some("cus_1".to_owned()),
        saved: None,
        shopper_token: None,
        given: Map::new(),
        basket: None,
        payment: None,
        document: None,
    }
}

#[test]
fn a_payment_that_exists_is_taken_over_and_none_is_opened() {
    let (mut world, reference) = with_payment(shops_payment());
    let secret = format!("{reference}_secret");
    let adopt = pay_with(json!({ "stripe_id": reference, "client_secret": secret }));
    world.run(&adopt).unwrap();
    assert_eq!(world.asked(), ["read payment", "read payment"]);
    assert_eq!(world.source.unwrap().state.payment, Some(reference));
}

#[test]
fn a_payment_that_does_not_fit_the_order_is_not_taken_over() {
    let spoil: [fn(&mut NewPayment); 4] = [
        |new| new.amount.cents = 12_901,
        |new| new.amount.currency = "USD".parse().unwrap(),
        |new| new.customer_token = Some("cus_2".to_owned()),
        |new| new.customer_token = None,
    ];
    for spoil in spoil {
        let mut new = shops_payment();
        spoil(&mut new);
        let (mut world, reference) = with_payment(new.clone());
        let before = world.source.clone();
        let ended = world.run(&pay_with(json!({ "stripe_id": reference })));
        assert_eq!(refusal(ended), at("/data/attributes/stripe_id"), "{new:?}");
        assert_eq!(world.source, before);
        assert!(world.owed.is_empty());
    }
}

#[test]
fn a_client_secret_must_be_the_payments() {
    let (mut world, reference) = with_payment(shops_payment());
    let adopt = pay_with(json!({ "stripe_id": reference, "client_secret": "guessed" }));
    let ended = world.run(&adopt);
    assert_eq!(refusal(ended), at("/data/attributes/client_secret"));
}

#[test]
fn a_customer_made_on_the_way_to_a_refused_takeover_is_remembered() {
    let mut world = World::new().with_role(Role::Integration);
    let reference = world.gateway.open(&shops_payment());
    world
        .gateway
        .payments
        .get_mut(&reference)
        .unwrap()
        .amount
        .cents = 1;
    let ended = world.run(&pay_with(json!({ "stripe_id": reference })));
    assert_eq!(refusal(ended).0, Code::ValidationError);
    assert_eq!(world.wallet().gateway_customers[0].token, "cus_1");
}

#[test]
fn taking_over_the_orders_own_payment_does_not_release_it() {
    let (mut world, _) = with_payment(shops_payment());
    let own = world.source.clone().unwrap().state.payment;
    world.run(&pay_with(json!({ "stripe_id": own }))).unwrap();
    assert_eq!(world.source.unwrap().state.payment, own);
    assert!(world.owed.is_empty(), "{:?}", world.owed);
}
