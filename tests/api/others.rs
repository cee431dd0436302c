//! Who sees whose records: what belongs to others is not there.

use bytes::Bytes;
use domain::Mode;
use http::Request;
use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER, GUEST_ORDER, ORDER, SECOND_ORDER};
use crate::refusals::{is, refused};

#[tokio::test]
async fn orders_of_others_are_not_there() {
    let app = App::start().await;
    app.make_stranger().await;
    let path = format!("/api/orders/{ORDER}");
    let missing = app.get(&app.customer(), "/api/orders/aaaaaaaaaa").await;
    assert_eq!(is(&missing), (404, "RECORD_NOT_FOUND", ""));
    let other_organization = app.token_for(
        "AnOtHeRoRg".parse().unwrap(),
        "integration",
        None,
        Mode::Test,
    );
    for token in [
        app.stranger(),
        app.guest(),
        app.token("integration", None, Mode::Live),
        other_organization,
    ] {
        let reply = app.get(&token, &path).await;
        assert_eq!(reply.body, missing.body, "alike");
        let save = app.save(&token, ORDER).await;
        assert!(matches!(save.status, 401 | 404), "{}", save.body);
    }
    let strange = app.get(&app.customer(), "/api/orders/not-an-id").await;
    assert_eq!(strange.body, missing.body);
}

#[tokio::test]
async fn a_token_is_needed_and_has_to_be_right() {
    let app = App::start().await;
    let path = format!("{}/api/orders/{ORDER}", app.running.url);
    let customer = app.customer();
    let cut = customer[..customer.len() - 2].to_owned();
    for authorization in [
        "",
        "Bearer",
        "Bearer x",
        "Basic abc",
        &format!("Bearer {cut}"),
    ] {
        let request = Request::builder()
            .uri(&path)
            .header("authorization", authorization);
        let reply = app.request(request.body(Bytes::new()).unwrap()).await;
        assert_eq!(is(&reply), (401, "INVALID_TOKEN", ""), "{authorization}");
    }
    let request = Request::builder().uri(&path).body(Bytes::new()).unwrap();
    assert_eq!(app.request(request).await.code(), "INVALID_TOKEN");
}

#[tokio::test]
async fn guests_have_no_wallet() {
    let app = App::start().await;
    let unauthorized = (401, "UNAUTHORIZED", "");
    let list = app.get(&app.guest(), "/api/customer_payment_sources").await;
    assert_eq!(is(&list), unauthorized);

    app.create_reusable(&app.guest(), GUEST_ORDER, "pm_card_visa")
        .await;
    let guest = app.guest();
    let trigger = "/data/attributes/_save_payment_source_to_customer_wallet";
    refused(
        &app,
        app.save(&guest, GUEST_ORDER),
        (401, "UNAUTHORIZED", trigger),
    )
    .await;
    let reuse = app.reuse(&guest, GUEST_ORDER, "aaaaaaaaaa");
    refused(
        &app,
        reuse,
        (
            401,
            "UNAUTHORIZED",
            "/data/attributes/_customer_payment_source_id",
        ),
    )
    .await;
    let path = format!("/api/orders/{GUEST_ORDER}?include=available_customer_payment_sources");
    assert!(app.get(&guest, &path).await.wallet().is_empty());
}

#[tokio::test]
async fn a_guests_order_does_not_open_the_wallet_of_the_customer_it_carries() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    app.set_order(ORDER, json!({ "guest": true })).await;
    let path = format!("/api/orders/{ORDER}?include=available_customer_payment_sources,customer");
    let seen = app.get(&app.guest(), &path).await;
    assert_eq!(seen.status, 200);
    assert!(seen.wallet().is_empty());
    assert_eq!(
        seen.body["data"]["relationships"]["customer"]["data"],
        Value::Null
    );
    app.make_stranger().await;
    let reuse = app.reuse(&app.stranger(), ORDER, &entry).await;
    assert_eq!(reuse.status, 404, "{}", reuse.body);
}

#[tokio::test]
async fn entries_of_others_are_not_there() {
    let app = App::start().await;
    app.make_stranger().await;
    let entry = app.saved_card("pm_card_visa").await;
    let stranger = app.stranger();
    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.get(&app.customer(), &path).await.status, 200);
    assert_eq!(app.get(&app.integration(), &path).await.status, 200);
    for path in [
        path.clone(),
        format!("{path}/payment_source"),
        format!(
            "/api/customers/{}/customer_payment_sources",
            billfold::demo::customer()
        ),
        format!("/api/customers/{}", billfold::demo::customer()),
    ] {
        assert_eq!(app.get(&stranger, &path).await.status, 404, "{path}");
    }
    let list = app.get(&stranger, "/api/customer_payment_sources").await;
    assert_eq!(list.body["meta"]["record_count"], 0);
    let pointer = "/data/attributes/_customer_payment_source_id";
    let unknown = app.reuse(&app.customer(), SECOND_ORDER, "aaaaaaaaaa").await;
    assert_eq!(is(&unknown), (404, "RECORD_NOT_FOUND", pointer));
    let wrong_gateway = app.reuse(&app.customer(), CHECKOUT_COM_ORDER, &entry).await;
    assert_eq!(is(&wrong_gateway), (422, "VALIDATION_ERROR", pointer));
}
