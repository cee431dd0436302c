//! The books are compared with the gateways: what differs is told, and taken if it is asked for.

use std::time::Duration;

use billfold::{ReconcileError, Reconciled, demo};
use domain::Timestamp;
use sandbox::{Fault, FaultOrder};

use crate::app::App;
use crate::till::{PLACED, TOTAL, settled, start};
use crate::ways::{CHECKOUT_COM, EVERY, KLARNA, STRIPE};

impl App {
    async fn reconcile(&self, apply: bool) -> (Result<Reconciled, ReconcileError>, Vec<String>) {
        let (context, gateways) = (&self.running.context, self.running.gateways.as_ref());
        let mut lines = Vec::new();
        let beginning = Timestamp::from_unix_millis(0);
        let print = |line: String| lines.push(line);
        let tenant = demo::tenant();
        let reconciled =
            billfold::reconcile(context, gateways, tenant, beginning, apply, print).await;
        (reconciled, lines)
    }

    /// Nothing differs.
    pub async fn is_reconciled(&self) {
        let (reconciled, lines) = self.reconcile(false).await;
        assert_eq!(lines, [""; 0]);
        assert!(reconciled.is_ok(), "{reconciled:?}");
    }
}

#[tokio::test]
async fn books_of_orders_that_went_through_here_are_the_gateways_own() {
    let (app, clock) = start().await;
    for way in EVERY {
        app.captured(way).await;
    }
    settled(&app, &clock).await;
    app.is_reconciled().await;
    for way in EVERY {
        app.moved_on(way.order, "_refund").await;
    }
    settled(&app, &clock).await;
    app.is_reconciled().await;
    let (reconciled, _) = app.reconcile(false).await;
    assert_eq!(
        reconciled.unwrap().read,
        3,
        "all but the external gateway's"
    );
}

#[tokio::test]
async fn what_happened_elsewhere_is_told_and_changes_nothing_until_it_is_taken() {
    let (app, clock) = start().await;
    for way in [&STRIPE, &CHECKOUT_COM, &KLARNA] {
        app.placed(way).await;
    }
    settled(&app, &clock).await;
    let source = app.books(STRIPE.order).await.0.body["included"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["type"] == "stripe_payments")
        .unwrap()
        .clone();
    let intent = source["attributes"]["stripe_id"].as_str().unwrap();
    app.at_stripe(&format!("/v1/payment_intents/{intent}/capture"), "")
        .await;

    let before = app.table().await;
    let (reconciled, lines) = app.reconcile(false).await;
    let text = reconciled.unwrap_err().to_string();
    assert!(text.contains("1 differ, 0 of them taken"), "{text}");
    assert!(text.contains("--apply"), "{text}");
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(
        line.contains(STRIPE.order) && line.contains(intent),
        "{line}"
    );
    assert!(line.contains("captures of"), "{line}");
    assert!(line.contains("placed and paid"), "{line}");
    assert_eq!(app.table().await, before);
    assert_eq!(app.books(STRIPE.order).await.status(), PLACED);

    let (reconciled, _) = app.reconcile(true).await;
    assert_eq!(reconciled.unwrap().taken, 1);
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("placed", "paid"));
    assert_eq!(books.moved("captures"), [(TOTAL, true)]);
    app.is_reconciled().await;
}

#[tokio::test]
async fn a_refund_that_failed_since_is_told_of_and_taken_back() {
    let (app, clock) = start().await;
    app.captured(&STRIPE).await;
    settled(&app, &clock).await;
    app.moved_on(STRIPE.order, "_refund").await;
    settled(&app, &clock).await;
    let books = app.books(STRIPE.order).await;
    let refund = &books.only("refunds")["attributes"]["gateway_transaction_id"];
    let path = format!("/v1/refunds/{}/_settle", refund.as_str().unwrap());
    app.at_stripe(&path, "status=failed").await;

    let (reconciled, lines) = app.reconcile(false).await;
    assert!(reconciled.is_err());
    assert!(
        lines[0].contains("failed after it had succeeded"),
        "{lines:?}"
    );
    assert_eq!(
        app.books(STRIPE.order).await.moved("refunds"),
        [(TOTAL, true)]
    );
    let (reconciled, _) = app.reconcile(true).await;
    assert_eq!(reconciled.unwrap().taken, 1);
    assert_eq!(
        app.books(STRIPE.order).await.moved("refunds"),
        [(TOTAL, false)]
    );
    app.is_reconciled().await;
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_is_told_and_the_others_are_read() {
    let (app, clock) = start().await;
    app.placed(&STRIPE).await;
    app.placed(&CHECKOUT_COM).await;
    settled(&app, &clock).await;
    clock.pass(Duration::from_secs(1));
    let silent = FaultOrder::next(Fault::DropBefore).on("GET", "/payments/*");
    app.fault_at_checkout_com(silent.times(20));
    let (reconciled, lines) = app.reconcile(false).await;
    let text = reconciled.unwrap_err().to_string();
    assert!(text.contains("2 payments read, 0 differ"), "{text}");
    assert!(text.contains("1 not to be told"), "{text}");
    assert!(lines[0].contains(CHECKOUT_COM.order), "{lines:?}");
}
