//! The records around payments: each type is made, read, listed, changed and deleted in the same way.

use domain::ResourceType;
use serde_json::{Value, json};

use crate::app::{App, ORDER};
use crate::orders_in::{address, change, create, created, everything, related};
use crate::refusals::{is, refused};

const MARKET: &str = "dlQbPhNNop";

/// A record of each type with everything that it can be given, and what it names.
async fn one_of_each(app: &App) -> Vec<(ResourceType, Value, Value)> {
    use ResourceType as T;

    let customer = related("customers", billfold::demo::customer().as_str());
    let kept = created(app, "addresses", address("Siena"), json!({}))
        .await
        .id();
    let order = related("orders", ORDER);
    let line = json!({ "order": order });
    let line = created(app, "line_items", json!({ "quantity": 1 }), line)
        .await
        .id();
    let market = related("markets", MARKET);
    let of_order = json!({ "order": order });
    let of_line = json!({ "line_item": related("line_items", &line) });
    let book = json!({ "customer": customer, "address": related("addresses", &kept) });
    let with_market = json!({ "market": market });
    let mut records = Vec::new();
    for (kind, relationships) in [
        (T::Customers, json!({})),
        (T::CustomerAddresses, book),
        (T::Addresses, json!({})),
        (T::LineItems, of_order.clone()),
        (T::LineItemOptions, of_line),
        (T::Shipments, of_order),
        (T::Skus, json!({})),
        (T::Markets, json!({})),
        (T::ShippingMethods, with_market.clone()),
        (T::Orders, with_market),
    ] {
        let mut attributes = Value::Object(everything(kind, 1));
        match kind {
            T::Customers => attributes["email"] = json!("someone@example.com"),
            T::Orders => attributes["status"] = json!("draft"),
            _ => {}
        }
        records.push((kind, attributes, relationships));
    }
    records
}

#[tokio::test]
async fn a_record_of_any_type_is_made_read_listed_changed_and_deleted() {
    let app = App::start().await;
    let integration = app.integration();
    for (kind, attributes, relationships) in one_of_each(&app).await {
        let name = kind.name();
        let made = created(&app, name, attributes.clone(), relationships).await;
        let path = format!("/api/{name}/{}", made.id());
        assert_eq!(
            made.headers["location"],
            format!("{}{path}", app.running.url)
        );
        assert_eq!(
            made.body["data"]["links"]["self"],
            made.headers["location"].to_str().unwrap()
        );
        for (attribute, value) in attributes.as_object().unwrap() {
            assert_eq!(made.attribute(attribute), value, "{name}.{attribute}");
        }
        assert_eq!(app.get(&integration, &path).await.body, made.body, "{name}");

        let listed = format!("/api/{name}?filter[q][id_eq]={}", made.id());
        let listed = app.get(&integration, &listed).await;
        assert_eq!(listed.body["data"], json!([made.body["data"]]), "{name}");
        let all = format!("/api/{name}?page[size]=25&sort=-created_at&include=");
        let all = app.get(&integration, &all).await;
        let all = all.body["data"].as_array().unwrap().iter();
        assert!(all.clone().any(|it| it["id"] == made.id()), "{name}");

        let noted = json!({ "reference": "anew", "metadata": { "a": 1.0 } });
        let changed = change(&app, name, &made.id(), noted, json!({})).await;
        assert_eq!(changed.status, 200, "{name}: {}", changed.body);
        assert_eq!(changed.attribute("reference"), "anew");
        for (attribute, value) in attributes.as_object().unwrap() {
            if !["reference", "metadata"].contains(&attribute.as_str()) {
                assert_eq!(changed.attribute(attribute), value, "{name}.{attribute}");
            }
        }
        let found = format!("/api/{name}?filter[q][reference_eq]=anew");
        let found = app.get(&integration, &found).await;
        assert_eq!(found.body["data"][0]["id"], made.id(), "{name}");
        let former = format!("/api/{name}?filter[q][reference_eq]={}", "reference%201");
        assert_eq!(
            app.get(&integration, &former).await.body["data"],
            json!([]),
            "{name}"
        );

        let deleted = app.delete(&integration, &path).await;
        assert_eq!(
            (deleted.status, &deleted.body),
            (204, &Value::Null),
            "{name}"
        );
        for gone in [
            app.get(&integration, &path).await,
            change(&app, name, &made.id(), json!({}), json!({})).await,
            app.delete(&integration, &path).await,
        ] {
            assert_eq!(is(&gone), (404, "RECORD_NOT_FOUND", ""), "{name}");
        }
    }
}

/// What customers change where it is theirs.
const OWN: [ResourceType; 2] = [ResourceType::Customers, ResourceType::CustomerAddresses];

/// What whoever buys changes where they may.
const SHOPPERS: [ResourceType; 2] = [ResourceType::Addresses, ResourceType::Shipments];

/// What of both they delete.
const DELETED: [ResourceType; 3] = [
    ResourceType::Customers,
    ResourceType::CustomerAddresses,
    ResourceType::Addresses,
];

#[tokio::test]
async fn others_than_integrations_change_nothing_that_is_not_theirs() {
    let app = App::start().await;
    let records = one_of_each(&app).await;
    for (token, owns) in [(app.customer(), true), (app.guest(), false)] {
        for (kind, attributes, relationships) in &records {
            let name = kind.name();
            let body = json!({ "data": {
                "type": name, "attributes": attributes, "relationships": relationships,
            } });
            let path = format!("/api/{name}");
            let posted = app.post(&token, &path, &body);
            match kind {
                // Whoever buys makes addresses of their own.
                ResourceType::Addresses => assert_eq!(posted.await.status, 201),
                ResourceType::CustomerAddresses if owns => {
                    let at = "/data/relationships/address";
                    refused(&app, posted, (404, "RECORD_NOT_FOUND", at)).await;
                }
                // They sign up, with less than all of this.
                ResourceType::Customers => {
                    let at = "/data/attributes/status";
                    refused(&app, posted, (401, "UNAUTHORIZED", at)).await;
                }
                _ => refused(&app, posted, (401, "UNAUTHORIZED", "")).await,
            }
            let is_own = SHOPPERS.contains(kind) || owns && OWN.contains(kind);
            if *kind != ResourceType::Orders {
                let path = format!("/api/{name}/AbCdEfGhIj");
                let body = json!({ "data": { "type": name, "id": "AbCdEfGhIj" } });
                let patched = app.patch(&token, &path, &body);
                let expected = match is_own {
                    true => (404, "RECORD_NOT_FOUND", ""),
                    false => (401, "UNAUTHORIZED", ""),
                };
                refused(&app, patched, expected).await;
            }
            let path = format!("/api/{name}/{ORDER}");
            let deleted = app.delete(&token, &path);
            let expected = match is_own && DELETED.contains(kind) {
                true => (404, "RECORD_NOT_FOUND", ""),
                false => (401, "UNAUTHORIZED", ""),
            };
            refused(&app, deleted, expected).await;
        }
    }
}

#[tokio::test]
async fn customers_read_their_own_and_nobody_elses() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let email = json!({ "email": "other@example.com" });
    let other = created(&app, "customers", email, json!({})).await.id();
    let kept = created(&app, "addresses", address("Pisa"), json!({}))
        .await
        .id();
    let entry = json!({
        "customer": related("customers", &other), "address": related("addresses", &kept),
    });
    let entry = created(&app, "customer_addresses", json!({}), entry).await;
    assert!(entry.attribute("name").as_str().unwrap().contains("Pisa"));
    assert_eq!(entry.attribute("customer_email"), "other@example.com");
    let by_itself = created(&app, "addresses", address("Lucca"), json!({}))
        .await
        .id();
    for path in [
        format!("/api/customers/{other}"),
        format!("/api/customers/{other}/orders"),
        format!("/api/customer_addresses/{}", entry.id()),
        format!("/api/addresses/{kept}"),
        format!("/api/addresses/{by_itself}"),
    ] {
        let shown = app.get(&integration, &path).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.body);
        let hidden = app.get(&customer, &path).await;
        assert_eq!(is(&hidden), (404, "RECORD_NOT_FOUND", ""), "{path}");
    }
    let book = app
        .get(&customer, "/api/customer_addresses?include=address")
        .await;
    assert_eq!(book.body["meta"]["record_count"], 1);
    let name = book.body["data"][0]["attributes"]["name"].as_str().unwrap();
    assert!(name.contains("Via dell'Esempio"), "{name}");
    let orders = app
        .get(&customer, "/api/orders?page[size]=25&sort=number")
        .await;
    assert_eq!(orders.body["meta"]["record_count"], 6);
    let all = app.get(&integration, "/api/orders?page[size]=25").await;
    assert_eq!(all.body["meta"]["record_count"], 8);
    for (token, path) in [
        (app.guest(), "/api/orders"),
        (app.guest(), "/api/customer_addresses"),
        (app.guest(), "/api/customers"),
        (customer.clone(), "/api/customers"),
        (customer.clone(), "/api/addresses"),
        (customer.clone(), "/api/line_items"),
        (customer.clone(), "/api/stripe_payments"),
    ] {
        let reply = app.get(&token, path).await;
        assert_eq!(is(&reply), (401, "UNAUTHORIZED", ""), "{path}");
    }
    for path in [
        "/api/skus",
        "/api/markets",
        "/api/shipping_methods",
        "/api/payment_methods",
    ] {
        let reply = app.get(&app.guest(), path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(!reply.body["data"].as_array().unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn an_e_mail_address_is_one_customers() {
    let app = App::start().await;
    let taken = |email: &str| json!({ "email": email });
    let posted = create(&app, "customers", taken("CUSTOMER@example.com"), json!({}));
    let pointer = "/data/attributes/email";
    refused(&app, posted, (422, "VALIDATION_ERROR", pointer)).await;
    let other = created(&app, "customers", taken("a@example.com"), json!({})).await;
    let id = other.id();
    let patched = change(
        &app,
        "customers",
        &id,
        taken("customer@example.com"),
        json!({}),
    );
    refused(&app, patched, (422, "VALIDATION_ERROR", pointer)).await;

    let renamed = change(
        &app,
        "customers",
        &other.id(),
        taken("b@example.com"),
        json!({}),
    )
    .await;
    assert_eq!(renamed.status, 200, "{}", renamed.body);
    created(&app, "customers", taken("a@example.com"), json!({})).await;
    for wrong in ["", "nobody", "a b@example.com", "a@b@c", "@example.com"] {
        let posted = create(&app, "customers", taken(wrong), json!({}));
        refused(&app, posted, (422, "VALIDATION_ERROR", pointer)).await;
    }
    let signed_in = async |password: &str| {
        let body = json!({
            "grant_type": "password", "client_id": "demo-sales-channel",
            "scope": "market:code:europe", "username": "b@example.com", "password": password,
        });
        app.post("", "/oauth/token", &body).await.status
    };
    assert_eq!(signed_in("first password").await, 401);
    let set = json!({ "password": "first password" });
    let changed = change(&app, "customers", &other.id(), set, json!({})).await;
    assert_eq!(*changed.attribute("has_password"), json!(true));
    assert_eq!(signed_in("first password").await, 200);
    assert!(!format!("{:?}", app.table().await).contains("first password"));
}

#[tokio::test]
async fn a_code_is_one_skus_until_that_is_deleted() {
    let app = App::start().await;
    let mug = || json!({ "code": "MUG", "name": "Mug" });
    let first = created(&app, "skus", mug(), json!({})).await.id();
    let pointer = "/data/attributes/code";
    let posted = create(&app, "skus", mug(), json!({}));
    refused(&app, posted, (422, "VALIDATION_ERROR", pointer)).await;
    let several = futures_util::future::join_all((0..4).map(|_| {
        let cup = json!({ "code": "CUP", "name": "Cup" });
        create(&app, "skus", cup, json!({}))
    }));
    let statuses = several.await.into_iter().map(|it| it.status);
    let made = statuses.filter(|it| *it == 201).count();
    assert_eq!(made, 1, "of those made at once");
    let path = format!("/api/skus/{first}");
    assert_eq!(app.delete(&app.integration(), &path).await.status, 204);
    created(&app, "skus", mug(), json!({})).await;
}

#[tokio::test]
async fn a_customer_is_deleted_and_the_orders_stay() {
    let app = App::start().await;
    let integration = app.integration();
    let entry = app.saved_card("pm_card_visa").await;
    let customer = format!("/api/customers/{}", billfold::demo::customer());
    let locked = app.delete(&integration, &customer).await;
    assert_eq!(is(&locked), (423, "LOCKED", ""), "{}", locked.body);
    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&integration, &path).await.status, 204);
    let deleted = app.delete(&integration, &customer).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    assert_eq!(app.get(&integration, &customer).await.status, 404);

    let order = format!("/api/orders/{ORDER}?include=customer");
    let order = app.get(&integration, &order).await;
    assert_eq!(order.status, 200);
    let related = &order.body["data"]["relationships"]["customer"]["data"];
    assert_eq!(*related, Value::Null);
    assert_eq!(order.attribute("customer_email"), "customer@example.com");
    let email = json!({ "email": "customer@example.com" });
    let anew = created(&app, "customers", email, json!({})).await;
    let orders = format!("/api/customers/{}/orders", anew.id());
    let orders = app.get(&integration, &orders).await;
    assert_eq!(orders.body["meta"]["record_count"], 0);
}

#[tokio::test]
async fn an_order_that_was_paid_is_kept() {
    let app = App::start().await;
    let integration = app.integration();
    app.create_reusable(&app.customer(), ORDER, "pm_card_visa")
        .await;
    let path = format!("/api/orders/{ORDER}");
    let deleted = app.delete(&integration, &path);
    refused(&app, deleted, (423, "LOCKED", "")).await;
    let line = app.get(&integration, &format!("{path}/line_items")).await;
    let line = line.body["data"][0]["id"].as_str().unwrap().to_owned();
    let of_line = json!({ "line_item": related("line_items", &line) });
    let option = json!({ "quantity": 1, "options": {} });
    let option = created(&app, "line_item_options", option, of_line)
        .await
        .id();
    let deleted = app
        .delete(&integration, &format!("/api/line_items/{line}"))
        .await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    let option = app
        .get(&integration, &format!("/api/line_item_options/{option}"))
        .await;
    assert_eq!(option.status, 404, "gone with its line");
}

#[tokio::test]
async fn the_organization_and_the_application_follow_from_the_token() {
    let app = App::start().await;
    for (token, kind) in [
        (app.integration(), "integration"),
        (app.customer(), "sales_channel"),
        (app.guest(), "sales_channel"),
    ] {
        let path = "/api/organization?fields[organizations]=id,slug,name,logo_url,config";
        let organization = app.get(&token, path).await;
        assert_eq!(organization.body["data"]["type"], "organizations");
        assert_eq!(organization.attribute("slug"), "demo");
        assert_eq!(organization.attribute("name"), "Demo");
        let link = organization.body["data"]["links"]["self"].as_str().unwrap();
        assert_eq!(link, format!("{}/api/organization", app.running.url));
        let application = app.get(&token, "/api/application").await;
        assert_eq!(application.attribute("kind"), kind);
    }
    let id = billfold::demo::tenant().organization;
    let body = |name: &str| {
        let attributes = json!({ "name": name, "logo_url": "https://example.com/logo.svg" });
        json!({ "data": { "type": "organizations", "id": id, "attributes": attributes } })
    };
    let changed = app
        .patch(&app.integration(), "/api/organization", &body("Shop"))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let read = app.get(&app.guest(), "/api/organization").await;
    assert_eq!(read.attribute("name"), "Shop");
    let customer = app.customer();
    let mine = body("Mine");
    let patched = app.patch(&customer, "/api/organization", &mine);
    refused(&app, patched, (401, "UNAUTHORIZED", "")).await;
}
