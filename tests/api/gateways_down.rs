//! What a bad day of a gateway does, the same at each of them: nothing is lost, nothing made twice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use billfold::{Options, router};
use domain::Sleep;
use futures_util::future::BoxFuture;
use sandbox::{Fault, FaultOrder};
use serde_json::Value;

use crate::app::{App, SECOND_ORDER};
use crate::faults::TestClock;
use crate::refusals::is;
use crate::ways::{CHECKOUT_COM, EVERY, EXTERNAL, KLARNA, STRIPE, Way, changed_since};

const UNANSWERED: (u16, &str, &str) = (502, "GATEWAY_ERROR", "");

/// Waits for nothing, and has the clock say that the time, and more, has passed.
struct Passing {
    clock: Arc<TestClock>,
    more: Duration,
}

impl Sleep for Passing {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.clock.pass(duration + self.more);
        Box::pin(std::future::ready(()))
    }
}

/// A Billfold whose pauses take no time, but put its clock forward, by this much more each.
async fn start(more: Duration) -> (App, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let sleep = Passing {
        clock: clock.clone(),
        more,
    };
    let app = App::start_with(Options {
        clock: clock.clone(),
        sleep: Arc::new(sleep),
        ..Options::in_memory(0)
    })
    .await;
    (app, clock)
}

fn on((method, path): (&str, &str), fault: Fault) -> FaultOrder {
    FaultOrder::next(fault).on(method, path)
}

/// What saving asks of each gateway.
const SAVES: [(&Way, (&str, &str)); 4] = [
    (&STRIPE, ("POST", "/v1/payment_methods/*")),
    (&CHECKOUT_COM, ("GET", "/payments/*")),
    (&KLARNA, ("POST", "/payments/v1/authorizations/*")),
    (&EXTERNAL, ("POST", "/token")),
];

/// A gateway that answers everything with a fault of its own, and then no more.
async fn breaks_down(app: &App, way: &Way) {
    let token = app.customer();
    way.order_fault(app, FaultOrder::next(Fault::Status500).times(1_000));
    let (order, before) = (app.order(&token, way.order).await, app.table().await);
    let reply = way.create(app, &token, way.order).await;
    let unanswered = (reply.status, reply.code());
    assert_eq!(
        unanswered,
        (502, "GATEWAY_ERROR"),
        "{}: {}",
        way.kind,
        reply.body
    );
    let changed = changed_since(app, &before).await;
    let is_unseen = |key: &String| key.ends_with(&format!("#order#{} order", way.order));
    assert!(changed.iter().all(is_unseen), "{changed:?}");
    let after = app.order(&token, way.order).await;
    assert_eq!(
        after.body, order.body,
        "{}: at most an attempt is counted",
        way.kind
    );
    way.withdraw_faults(app);
}

#[tokio::test]
async fn a_gateway_that_breaks_down_leaves_the_order_as_it_was() {
    for way in EVERY.iter().filter(|it| it.opens.is_some()) {
        let (app, _) = App::start_timeless().await;
        let token = app.customer();
        // The gateway knows the customer already.
        app.selected(SECOND_ORDER, way.method).await;
        way.create(&app, &token, SECOND_ORDER).await;
        breaks_down(&app, way).await;
        let again = way.create(&app, &token, way.order).await;
        assert_eq!(again.status, 201, "{}: {}", way.kind, again.body);
        assert_eq!(app.sources_of(way.order).await, 1, "{}", way.kind);
    }
}

#[tokio::test]
async fn a_gateway_that_breaks_down_over_a_customers_first_payment_does_not_turn_them_away() {
    for way in EVERY.iter().filter(|it| it.opens.is_some()) {
        let (app, _) = App::start_timeless().await;
        breaks_down(&app, way).await;
        let again = way.create(&app, &app.customer(), way.order).await;
        assert_eq!(again.status, 201, "{}: {}", way.kind, again.body);
    }
}

#[tokio::test]
async fn a_payment_whose_answers_were_lost_is_made_once() {
    for way in EVERY.iter().filter(|it| it.opens.is_some()) {
        let (app, _) = App::start_timeless().await;
        let token = app.customer();
        let opens = way.opens.unwrap();
        way.order_fault(&app, on(opens, Fault::DropAfter).times(3));
        let lost = way.create(&app, &token, way.order).await;
        assert_eq!(is(&lost), UNANSWERED, "{}: {}", way.kind, lost.body);
        let repeat = way.create(&app, &token, way.order).await;
        assert_eq!(repeat.status, 201, "{}: {}", way.kind, repeat.body);
        let later = way.create(&app, &token, way.order).await;
        assert_eq!(later.id(), repeat.id(), "{}", way.kind);
        assert_eq!(app.sources_of(way.order).await, 1, "{}", way.kind);
        if way.kind == STRIPE.kind {
            assert_eq!(app.payments_at_stripe().await.len(), 1);
        }
    }
}

#[tokio::test]
async fn a_request_ends_by_its_deadline_however_long_the_gateway_takes() {
    for way in EVERY.iter().filter(|it| it.opens.is_some()) {
        let (method, path) = way.opens.unwrap();
        let opening = format!("{method} {path}");
        let opened = |app: &App| way.asked(app).iter().filter(|it| **it == opening).count();

        // After the first pause the time for calls is over.
        let (app, _) = start(Duration::from_secs(10)).await;
        let token = app.customer();
        way.order_fault(&app, on((method, path), Fault::Status429).times(3));
        let reply = way.create(&app, &token, way.order).await;
        assert_eq!(is(&reply), UNANSWERED, "{}: {}", way.kind, reply.body);
        assert_eq!(opened(&app), 1, "{}", way.kind);

        // After it a second is left, and the next answer would take a minute.
        let (app, _) = start(Duration::from_millis(8_500)).await;
        let token = app.customer();
        way.order_fault(&app, on((method, path), Fault::Status429));
        let minute = on((method, path), Fault::Delay).delay_ms(60_000);
        way.order_fault(&app, minute.times(2));
        let begun = Instant::now();
        let reply = way.create(&app, &token, way.order).await;
        assert_eq!(is(&reply), UNANSWERED, "{}: {}", way.kind, reply.body);
        assert_eq!(opened(&app), 2, "{}", way.kind);
        assert!(
            begun.elapsed() < Duration::from_secs(7),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn a_save_that_was_not_answered_is_made_up_for_by_its_repeat() {
    for (way, saving) in SAVES {
        for fault in [
            Fault::Status500,
            Fault::DropBefore,
            Fault::DropAfter,
            Fault::Garbage,
        ] {
            if way.kind == KLARNA.kind && fault == Fault::Status500 {
                // Klarna replays its faults: `klarna_faults` has that.
                continue;
            }
            let (app, _) = App::start_timeless().await;
            let token = app.customer();
            way.pay(&app, way.order, 1).await;
            let asked = way.asked(&app).len();
            way.order_fault(&app, on(saving, fault).times(100));
            let reply = app.save(&token, way.order).await;
            let unanswered = (reply.status, reply.code());
            let at = format!("{} {fault:?}: {}", way.kind, reply.body);
            assert_eq!(unanswered, (502, "GATEWAY_ERROR"), "{at}");
            assert!(way.asked(&app).len() > asked, "{} {fault:?}", way.kind);
            let wallet = app.get(&token, "/api/customer_payment_sources").await;
            assert_eq!(wallet.body["meta"]["record_count"], 0);

            way.withdraw_faults(&app);
            let repeat = app.save(&token, way.order).await;
            assert_eq!(
                repeat.status, 200,
                "{} {fault:?}: {}",
                way.kind, repeat.body
            );
            assert_eq!(repeat.wallet().len(), 1, "{} {fault:?}", way.kind);
            assert_eq!(app.operations().await, [""; 0], "{} {fault:?}", way.kind);
        }
    }
}

#[tokio::test]
async fn a_save_that_cannot_be_repeated_is_carried_on_by_the_sweeper() {
    for (way, saving) in SAVES {
        if way.kind == STRIPE.kind || way.kind == CHECKOUT_COM.kind {
            continue;
        }
        let (app, clock) = App::start_timeless().await;
        way.pay(&app, way.order, 1).await;
        way.order_fault(&app, on(saving, Fault::DropAfter).times(100));
        let reply = app.save(&app.customer(), way.order).await;
        assert_eq!(is(&reply), UNANSWERED, "{}: {}", way.kind, reply.body);
        assert_eq!(app.operations().await.len(), 1, "{}: noted", way.kind);

        way.withdraw_faults(&app);
        clock.pass(Duration::from_secs(61));
        let (context, gateways) = (&app.running.context, app.running.gateways.as_ref());
        assert_eq!(
            router::sweep(context, gateways).await.unwrap().settled,
            1,
            "{}",
            way.kind
        );
        let token = app.customer();
        let wallet = app.get(&token, "/api/customer_payment_sources").await;
        assert_eq!(wallet.body["meta"]["record_count"], 1, "{}", way.kind);
        let saved = app.save(&token, way.order).await;
        assert_eq!(
            saved.wallet(),
            [wallet.body["data"][0]["id"].as_str().unwrap()]
        );
        assert_eq!(app.operations().await, [""; 0], "{}", way.kind);
    }
}

#[tokio::test]
async fn a_reuse_that_was_not_answered_leaves_order_and_entry_as_they_were() {
    for (way, reading) in [
        (&STRIPE, ("POST", "/v1/payment_intents")),
        (&CHECKOUT_COM, ("GET", "/instruments/*")),
        (&KLARNA, ("GET", "/customer-token/v1/tokens/*")),
    ] {
        let (app, _) = App::start_timeless().await;
        let token = app.customer();
        let saved = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        for fault in [Fault::Status429, Fault::DropBefore, Fault::DropAfter] {
            way.order_fault(&app, on(reading, fault).times(3));
            let before = app.table().await;
            let reply = app.reuse(&token, SECOND_ORDER, &saved.id).await;
            assert_eq!(
                is(&reply),
                UNANSWERED,
                "{} {fault:?}: {}",
                way.kind,
                reply.body
            );
            assert_eq!(app.table().await, before, "{} {fault:?}", way.kind);
        }
        let reply = app.reuse(&token, SECOND_ORDER, &saved.id).await;
        assert_eq!(reply.status, 200, "{}: {}", way.kind, reply.body);
        assert_ne!(*reply.payment_source(), Value::Null);
        assert_eq!(app.sources_of(SECOND_ORDER).await, 1, "{}", way.kind);
    }
}
