//! What the gateway declines is kept as a failed authorization, and the shopper may try again.

use domain::gateway::{GatewayKind, Progress};
use domain::refusal::Code;
use domain::resources::ResourceType;
use serde_json::json;

use super::{
    KINDS, at_gateway, books, enter, entered, invalid, place, ready, stands, transactions,
};
use crate::asking::{authorize_with, change_source};
use crate::gateway::Mishap;
use crate::world::refusal;

#[test]
fn a_decline_is_a_failed_authorization_and_the_order_stays_pending() {
    for kind in KINDS {
        let mut world = entered(kind, "decline_visa");
        let ended = refusal(world.run(&place()));
        let declined = (Code::PaymentDeclined, "/data/attributes/_place".to_owned());
        assert_eq!(ended, declined, "{kind:?}");
        assert_eq!(stands(&world), ("pending", "unpaid"));
        assert_eq!(books(&world), ["authorizations 12900 failed"]);
        let [failed] = &transactions(&world)[..] else {
            panic!("one transaction");
        };
        assert_eq!(failed.record.get("succeeded"), Some(&json!(false)));
        assert_eq!(failed.record.text("error_code"), Some("insufficient_funds"));
        assert_eq!(at_gateway(&world), (0, 0, 0));
        assert!(world.owed.is_empty(), "{:?}", world.owed);
    }
}

#[test]
fn another_source_is_taken_after_a_decline() {
    for kind in KINDS {
        let mut world = entered(kind, "decline_visa");
        assert!(world.run(&place()).is_err());
        world.pass(60);
        enter(&mut world, kind, "master");
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "authorized"), "{kind:?}");
        let noted = ["authorizations 12900 failed", "authorizations 12900"];
        assert_eq!(books(&world), noted);
        assert_eq!(at_gateway(&world), (12_900, 0, 0));
    }
}

#[test]
fn another_card_is_taken_on_the_same_source() {
    let mut world = entered(GatewayKind::Stripe, "decline");
    assert!(world.run(&place()).is_err());
    let other = change_source(&world, json!({ "options": { "id": "pm_visa" } }));
    world.run(&other).unwrap();
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));

    let mut world = entered(GatewayKind::CheckoutCom, "decline_visa");
    assert!(world.run(&place()).is_err());
    world.run(&authorize_with(&world, "tok_master")).unwrap();
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
    assert_eq!(at_gateway(&world), (12_900, 0, 0));
}

#[test]
fn each_decline_is_kept() {
    let mut world = entered(GatewayKind::Stripe, "decline");
    for _ in 0..2 {
        assert!(world.run(&place()).is_err());
    }
    assert_eq!(books(&world), ["authorizations 12900 failed"; 2]);
    assert_eq!(world.gateway.payments.len(), 1);
}

#[test]
fn a_refusal_counts_the_attempt_and_keeps_the_rest_as_it_was() {
    for kind in KINDS {
        let mut world = ready(kind);
        let (order, source) = (world.order.clone(), world.source.clone());
        // Reading is not what is refused, and that it is not kept keeps nobody from paying.
        world.gateway.mishaps.extend([Mishap::Refused; 3]);
        let ended = refusal(world.run(&place()));
        assert_eq!(ended.0, Code::PaymentDeclined, "{kind:?}");
        assert_eq!(world.source, source);
        assert_eq!(books(&world), [""; 0]);
        let attempt = order.state.payment_attempt;
        assert_eq!(world.order.state.payment_attempt, attempt + 1);
        assert!(world.owed.is_empty(), "{:?}", world.owed);
        world.gateway.mishaps.clear();
        world.run(&place()).unwrap();
        assert_eq!(at_gateway(&world), (12_900, 0, 0));
    }
}

#[test]
fn a_payment_that_ended_at_the_gateway_does_not_place_the_order() {
    let mut world = ready(GatewayKind::Stripe);
    world.gateway.payments.get_mut("pi_1").unwrap().progress = Progress::Released;
    assert_eq!(refusal(world.run(&place())).0, Code::PaymentDeclined);
    assert_eq!(stands(&world), ("pending", "unpaid"));
    world.pass(60);
    enter(&mut world, GatewayKind::Stripe, "visa");
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
}

#[test]
fn a_decline_shows_what_is_not_there_to_be_captured() {
    let mut world = entered(GatewayKind::Stripe, "decline");
    assert!(world.run(&place()).is_err());
    let mut world = super::as_shop(world);
    world.set("status", "approved");
    assert_eq!(world.refuses(&super::capture()), invalid("payment_status"));
    let failed = transactions(&world)[0].clone();
    assert_eq!(failed.record.kind, ResourceType::Authorizations);
    assert_eq!(failed.record.integer("capture_balance_cents"), Some(0));
}
