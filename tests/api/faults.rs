//! A gateway that declines, throttles, breaks or is not there; and what is owed to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use billfold::{Options, router};
use domain::{Clock, Timestamp};
use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};
use system::SystemClock;

use crate::app::{App, ORDER, SECOND_ORDER};

/// The real time and what it was put forward by.
#[derive(Debug, Default)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that shows this time now, and goes on from there.
    pub fn at(time: Timestamp) -> Self {
        let ahead = time.unix_millis() - SystemClock.now().unix_millis();
        Self(AtomicI64::new(ahead))
    }

    pub fn pass(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let now = SystemClock.now().unix_millis();
        Timestamp::from_unix_millis(now + self.0.load(Ordering::SeqCst))
    }
}

/// A clock that stands still but for what is passed.
pub struct StoppedClock(AtomicI64);

impl Default for StoppedClock {
    fn default() -> Self {
        Self(AtomicI64::new(SystemClock.now().unix_millis()))
    }
}

impl StoppedClock {
    pub fn pass(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::SeqCst))
    }
}

fn on_create(fault: Fault) -> FaultOrder {
    FaultOrder::next(fault).on("POST", "/v1/payment_intents")
}

/// The records that differ between two looks at the table.
pub fn differing(
    before: &std::collections::BTreeMap<String, Value>,
    after: &std::collections::BTreeMap<String, Value>,
) -> Vec<String> {
    let changed = after
        .iter()
        .filter(|(key, item)| before.get(*key) != Some(*item));
    changed
        .map(|(key, _)| key.split(' ').next_back().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_decline_counts_the_attempt_and_nothing_else() {
    let app = App::start().await;
    let customer = app.customer();
    app.order_fault(on_create(Fault::Status402));
    let before = app.table().await;
    let reply = app.create_payment(&customer, ORDER, json!({})).await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "PAYMENT_DECLINED"),
        "{}",
        reply.body
    );

    let after = app.table().await;
    let changed = differing(&before, &after);
    let is_gateway_customer = |key: &String| key.starts_with("gateway#");
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert!(changed.iter().any(is_gateway_customer) && changed.contains(&"order".to_owned()));
    assert_eq!(
        app.create_payment(&customer, ORDER, json!({})).await.status,
        201
    );
}

#[tokio::test]
async fn a_gateway_that_gives_no_usable_answer_leaves_the_table_as_it_was() {
    for fault in [
        Fault::Status429,
        Fault::Garbage,
        Fault::LargeBody,
        Fault::DropBefore,
    ] {
        let app = App::start().await;
        let customer = app.customer();
        app.order_fault(
            FaultOrder::next(fault)
                .on("POST", "/v1/payment_intents")
                .times(3),
        );
        let before = app.table().await;
        let reply = app.create_payment(&customer, ORDER, json!({})).await;
        assert_eq!(
            (reply.status, reply.code()),
            (502, "GATEWAY_ERROR"),
            "{fault:?}: {}",
            reply.body
        );
        assert!(
            !reply.body.to_string().to_lowercase().contains("stripe"),
            "{}",
            reply.body
        );
        let changed = differing(&before, &app.table().await);
        assert!(changed.is_empty(), "{fault:?}: {changed:?}");

        app.stripe().stand_in.withdraw_faults();
        let repeat = app.create_payment(&customer, ORDER, json!({})).await;
        assert_eq!(repeat.status, 201, "{fault:?}: {}", repeat.body);
        assert_eq!(
            app.payments_at_stripe().await.len(),
            1,
            "{fault:?}: one payment"
        );
        assert_eq!(
            app.customers_at_stripe().await,
            1,
            "{fault:?}: one customer"
        );
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again() {
    let app = App::start().await;
    app.order_fault(on_create(Fault::DropAfter));
    let reply = app.create_payment(&app.customer(), ORDER, json!({})).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(app.payments_at_stripe().await.len(), 1);
}

#[tokio::test]
async fn a_fault_that_stripe_keeps_replaying_does_not_block_the_order() {
    let app = App::start().await;
    let customer = app.customer();
    app.order_fault(on_create(Fault::Status500));
    let reply = app.create_payment(&customer, ORDER, json!({})).await;
    assert_eq!(
        (reply.status, reply.code()),
        (502, "GATEWAY_ERROR"),
        "{}",
        reply.body
    );
    let again = app.create_payment(&customer, ORDER, json!({})).await;
    assert_eq!(again.status, 201, "{}", again.body);
}

#[tokio::test]
async fn a_card_that_is_declined_when_it_is_attached_is_not_saved() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_reusable(&customer, ORDER, "pm_card_chargeDeclined")
        .await;
    let reply = app.save(&customer, ORDER).await;
    assert_eq!(
        (reply.status, reply.code()),
        (422, "PAYMENT_DECLINED"),
        "{}",
        reply.body
    );
    let list = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(list.body["meta"]["record_count"], 0);
}

#[tokio::test]
async fn a_save_whose_answer_was_lost_keeps_one_entry() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_reusable(&customer, ORDER, "pm_card_visa").await;
    let attach = FaultOrder::next(Fault::DropAfter).on("POST", "/v1/payment_methods/*");
    app.order_fault(attach.times(3));
    assert_eq!(app.save(&customer, ORDER).await.status, 502);
    let reply = app.save(&customer, ORDER).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.wallet().len(), 1);
}

#[tokio::test]
async fn a_release_that_failed_is_carried_on_by_the_sweeper() {
    let clock = Arc::new(TestClock::default());
    let app = App::start_with(Options {
        clock: clock.clone(),
        ..Options::in_memory(0)
    })
    .await;
    let customer = app.customer();
    let dropped = app.create_payment(&customer, ORDER, json!({})).await;
    let cancel = FaultOrder::next(Fault::DropBefore).on("POST", "/v1/payment_intents/*");
    app.order_fault(cancel.times(3));
    let nullify = json!({ "_nullify_payment_source": true });
    let reply = app.patch_order(&customer, ORDER, nullify).await;
    assert_eq!(
        reply.status, 200,
        "the shopper does not wait for it: {}",
        reply.body
    );
    let intent = app
        .stripe_object("payment_intents", dropped.attribute("stripe_id"))
        .await;
    assert_eq!(intent["status"], "requires_payment_method");

    let (context, gateways) = (&app.running.context, app.running.gateways.as_ref());
    assert_eq!(
        router::sweep(context, gateways).await.unwrap().settled,
        0,
        "not due yet"
    );
    clock.pass(Duration::from_secs(61));
    assert_eq!(router::sweep(context, gateways).await.unwrap().settled, 1);
    assert_eq!(
        router::sweep(context, gateways).await.unwrap().settled,
        0,
        "paid once"
    );
    let intent = app
        .stripe_object("payment_intents", dropped.attribute("stripe_id"))
        .await;
    assert_eq!(intent["status"], "canceled");
}

#[tokio::test]
async fn a_captured_payment_is_not_replaced() {
    let app = App::start().await;
    let customer = app.customer();
    let paid = app.create_reusable(&customer, ORDER, "pm_card_visa").await;
    app.confirm(&paid).await;
    app.capture(&paid).await;
    for attributes in [
        json!({ "_nullify_payment_source": true }),
        json!({ "_save_payment_source_to_customer_wallet": true, "_nullify_payment_source": true }),
    ] {
        let reply = app.patch_order(&customer, ORDER, attributes).await;
        assert_eq!(
            (reply.status, reply.code()),
            (422, "VALIDATION_ERROR"),
            "{}",
            reply.body
        );
    }
    let other = json!({ "options": { "note": "another" } });
    let reply = app.create_payment(&customer, ORDER, other).await;
    assert_eq!(reply.status, 422, "{}", reply.body);
    assert_eq!(app.payments_at_stripe().await.len(), 1);
}

#[tokio::test]
async fn equal_requests_at_once_make_one_payment() {
    let app = App::start().await;
    let customer = app.customer();
    let create = || app.create_payment(&customer, ORDER, json!({}));
    let (a, b, c) = futures_util::join!(create(), create(), create());
    for reply in [&a, &b, &c] {
        assert_eq!(reply.status, 201, "{}", reply.body);
    }
    assert_eq!(a.id(), b.id());
    assert_eq!(b.id(), c.id());
    assert_eq!(app.payments_at_stripe().await.len(), 1);
    assert_eq!(app.customers_at_stripe().await, 1);
}

#[tokio::test]
async fn the_same_card_saved_from_two_orders_at_once_is_one_entry() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_reusable(&customer, ORDER, "pm_card_visa").await;
    app.create_reusable(&customer, SECOND_ORDER, "pm_card_visa")
        .await;
    let (a, b) = futures_util::join!(
        app.save(&customer, ORDER),
        app.save(&customer, SECOND_ORDER)
    );
    assert_eq!((a.status, b.status), (200, 200), "{} {}", a.body, b.body);
    assert_eq!(a.wallet(), b.wallet());
    let list = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(list.body["meta"]["record_count"], 1);
}

#[tokio::test]
async fn one_card_after_the_other_leaves_one_live_payment() {
    let app = App::start().await;
    let customer = app.customer();
    let visa = app.saved_card("pm_card_visa").await;
    app.create_reusable(&customer, SECOND_ORDER, "pm_card_mastercard")
        .await;
    let mastercard = app.save(&customer, SECOND_ORDER).await.wallet()[1].clone();
    for entry in [&visa, &mastercard, &visa] {
        assert_eq!(app.reuse(&customer, SECOND_ORDER, entry).await.status, 200);
    }
    let payments = app.payments_at_stripe().await;
    let of_order = payments
        .iter()
        .filter(|it| it["metadata"]["billfold_order"] == SECOND_ORDER);
    let live = of_order.filter(|it| it["status"] != "canceled");
    assert_eq!(live.count(), 1);
}
