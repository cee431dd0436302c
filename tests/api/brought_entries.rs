//! A shop brings the wallets that its gateways keep already.

use serde_json::{Value, json};

use crate::app::{App, SECOND_ORDER};
use crate::orders_in::{create, created, related};
use crate::refusals::{is, refused};

const STRIPE_METHOD: &str = "WmOodsVPmQ";

fn of(method: &str) -> Value {
    json!({
        "customer": related("customers", billfold::demo::customer().as_str()),
        "payment_method": related("payment_methods", method),
    })
}

#[tokio::test]
async fn an_entry_that_was_brought_pays_the_next_order() {
    let app = App::start().await;
    let customer = app.customer();
    // What the shop had at Stripe before: a card that was saved by other means.
    let tokens = app.card_kept_at_stripe().await;
    let email = json!({ "email": "moved@example.com" });
    let moved = created(&app, "customers", email, json!({})).await.id();
    let mut relationships = of(STRIPE_METHOD);
    relationships["customer"] = related("customers", &moved);
    let attributes = json!({
        "customer_token": tokens[0], "payment_source_token": tokens[1], "reference": "old-7",
    });
    let made = created(
        &app,
        "customer_payment_sources",
        attributes.clone(),
        relationships.clone(),
    );
    let made = made.await;
    let name = made.attribute("name").as_str().unwrap();
    assert!(name.starts_with("stripe_payment #"), "{name}");
    assert_eq!(made.attribute("reference"), "old-7");
    let location = made.headers["location"].to_str().unwrap();
    assert!(location.ends_with(&format!("/api/customer_payment_sources/{}", made.id())));

    let pointer = "/data/attributes/payment_source_token";
    for relationships in [relationships, of(STRIPE_METHOD)] {
        // A token is in one wallet of the organization, once.
        let again = create(
            &app,
            "customer_payment_sources",
            attributes.clone(),
            relationships,
        );
        refused(&app, again, (422, "VALIDATION_ERROR", pointer)).await;
    }

    let found = tokens[1].as_str().unwrap();
    let found = format!("/api/customer_payment_sources?filter[q][payment_source_token_eq]={found}");
    let found = app.get(&app.integration(), &found).await;
    assert_eq!(found.body["meta"]["record_count"], 1);

    let taken = json!({ "customer": related("customers", &moved) });
    let body = json!({ "data": { "type": "orders", "id": SECOND_ORDER, "relationships": taken } });
    let path = format!("/api/orders/{SECOND_ORDER}");
    assert_eq!(
        app.patch(&app.integration(), &path, &body).await.status,
        200
    );
    let reused = app
        .reuse(&app.integration(), SECOND_ORDER, &made.id())
        .await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    assert_eq!(reused.payment_source()["type"], "stripe_payments");
    assert_eq!(app.get(&customer, &path).await.status, 404);
}

#[tokio::test]
async fn what_is_missing_or_not_for_this_caller_is_told() {
    let app = App::start().await;
    let kind = "customer_payment_sources";
    let tokens = json!({ "customer_token": "cus_1", "payment_source_token": "pm_1" });
    let attribute = |name: &str| format!("/data/attributes/{name}");
    for (attributes, relationships, status, pointer) in [
        (
            tokens.clone(),
            json!({}),
            422,
            "/data/relationships/customer".to_owned(),
        ),
        (
            tokens.clone(),
            json!({ "customer": of(STRIPE_METHOD)["customer"] }),
            422,
            "/data/relationships/payment_method".to_owned(),
        ),
        (
            json!({ "customer_token": "cus_1" }),
            of(STRIPE_METHOD),
            422,
            attribute("payment_source_token"),
        ),
        (
            json!({ "payment_source_token": "pm_1" }),
            of(STRIPE_METHOD),
            422,
            attribute("customer_token"),
        ),
        (
            tokens.clone(),
            of("AbCdEfGhIj"),
            404,
            "/data/relationships/payment_method".to_owned(),
        ),
        (
            tokens.clone(),
            json!({
                "customer": related("customers", "AbCdEfGhIj"),
                "payment_method": related("payment_methods", STRIPE_METHOD),
            }),
            404,
            "/data/relationships/customer".to_owned(),
        ),
        (
            json!({ "name": "x" }),
            of(STRIPE_METHOD),
            400,
            attribute("name"),
        ),
    ] {
        let before = app.table().await;
        let reply = create(&app, kind, attributes, relationships).await;
        assert_eq!(
            (reply.status, reply.pointer()),
            (status, pointer.as_str()),
            "{}",
            reply.body
        );
        assert_eq!(app.table().await, before);
    }
    let body = json!({ "data": {
        "type": kind, "attributes": tokens, "relationships": of(STRIPE_METHOD),
    } });
    let customer = app.customer();
    let posted = app.post(&customer, "/api/customer_payment_sources", &body);
    refused(&app, posted, (401, "UNAUTHORIZED", "")).await;
}

#[tokio::test]
async fn an_external_payment_leads_to_what_it_was_saved_as() {
    let app = App::start().await;
    let (order, customer) = ("gYzLhKcMxp", app.customer());
    let token = json!({ "payment_source_token": "token-1" });
    let source = app
        .create_source(&customer, "external_payments", order, token)
        .await;
    let path = format!("/api/external_payments/{}", source.id());
    let wallet = async |token: &str| app.get(token, &format!("{path}/wallet")).await;
    let before = wallet(&customer).await;
    assert_eq!((before.status, &before.body["data"]), (200, &Value::Null));
    let entry = app.save(&customer, order).await.wallet()[0].clone();
    assert_eq!(wallet(&customer).await.id(), entry);
    assert_eq!(wallet(&app.integration()).await.id(), entry);
    let included = app.get(&customer, &format!("{path}?include=wallet")).await;
    assert_eq!(
        included.included(&entry)["type"],
        "customer_payment_sources"
    );
    assert_eq!(is(&wallet(&app.guest()).await).0, 404);
}
