//! What each kind of payment source takes to be made, and whether a customer comes into it.

use domain::gateway::{GatewayRequest, NewPayment};
use domain::refusal::Code;
use domain::{CustomerId, ResourceType, Role};
use serde_json::{Value, json};

use crate::asking::{authorize_with, checkout, create, external, klarna, nullify, save};
use crate::world::{World, id};

fn at(pointer: &str) -> (Code, String) {
    (Code::ValidationError, pointer.to_owned())
}

/// The payments that gateways were asked to open or to authorise.
fn payments(world: &World) -> Vec<&NewPayment> {
    let requests = world.gateway.calls.iter().map(|call| &call.request);
    let payments = requests.filter_map(|request| match request {
        GatewayRequest::CreatePayment(new) | GatewayRequest::AuthorizePayment(new) => Some(new),
        _ => None,
    });
    payments.collect()
}

#[test]
fn what_a_kind_requires_is_not_blank() {
    let urls = json!({ "success_url": "https://a.example", "failure_url": "https://a.example" });
    let token = json!({ "payment_source_token": "token" });
    let kinds = [
        (
            ResourceType::CheckoutComPayments,
            World::with_checkout(),
            urls,
        ),
        (
            ResourceType::ExternalPayments,
            World::with_external(),
            token,
        ),
    ];
    for (kind, mut world, attributes) in kinds {
        for name in attributes.as_object().unwrap().keys() {
            for blank in [json!(""), Value::Null, json!(5)] {
                let mut blanked = attributes.clone();
                blanked[name] = blank;
                let refused = world.refuses(&create(kind, &blanked));
                assert_eq!(refused, at(&format!("/data/attributes/{name}")));
            }
            let mut absent = attributes.as_object().unwrap().clone();
            absent.remove(name);
            let refused = world.refuses(&create(kind, &absent.into()));
            assert_eq!(refused, at(&format!("/data/attributes/{name}")));
        }
        world.run(&create(kind, &attributes)).unwrap();
    }
    let mut world = World::with_klarna();
    world.run(&klarna()).unwrap();
}

#[test]
fn a_source_is_of_the_type_that_the_orders_method_takes() {
    let order = at("/data/relationships/order");
    assert_eq!(World::with_klarna().refuses(&checkout(None)), order);
    assert_eq!(World::with_checkout().refuses(&klarna()), order);
    assert_eq!(World::new().refuses(&external("token")), order);
    let wallet_entry = create(ResourceType::CustomerPaymentSources, &json!({}));
    assert_eq!(World::new().refuses(&wallet_entry).0, Code::RecordNotFound);
}

#[test]
fn a_source_without_payment_shows_what_the_browser_pays_with() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    let source = world.paid_with();
    assert_eq!(source.state.payment, None);
    let session = source.record.get("payment_session");
    assert_eq!(session, Some(&json!({ "id": "ps_1" })));
    assert_eq!(source.state.amount.cents, 12_900);
}

#[test]
fn a_token_that_comes_with_the_source_waits_for_the_authorisation() {
    let mut world = World::with_checkout();
    world.run(&checkout(Some("tok_visa"))).unwrap();
    assert_eq!(world.asked(), ["create customer", "create payment"]);
    assert_eq!(world.paid_with().shopper_token(), Some("tok_visa"));
    assert!(world.gateway.payments.is_empty());
}

#[test]
fn a_repeat_after_a_lost_answer_makes_the_same_source() {
    let mut world = World::with_checkout();
    use crate::gateway::Mishap::{AnswerLost, None as Well};
    world.gateway.mishaps.extend([Well, AnswerLost]);
    assert!(world.run(&checkout(None)).is_err());
    world.pass(3600);
    world.run(&checkout(None)).unwrap();
    let session = world.paid_with().record.get("payment_session");
    assert_eq!(session, Some(&json!({ "id": "ps_1" })));
    world.pass(1);
    assert_eq!(world.asked_by(&checkout(None)), [""; 0], "a double click");
}

#[test]
fn a_customers_payments_carry_their_gateway_customer_where_the_gateway_keeps_them() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    world.run(&authorize_with(&world, "tok_visa")).unwrap();
    for new in payments(&world) {
        assert_eq!(new.customer_token.as_deref(), Some("cus_1"));
        assert_eq!(new.customer, Some(CustomerId::new(id("customer"))));
    }

    let mut klarna_order = World::with_klarna();
    klarna_order.run(&klarna()).unwrap();
    let mut shops_order = World::with_external();
    shops_order.run(&external("token")).unwrap();
    for world in [klarna_order, shops_order] {
        assert_eq!(world.asked(), ["create payment"], "no customer is made");
        assert_eq!(payments(&world)[0].customer_token, None);
        assert!(world.wallets.is_empty());
    }
}

#[test]
fn a_guests_payments_carry_no_customer_and_leave_no_instrument() {
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let mut world = World::with_checkout().with_role(role);
        world.set("guest", true);
        world.run(&checkout(None)).unwrap();
        world.run(&authorize_with(&world, "tok_visa")).unwrap();
        for new in payments(&world) {
            assert_eq!(
                (new.customer, &new.customer_token),
                (None, &None),
                "{role:?}"
            );
        }
        assert_eq!(world.asked(), ["create payment", "authorize payment"]);
        let state = &world.paid_with().state;
        assert_eq!((&state.instrument, state.customer), (&None, None));
        assert!(world.gateway.kept.is_empty());
        world.run(&nullify()).unwrap();
        assert_eq!(world.owes(), ["release"]);
    }
}

#[test]
fn what_a_guest_paid_with_is_not_saved_once_they_sign_in() {
    let mut world = World::with_checkout();
    world.set("guest", true);
    world.run(&checkout(None)).unwrap();
    world.run(&authorize_with(&world, "tok_visa")).unwrap();
    world.set("guest", false);
    assert_eq!(world.refuses(&save()).0, Code::PaymentSourceNotReusable);
}

#[test]
fn a_basket_goes_to_the_gateways_that_want_one() {
    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    assert!(payments(&world)[0].basket.is_some());
    let mut world = World::with_external();
    world.run(&external("token")).unwrap();
    assert_eq!(payments(&world)[0].basket, None);
}
