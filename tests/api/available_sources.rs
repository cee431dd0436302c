//! Which saved sources an order may be paid with.

use std::sync::Arc;
use std::time::Duration;

use billfold::Options;
use domain::record::Identifier;
use domain::{Mode, ResourceType};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::app::{App, SECOND_ORDER};
use crate::faults::TestClock;
use crate::refusals::refused;
use crate::ways::EVERY;

const REUSE: &str = "/data/attributes/_customer_payment_source_id";

/// An entry of each gateway, in the order of [`EVERY`].
async fn with_an_entry_of_each() -> (App, Arc<TestClock>, Vec<String>) {
    let clock = Arc::new(TestClock::default());
    let app = App::start_with(Options {
        clock: clock.clone(),
        ..Options::in_memory(0)
    })
    .await;
    let mut entries = Vec::new();
    for way in EVERY {
        entries.push(way.saved(&app).await.id);
    }
    (app, clock, entries)
}

/// The entries that an order may be paid with, by each of the ways to ask for them.
async fn available(app: &App, caller: &str, order: &str) -> Vec<String> {
    let included = app.order(caller, order).await.wallet();
    let ids = |body: &Value| -> Vec<String> {
        let records = body["data"].as_array().unwrap().iter();
        records
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for path in [
        format!("/api/orders/{order}/available_customer_payment_sources"),
        format!("/api/orders/{order}/relationships/available_customer_payment_sources"),
    ] {
        let reply = app.get(caller, &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert_eq!(ids(&reply.body), included, "{path}");
    }
    included
}

#[tokio::test]
async fn an_order_may_be_paid_with_what_is_saved_at_any_offered_gateway() {
    let (app, _, entries) = with_an_entry_of_each().await;
    for caller in [app.customer(), app.integration()] {
        for way in EVERY {
            assert_eq!(available(&app, &caller, way.order).await, entries);
        }
        assert_eq!(available(&app, &caller, SECOND_ORDER).await, entries);
    }

    let include = "available_customer_payment_sources.payment_source,available_customer_payment_sources.payment_method";
    let path = format!("/api/orders/{SECOND_ORDER}?include={include}");
    let order = app.get(&app.customer(), &path).await;
    assert_eq!(order.status, 200, "{}", order.body);
    for (way, entry) in EVERY.iter().zip(&entries) {
        let relationships = &order.included(entry)["relationships"];
        let method = &relationships["payment_method"]["data"];
        assert_eq!(
            *method,
            json!({ "type": "payment_methods", "id": way.method })
        );
        let found = &order.included(way.method)["attributes"];
        assert_eq!(found["payment_source_type"], way.kind);

        let source = &relationships["payment_source"]["data"];
        assert_eq!(source["type"], way.kind);
        let source = order.included(source["id"].as_str().unwrap());
        let instrument = &source["attributes"]["payment_instrument"];
        assert_eq!(
            instrument["card_last_digits"], way.last_digits,
            "{}",
            way.kind
        );
        let path = format!("/api/{}/{}", way.kind, source["id"].as_str().unwrap());
        let by_itself = app.get(&app.customer(), &path).await;
        assert_eq!(
            source["attributes"], by_itself.body["data"]["attributes"],
            "the same source reads the same from everywhere"
        );
    }
}

#[tokio::test]
async fn a_method_or_gateway_that_is_disabled_hides_its_entries_alone() {
    let (app, clock, entries) = with_an_entry_of_each().await;
    // The catalogue is kept for a minute.
    let minute = || clock.pass(Duration::from_secs(61));
    for (index, way) in EVERY.iter().enumerate() {
        let path = format!("/api/payment_methods/{}/payment_gateway", way.method);
        let gateway = app.get(&app.integration(), &path).await.id();
        for record in [way.method, &gateway] {
            let disabled_at = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
            app.set_in_catalog(record, "disabled_at", disabled_at).await;
            minute();
            let token = app.customer();
            let mut others = entries.clone();
            let hidden = others.remove(index);
            assert_eq!(
                available(&app, &token, SECOND_ORDER).await,
                others,
                "{}",
                way.kind
            );
            let wallet = app.get(&token, "/api/customer_payment_sources").await;
            assert_eq!(wallet.body["meta"]["record_count"], 4, "it is still kept");
            let reuse = app.reuse(&token, way.order, &hidden);
            refused(&app, reuse, (422, "VALIDATION_ERROR", REUSE)).await;

            let enabled = AttributeValue::Null(true);
            app.set_in_catalog(record, "disabled_at", enabled).await;
            minute();
            let token = app.customer();
            assert_eq!(
                available(&app, &token, SECOND_ORDER).await,
                entries,
                "{}",
                way.kind
            );
        }
    }
}

#[tokio::test]
async fn an_order_of_another_market_or_currency_is_paid_with_what_is_offered_there() {
    let (app, clock, entries) = with_an_entry_of_each().await;
    let market = Identifier {
        kind: ResourceType::Markets,
        id: "eLsEwHeRee".parse().unwrap(),
    };
    let elsewhere = "oRdErElSeW";
    app.make_order_like(SECOND_ORDER, elsewhere, Mode::Test, |order| {
        order.relate("market", Some(market));
    })
    .await;
    let none: Vec<String> = Vec::new();
    for caller in [app.customer(), app.integration()] {
        assert_eq!(available(&app, &caller, elsewhere).await, none);
    }
    let token = app.customer();
    let reuse = app.reuse(&token, elsewhere, &entries[0]);
    refused(&app, reuse, (422, "VALIDATION_ERROR", REUSE)).await;

    app.set_order(SECOND_ORDER, json!({ "currency_code": "USD" }))
        .await;
    assert_eq!(available(&app, &token, SECOND_ORDER).await, none);
    let reuse = app.reuse(&token, SECOND_ORDER, &entries[0]);
    refused(&app, reuse, (422, "VALIDATION_ERROR", REUSE)).await;
    for (way, entry) in EVERY.iter().zip(&entries) {
        let any = AttributeValue::Null(true);
        app.set_in_catalog(way.method, "currency_code", any).await;
        clock.pass(Duration::from_secs(61));
        let token = app.customer();
        let now = available(&app, &token, SECOND_ORDER).await;
        assert_eq!(now.last(), Some(entry), "a method of no currency takes all");
    }
}

#[tokio::test]
async fn who_does_not_open_the_wallet_sees_none_of_it() {
    let (app, _, entries) = with_an_entry_of_each().await;
    app.make_stranger().await;
    let none: Vec<String> = Vec::new();
    for way in EVERY {
        app.set_order(way.order, json!({ "guest": true })).await;
        for caller in [app.guest(), app.stranger(), app.customer()] {
            assert_eq!(available(&app, &caller, way.order).await, none);
        }
        app.set_order(way.order, json!({ "guest": false })).await;
        for caller in [app.guest(), app.stranger()] {
            let path = format!(
                "/api/orders/{}/available_customer_payment_sources",
                way.order
            );
            assert_eq!(app.get(&caller, &path).await.status, 404, "{}", way.kind);
        }
        assert_eq!(available(&app, &app.customer(), way.order).await, entries);
    }
}
