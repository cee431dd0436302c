use decisions::Change;
use decisions::commands::{MethodChoice, PatchOrder};
use domain::order::OrderStatus;
use domain::record::Place;
use domain::refusal::Code;
use domain::{CustomerId, PaymentMethodId, Role};
use serde_json::{Value, json};

use crate::asking::{nullify, pay, reuse, save, select};
use crate::gateway::Mishap;
use crate::world::{World, id, refusal};

fn set(attributes: &Value) -> PatchOrder {
    PatchOrder {
        attributes: attributes.as_object().unwrap().clone(),
        ..PatchOrder::default()
    }
}

fn at(place: &str) -> (Code, String) {
    (Code::ValidationError, format!("/data/{place}"))
}

#[test]
fn a_sales_channel_changes_an_order_only_while_it_is_draft_or_pending() {
    let change = set(&json!({ "customer_email": "new@example.com" }));
    let refresh = PatchOrder {
        refresh: true,
        ..PatchOrder::default()
    };
    for status in ["editing", "placing", "placed", "approved", "cancelled"] {
        for role in [Role::Guest, Role::Customer(CustomerId::new(id("customer")))] {
            let mut world = World::new().with_role(role);
            world.set("status", status);
            assert_eq!(world.refuses(&change).0, Code::ValidationError);
            assert_eq!(world.refuses(&refresh).0, Code::ValidationError);
        }
        let mut world = World::new().with_role(Role::Integration);
        world.set("status", status);
        world.run(&change).unwrap();
        let email = world.order.record.text("customer_email");
        assert_eq!(email, Some("new@example.com"));
    }
}

#[test]
fn nobody_changes_the_payment_of_an_order_that_is_placed() {
    let place = json!({ "status": "placed" });
    for role in [
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let mut world = World::new().with_role(role);
        world.run(&pay("pm_visa")).unwrap();
        world.set("status", "placed");
        let method = at("relationships/payment_method");
        assert_eq!(world.refuses(&select("second card")), method);
        let none = PatchOrder {
            payment_method: MethodChoice::None,
            ..PatchOrder::default()
        };
        assert_eq!(world.refuses(&none), method);
        let nullified = world.refuses(&nullify());
        assert_eq!(nullified, at("attributes/_nullify_payment_source"));
    }
    // The status that counts is the one that the request itself sets.
    let mut world = World::new().with_role(Role::Integration);
    world.run(&pay("pm_visa")).unwrap();
    let both = PatchOrder {
        nullify: true,
        ..set(&place)
    };
    assert_eq!(
        world.refuses(&both),
        at("attributes/_nullify_payment_source")
    );
    assert_eq!(world.order.status, OrderStatus::Pending);
}

#[test]
fn a_status_that_is_none_is_refused() {
    let mut world = World::new().with_role(Role::Integration);
    let refused = world.refuses(&set(&json!({ "status": "lost" })));
    assert_eq!(refused, at("attributes/status"));
}

#[test]
fn an_attribute_is_set_and_null_takes_it_away() {
    let mut world = World::new().with_role(Role::Integration);
    world.run(&set(&json!({ "coupon_code": "SALE" }))).unwrap();
    assert_eq!(world.order.record.text("coupon_code"), Some("SALE"));
    world.run(&set(&json!({ "coupon_code": null }))).unwrap();
    assert_eq!(world.order.record.get("coupon_code"), None);
    assert!(world.asked().is_empty());
    assert_eq!(world.order.state.payment_attempt, 0);
}

#[test]
fn an_empty_change_writes_nothing() {
    let mut world = World::new();
    world.run(&PatchOrder::default()).unwrap();
    assert!(world.commits.is_empty());
}

#[test]
fn a_method_that_the_order_may_not_be_paid_with_is_not_selected() {
    let mut world = World::new();
    let unknown = (
        Code::RecordNotFound,
        "/data/relationships/payment_method".to_owned(),
    );
    assert_eq!(world.refuses(&select("unknown")), unknown);
    world
        .method("second card")
        .set("disabled_at", "2026-01-01T00:00:00.000Z");
    let refused = world.refuses(&select("second card"));
    assert_eq!(refused, at("relationships/payment_method"));
}

#[test]
fn the_same_method_again_keeps_the_source() {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    let commits = world.commits.len();
    assert_eq!(world.asked_by(&select("card")), [""; 0]);
    assert_eq!(world.commits.len(), commits);
}

#[test]
fn another_method_or_none_drops_the_source() {
    let none = PatchOrder {
        payment_method: MethodChoice::None,
        ..PatchOrder::default()
    };
    for (choice, method) in [
        (select("second card"), Some(id("second card"))),
        (none, None),
    ] {
        let mut world = World::new();
        world.run(&pay("pm_visa")).unwrap();
        world.run(&choice).unwrap();
        assert_eq!(
            world.order.payment_method(),
            method.map(PaymentMethodId::new)
        );
        assert_eq!(world.source, None);
        assert_eq!(world.superseded.len(), 1);
        assert_eq!(world.owed.len(), 1);
    }
}

#[test]
fn triggers_run_as_method_then_nullify_then_reuse_then_save() {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    world.pass(60);
    world.run(&select("other card")).unwrap();
    let entry = world.wallet().entries[0].id();

    // Reused before the method is selected, the entry would be of another gateway; nullified after
    // it, the order would be without source; saved before it, without anything to save.
    let all = PatchOrder {
        payment_method: MethodChoice::Method(PaymentMethodId::new(id("second card"))),
        nullify: true,
        save: true,
        ..reuse(entry)
    };
    world.run(&all).unwrap();
    assert_eq!(
        world.order.payment_method(),
        Some(PaymentMethodId::new(id("second card")))
    );
    assert_eq!(world.source.unwrap().state.entry, Some(entry));
    assert_eq!(
        world.wallets[&CustomerId::new(id("customer"))]
            .entries
            .len(),
        1
    );
}

#[test]
fn triggers_are_carried_out_all_or_none() {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.pass(60);
    let before = world.clone();
    let failing = PatchOrder {
        payment_method: MethodChoice::Method(PaymentMethodId::new(id("second card"))),
        nullify: true,
        reuse: Some("unknown".to_owned()),
        ..set(&json!({ "customer_email": "new@example.com" }))
    };
    let refused = refusal(world.run(&failing));
    assert_eq!(refused.0, Code::RecordNotFound);
    assert_eq!(world.commits.len(), before.commits.len());
    assert_eq!(world.order, before.order);
    assert_eq!(world.source, before.source);
}

#[test]
fn what_the_gateway_refuses_takes_the_attributes_back_too() {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    let failing = PatchOrder {
        save: true,
        ..set(&json!({ "customer_email": "new@example.com" }))
    };
    world.gateway.mishaps.push_back(Mishap::Refused);
    assert_eq!(refusal(world.run(&failing)).0, Code::PaymentDeclined);
    let email = world.order.record.text("customer_email");
    assert_eq!(email, Some("customer@example.com"));
    let commit = world.commits.last().unwrap();
    assert!(matches!(
        commit[..],
        [Change::Put {
            place: Place::Order,
            ..
        }]
    ));
}

#[test]
fn a_change_that_another_request_overtakes_is_made_upon_the_newer_order() {
    let mut world = World::new().with_role(Role::Integration);
    let first = set(&json!({ "coupon_code": "SALE" }));
    world
        .run_while(&first, |world| {
            let second = set(&json!({ "customer_email": "new@example.com" }));
            world.run(&second).unwrap();
        })
        .unwrap();
    let record = &world.order.record;
    assert_eq!(record.text("coupon_code"), Some("SALE"));
    assert_eq!(record.text("customer_email"), Some("new@example.com"));
    assert_eq!(record.version, 3);
}

#[test]
fn a_method_that_is_disabled_at_that_moment_makes_the_late_request_fail() {
    let mut world = World::new();
    let late = world.run_while(&select("second card"), |world| {
        world
            .method("second card")
            .set("disabled_at", "2026-01-01T00:00:00.000Z");
        let integration = Role::Integration;
        let customer = std::mem::replace(&mut world.caller.role, integration);
        world.run(&set(&json!({ "coupon_code": "SALE" }))).unwrap();
        world.caller.role = customer;
    });
    assert_eq!(refusal(late), at("relationships/payment_method"));
}
