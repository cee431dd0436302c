//! The way of a saved source, the same at every gateway: paid with, saved, put on another order,
//! forgotten.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use billfold::Options;
use domain::{Mode, ResourceType};
use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, SECOND_ORDER};
use crate::faults::TestClock;
use crate::refusals::{is, refused};
use crate::ways::{CHECKOUT_COM, EVERY, EXTERNAL, KLARNA, STRIPE, changed_since, money_moved};

const REUSE: &str = "/data/attributes/_customer_payment_source_id";
const SAVE: &str = "/data/attributes/_save_payment_source_to_customer_wallet";

#[tokio::test]
async fn from_payment_to_saved_to_reused_to_forgotten() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        way.pay(&app, way.order, 1).await;
        let moved = money_moved(&app);

        let saved = app.save(&token, way.order).await;
        assert_eq!(saved.status, 200, "{}: {}", way.kind, saved.body);
        let entries = saved.wallet();
        assert_eq!(entries.len(), 1, "{}", way.kind);
        let entry = saved.included(&entries[0])["attributes"].clone();
        let name = format!("XXXX-XXXX-XXXX-{}", way.last_digits);
        assert_eq!(entry["name"], name, "{}", way.kind);
        assert!(entry["customer_token"].is_string(), "{}", way.kind);
        let kept = entry["payment_source_token"].as_str().unwrap();

        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&token, SECOND_ORDER, &entries[0]).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        let source = reused.payment_source();
        assert_eq!(source["type"], way.kind);
        let instrument = &source["attributes"]["payment_instrument"];
        assert_eq!(instrument["card_last_digits"], way.last_digits);
        let stored = app.order(&token, SECOND_ORDER).await;
        assert_eq!(stored.payment_source(), source, "{}: as answered", way.kind);
        let kept_again = app.save(&token, SECOND_ORDER).await;
        assert_eq!(kept_again.wallet(), entries, "{}", way.kind);
        assert_eq!(money_moved(&app), moved, "{}: no money moved", way.kind);

        assert!(way.forgets.is_none() || !way.has_forgotten(&app, kept).await);
        let asked = way.asked(&app).len();
        let path = format!("/api/customer_payment_sources/{}", entries[0]);
        assert_eq!(app.get(&token, &path).await.status, 200);
        assert_eq!(app.delete(&token, &path).await.status, 204, "{}", way.kind);
        assert!(way.has_forgotten(&app, kept).await, "{}", way.kind);
        if way.forgets.is_none() {
            assert_eq!(way.asked(&app).len(), asked, "there is nothing to be told");
        }
        assert_eq!(
            app.operations().await,
            [""; 0],
            "{}: nothing is owed",
            way.kind
        );

        let order = app.order(&token, SECOND_ORDER).await;
        assert_eq!(*order.payment_source(), Value::Null, "{}", way.kind);
        assert_eq!(order.wallet(), Vec::<String>::new(), "{}", way.kind);
        let trigger = (422, "PAYMENT_SOURCE_NOT_REUSABLE", SAVE);
        refused(&app, app.save(&token, way.order), trigger).await;
        let gone = (404, "RECORD_NOT_FOUND", REUSE);
        refused(&app, app.reuse(&token, SECOND_ORDER, &entries[0]), gone).await;
        assert_eq!(money_moved(&app), moved, "{}: no money moved", way.kind);
    }
}

#[tokio::test]
async fn what_a_reused_source_shows() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        let saved = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&token, SECOND_ORDER, &saved.id).await;
        let source = &reused.payment_source()["attributes"];
        for member in ["card_last_digits", "card_expiry_month", "card_expiry_year"] {
            assert!(
                source["payment_instrument"][member].is_string(),
                "{}: {member}",
                way.kind
            );
        }
        match way.kind {
            "stripe_payments" => {
                let intent = app
                    .stripe_object("payment_intents", &source["stripe_id"])
                    .await;
                assert_eq!(intent["status"], "requires_confirmation");
                assert_eq!(intent["payment_method"], saved.token);
                assert_eq!(intent["capture_method"], "manual");
                assert!(source["client_secret"].is_string());
            }
            "checkout_com_payments" => {
                let response = source["payment_response"].as_object().unwrap();
                let members: Vec<_> = response.keys().collect();
                assert_eq!(members, ["source"], "neither id nor status: it is not paid");
                assert_eq!(response["source"]["last4"], "4242");
                assert_eq!(response["source"]["id"], saved.token);
                assert_eq!(source["payment_session"], Value::Null);
            }
            "klarna_payments" => assert_eq!(source["auth_token"], saved.token),
            _ => assert_eq!(source["payment_source_token"], saved.token),
        }
    }
}

#[tokio::test]
async fn saving_the_same_source_twice_asks_no_gateway_again() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        let saved = way.saved(&app).await;
        let (asked, before) = (way.asked(&app), app.table().await);
        let again = app.save(&token, way.order).await;
        assert_eq!(again.wallet(), [saved.id.as_str()], "{}", way.kind);
        assert_eq!(way.asked(&app), asked, "{}", way.kind);
        assert_eq!(changed_since(&app, &before).await, [""; 0], "{}", way.kind);

        app.set_order(way.order, json!({ "status": "placed" }))
            .await;
        let later = app.save(&token, way.order).await;
        assert_eq!(
            (later.status, later.wallet()),
            (200, vec![saved.id]),
            "{}",
            way.kind
        );
    }
}

#[tokio::test]
async fn saves_at_the_same_moment_are_one_entry() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        way.pay(&app, way.order, 1).await;
        let save = || app.save(&token, way.order);
        let (a, b, c) = futures_util::join!(save(), save(), save());
        for reply in [&a, &b, &c] {
            assert_eq!(reply.status, 200, "{}: {}", way.kind, reply.body);
            assert_eq!(reply.wallet(), a.wallet(), "{}", way.kind);
        }
        let list = app.get(&token, "/api/customer_payment_sources").await;
        assert_eq!(list.body["meta"]["record_count"], 1, "{}", way.kind);
        assert_eq!(app.operations().await, [""; 0], "{}", way.kind);
        let token = list.body["data"][0]["attributes"]["payment_source_token"].as_str();
        assert!(way.forgets.is_none() || !way.has_forgotten(&app, token.unwrap()).await);
    }
}

#[tokio::test]
async fn reusing_twice_at_once_makes_one_payment_source() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        let saved = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        let reuse = || app.reuse(&token, SECOND_ORDER, &saved.id);
        let (a, b) = futures_util::join!(reuse(), reuse());
        assert_eq!((a.status, b.status), (200, 200), "{} {}", a.body, b.body);
        assert_eq!(
            a.payment_source()["id"],
            b.payment_source()["id"],
            "{}",
            way.kind
        );
        assert_eq!(app.sources_of(SECOND_ORDER).await, 1, "{}", way.kind);
    }
}

#[tokio::test]
async fn a_saved_source_is_of_its_own_gateway_alone() {
    let app = App::start().await;
    let token = app.customer();
    for way in EVERY {
        let saved = way.saved(&app).await;
        for other in EVERY.iter().filter(|it| it.kind != way.kind) {
            let reuse = app.reuse(&token, other.order, &saved.id);
            refused(&app, reuse, (422, "VALIDATION_ERROR", REUSE)).await;
        }
    }
}

#[tokio::test]
async fn where_the_order_has_no_method_the_entrys_own_is_selected() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        let saved = way.saved(&app).await;
        let cleared = app.select(&token, SECOND_ORDER, None).await;
        assert_eq!(cleared.status, 200, "{}", cleared.body);
        let reused = app.reuse(&token, SECOND_ORDER, &saved.id).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        let path = format!("/api/orders/{SECOND_ORDER}/payment_method");
        assert_eq!(app.get(&token, &path).await.id(), way.method);
    }
}

#[tokio::test]
async fn a_saved_source_of_somebody_else_is_not_there() {
    for way in EVERY {
        let app = App::start().await;
        app.make_stranger().await;
        let stranger = "StRaNgErId".parse().unwrap();
        let saved = way.saved(&app).await;
        app.copy_order(way.order, "oRdErOfStR", stranger, Mode::Test)
            .await;
        let not_there = (404, "RECORD_NOT_FOUND", REUSE);
        for caller in [app.stranger(), app.integration()] {
            refused(&app, app.reuse(&caller, "oRdErOfStR", &saved.id), not_there).await;
        }
        let customer = billfold::demo::customer();
        app.copy_order(way.order, "oRdErOfLiV", customer, Mode::Live)
            .await;
        // In live mode there is no such customer.
        let unauthorized = (401, "UNAUTHORIZED", "");
        for (kind, owner, expected) in [
            ("sales_channel", Some(customer), unauthorized),
            ("integration", None, not_there),
        ] {
            let live = app.token(kind, owner, Mode::Live);
            refused(&app, app.reuse(&live, "oRdErOfLiV", &saved.id), expected).await;
        }
        let wallet = app.order(&app.stranger(), "oRdErOfStR").await.wallet();
        assert_eq!(wallet, Vec::<String>::new(), "{}", way.kind);
    }
}

#[tokio::test]
async fn a_source_that_has_expired_pays_nothing() {
    for way in EVERY {
        let clock = Arc::new(TestClock::default());
        let app = App::start_with(Options {
            clock: clock.clone(),
            ..Options::in_memory(0)
        })
        .await;
        let saved = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        let years = |years: u64| Duration::from_secs(years * 366 * 24 * 3600);
        clock.pass(years(6));

        let token = app.customer();
        assert_eq!(
            app.get(&token, &saved.path()).await.status,
            200,
            "{}",
            way.kind
        );
        let order = app.order(&token, SECOND_ORDER).await;
        assert_eq!(order.wallet(), Vec::<String>::new(), "{}", way.kind);
        let reuse = app.reuse(&token, SECOND_ORDER, &saved.id);
        refused(&app, reuse, (422, "VALIDATION_ERROR", REUSE)).await;
        assert_eq!(app.delete(&token, &saved.path()).await.status, 204);
    }
}

#[tokio::test]
async fn a_placed_order_takes_no_saved_source() {
    let app = App::start().await;
    let token = app.customer();
    for way in EVERY {
        let saved = way.saved(&app).await;
        app.set_order(way.order, json!({ "status": "placed" }))
            .await;
        for caller in [&token, &app.integration()] {
            let reuse = app.reuse(caller, way.order, &saved.id);
            refused(&app, reuse, (422, "VALIDATION_ERROR", REUSE)).await;
        }
    }
}

#[tokio::test]
async fn an_order_that_moves_on_no_longer_matches_its_source() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        let paid = way.pay(&app, way.order, 1).await;
        let path = format!("/api/{}/{paid}", way.kind);
        let mismatched = async || {
            app.get(&token, &path)
                .await
                .attribute("mismatched_amounts")
                .clone()
        };
        let kind = ResourceType::named(way.kind).unwrap();
        if kind.declaration().attribute("mismatched_amounts").is_none() {
            assert_eq!(way.kind, EXTERNAL.kind, "Commerce Layer's has it not");
            continue;
        }
        assert_eq!(mismatched().await, false, "{}", way.kind);
        for (attributes, is_mismatched) in [
            (json!({ "total_amount_with_taxes_cents": 9900 }), true),
            (json!({ "total_amount_with_taxes_cents": 12900 }), false),
            (json!({ "currency_code": "USD" }), true),
        ] {
            app.set_order(way.order, attributes.clone()).await;
            assert_eq!(
                mismatched().await,
                is_mismatched,
                "{}: {attributes}",
                way.kind
            );
        }
    }
}

#[tokio::test]
async fn a_guest_pays_at_every_gateway_and_keeps_nothing() {
    for way in EVERY {
        let app = App::start().await;
        let guest = app.guest();
        let selected = app.select(&guest, GUEST_ORDER, Some(way.method)).await;
        assert_eq!(selected.status, 200, "{}: {}", way.kind, selected.body);
        let created = way.create(&app, &guest, GUEST_ORDER).await;
        assert_eq!(created.status, 201, "{}: {}", way.kind, created.body);
        assert_eq!(
            app.order(&guest, GUEST_ORDER).await.wallet(),
            Vec::<String>::new()
        );
        let unauthorized = (401, "UNAUTHORIZED", SAVE);
        refused(&app, app.save(&guest, GUEST_ORDER), unauthorized).await;
        let kept = app.save(&app.integration(), GUEST_ORDER).await;
        assert_eq!(is(&kept), (422, "VALIDATION_ERROR", SAVE), "{}", way.kind);
        let made = |it: &String| it.starts_with("POST") && it.contains("customer");
        let customers: BTreeSet<_> = way.asked(&app).into_iter().filter(made).collect();
        assert!(customers.is_empty(), "{}: {customers:?}", way.kind);
    }
}

#[tokio::test]
async fn a_source_that_was_not_paid_with_cannot_be_saved_yet() {
    for (way, code) in [
        (&CHECKOUT_COM, "PAYMENT_SOURCE_NOT_READY"),
        (&KLARNA, "PAYMENT_SOURCE_NOT_READY"),
    ] {
        let app = App::start().await;
        let token = app.customer();
        way.create(&app, &token, way.order).await;
        let reply = app.save(&token, way.order).await;
        assert_eq!(
            is(&reply),
            (422, code, SAVE),
            "{}: {}",
            way.kind,
            reply.body
        );
        let list = app.get(&token, "/api/customer_payment_sources").await;
        assert_eq!(list.body["meta"]["record_count"], 0, "{}", way.kind);
    }
    let app = App::start().await;
    let token = app.customer();
    let empty = app.save(&token, STRIPE.order);
    refused(&app, empty, (422, "VALIDATION_ERROR", SAVE)).await;
}
