//! Saved cards that pay the next order.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, Reply, SECOND_ORDER};
use crate::at_checkout_com::{CHECKOUT_COM_METHOD, KIND, card_id, payment_id, token};
use crate::refusals::is;

const AUTHORIZE: &str = "/data/attributes/_authorize";
const REUSE: &str = "/data/attributes/_customer_payment_source_id";
const MONTH: Duration = Duration::from_secs(32 * 24 * 3600);

fn id_of(entry: &Value) -> &str {
    entry["id"].as_str().unwrap()
}

fn src_of(entry: &Value) -> &str {
    entry["attributes"]["payment_source_token"]
        .as_str()
        .unwrap()
}

/// Puts a saved card on the second order; gives the payment source's id.
async fn reused(app: &App, entry: &Value) -> String {
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let reply = app.reuse(&app.customer(), SECOND_ORDER, id_of(entry)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.payment_source()["id"].as_str().unwrap().to_owned()
}

async fn ask_for_payment(app: &App, source: &str) -> Reply {
    let attributes = json!({ "_authorize": true });
    app.patch_source(&app.customer(), KIND, source, attributes)
        .await
}

#[tokio::test]
async fn a_saved_card_pays_the_next_order_when_that_is_asked_for() {
    let app = App::start().await;
    let customer = app.customer();
    let entry = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let reply = app.reuse(&customer, SECOND_ORDER, id_of(&entry)).await;
    let shown = &reply.payment_source()["attributes"];
    let response = shown["payment_response"].as_object().unwrap();
    assert_eq!(response.keys().collect::<Vec<_>>(), ["source"]);
    assert_eq!(response["source"]["last4"], "4242");
    assert_eq!(shown["source_id"], src_of(&entry));
    assert_eq!(
        app.posted_to_checkout_com("/payments").len(),
        1,
        "of the first order"
    );

    let source = reply.payment_source()["id"].as_str().unwrap();
    let paid = ask_for_payment(&app, source).await;
    assert_eq!(
        paid.attribute("payment_response")["status"],
        "Authorized",
        "{}",
        paid.body
    );
    let sent = &app.posted_to_checkout_com("/payments")[1];
    assert_eq!(
        sent["source"],
        json!({ "type": "id", "id": src_of(&entry) })
    );
    assert_eq!(sent["capture"], false);
    assert_eq!(sent["merchant_initiated"], false, "the shopper is there");
    assert_eq!(sent["reference"], SECOND_ORDER);
    assert_eq!(
        sent["customer"]["id"],
        entry["attributes"]["customer_token"]
    );

    let kept = app.save(&customer, SECOND_ORDER).await;
    assert_eq!(kept.wallet(), [id_of(&entry)]);
    assert!(app.is_stored(src_of(&entry)).await);
}

#[tokio::test]
async fn what_a_saved_card_did_to_one_order_does_not_take_it_from_the_wallet() {
    let app = App::start().await;
    let customer = app.customer();
    let entry = app
        .saved_with_checkout_com(ORDER, &token("later_declined", 1))
        .await;
    let source = reused(&app, &entry).await;
    let declined = ask_for_payment(&app, &source).await;
    assert_eq!(declined.status, 200, "{}", declined.body);
    assert_eq!(declined.attribute("payment_response")["status"], "Declined");
    assert!(app.is_stored(src_of(&entry)).await);

    let paid = app
        .authorize(&customer, &source, &token("mastercard", 2))
        .await;
    assert_eq!(
        paid.attribute("payment_response")["status"],
        "Authorized",
        "{}",
        paid.body
    );
    assert!(app.is_stored(src_of(&entry)).await);
    let dropped = app.patch_order(
        &customer,
        SECOND_ORDER,
        json!({ "_nullify_payment_source": true }),
    );
    assert_eq!(dropped.await.wallet(), [id_of(&entry)]);
    assert!(app.is_stored(src_of(&entry)).await);
    assert!(
        !app.is_stored(card_id(&paid)).await,
        "the other was not saved"
    );
}

#[tokio::test]
async fn a_bank_may_ask_again_for_a_saved_card() {
    let app = App::start().await;
    let customer = app.customer();
    let first = app.create_checkout_com(&customer, ORDER).await.id();
    let waiting = app
        .authorize(&customer, &first, &token("redirect", 1))
        .await;
    app.answer_bank(payment_id(&waiting), true).await;
    let saved = app.save(&customer, ORDER).await;
    let entry = saved.included(&saved.wallet()[0]);

    let source = reused(&app, entry).await;
    let waiting = ask_for_payment(&app, &source).await;
    assert_eq!(waiting.attribute("payment_response")["status"], "Pending");
    assert!(waiting.attribute("redirect_uri").is_string());
    app.answer_bank(payment_id(&waiting), true).await;
    let refresh = json!({ "_refresh": true });
    let paid = app.patch_source(&customer, KIND, &source, refresh).await;
    assert_eq!(paid.attribute("payment_response")["status"], "Authorized");
    assert_eq!(
        app.save(&customer, SECOND_ORDER).await.wallet(),
        saved.wallet()
    );
}

#[tokio::test]
async fn a_deleted_entry_pays_nothing_any_more() {
    let (app, books, _) = App::start_with_books().await;
    let customer = app.customer();
    let entry = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    let source = reused(&app, &entry).await;
    let path = format!("/api/customer_payment_sources/{}", id_of(&entry));
    assert_eq!(app.delete(&customer, &path).await.status, 204);
    let reply = ask_for_payment(&app, &source).await;
    assert_eq!(reply.status, 422, "{}", reply.body);
    let reply = app.reuse(&customer, SECOND_ORDER, id_of(&entry)).await;
    assert_eq!(is(&reply), (404, "RECORD_NOT_FOUND", REUSE));
    assert_eq!(books.payments().len(), 1);
    assert_eq!(books.instruments().len(), 0);
}

#[tokio::test]
async fn a_card_pays_through_the_last_day_of_its_month_and_no_longer() {
    let (app, books, clock) = App::start_with_books().await;
    let entry = app
        .saved_with_checkout_com(ORDER, &token("expires_this_month", 1))
        .await;
    let source = reused(&app, &entry).await;
    clock.pass(MONTH);
    let customer = app.customer();
    let reply = ask_for_payment(&app, &source).await;
    assert_eq!(
        is(&reply),
        (422, "PAYMENT_SOURCE_NOT_REUSABLE", AUTHORIZE),
        "{}",
        reply.body
    );
    let order = app.order(&customer, SECOND_ORDER).await;
    assert_eq!(order.wallet(), Vec::<String>::new());
    let reply = app.reuse(&customer, SECOND_ORDER, id_of(&entry)).await;
    assert_eq!(
        (reply.status, reply.pointer()),
        (422, REUSE),
        "{}",
        reply.body
    );
    assert_eq!(books.payments().len(), 1);
    let path = format!("/api/customer_payment_sources/{}", id_of(&entry));
    assert_eq!(
        app.delete(&customer, &path).await.status,
        204,
        "but it can be deleted"
    );
}

#[tokio::test]
async fn a_card_that_is_gone_at_the_gateway_is_refused() {
    let app = App::start().await;
    let entry = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    let source = reused(&app, &entry).await;
    app.forget_at_checkout_com(src_of(&entry)).await;
    let reply = ask_for_payment(&app, &source).await;
    assert_eq!(
        is(&reply),
        (422, "PAYMENT_SOURCE_NOT_REUSABLE", AUTHORIZE),
        "{}",
        reply.body
    );
    let drop = json!({ "_nullify_payment_source": true });
    assert_eq!(
        app.patch_order(&app.customer(), SECOND_ORDER, drop)
            .await
            .status,
        200
    );
    let reply = app
        .reuse(&app.customer(), SECOND_ORDER, id_of(&entry))
        .await;
    assert_eq!(
        is(&reply),
        (422, "PAYMENT_SOURCE_NOT_REUSABLE", REUSE),
        "{}",
        reply.body
    );
}
