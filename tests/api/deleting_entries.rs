//! Deleting a wallet entry: gone for every reader at once, off the orders that are still open, and
//! forgotten at its gateway, if not now then later.

use std::sync::Arc;
use std::time::Duration;

use billfold::{Options, router};
use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply, SECOND_ORDER};
use crate::faults::TestClock;
use crate::orders_in::{MARKET, created, related};
use crate::refusals::{is, refused};
use crate::ways::{CHECKOUT_COM, EVERY, EXTERNAL, KLARNA, STRIPE, Saved, Way};

const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";

async fn start() -> (App, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let app = App::start_with(Options {
        clock: clock.clone(),
        ..Options::in_memory(0)
    })
    .await;
    (app, clock)
}

/// Carries on what is owed, once it is due.
async fn sweep_after_a_minute(app: &App, clock: &TestClock) -> usize {
    clock.pass(Duration::from_secs(61));
    let (context, gateways) = (&app.running.context, app.running.gateways.as_ref());
    router::sweep(context, gateways).await.unwrap().settled
}

fn silent((method, path): (&str, &str)) -> FaultOrder {
    FaultOrder::next(Fault::DropBefore)
        .on(method, path)
        .times(100)
}

fn count(list: &Reply) -> &Value {
    assert_eq!(list.status, 200, "{}", list.body);
    &list.body["meta"]["record_count"]
}

#[tokio::test]
async fn a_deleted_entry_is_gone_for_every_reader_at_once() {
    for way in EVERY {
        let app = App::start().await;
        app.make_stranger().await;
        let (customer, integration) = (app.customer(), app.integration());
        let entry = way.saved(&app).await;
        let path = entry.path();
        let links = ["", "/customer", "/payment_source", "/payment_method"];
        for link in links {
            let reply = app.get(&customer, &format!("{path}{link}")).await;
            assert_eq!(reply.status, 200, "{}{link}: {}", way.kind, reply.body);
        }

        assert_eq!(app.delete(&app.stranger(), &path).await.status, 404);
        assert_eq!(app.delete(&app.guest(), &path).await.status, 401);
        assert_eq!(app.get(&customer, &path).await.status, 200);
        let deleted = app.delete(&customer, &path).await;
        assert_eq!((deleted.status, &deleted.body), (204, &Value::Null));

        let of_customer = format!("/api/customers/{}", billfold::demo::customer());
        let of_order = format!("/api/orders/{}", way.order);
        for caller in [&customer, &integration] {
            for link in links {
                let reply = app.get(caller, &format!("{path}{link}")).await;
                assert_eq!(
                    is(&reply),
                    (404, "RECORD_NOT_FOUND", ""),
                    "{}{link}",
                    way.kind
                );
            }
            for list in [
                "/api/customer_payment_sources".to_owned(),
                format!("{of_customer}/customer_payment_sources"),
                format!("{of_order}/available_customer_payment_sources"),
            ] {
                assert_eq!(*count(&app.get(caller, &list).await), 0, "{list}");
            }
            let linkage = "relationships/available_customer_payment_sources";
            let linked = app.get(caller, &format!("{of_order}/{linkage}")).await;
            assert_eq!(linked.body["data"], json!([]));
            let order = app.order(caller, way.order).await;
            assert_eq!(order.wallet(), Vec::<String>::new());
            assert_eq!(app.delete(caller, &path).await.status, 404, "twice");
        }
        let items = app.table().await;
        let left = items.keys().find(|key| key.contains(&entry.id));
        assert_eq!(left, None, "{}", way.kind);
    }
}

#[tokio::test]
async fn an_integration_deletes_a_customers_entry() {
    for way in EVERY {
        let app = App::start().await;
        let entry = way.saved(&app).await;
        let deleted = app.delete(&app.integration(), &entry.path()).await;
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        assert_eq!(app.get(&app.customer(), &entry.path()).await.status, 404);
        assert!(way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
    }
}

#[tokio::test]
async fn an_open_order_loses_the_source_made_of_it_and_a_placed_one_does_not() {
    for way in EVERY {
        for status in ["draft", "pending", "placed", "approved"] {
            let app = App::start().await;
            let customer = app.customer();
            let entry = way.saved(&app).await;
            app.selected(SECOND_ORDER, way.method).await;
            let reused = app.reuse(&customer, SECOND_ORDER, &entry.id).await;
            let source = reused.payment_source().clone();
            app.set_order(SECOND_ORDER, json!({ "status": status }))
                .await;
            let first = app
                .order(&customer, way.order)
                .await
                .payment_source()
                .clone();

            assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
            let is_open = matches!(status, "draft" | "pending");
            let left = app
                .order(&customer, SECOND_ORDER)
                .await
                .payment_source()
                .clone();
            match is_open {
                true => assert_eq!(left, Value::Null, "{} {status}", way.kind),
                false => assert_eq!(left, source, "{} {status}", way.kind),
            }
            let kept = app.order(&customer, way.order).await;
            assert_eq!(
                *kept.payment_source(),
                first,
                "{}: what it was saved from stays",
                way.kind
            );
            if way.kind == STRIPE.kind {
                let id = &source["attributes"]["stripe_id"];
                let intent = app.stripe_object("payment_intents", id).await;
                assert_eq!(intent["status"] == "canceled", is_open, "{status}");
            }
            assert!(
                way.has_forgotten(&app, &entry.token).await,
                "{} {status}",
                way.kind
            );
            assert_eq!(app.operations().await, [""; 0], "{} {status}", way.kind);
        }
    }
}

#[tokio::test]
async fn a_payment_that_was_captured_stays_on_its_order() {
    let app = App::start().await;
    let customer = app.customer();
    let entry = STRIPE.saved(&app).await;
    let reused = app.reuse(&customer, SECOND_ORDER, &entry.id).await;
    let source = reused.payment_source()["id"].as_str().unwrap().to_owned();
    let source = app
        .get(&customer, &format!("/api/stripe_payments/{source}"))
        .await;
    app.confirm(&source).await;
    app.capture(&source).await;
    assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
    let order = app.order(&customer, SECOND_ORDER).await;
    assert_eq!(order.payment_source()["id"], source.id());
    assert_eq!(app.get(&customer, &entry.path()).await.status, 404);
    let id = source.attribute("stripe_id");
    let intent = app.stripe_object("payment_intents", id).await;
    assert_eq!(intent["status"], "succeeded");
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_is_told_later() {
    for way in EVERY.iter().filter(|it| it.forgets.is_some()) {
        let (app, clock) = start().await;
        let customer = app.customer();
        let entry = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&customer, SECOND_ORDER, &entry.id).await;
        assert_eq!(reused.status, 200, "{}", reused.body);
        way.order_fault(&app, FaultOrder::next(Fault::DropBefore).times(1_000));

        let deleted = app.delete(&customer, &entry.path()).await;
        assert_eq!(deleted.status, 204, "{}: {}", way.kind, deleted.body);
        assert_eq!(app.get(&customer, &entry.path()).await.status, 404);
        let order = app.order(&customer, SECOND_ORDER).await;
        assert_eq!(*order.payment_source(), Value::Null, "{}", way.kind);
        let owed = app.operations().await.len();
        assert!(owed > 0, "{}", way.kind);

        assert_eq!(
            sweep_after_a_minute(&app, &clock).await,
            0,
            "{}: still silent",
            way.kind
        );
        way.withdraw_faults(&app);
        assert!(!way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
        clock.pass(Duration::from_secs(61));
        assert_eq!(
            sweep_after_a_minute(&app, &clock).await,
            owed,
            "{}",
            way.kind
        );
        assert!(way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
        assert_eq!(app.operations().await, [""; 0], "{}", way.kind);
        if way.kind == STRIPE.kind {
            let id = &reused.payment_source()["attributes"]["stripe_id"];
            let intent = app.stripe_object("payment_intents", id).await;
            assert_eq!(intent["status"], "canceled", "it is released too");
        }
    }
}

#[tokio::test]
async fn the_answer_does_not_wait_for_a_gateway_that_hangs() {
    let app = App::start().await;
    let customer = app.customer();
    let entry = STRIPE.saved(&app).await;
    app.reuse(&customer, SECOND_ORDER, &entry.id).await;
    app.order_fault(FaultOrder::next(Fault::Delay).delay_ms(60_000).times(1_000));

    // A request that waits for a gateway does so for ten seconds.
    let path = entry.path();
    let deleted = app.delete(&customer, &path);
    let deleted = tokio::time::timeout(Duration::from_secs(8), deleted).await;
    assert_eq!(deleted.expect("it waits").status, 204);
    let order = app.order(&customer, SECOND_ORDER).await;
    assert_eq!(*order.payment_source(), Value::Null);
    let owed = app.operations().await;
    assert_eq!(
        owed.len(),
        2,
        "a release and a token to be forgotten: {owed:?}"
    );
}

#[tokio::test]
async fn what_the_gateway_has_forgotten_already_is_done() {
    for way in EVERY.iter().filter(|it| it.forgets.is_some()) {
        let (app, clock) = start().await;
        let customer = app.customer();
        let entry = way.saved(&app).await;
        let (method, path) = way.forgets.unwrap();
        // The gateway forgot, and its answers are lost: the sweeper tells it once more.
        way.order_fault(
            &app,
            FaultOrder::next(Fault::DropAfter).on(method, path).times(3),
        );
        assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
        assert!(way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
        way.withdraw_faults(&app);
        sweep_after_a_minute(&app, &clock).await;
        assert_eq!(app.operations().await, [""; 0], "{}", way.kind);
    }
}

#[tokio::test]
async fn the_same_source_is_not_saved_again_but_another_payment_of_the_card_is() {
    for way in EVERY.iter().filter(|it| it.kind != KLARNA.kind) {
        let app = App::start().await;
        let customer = app.customer();
        let entry = way.saved(&app).await;
        assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
        let expected = (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE);
        for _ in 0..2 {
            refused(&app, app.save(&customer, way.order), expected).await;
        }
        app.selected(SECOND_ORDER, way.method).await;
        way.pay(&app, SECOND_ORDER, 2).await;
        let saved = app.save(&customer, SECOND_ORDER).await;
        assert_eq!(saved.status, 200, "{}: {}", way.kind, saved.body);
        let anew = saved.wallet();
        assert_eq!(anew.len(), 1, "{}", way.kind);
        assert_ne!(anew[0], entry.id, "{}: a new entry", way.kind);
        let reused = app.reuse(&customer, way.order, &anew[0]).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
    }
}

#[tokio::test]
async fn a_card_that_is_being_forgotten_is_not_saved_at_that_moment_nor_after() {
    let (app, clock) = start().await;
    let customer = app.customer();
    let entry = STRIPE.saved(&app).await;
    app.order_fault(silent(STRIPE.forgets.unwrap()));
    assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
    assert_eq!(app.operations().await.len(), 1);
    STRIPE.withdraw_faults(&app);

    // Stripe has not heard of it, so that the card can still be paid with.
    app.create_reusable(&customer, SECOND_ORDER, &entry.token)
        .await;
    for _ in 0..2 {
        let saved = app.save(&customer, SECOND_ORDER).await;
        let not_reusable = (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE);
        assert_eq!(is(&saved), not_reusable, "{}", saved.body);
        assert_eq!(app.order(&customer, SECOND_ORDER).await.wallet(), [""; 0]);
        sweep_after_a_minute(&app, &clock).await;
    }
    assert_eq!(app.operations().await, [""; 0]);
    assert!(STRIPE.has_forgotten(&app, &entry.token).await);
}

#[tokio::test]
async fn a_card_that_was_entered_twice_is_forgotten_with_both_its_tokens() {
    // A card that was entered twice is one entry, with both tokens: they go together.
    for way in [&STRIPE, &CHECKOUT_COM] {
        let app = App::start().await;
        let customer = app.customer();
        let entry = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        way.pay(&app, SECOND_ORDER, 2).await;
        let again = app.save(&customer, SECOND_ORDER).await;
        assert_eq!(again.wallet(), [entry.id.as_str()], "{}", way.kind);
        let newer = crate::ways::token_of(again.included(&entry.id));
        assert_ne!(newer, entry.token, "{}", way.kind);
        assert!(
            !way.has_forgotten(&app, &entry.token).await,
            "orders may stand on it"
        );
        assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
        assert!(way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
        assert!(way.has_forgotten(&app, &newer).await, "{}", way.kind);
    }
}

/// Deletes an entry while it is put on orders, and looks at what is left.
async fn race(app: &App, way: &Way, entry: &Saved, orders: &[&str]) {
    let customer = app.customer();
    let path = entry.path();
    let reuses = orders
        .iter()
        .map(|order| app.reuse(&customer, order, &entry.id));
    let reuses = futures_util::future::join_all(reuses);
    let (deleted, reused) = futures_util::join!(app.delete(&customer, &path), reuses);
    assert_eq!(deleted.status, 204, "{}: {}", way.kind, deleted.body);
    for reply in &reused {
        assert!(
            matches!(reply.status, 200 | 404 | 409 | 422),
            "{}: {}",
            way.kind,
            reply.body
        );
    }
    assert_eq!(app.get(&customer, &path).await.status, 404, "{}", way.kind);
    for (order, reply) in orders.iter().zip(&reused) {
        let source = app.order(&customer, order).await.payment_source().clone();
        let is_made_of_it = reply.status == 200 && !source.is_null();
        assert!(!is_made_of_it, "{} {order}: {source}", way.kind);
    }
    assert!(way.has_forgotten(app, &entry.token).await, "{}", way.kind);
}

#[tokio::test]
async fn deleting_and_reusing_at_the_same_moment_never_leaves_a_source_of_a_deleted_entry() {
    for way in [&STRIPE, &CHECKOUT_COM, &EXTERNAL] {
        let app = App::start().await;
        let customer = app.customer();
        app.selected(SECOND_ORDER, way.method).await;
        for card in 1..=15 {
            app.selected(way.order, way.method).await;
            way.pay(&app, way.order, card).await;
            let saved = app.save(&customer, way.order).await;
            assert_eq!(saved.status, 200, "{}", saved.body);
            let id = saved.wallet().pop().unwrap();
            let token = crate::ways::token_of(saved.included(&id));
            let entry = Saved { id, token };
            // What the gateway is slow at now and then moves the requests past each other.
            if let (Some((method, path)), 0) = (way.opens, card % 3) {
                let late = FaultOrder::next(Fault::Delay).on(method, path);
                way.order_fault(&app, late.delay_ms(5 * card as u64));
            }
            race(&app, way, &entry, &[SECOND_ORDER]).await;
            way.withdraw_faults(&app);
        }
        assert_eq!(app.operations().await, [""; 0], "{}", way.kind);
    }
}

#[tokio::test]
async fn an_erased_customer_pays_and_saves_nothing_and_gets_no_wallet_again() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let source = app
        .create_source(&customer, "stripe_payments", ORDER, json!({}))
        .await;
    assert_eq!(source.status, 201, "{}", source.body);
    let path = format!("/api/customers/{}", billfold::demo::customer());
    assert_eq!(app.delete(&integration, &path).await.status, 204);

    let paid = app
        .create_source(&customer, "stripe_payments", SECOND_ORDER, json!({}))
        .await;
    assert_eq!(paid.status, 401, "{}", paid.body);
    let saved = app.save(&customer, ORDER).await;
    assert_eq!(saved.status, 401, "{}", saved.body);
    let refreshed = app
        .patch_order(&customer, ORDER, json!({ "_refresh": true }))
        .await;
    assert_eq!(refreshed.status, 401, "{}", refreshed.body);
    let saved = app.save(&integration, ORDER).await;
    assert!((400..500).contains(&saved.status), "{}", saved.body);
    let partition = format!("#customer#{}", billfold::demo::customer());
    let (client, table) = app.running.table();
    let items = client.scan().table_name(table).send().await.unwrap();
    let left: Vec<_> = items
        .items()
        .iter()
        .filter(|it| it["pk"].as_s().unwrap().ends_with(&partition))
        .filter(|it| it["type"].as_s().unwrap() != "orders")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_deleted_card_is_on_no_open_order_however_many_and_wherever_they_are() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let entry = app.saved_card("pm_card_visa").await;
    let mut orders = Vec::new();
    for number in 0..54 {
        let attributes = json!({ "currency_code": "EUR", "total_amount_with_taxes_cents": 1_000 });
        let relationships = json!({
            "market": related("markets", MARKET),
            "customer": related("customers", &billfold::demo::customer().to_string()),
        });
        let order = created(&app, "orders", attributes, relationships)
            .await
            .id();
        let reused = app.reuse(&customer, &order, &entry).await;
        assert_eq!(reused.status, 200, "{}", reused.body);
        if number >= 2 {
            app.set_order(&order, json!({ "status": "placed" })).await;
        }
        orders.push(order);
    }
    let elsewhere = app.customer_of_market("OnEmArKeTs".parse().unwrap());
    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&elsewhere, &path).await.status, 204);
    for order in &orders[..2] {
        let order = app.order(&integration, order).await;
        assert_eq!(*order.payment_source(), Value::Null, "{}", order.body);
    }
}
