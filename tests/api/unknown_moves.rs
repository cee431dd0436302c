//! A fault of the gateway's leaves open whether money moved: it is no failure before what the gateway has says so.

use std::time::Duration;

use sandbox::{Fault, FaultOrder};
use serde_json::json;

use crate::app::App;
use crate::faults::TestClock;
use crate::till::{TOTAL, id, settled, start};
use crate::ways::STRIPE;

/// A captured order whose refund of 5.00 met a fault that Stripe keeps; and the refund's id.
async fn refunded_into_a_fault(app: &App) -> String {
    app.captured(&STRIPE).await;
    app.order_fault(FaultOrder::next(Fault::Status500).on("POST", "/v1/refunds"));
    let capture = id(app.books(STRIPE.order).await.only("captures")).to_owned();
    let refund = json!({ "_refund": true, "_refund_amount_cents": 500 });
    let asked = app.patch_transaction("captures", &capture, refund).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let books = app.books(STRIPE.order).await;
    let refund = books.only("refunds");
    let message = &refund["attributes"]["message"];
    assert_eq!(message, "The gateway has not decided yet.");
    id(refund).to_owned()
}

/// A sweep of everything that comes due within an hour.
async fn an_hour_passes(app: &App, clock: &TestClock) {
    for _ in 0..8 {
        clock.pass(Duration::from_secs(10 * 60));
        settled(app, clock).await;
    }
}

fn refunds_asked_for(app: &App) -> usize {
    let asked = app.asked_of_stripe();
    asked.iter().filter(|it| *it == "POST /v1/refunds").count()
}

#[tokio::test]
async fn a_refund_that_a_fault_leaves_open_fails_once_it_has_had_its_time() {
    let (app, clock) = start().await;
    refunded_into_a_fault(&app).await;
    let asked = refunds_asked_for(&app);
    settled(&app, &clock).await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    let refund = books.only("refunds");
    assert_eq!(refund["attributes"]["error_code"], json!(null));
    assert_eq!(
        refund["attributes"]["message"],
        "The gateway has not decided yet."
    );
    assert_eq!(books.status(), ("approved", "paid"));

    an_hour_passes(&app, &clock).await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.moved("refunds"), [(500, false)]);
    assert_eq!(books.only("refunds")["attributes"]["message"], "Failed");
    assert_eq!(books.status(), ("approved", "paid"));
    assert_eq!(refunds_asked_for(&app), asked, "asked for once");
}

#[tokio::test]
async fn a_refund_that_was_made_in_spite_of_the_fault_is_found() {
    for is_told in [false, true] {
        let (app, clock) = start().await;
        let refund = refunded_into_a_fault(&app).await;
        let source = app.books(STRIPE.order).await;
        let payment = &source.only("captures")["attributes"]["gateway_transaction_id"];
        let form = format!(
            "payment_intent={}&amount=500&metadata[billfold_transaction]={refund}",
            payment.as_str().unwrap()
        );
        app.at_stripe("/v1/refunds", &form).await;
        match is_told {
            true => app.hear().await,
            false => settled(&app, &clock).await,
        }
        let books = app.books(STRIPE.order).await;
        assert_eq!(books.moved("refunds"), [(500, true)], "told: {is_told}");
        assert_eq!(books.status(), ("approved", "partially_refunded"));
        assert_eq!(books.moved("captures"), [(TOTAL, true)]);
    }
}

#[tokio::test]
async fn a_refund_that_shows_only_after_it_has_failed_is_taken_all_the_same() {
    let (app, clock) = start().await;
    let refund = refunded_into_a_fault(&app).await;
    let books = app.books(STRIPE.order).await;
    let payment = books.only("captures")["attributes"]["gateway_transaction_id"].clone();
    an_hour_passes(&app, &clock).await;
    let form = format!(
        "payment_intent={}&amount=500&metadata[billfold_transaction]={refund}",
        payment.as_str().unwrap()
    );
    app.at_stripe("/v1/refunds", &form).await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    let given_back = books.moved("refunds");
    let succeeded: i64 = given_back.iter().filter(|it| it.1).map(|it| it.0).sum();
    assert_eq!(succeeded, 500, "{given_back:?}");
    assert_eq!(books.status(), ("approved", "partially_refunded"));
}
