//! `_place`: what it takes, what it holds, and what it leaves behind.

use decisions::commands::{Hear, Said};
use domain::Role;
use domain::gateway::{GatewayKind, Moved, Outcome, Progress};
use domain::refusal::Code;
use domain::resources::ResourceType;
use serde_json::json;

use super::{
    KINDS, as_shop, at_gateway, books, enter, entered, invalid, lacks, newest, place, ready,
    settle, stands, transactions,
};
use crate::asking::{change_source, checkout, reuse, save};
use crate::world::{World, id, identifier, refusal};

#[test]
fn the_amount_is_held_and_the_order_placed() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "authorized"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900"]);
        assert_eq!(at_gateway(&world), (12_900, 0, 0));
        assert_eq!(world.owes_now(), [""; 0]);

        let order = &world.order.record;
        assert_eq!(order.integer("place_total_amount_cents"), Some(12_900));
        assert_eq!(
            order.text("placed_at"),
            Some(world.now.to_string().as_str())
        );
        let authorization = newest(&world, ResourceType::Authorizations);
        assert_eq!(authorization.state.payment, world.paid_with().state.payment);
        let source = authorization.record.related("payment_source");
        assert_eq!(source, Some(world.paid_with().record.id));
        let left = authorization.record.integer("capture_balance_cents");
        assert_eq!(left, Some(12_900));
    }
}

#[test]
fn a_saved_source_is_paid_with() {
    for kind in KINDS {
        let mut world = ready(kind);
        if kind == GatewayKind::CheckoutCom {
            world.run(&place()).unwrap();
        }
        world.run(&save()).unwrap();
        let entry = world.entry().id();
        world.turn_to("second order");
        world.run(&reuse(entry)).unwrap();
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "authorized"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900"]);
        assert_eq!(world.paid_with().state.entry, Some(entry));
    }
}

#[test]
fn what_the_browser_confirmed_is_read_and_not_asked_for_again() {
    let mut world = ready(GatewayKind::Stripe);
    world.gateway.payments.get_mut("pi_1").unwrap().progress = Progress::Authorized;
    assert_eq!(world.asked_by(&place()), ["read payment"]);
    assert_eq!(stands(&world), ("placed", "authorized"));
}

#[test]
fn the_shopper_is_asked_for_and_placing_again_goes_on() {
    for (kind, means) in [
        (GatewayKind::Stripe, "asks"),
        (GatewayKind::CheckoutCom, "redirect_visa"),
    ] {
        let mut world = entered(kind, means);
        let ended = refusal(world.run(&place()));
        let asked = (Code::ShopperRequired, "/data/attributes/_place".to_owned());
        assert_eq!(ended, asked);
        assert_eq!(stands(&world), ("pending", "unpaid"));
        assert_eq!(books(&world), [""; 0]);
        // Still waiting: nothing is asked for a second time.
        let calls = world.gateway.calls.len();
        assert_eq!(refusal(world.run(&place())), asked);
        assert_eq!(world.asked()[calls..], ["read payment"]);

        let payment = world.paid_with().state.payment.clone().unwrap();
        world.gateway.agreed(&payment);
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "authorized"));
        assert_eq!(world.gateway.payments.len(), 1);
    }
}

#[test]
fn another_card_after_the_shopper_was_asked_for_is_asked_for_anew() {
    let mut world = entered(GatewayKind::Stripe, "asks");
    assert!(world.run(&place()).is_err());
    let other = change_source(&world, json!({ "options": { "id": "pm_visa" } }));
    world.run(&other).unwrap();
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
}

#[test]
fn a_card_that_was_not_entered_yet_is_told_of() {
    let mut world = World::new();
    world.run(&crate::asking::pay_with(json!({}))).unwrap();
    let ended = refusal(world.run(&place()));
    let not_ready = (
        Code::PaymentSourceNotReady,
        "/data/attributes/_place".to_owned(),
    );
    assert_eq!(ended, not_ready);
    assert_eq!(stands(&world), ("pending", "unpaid"));

    let mut world = World::with_checkout();
    world.run(&checkout(None)).unwrap();
    assert_eq!(refusal(world.run(&place())), invalid("token"));
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let mut world = World::new();
    let record = &mut world.order.record;
    for name in [
        "customer",
        "billing_address",
        "shipping_address",
        "payment_method",
    ] {
        record.relate(name, None);
    }
    record.set("customer_email", json!(null));
    let mut shipment =
        domain::record::Record::new(ResourceType::Shipments, id("parcel"), world.now);
    shipment.relate("order", Some(identifier(ResourceType::Orders, "order")));
    world.children = vec![shipment];
    let blank = |of: &str| (Code::Blank, format!("/data/{of}"));
    assert_eq!(
        lacks(world.run(&place())),
        [
            blank("attributes/customer_email"),
            blank("relationships/line_items"),
            blank("relationships/billing_address"),
            blank("relationships/shipping_address"),
            blank("relationships/shipments"),
            blank("relationships/payment_method"),
            blank("relationships/payment_source"),
        ]
    );
    assert!(world.commits.is_empty());
    assert!(world.gateway.calls.is_empty());
}

#[test]
fn an_order_without_total_is_not_placed() {
    let mut world = ready(GatewayKind::Stripe);
    world.set("total_amount_with_taxes_cents", json!(null));
    assert_eq!(
        world.refuses(&place()),
        invalid("total_amount_with_taxes_cents")
    );
    world.set("total_amount_with_taxes_cents", -1);
    assert_eq!(
        world.refuses(&place()),
        invalid("total_amount_with_taxes_cents")
    );
}

#[test]
fn an_order_that_costs_nothing_is_placed_without_payment() {
    let mut world = World::new();
    world.set("total_amount_with_taxes_cents", 0);
    world.order.record.relate("payment_method", None);
    assert_eq!(world.asked_by(&place()), [""; 0]);
    assert_eq!(stands(&world), ("placed", "free"));
    assert_eq!(books(&world), [""; 0]);
}

#[test]
fn what_was_held_of_an_order_that_costs_nothing_by_now_is_let_go_of() {
    let mut world = ready(GatewayKind::Stripe);
    world.run(&super::authorize()).unwrap();
    world.set("total_amount_with_taxes_cents", 0);
    world.run(&place()).unwrap();
    assert_eq!(books(&world), ["authorizations 12900", "voids 12900"]);
    assert_eq!(at_gateway(&world), (0, 0, 0));
    assert_eq!(stands(&world).0, "placed");
}

#[test]
fn a_placed_order_that_is_placed_again_stays_as_it_is() {
    for status in ["placed", "approved"] {
        let mut world = ready(GatewayKind::Stripe);
        world.run(&place()).unwrap();
        world.set("status", status);
        let (order, commits) = (world.order.clone(), world.commits.len());
        assert_eq!(world.asked_by(&place()), [""; 0]);
        assert_eq!(world.order, order);
        assert_eq!(world.commits.len(), commits);
    }
}

#[test]
fn placed_twice_at_the_same_moment_it_is_paid_once() {
    for kind in KINDS {
        let mut world = ready(kind);
        let again = |world: &mut World| {
            world.run(&place()).unwrap();
        };
        world.run_while(&place(), again).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("placed", "authorized"));
        assert_eq!(books(&world), ["authorizations 12900"], "{kind:?}");
        assert_eq!(at_gateway(&world), (12_900, 0, 0));
    }
}

#[test]
fn an_order_that_was_paid_elsewhere_is_placed_and_nothing_held() {
    for given in ["authorized", "paid", "partially_refunded"] {
        let mut world = World::new();
        world.set("payment_status", given);
        assert_eq!(world.asked_by(&place()), [""; 0]);
        assert_eq!(stands(&world), ("placed", given));
    }
}

#[test]
fn an_order_whose_payment_elsewhere_was_undone_is_paid_here() {
    for given in ["voided", "refunded"] {
        let mut world = World::new();
        world.set("payment_status", given);
        let missing = refusal(world.run(&place()));
        assert_eq!(missing.1, "/data/relationships/payment_source");
        enter(&mut world, GatewayKind::Stripe, "visa");
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "authorized"));
    }
}

#[test]
fn a_payment_of_another_amount_does_not_place_the_order() {
    for kind in KINDS {
        let mut world = ready(kind);
        world.set("total_amount_with_taxes_cents", 15_000);
        let at_source = "/data/relationships/payment_source".to_owned();
        assert_eq!(world.refuses(&place()), (Code::ValidationError, at_source));
    }
}

#[test]
fn a_payment_of_another_order_does_not_place_this_one() {
    let mut world = ready(GatewayKind::CheckoutCom);
    let payment = world.gateway.made_in_browser("another order", 12_900, None);
    let source = world.source.as_mut().unwrap();
    source.state.payment = Some(payment);
    let at_source = "/data/relationships/payment_source".to_owned();
    let ended = refusal(world.run(&place()));
    assert_eq!(ended, (Code::ValidationError, at_source));
    assert_eq!(stands(&world), ("pending", "unpaid"));
    assert_eq!(books(&world), [""; 0]);
}

#[test]
fn a_draft_with_customer_and_line_is_placed_at_once() {
    let mut world = World::new();
    world.set("status", "draft");
    enter(&mut world, GatewayKind::Stripe, "visa");
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
}

#[test]
fn a_cancelled_order_is_not_placed() {
    let mut world = ready(GatewayKind::Stripe);
    world.set("status", "cancelled");
    let told = (Code::CannotTransition, "/data/attributes/status".to_owned());
    assert_eq!(world.refuses(&place()), told);
}

#[test]
fn guests_customers_and_integrations_place_orders() {
    let mut guests = World::new().with_role(Role::Guest);
    enter(&mut guests, GatewayKind::Stripe, "visa");
    for mut world in [
        guests,
        ready(GatewayKind::Stripe),
        as_shop(ready(GatewayKind::Stripe)),
    ] {
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", "authorized"));
    }
}

#[test]
fn the_shops_own_gateway_is_told_of_the_payment_source() {
    let mut world = ready(GatewayKind::External);
    world.run(&place()).unwrap();
    let [told] = &world.gateway.documents[..] else {
        panic!("one document");
    };
    assert_eq!(told["token"], "visa");
}

#[test]
fn the_shops_own_gateway_needs_not_save_to_be_paid_through() {
    let mut world = ready(GatewayKind::External);
    let gateway = world.catalogued(ResourceType::ExternalGateways, "external");
    gateway.set("token_url", json!(null));
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
    assert_eq!(world.gateway.documents.len(), 1);
}

#[test]
fn an_order_is_told_of_its_transactions_by_number() {
    let mut world = ready(GatewayKind::Stripe);
    world.set("number", "42");
    world.run(&place()).unwrap();
    let numbers = transactions(&world);
    let numbers = numbers.iter().map(|it| it.record.text("number"));
    assert_eq!(numbers.collect::<Vec<_>>(), [Some("42/T/001")]);
}

#[test]
fn a_method_that_captures_by_itself_captures_when_the_order_is_placed() {
    let mut world = ready(GatewayKind::Stripe);
    world.method("card").set("auto_capture", true);
    for (most, paid) in [(12_899, "authorized"), (12_900, "paid")] {
        let mut world = world.clone();
        let method = world.method("card");
        method.set("auto_capture_max_amount_cents", most);
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placed", paid));
    }
    world.run(&place()).unwrap();
    assert_eq!(stands(&world), ("placed", "paid"));
    assert_eq!(books(&world), ["authorizations 12900", "captures 12900"]);
}

#[test]
fn what_is_held_at_last_is_in_the_books_though_the_order_cannot_be_placed_any_more() {
    for total in [json!(null), json!(15_000)] {
        let mut world = ready(GatewayKind::External);
        world.gateway.decides_later = true;
        world.run(&place()).unwrap();
        assert_eq!(stands(&world), ("placing", "unpaid"));
        world.gateway.decide_holds(true);
        world.set("total_amount_with_taxes_cents", total);
        let undecided = transactions(&world).pop().unwrap();
        let action = undecided.record.text("gateway_transaction_id").unwrap();
        let hear = Hear {
            gateway: undecided.state.gateway,
            action: action.to_owned(),
            said: Said {
                moved: Moved::new(Outcome::Succeeded, Some(action.to_owned())),
                cents: None,
            },
        };
        world.run(&hear).unwrap();
        assert_eq!(world.order.status.name(), "pending");
        assert_eq!(books(&world), ["authorizations 12900"]);
    }
}
