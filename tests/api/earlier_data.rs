//! What an earlier version stored stays readable, and good for paying.

mod fixture;

use std::collections::BTreeMap;
use std::time::Duration;

use billfold::demo;
use serde_json::{Value, json};

use crate::app::{App, MARK, Reply};
use crate::at_checkout_com;
use crate::stored::EXTERNAL_GATEWAY;
use crate::tokens::{STOREFRONT, TOKEN};
use crate::ways::{CHECKOUT_COM, EVERY, EXTERNAL, KLARNA, STRIPE, Way};
use fixture::BOTH;
pub use fixture::{Earlier, Form};

const WALLET: &str = "/api/customer_payment_sources";

#[tokio::test]
async fn folder_and_lines_hold_the_same_items() {
    let earlier = Earlier::open(Form::Folder).await;
    let mut stored = earlier.app.items().await;
    let is_counter = |it: &Value| it["type"] == "throttle";
    let lines = fixture::items().into_iter().filter(|it| !is_counter(it));
    let key = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap().to_owned();
        format!("{} {}", text("pk"), text("sk"))
    };
    let mut lines: BTreeMap<_, _> = lines.map(|it| (key(&it), it)).collect();
    // A table of then has no mark; the first start makes it.
    assert!(stored.remove(MARK).is_some());
    // Its URL is set at each start.
    for items in [&mut stored, &mut lines] {
        items.retain(|key, _| !key.ends_with(&format!("external_gateways#{EXTERNAL_GATEWAY}")));
    }
    assert_eq!(stored, lines);
}

#[tokio::test]
async fn every_record_is_read_as_it_was_written() {
    let earlier = Earlier::open(Form::Folder).await;
    let integration = earlier.app.integration();
    let mut count = 0;
    for record in earlier.records() {
        let (kind, id) = (text(&record["type"]), text(&record["id"]));
        let related = related(record);
        let names: Vec<_> = related.iter().map(|(name, _)| *name).collect();
        let path = match kind {
            "organizations" => "/api/organization".to_owned(),
            _ => format!("/api/{kind}/{id}?include={}", names.join(",")),
        };
        let reply = earlier.app.get(&integration, &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        let shown = &reply.body["data"];
        assert_eq!(
            (&shown["type"], &shown["id"]),
            (&record["type"], &record["id"])
        );
        assert_eq!(
            shown["attributes"]["created_at"], record["created_at"],
            "{path}"
        );
        for (name, stored) in members(&record["attributes"]) {
            if (id, name) == (EXTERNAL_GATEWAY, "token_url") {
                continue; // set at each start
            }
            let shown = &shown["attributes"][name];
            assert!(is_shown(stored, shown), "{path} {name}: {stored} {shown}");
        }
        for (name, target) in related {
            let shown = &shown["relationships"][name]["data"]["id"];
            assert_eq!(shown, &target["id"], "{path} {name}");
        }
        count += 1;
    }
    assert!(count > 250, "{count}");
}

#[tokio::test]
async fn customers_and_guests_find_what_is_theirs() {
    let earlier = Earlier::open(Form::Folder).await;
    let app = &earlier.app;
    let customer = demo::customer();
    let own = |it: &&Value| it["relationships"]["customer"]["id"] == customer.as_str();
    for (list, kind) in [
        ("/api/orders", "orders"),
        ("/api/customer_addresses", "customer_addresses"),
        (WALLET, "customer_payment_sources"),
    ] {
        let reply = app.get(&app.customer(), list).await;
        let stored = earlier.of_type(kind).filter(own).count();
        assert_eq!(reply.body["meta"]["record_count"], stored, "{list}");
    }
    for way in EVERY {
        let order = app
            .order(&app.customer(), earlier.order_at(way, "reused"))
            .await;
        assert_eq!(order.payment_source()["type"], way.kind);
        let saved = earlier.held["saved"][way.kind]["id"].as_str().unwrap();
        assert!(order.wallet().iter().any(|it| it == saved), "{}", way.kind);
        let guests = app
            .order(&app.guest(), earlier.order_at(way, "guest"))
            .await;
        assert_eq!(guests.payment_source()["type"], way.kind);
    }
}

#[tokio::test]
async fn orders_are_paid_and_what_paid_is_saved() {
    for form in BOTH {
        let earlier = Earlier::open(form).await;
        let app = &earlier.app;
        let customer = app.customer();
        for way in EVERY {
            let new = earlier.order_at(way, "without-source");
            way.pay(app, new, 900).await;
            let open = earlier.order_at(way, "open");
            pay_open(app, way, open).await;
            for order in [new, open, earlier.order_at(way, "paid")] {
                let saved = app.save(&customer, order).await;
                assert_eq!(saved.status, 200, "{form:?} {order} {}", saved.body);
                let again = app.save(&customer, order).await;
                assert_eq!(again.wallet(), saved.wallet(), "{form:?} {order}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_saved_pays_again_and_is_forgotten() {
    for form in BOTH {
        let earlier = Earlier::open(form).await;
        let app = &earlier.app;
        let customer = app.customer();
        for way in EVERY {
            let saved = &earlier.held["saved"][way.kind];
            let (id, token) = (text(&saved["id"]), text(&saved["payment_source_token"]));
            let path = format!("{WALLET}/{id}");
            let entry = app.get(&customer, &path).await;
            assert_eq!(entry.attribute("payment_source_token"), token, "{form:?}");

            let order = earlier.order_at(way, "lost-its-source");
            let reused = app.reuse(&customer, order, id).await;
            assert_eq!(reused.status, 200, "{form:?} {}: {}", way.kind, reused.body);
            let source = reused.payment_source();
            let card = &source["attributes"]["payment_instrument"]["card_last_digits"];
            assert_eq!(card, way.last_digits, "{form:?}");
            let kept = app.save(&customer, order).await;
            assert_eq!(kept.wallet(), reused.wallet(), "{form:?} {}", way.kind);
            let placed = app
                .reuse(&customer, earlier.order_at(way, "placed"), id)
                .await;
            assert_eq!(placed.status, 422, "{form:?} {}", way.kind);

            assert_eq!(app.delete(&customer, &path).await.status, 204, "{form:?}");
            assert!(way.has_forgotten(app, token).await, "{form:?} {}", way.kind);
            for situation in ["lost-its-source", "reused", "superseded"] {
                let order = app.order(&customer, earlier.order_at(way, situation)).await;
                assert_eq!(*order.payment_source(), Value::Null, "{form:?} {situation}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_deleted_stays_deleted() {
    let earlier = Earlier::open(Form::Folder).await;
    let (app, customer) = (&earlier.app, earlier.app.customer());
    for deleted in ["deleted", "to_be_forgotten"] {
        for (kind, entry) in earlier.held[deleted].as_object().unwrap() {
            let id = text(&entry["id"]);
            let path = format!("{WALLET}/{id}");
            assert_eq!(app.get(&customer, &path).await.status, 404, "{kind}");
            let way = EVERY.iter().find(|it| it.kind == kind).unwrap();
            let order = earlier.order_at(way, "without-source");
            assert_eq!(app.reuse(&customer, order, id).await.status, 404, "{kind}");
        }
    }
    for way in EVERY {
        let deleted = earlier.order_at(way, "deleted");
        let refused = app.save(&customer, deleted).await;
        assert_eq!(
            refused.code(),
            "PAYMENT_SOURCE_NOT_REUSABLE",
            "{}",
            way.kind
        );
    }
}

#[tokio::test]
async fn what_is_owed_to_gateways_is_carried_on() {
    let earlier = Earlier::open(Form::Folder).await;
    let (app, customer) = (&earlier.app, earlier.app.customer());
    let entries = app.entries().await.len();
    assert_eq!(app.operations().await.len(), 10);
    for (kind, entry) in earlier.held["to_be_forgotten"].as_object().unwrap() {
        assert!(!is_forgotten(app, kind, entry).await, "{kind}");
    }
    earlier.clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert_eq!(app.operations().await, [""; 0]);

    for (kind, entry) in earlier.held["to_be_forgotten"].as_object().unwrap() {
        assert!(is_forgotten(app, kind, entry).await, "{kind}");
    }
    for way in [&STRIPE, &CHECKOUT_COM] {
        let payment = payment_at(&earlier, way, "release-owed").await;
        let released = ["canceled", "Voided"].map(Value::from);
        assert!(released.contains(&payment["status"]), "{payment}");
    }
    let noted = app
        .order(&customer, earlier.order_at(&CHECKOUT_COM, "noted"))
        .await;
    let payment = &noted.payment_source()["attributes"]["payment_response"];
    assert_eq!(payment["status"], "Authorized");
    assert_eq!(app.entries().await.len(), entries + 2);
    for way in [&KLARNA, &EXTERNAL] {
        let saved = app.save(&customer, earlier.order_at(way, "noted")).await;
        assert_eq!(saved.wallet().len(), app.entries().await.len());
    }
}

#[tokio::test]
async fn who_had_signed_in_is_known() {
    let earlier = Earlier::open(Form::Folder).await;
    let (app, tokens) = (&earlier.app, &earlier.held["tokens"]);
    let code = json!({
        "grant_type": "authorization_code", "client_id": STOREFRONT,
        "code": tokens["authorization_code"], "code_verifier": tokens["code_verifier"],
        "redirect_uri": demo::REDIRECT_URI,
    });
    let exchanged = app.oauth(TOKEN, &code).await;
    assert_eq!(exchanged.status, 200, "{}", exchanged.body);
    let refreshed = app.refresh(STOREFRONT, &tokens["refresh_token"]).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    for ended in ["revoked_refresh_token", "used_refresh_token"] {
        let refused = app.refresh(STOREFRONT, &tokens[ended]).await;
        assert_eq!(refused.status, 401, "{ended} {}", refused.body);
    }
    for (user, password) in [
        (demo::CUSTOMER_EMAIL, demo::CUSTOMER_PASSWORD),
        ("second@example.com", "second-customer"),
    ] {
        let log_in = json!({
            "grant_type": "password", "client_id": STOREFRONT,
            "username": user, "password": password,
        });
        let logged_in = app.oauth(TOKEN, &log_in).await;
        assert_eq!(logged_in.status, 200, "{}", logged_in.body);
    }
}

/// The relationships of a record that the API shows, with what they lead to.
fn related(record: &Value) -> Vec<(&str, &Value)> {
    let mut related: Vec<_> = members(&record["relationships"]).collect();
    related.retain(|(name, _)| match text(&record["type"]) {
        // Where its line item is.
        "line_item_options" => *name != "order",
        // What it was made of may be gone.
        "customer_payment_sources" => *name != "payment_source",
        _ => true,
    });
    related
}

/// Whether the API shows what is stored. What is sealed can only be seen to open; what has no type of
/// its own in the table stands there as JSON text.
fn is_shown(stored: &Value, shown: &Value) -> bool {
    let text = stored.as_str().unwrap_or_default();
    let is_sealed = text.starts_with("k1.") || text.starts_with("k2.");
    match is_sealed {
        true => !shown.is_null(),
        false => shown == stored || serde_json::from_str(text).is_ok_and(|it: Value| it == *shown),
    }
}

/// The shopper pays with the source that stands on an order unpaid.
async fn pay_open(app: &App, way: &Way, order: &str) {
    let customer = app.customer();
    let order = app.order(&customer, order).await;
    let source = order.payment_source();
    let (kind, id) = (text(&source["type"]), text(&source["id"]));
    let source = app.get(&customer, &format!("/api/{kind}/{id}")).await;
    match way.kind {
        "stripe_payments" => {
            let payment = app.confirm(&source).await;
            assert_eq!(payment["status"], "requires_capture", "{payment}");
        }
        "checkout_com_payments" => {
            let token = at_checkout_com::token("mastercard", 901);
            let paid = app.authorize(&customer, id, &token).await;
            assert_eq!(paid.attribute("payment_response")["status"], "Authorized");
        }
        "klarna_payments" => {
            let approval = app.approve_in_browser(&source).await;
            let paid = app.approve(&customer, id, &approval).await;
            assert_eq!(paid.status, 200, "{}", paid.body);
        }
        _ => {}
    }
}

/// The payment of an order's source as it is at its gateway now.
async fn payment_at(earlier: &Earlier, way: &Way, situation: &str) -> Value {
    let app = &earlier.app;
    let id = text(&earlier.source_of(earlier.order_at(way, situation))["id"]);
    let path = format!("/api/{}/{id}", way.kind);
    let source: Reply = app.get(&app.integration(), &path).await;
    match way.kind {
        "stripe_payments" => {
            let intent = source.attribute("stripe_id");
            app.stripe_object("payment_intents", intent).await
        }
        _ => app.payment_of(&source).await,
    }
}

async fn is_forgotten(app: &App, kind: &str, entry: &Value) -> bool {
    let way = EVERY.iter().find(|it| it.kind == kind).unwrap();
    way.has_forgotten(app, text(&entry["payment_source_token"]))
        .await
}

fn members(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
