use decisions::commands::{CreateSource, MethodChoice, PatchOrder};
use domain::gateway::{GatewayRequest, NewPayment};
use domain::refusal::Code;
use domain::{CustomerId, EntryId, PaymentMethodId, ResourceType, Role};
use serde_json::json;

use crate::asking::{pay, reuse, save};
use crate::gateway::Mishap;
use crate::world::{World, id, identifier, refusal};

const TRIGGER: &str = "/data/attributes/_customer_payment_source_id";

fn at_trigger(code: Code) -> (Code, String) {
    (code, TRIGGER.to_owned())
}

/// A world with one saved card, an hour after it was saved, and its entry.
fn saved() -> (World, EntryId) {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.run(&save()).unwrap();
    world.pass(3600);
    let entry = world.wallet().entries[0].id();
    (world, entry)
}

fn last_opened(world: &World) -> &NewPayment {
    match &world.gateway.calls.last().unwrap().request {
        GatewayRequest::CreatePayment(new) => new,
        other => panic!("not opened: {other:?}"),
    }
}

fn without_method(world: &mut World) {
    world.source = None;
    world.order.record.relate("payment_method", None);
}

#[test]
fn the_order_gets_a_payment_of_its_own_with_the_saved_card_and_its_customer() {
    let (mut world, entry) = saved();
    let old = world.source.clone().unwrap();
    let after = world.run(&reuse(entry)).unwrap();
    let opened = last_opened(&world);
    assert_eq!(opened.saved.as_deref(), Some("pm_visa"));
    assert_eq!(opened.customer_token.as_deref(), Some("cus_1"));
    assert_eq!(opened.amount.cents, 12_900);
    assert!(opened.given.is_empty(), "no off_session, no confirm");

    let source = after.partition.source.unwrap();
    assert_ne!(source.id(), old.id());
    assert_eq!(source.state.entry, Some(entry));
    let instrument = source.record.get("payment_instrument");
    assert_eq!(instrument, Some(&json!({ "card": "pm_visa" })));
    assert_eq!(world.owed.len(), 1, "the former payment is owed");
}

#[test]
fn a_double_click_puts_the_card_on_the_order_once() {
    let (mut world, entry) = saved();
    world.run(&reuse(entry)).unwrap();
    let source = world.source.clone();
    world.pass(1);
    assert_eq!(world.asked_by(&reuse(entry)), ["read payment"]);
    assert_eq!(world.source, source);

    let (mut world, entry) = saved();
    let at_once = world.run_while(&reuse(entry), |world| {
        world.run(&reuse(entry)).unwrap();
    });
    assert!(at_once.is_ok());
    assert_eq!(world.gateway.payments.len(), 2);
    assert_eq!(world.superseded.len(), 1);
}

#[test]
fn what_is_not_an_entry_of_the_orders_customer_is_not_found() {
    let (mut world, _) = saved();
    for given in ["", "unknown", "has#hash10", id("unknown").as_str()] {
        let command = PatchOrder {
            reuse: Some(given.to_owned()),
            ..PatchOrder::default()
        };
        assert_eq!(world.refuses(&command), at_trigger(Code::RecordNotFound));
    }
}

#[test]
fn an_entry_is_not_found_where_the_wallet_is_closed() {
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("somebody else"))),
    ] {
        let (world, entry) = saved();
        let mut world = world.with_role(role);
        let refused = world.refuses(&reuse(entry));
        assert_eq!(refused, at_trigger(Code::RecordNotFound), "{role:?}");
    }
    let (mut world, entry) = saved();
    world.set("guest", true);
    world.caller.role = Role::Integration;
    assert_eq!(
        world.refuses(&reuse(entry)),
        at_trigger(Code::RecordNotFound)
    );
}

#[test]
fn an_order_that_becomes_a_guests_closes_the_wallet_in_the_same_request() {
    let (world, entry) = saved();
    let mut world = world.with_role(Role::Integration);
    let guest = json!({ "guest": true }).as_object().unwrap().clone();
    let and_reused = PatchOrder {
        attributes: guest.clone(),
        ..reuse(entry)
    };
    let refused = world.refuses(&and_reused);
    assert_eq!(refused, at_trigger(Code::RecordNotFound));
    let and_saved = PatchOrder {
        attributes: guest,
        ..save()
    };
    assert_eq!(world.refuses(&and_saved).0, Code::Unauthorized);
}

#[test]
fn a_card_is_usable_through_the_last_day_of_its_month_and_not_after() {
    let (mut world, entry) = saved();
    world.now = "2030-12-31T23:59:59.999Z".parse().unwrap();
    world.run(&reuse(entry)).unwrap();
    world.now = "2031-01-01T00:00:00.000Z".parse().unwrap();
    assert_eq!(
        world.refuses(&reuse(entry)),
        at_trigger(Code::ValidationError)
    );
}

#[test]
fn only_a_draft_or_pending_order_takes_a_saved_card() {
    for status in ["editing", "placing", "placed", "approved", "cancelled"] {
        let (mut world, entry) = saved();
        world.set("status", status);
        assert_eq!(
            world.refuses(&reuse(entry)),
            at_trigger(Code::ValidationError)
        );
    }
}

#[test]
fn nothing_due_takes_no_saved_card() {
    let (mut world, entry) = saved();
    world.set("total_amount_with_taxes_cents", 0);
    assert_eq!(
        world.refuses(&reuse(entry)),
        at_trigger(Code::ValidationError)
    );
}

#[test]
fn an_entry_of_another_gateway_than_the_orders_method_is_refused() {
    let (mut world, entry) = saved();
    world.source = None;
    let method = identifier(ResourceType::PaymentMethods, "other card");
    world.order.record.relate("payment_method", Some(method));
    assert_eq!(
        world.refuses(&reuse(entry)),
        at_trigger(Code::ValidationError)
    );
}

#[test]
fn a_method_that_is_offered_no_more_takes_no_saved_card() {
    let (mut world, entry) = saved();
    world
        .method("card")
        .set("disabled_at", "2026-01-01T00:00:00.000Z");
    assert_eq!(
        world.refuses(&reuse(entry)),
        at_trigger(Code::ValidationError)
    );
}

#[test]
fn an_order_without_method_gets_the_entrys_own() {
    let (mut world, _) = saved();
    // Saved with the younger of the gateway's two methods.
    world.run(&crate::asking::select("second card")).unwrap();
    world.run(&pay("pm_master")).unwrap();
    world.run(&save()).unwrap();
    let entry = world.wallet().entries[1].id();
    without_method(&mut world);
    world.run(&reuse(entry)).unwrap();
    assert_eq!(
        world.order.payment_method(),
        Some(PaymentMethodId::new(id("second card")))
    );
}

#[test]
fn an_order_without_method_gets_the_oldest_offered_of_the_gateway_where_the_own_is_not_offered() {
    let (mut world, entry) = saved();
    world.add_method("third card", "stripe", "stripe_payments");
    world.method("card").set("currency_code", "USD");
    without_method(&mut world);
    world.run(&reuse(entry)).unwrap();
    assert_eq!(
        world.order.payment_method(),
        Some(PaymentMethodId::new(id("second card")))
    );

    let (mut world, entry) = saved();
    for method in ["card", "second card"] {
        world
            .method(method)
            .set("disabled_at", "2026-01-01T00:00:00.000Z");
    }
    without_method(&mut world);
    assert_eq!(
        world.refuses(&reuse(entry)),
        at_trigger(Code::ValidationError)
    );
}

#[test]
fn a_failed_reuse_removes_nothing() {
    let (mut world, entry) = saved();
    let before = world.clone();
    world
        .gateway
        .mishaps
        .extend([Mishap::None, Mishap::Refused]);
    assert_eq!(refusal(world.run(&reuse(entry))).0, Code::PaymentDeclined);
    assert_eq!(world.source, before.source);
    assert_eq!(world.wallets, before.wallets);
    assert!(world.owed.is_empty());
}

#[test]
fn nullify_and_reuse_in_one_request_leave_the_saved_card_on_the_order() {
    let (mut world, entry) = saved();
    world.run(&reuse(entry)).unwrap();
    let again = PatchOrder {
        nullify: true,
        ..reuse(entry)
    };
    world.run(&again).unwrap();
    let source = world.source.as_ref().expect("a source was asked for");
    assert_eq!(source.state.entry, Some(entry));
    assert_eq!(source.state.payment.as_deref(), Some("pi_3"));
}

#[test]
fn another_method_and_the_same_card_in_one_request_leave_the_card_on_the_order() {
    let (mut world, entry) = saved();
    world.run(&reuse(entry)).unwrap();
    let moved = PatchOrder {
        payment_method: MethodChoice::Method(PaymentMethodId::new(id("second card"))),
        ..reuse(entry)
    };
    world.run(&moved).unwrap();
    assert!(world.source.is_some());
    assert_eq!(
        world.order.payment_method(),
        Some(PaymentMethodId::new(id("second card")))
    );
}

#[test]
fn a_new_amount_and_the_same_card_in_one_request_pay_the_new_amount() {
    let (world, entry) = saved();
    let mut world = world.with_role(Role::Integration);
    world.run(&reuse(entry)).unwrap();
    let dearer = json!({ "total_amount_with_taxes_cents": 20_000 });
    let changed = PatchOrder {
        attributes: dearer.as_object().unwrap().clone(),
        ..reuse(entry)
    };
    world.run(&changed).unwrap();
    assert_eq!(world.source.unwrap().state.amount.cents, 20_000);
}

#[test]
fn reuse_and_save_in_one_request_answer_the_entry() {
    let (mut world, entry) = saved();
    let entries = world.wallet().entries.clone();
    let both = PatchOrder {
        save: true,
        ..reuse(entry)
    };
    let after = world.run(&both).unwrap();
    assert_eq!(after.partition.source.unwrap().state.entry, Some(entry));
    assert_eq!(world.wallet().entries, entries);
    assert_eq!(world.wallet().head.lines.len(), 1);
}

#[test]
fn a_repeat_after_a_lost_answer_makes_no_second_payment() {
    let (mut world, entry) = saved();
    world
        .gateway
        .mishaps
        .extend([Mishap::None, Mishap::AnswerLost]);
    assert!(world.run(&reuse(entry)).is_err());
    world.pass(3600);
    world.run(&reuse(entry)).unwrap();
    assert_eq!(world.gateway.payments.len(), 2);
    assert_eq!(world.source.unwrap().state.payment.as_deref(), Some("pi_2"));
}

#[test]
fn the_same_card_is_another_source_than_entering_it() {
    let (mut world, entry) = saved();
    world.run(&reuse(entry)).unwrap();
    let reused = world.source.clone().unwrap();
    let entered: CreateSource = pay("pm_visa");
    world.run(&entered).unwrap();
    let source = world.source.unwrap();
    assert_ne!(source.id(), reused.id());
    assert_eq!(source.state.entry, None);
}

#[test]
fn an_entry_that_is_deleted_meanwhile_does_not_come_onto_the_order() {
    let (mut world, entry) = saved();
    let before = world.source.clone();
    let refused = world.run_while(&reuse(entry), |meanwhile| {
        meanwhile.delete(entry).unwrap();
    });
    assert_eq!(refusal(refused), at_trigger(Code::RecordNotFound));
    assert_eq!(world.source, before);
}
