//! A wallet entry over its life: read, annotated, deleted. What deleting means for orders and gateways
//! is in `deleting_entries`.

use serde_json::{Value, json};

use crate::app::{App, Reply, SECOND_ORDER};
use crate::refusals::{Expected, is, refused};
use crate::ways::{EVERY, EXTERNAL, STRIPE, Saved, changed_since, token_of};

const KIND: &str = "customer_payment_sources";

async fn change(app: &App, caller: &str, entry: &Saved, attributes: Value) -> Reply {
    let body = json!({ "data": { "type": KIND, "id": entry.id, "attributes": attributes } });
    app.patch(caller, &entry.path(), &body).await
}

#[tokio::test]
async fn a_customer_notes_a_reference_and_metadata_with_an_entry() {
    for way in EVERY {
        let app = App::start().await;
        let token = app.customer();
        let entry = way.saved(&app).await;
        let before = app.get(&token, &entry.path()).await;
        assert_eq!(before.status, 200, "{}", before.body);
        let noted = json!({ "label": "für daheim", "order": 1.0, "": [null] });
        let attributes = json!({
            "reference": "mine", "reference_origin": "shop", "metadata": noted,
        });
        let changed = change(&app, &token, &entry, attributes).await;
        assert_eq!(changed.status, 200, "{}: {}", way.kind, changed.body);

        let mut expected = before.body["data"].clone();
        expected["attributes"]["reference"] = json!("mine");
        expected["attributes"]["reference_origin"] = json!("shop");
        expected["attributes"]["metadata"] = noted;
        expected["attributes"]["updated_at"] = changed.attribute("updated_at").clone();
        assert_eq!(changed.body["data"], expected, "{}", way.kind);
        assert_eq!(app.get(&token, &entry.path()).await.body, changed.body);
        let order = app.order(&token, way.order).await;
        assert_eq!(
            order.included(&entry.id)["attributes"],
            expected["attributes"]
        );

        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&token, SECOND_ORDER, &entry.id).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        let source = &reused.payment_source()["attributes"];
        assert_eq!(
            source["metadata"],
            json!({}),
            "an entry's notes are its own"
        );
        assert_eq!(source["reference"], Value::Null);
        let saved = app.save(&token, SECOND_ORDER).await;
        let kept = &saved.included(&entry.id)["attributes"];
        assert_eq!(
            kept["reference"], "mine",
            "saving again keeps what was noted"
        );
    }
}

#[tokio::test]
async fn notes_are_taken_back_with_null() {
    let app = App::start().await;
    let token = app.customer();
    let entry = STRIPE.saved(&app).await;
    change(
        &app,
        &token,
        &entry,
        json!({ "reference": "mine", "metadata": { "a": 1 } }),
    )
    .await;
    let cleared = json!({ "reference": null, "metadata": {} });
    let reply = change(&app, &token, &entry, cleared).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(*reply.attribute("reference"), Value::Null);
    assert_eq!(*reply.attribute("metadata"), json!({}));
    let nothing = change(&app, &token, &entry, json!({})).await;
    assert_eq!(nothing.status, 200, "{}", nothing.body);
}

#[tokio::test]
async fn what_may_not_be_changed_of_an_entry_is_refused() {
    let app = App::start().await;
    let entry = STRIPE.saved(&app).await;
    let (customer, integration) = (app.customer(), app.integration());
    let card_number = "4242".repeat(4);
    let cases: [(&str, Value, Expected); 10] = [
        (
            &customer,
            json!({ "payment_source_token": "pm_x" }),
            at(401, "UNAUTHORIZED", "payment_source_token"),
        ),
        (
            &customer,
            json!({ "customer_token": "cus_x" }),
            at(401, "UNAUTHORIZED", "customer_token"),
        ),
        (
            &customer,
            json!({ "name": "x" }),
            at(400, "PARAM_NOT_ALLOWED", "name"),
        ),
        (
            &integration,
            json!({ "name": "x" }),
            at(400, "PARAM_NOT_ALLOWED", "name"),
        ),
        (
            &integration,
            json!({ "created_at": "x" }),
            at(400, "PARAM_NOT_ALLOWED", "created_at"),
        ),
        (
            &customer,
            json!({ "unicorn": 1 }),
            at(400, "PARAM_NOT_ALLOWED", "unicorn"),
        ),
        (
            &customer,
            json!({ "reference": 7 }),
            at(422, "VALIDATION_ERROR", "reference"),
        ),
        (
            &customer,
            json!({ "metadata": "x" }),
            at(422, "VALIDATION_ERROR", "metadata"),
        ),
        (
            &integration,
            json!({ "payment_source_token": "" }),
            at(422, "VALIDATION_ERROR", "payment_source_token"),
        ),
        (
            &customer,
            json!({ "metadata": { "note": card_number } }),
            at(422, "PAN_DETECTED", "metadata/note"),
        ),
    ];
    for (caller, attributes, expected) in cases {
        refused(&app, change(&app, caller, &entry, attributes), expected).await;
    }
}

fn at(status: u16, code: &'static str, attribute: &str) -> Expected {
    (status, code, format!("/data/attributes/{attribute}").leak())
}

#[tokio::test]
async fn a_document_about_another_record_is_refused() {
    let app = App::start().await;
    let token = app.customer();
    let entry = STRIPE.saved(&app).await;
    for (kind, id, pointer) in [
        ("customers", entry.id.as_str(), "/data/type"),
        (KIND, "aaaaaaaaaa", "/data/id"),
    ] {
        let body = json!({ "data": { "type": kind, "id": id, "attributes": {} } });
        let path = entry.path();
        let patch = app.patch(&token, &path, &body);
        let before = app.table().await;
        let reply = patch.await;
        assert_eq!(
            (reply.status, reply.pointer()),
            (409, pointer),
            "{}",
            reply.body
        );
        assert_eq!(changed_since(&app, &before).await, [""; 0]);
    }
    let body = json!({ "data": {
        "type": KIND, "id": entry.id,
        "relationships": { "customer": { "data": { "type": "customers", "id": "aaaaaaaaaa" } } },
    } });
    for caller in [app.customer(), app.integration()] {
        let path = entry.path();
        let patch = app.patch(&caller, &path, &body);
        let pointer = "/data/relationships/customer";
        refused(&app, patch, (400, "PARAM_NOT_ALLOWED", pointer)).await;
    }
}

#[tokio::test]
async fn an_entry_is_there_for_its_customer_and_integrations_alone() {
    let app = App::start().await;
    app.make_stranger().await;
    let entry = EXTERNAL.saved(&app).await;
    let unknown = Saved {
        id: "aaaaaaaaaa".to_owned(),
        token: String::new(),
    };
    let (customer, live) = (Some(billfold::demo::customer()), domain::Mode::Live);
    let not_there = (404, "RECORD_NOT_FOUND", "");
    let cases = [
        (app.guest(), &entry, (401, "UNAUTHORIZED", "")),
        (app.guest(), &unknown, (401, "UNAUTHORIZED", "")),
        (app.stranger(), &entry, not_there),
        (
            app.token("sales_channel", customer, live),
            &entry,
            not_there,
        ),
        (app.token("integration", None, live), &entry, not_there),
        (app.customer(), &unknown, not_there),
        (app.integration(), &unknown, not_there),
    ];
    for (caller, entry, expected) in cases {
        let path = entry.path();
        refused(&app, app.get(&caller, &path), expected).await;
        let attributes = json!({ "reference": "x" });
        refused(&app, change(&app, &caller, entry, attributes), expected).await;
        refused(&app, app.delete(&caller, &path), expected).await;
    }
    for id in ["not-an-id", "%00", "aaaaaaaaaaa"] {
        let path = format!("/api/{KIND}/{id}");
        assert_eq!(app.delete(&app.customer(), &path).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn an_integration_gives_an_entry_another_token() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let entry = EXTERNAL.saved(&app).await;
    let tokens = json!({ "payment_source_token": "src_moved", "customer_token": "cus_moved" });
    let changed = change(&app, &integration, &entry, tokens).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(*changed.attribute("payment_source_token"), "src_moved");
    assert_eq!(*changed.attribute("customer_token"), "cus_moved");
    let stored = app.get(&customer, &entry.path()).await;
    assert_eq!(*stored.attribute("payment_source_token"), "src_moved");

    app.selected(SECOND_ORDER, EXTERNAL.method).await;
    let reused = app.reuse(&customer, SECOND_ORDER, &entry.id).await;
    let source = &reused.payment_source()["attributes"];
    assert_eq!(
        source["payment_source_token"], "src_moved",
        "{}",
        reused.body
    );
    let saved = app.save(&customer, EXTERNAL.order).await;
    assert_eq!(saved.wallet(), [entry.id], "still the entry of its source");
}

#[tokio::test]
async fn a_token_is_of_one_entry_alone() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let first = STRIPE.saved(&app).await;
    app.create_reusable(&customer, SECOND_ORDER, "pm_card_mastercard")
        .await;
    let saved = app.save(&customer, SECOND_ORDER).await;
    let second = saved.wallet().pop().unwrap();
    let taken = token_of(saved.included(&second));
    let tokens = json!({ "payment_source_token": taken });
    let expected = at(422, "VALIDATION_ERROR", "payment_source_token");
    refused(&app, change(&app, &integration, &first, tokens), expected).await;
    let own = json!({ "payment_source_token": first.token });
    let same = change(&app, &integration, &first, own).await;
    assert_eq!(same.status, 200, "its own is no change: {}", same.body);
}

#[tokio::test]
async fn a_former_token_is_forgotten_with_the_entry_too() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let entry = STRIPE.saved(&app).await;
    let moved = app
        .create_reusable(&customer, SECOND_ORDER, "pm_card_mastercard")
        .await;
    let intent = app
        .stripe_object("payment_intents", moved.attribute("stripe_id"))
        .await;
    let newer = intent["payment_method"].as_str().unwrap();
    let tokens = json!({ "payment_source_token": newer });
    let changed = change(&app, &integration, &entry, tokens).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert!(!STRIPE.has_forgotten(&app, &entry.token).await);
    assert_eq!(app.delete(&customer, &entry.path()).await.status, 204);
    assert!(STRIPE.has_forgotten(&app, &entry.token).await);
    assert!(STRIPE.has_forgotten(&app, newer).await);
}

#[tokio::test]
async fn changes_at_the_same_moment_are_all_kept_or_told() {
    let app = App::start().await;
    let token = app.customer();
    let entry = STRIPE.saved(&app).await;
    let note = |name: &'static str| {
        let attributes = match name {
            "reference" => json!({ "reference": "mine" }),
            name => json!({ "metadata": { name: true } }),
        };
        change(&app, &token, &entry, attributes)
    };
    let (a, b, c) =
        futures_util::join!(note("reference"), note("a"), app.save(&token, STRIPE.order));
    assert_eq!(
        (a.status, b.status, c.status),
        (200, 200, 200),
        "{}\n{}",
        a.body,
        b.body
    );
    let stored = app.get(&token, &entry.path()).await;
    assert_eq!(*stored.attribute("reference"), "mine");
    assert_eq!(*stored.attribute("metadata"), json!({ "a": true }));
}

#[tokio::test]
async fn changing_and_deleting_at_the_same_moment_brings_nothing_back() {
    let app = App::start().await;
    let token = app.customer();
    for card in 1..=8 {
        EXTERNAL.pay(&app, EXTERNAL.order, card).await;
        let entry = app
            .save(&token, EXTERNAL.order)
            .await
            .wallet()
            .pop()
            .unwrap();
        let entry = Saved {
            id: entry,
            token: String::new(),
        };
        let path = entry.path();
        let annotate = change(&app, &token, &entry, json!({ "reference": "x" }));
        let (changed, deleted) = futures_util::join!(annotate, app.delete(&token, &path));
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        assert!(matches!(changed.status, 200 | 404), "{}", changed.body);
        assert_eq!(
            is(&app.get(&token, &path).await),
            (404, "RECORD_NOT_FOUND", "")
        );
        let list = app.get(&token, "/api/customer_payment_sources").await;
        assert_eq!(list.body["meta"]["record_count"], 0);
    }
}
