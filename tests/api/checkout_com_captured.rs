//! What Checkout.com's payment sources refuse once the money was taken or the order was placed.

use serde_json::json;

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, Reply};
use crate::at_checkout_com::{KIND, payment_id, return_urls, token};
use crate::refusals::{is, refused};

const TOKEN: &str = "/data/attributes/token";
const AUTHORIZE: &str = "/data/attributes/_authorize";

async fn captured(app: &App) -> Reply {
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    let paid = app.authorize(&customer, &source, &token("visa", 1)).await;
    app.capture_at_checkout_com(payment_id(&paid)).await;
    paid
}

#[tokio::test]
async fn a_captured_payment_is_not_dropped_or_replaced() {
    let app = App::start().await;
    let customer = app.customer();
    let paid = captured(&app).await;
    let drop = json!({ "_nullify_payment_source": true });
    let dropped = app.patch_order(&customer, ORDER, drop).await;
    assert_eq!(
        (dropped.status, dropped.code()),
        (422, "VALIDATION_ERROR"),
        "{}",
        dropped.body
    );
    let replaced = app
        .create_source(&customer, KIND, ORDER, return_urls())
        .await;
    assert_eq!(
        (replaced.status, replaced.code()),
        (422, "VALIDATION_ERROR"),
        "{}",
        replaced.body
    );
    let deleted = app
        .delete(&customer, &format!("/api/{KIND}/{}", paid.id()))
        .await;
    assert_eq!(
        (deleted.status, deleted.code()),
        (422, "VALIDATION_ERROR"),
        "{}",
        deleted.body
    );
    let order = app.order(&customer, ORDER).await;
    assert_eq!(order.payment_source()["id"], paid.id());
    assert_eq!(app.payment_of(&paid).await["status"], "Captured");
}

#[tokio::test]
async fn a_captured_payment_is_not_paid_beside() {
    for knows in [true, false] {
        let (app, books, _) = App::start_with_books().await;
        let customer = app.customer();
        let paid = captured(&app).await;
        if knows {
            let refresh = json!({ "_refresh": true });
            app.patch_source(&customer, KIND, &paid.id(), refresh).await;
        }
        let again = app
            .authorize(&customer, &paid.id(), &token("visa", 2))
            .await;
        assert_eq!(
            is(&again),
            (422, "VALIDATION_ERROR", AUTHORIZE),
            "{knows}: {}",
            again.body
        );
        assert_eq!(
            books.payments().len(),
            1,
            "no money is held beside what was taken"
        );
    }
}

#[tokio::test]
async fn a_captured_payment_is_not_replaced_by_one_that_the_browser_made() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await;
    let paid = app
        .authorize(&customer, &source.id(), &token("visa", 1))
        .await;
    app.capture_at_checkout_com(payment_id(&paid)).await;
    let made = app.pay_in_flow(&source, &token("visa", 2)).await;
    let attributes = json!({ "token": made["id"] });
    let reply = app
        .patch_source(&customer, KIND, &source.id(), attributes)
        .await;
    assert_eq!(
        is(&reply),
        (422, "VALIDATION_ERROR", TOKEN),
        "{}",
        reply.body
    );
    let order = app.order(&customer, ORDER).await;
    let shown = &order.payment_source()["attributes"]["payment_response"];
    assert_eq!(shown["id"], payment_id(&paid));
}

#[tokio::test]
async fn a_placed_order_takes_no_payment() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app.create_checkout_com(&customer, ORDER).await.id();
    app.set_order(ORDER, json!({ "status": "placed" })).await;
    let card = token("visa", 1);
    for caller in [customer, app.integration()] {
        let with_token = app.authorize(&caller, &source, &card);
        refused(&app, with_token, (422, "VALIDATION_ERROR", TOKEN)).await;
        let attributes = json!({ "_authorize": true });
        let bare = app.patch_source(&caller, KIND, &source, attributes);
        refused(&app, bare, (422, "VALIDATION_ERROR", AUTHORIZE)).await;
    }
    assert!(app.posted_to_checkout_com("/payments").is_empty());
}

#[tokio::test]
async fn what_was_paid_can_be_saved_after_the_order_was_placed() {
    let app = App::start().await;
    let customer = app.customer();
    app.paid_with_checkout_com(&customer, ORDER, &token("visa", 1))
        .await;
    app.set_order(ORDER, json!({ "status": "placed" })).await;
    let save = app.save(&customer, ORDER).await;
    assert_eq!(save.status, 200, "{}", save.body);
    let list = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(list.body["meta"]["record_count"], 1);
}
