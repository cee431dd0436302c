//! Shoppers' addresses: they make them, put them on their orders, copy them, and customers keep them.

use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, ORDER, Reply, SECOND_ORDER};
use crate::orders_in::{address, related};
use crate::refusals::{is, refused};

async fn make(app: &App, token: &str, city: &str) -> String {
    let data = json!({ "type": "addresses", "attributes": address(city) });
    let made = app
        .post(token, "/api/addresses", &json!({ "data": data }))
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.id()
}

async fn say(app: &App, token: &str, kind: &str, id: &str, attributes: Value) -> Reply {
    let data = json!({ "type": kind, "id": id, "attributes": attributes });
    let path = format!("/api/{kind}/{id}");
    app.patch(token, &path, &json!({ "data": data })).await
}

/// Changes an order, attributes and relationships at once; the answer includes its addresses.
async fn put(app: &App, token: &str, order: &str, attributes: Value, related: Value) -> Reply {
    let data = json!({
        "type": "orders", "id": order, "attributes": attributes, "relationships": related,
    });
    let path = format!("/api/orders/{order}?include=billing_address,shipping_address");
    app.patch(token, &path, &json!({ "data": data })).await
}

fn named<'a>(order: &'a Reply, relationship: &str) -> &'a str {
    let id = &order.body["data"]["relationships"][relationship]["data"]["id"];
    id.as_str().unwrap_or_default()
}

fn city<'a>(order: &'a Reply, relationship: &str) -> &'a str {
    let address = order.included(named(order, relationship));
    address["attributes"]["city"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn who_made_an_address_reads_changes_and_deletes_it_and_nobody_else() {
    let app = App::start().await;
    let (guest, customer) = (app.guest(), app.customer());
    app.make_stranger().await;
    for (maker, others) in [
        (&guest, [app.guest(), customer.clone()]),
        (&customer, [guest.clone(), app.stranger()]),
    ] {
        let id = make(&app, maker, "Genova").await;
        let path = format!("/api/addresses/{id}");
        for other in &others {
            assert_eq!(app.get(other, &path).await.status, 404);
            let change = say(&app, other, "addresses", &id, json!({ "city": "Roma" }));
            refused(&app, change, (404, "RECORD_NOT_FOUND", "")).await;
            refused(
                &app,
                app.delete(other, &path),
                (404, "RECORD_NOT_FOUND", ""),
            )
            .await;
            let copy = json!({ "_billing_address_clone_id": id });
            let pointer = "/data/attributes/_billing_address_clone_id";
            let of_theirs = app.patch_order(other, GUEST_ORDER, copy);
            refused(&app, of_theirs, (404, "RECORD_NOT_FOUND", pointer)).await;
        }
        let changed = json!({ "city": "Roma", "reference": id, "metadata": { "door": 2 } });
        let changed = say(&app, maker, "addresses", &id, changed).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(*changed.attribute("reference"), id);
        let read = app.get(maker, &path).await;
        assert_eq!(*read.attribute("city"), "Roma");
        assert_eq!(app.get(&app.integration(), &path).await.status, 200);
        assert_eq!(app.delete(maker, &path).await.status, 204);
        assert_eq!(app.get(maker, &path).await.status, 404);
    }
}

#[tokio::test]
async fn a_guest_puts_addresses_on_a_guests_order_as_the_checkout_does() {
    let app = App::start().await;
    let guest = app.guest();
    let id = make(&app, &guest, "Genova").await;
    let said = json!({
        "customer_email": "new.guest@example.com", "_shipping_address_same_as_billing": true,
    });
    let named_so = json!({ "billing_address": related("addresses", &id) });
    let answer = put(&app, &guest, GUEST_ORDER, said.clone(), named_so.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(named(&answer, "billing_address"), id);
    let shipping = named(&answer, "shipping_address").to_owned();
    assert_ne!(shipping, id);
    assert_eq!(city(&answer, "shipping_address"), "Genova");

    // Sent again, nothing is copied again.
    let again = put(&app, &guest, GUEST_ORDER, said, named_so).await;
    assert_eq!(named(&again, "shipping_address"), shipping);

    // The order is what decides who may: any guest who has it, while it is open.
    let other = app.guest();
    let moved = say(
        &app,
        &other,
        "addresses",
        &shipping,
        json!({ "city": "Bari" }),
    )
    .await;
    assert_eq!(moved.status, 200, "{}", moved.body);
    app.make_stranger().await;
    app.set_order(GUEST_ORDER, json!({ "status": "placed" }))
        .await;
    let late = say(
        &app,
        &guest,
        "addresses",
        &shipping,
        json!({ "city": "Pisa" }),
    );
    refused(&app, late, (422, "VALIDATION_ERROR", "/data")).await;
    let late = put(
        &app,
        &guest,
        GUEST_ORDER,
        json!({}),
        json!({ "shipping_address": { "data": null } }),
    );
    let pointer = "/data/relationships/shipping_address";
    refused(&app, late, (422, "VALIDATION_ERROR", pointer)).await;
}

#[tokio::test]
async fn an_order_takes_no_address_that_is_somebody_elses_or_kept_elsewhere() {
    let app = App::start().await;
    let (guest, customer) = (app.guest(), app.customer());
    let strangers = make(&app, &app.guest(), "Genova").await;
    let pointer = "/data/relationships/billing_address";
    for id in [strangers.as_str(), "nobodyHere"] {
        let naming = json!({ "billing_address": related("addresses", id) });
        let put = put(&app, &guest, GUEST_ORDER, json!({}), naming);
        refused(&app, put, (404, "RECORD_NOT_FOUND", pointer)).await;
    }
    // What is with another order is copied, not shared.
    let read = app
        .get(
            &customer,
            &format!("/api/orders/{ORDER}?include=billing_address"),
        )
        .await;
    let of_other = named(&read, "billing_address").to_owned();
    let naming = json!({ "billing_address": related("addresses", &of_other) });
    let shared = put(&app, &customer, SECOND_ORDER, json!({}), naming).await;
    assert_eq!(is(&shared), (404, "RECORD_NOT_FOUND", pointer));
    let copy = json!({ "_billing_address_clone_id": of_other });
    let copied = put(&app, &customer, SECOND_ORDER, copy, json!({})).await;
    assert_eq!(copied.status, 200, "{}", copied.body);
    // A guest does not see the customer's order, nor its address.
    let copy = json!({ "_billing_address_clone_id": of_other });
    let pointer = "/data/attributes/_billing_address_clone_id";
    let refusal = put(&app, &guest, GUEST_ORDER, copy, json!({}));
    refused(&app, refusal, (404, "RECORD_NOT_FOUND", pointer)).await;
}

#[tokio::test]
async fn customers_keep_addresses_and_orders_take_copies_of_them() {
    let app = App::start().await;
    let customer = app.customer();
    let id = make(&app, &customer, "Siena").await;
    let entry = json!({ "data": { "type": "customer_addresses", "relationships": {
        "address": related("addresses", &id),
    } } });
    let kept = app.post(&customer, "/api/customer_addresses", &entry).await;
    assert_eq!(kept.status, 201, "{}", kept.body);
    let book = "/api/customer_addresses?include=address";
    let listed = app.get(&customer, book).await;
    assert_eq!(listed.included(&id)["attributes"]["city"], "Siena");
    // The checkout marks an address with its own id, to find the order's copy by it.
    let marked = say(
        &app,
        &customer,
        "addresses",
        &id,
        json!({ "reference": id }),
    )
    .await;
    assert_eq!(marked.status, 200, "{}", marked.body);

    let naming = json!({ "billing_address": related("addresses", &id) });
    let shared = put(&app, &customer, ORDER, json!({}), naming).await;
    let pointer = "/data/relationships/billing_address";
    assert_eq!(is(&shared), (422, "VALIDATION_ERROR", pointer));

    let copies = json!({ "_billing_address_clone_id": id, "_shipping_address_clone_id": id });
    let copied = put(&app, &customer, ORDER, copies.clone(), json!({})).await;
    assert_eq!(copied.status, 200, "{}", copied.body);
    let ids = ["billing_address", "shipping_address"].map(|it| named(&copied, it).to_owned());
    assert!(ids[0] != ids[1] && !ids.contains(&id));
    assert_eq!(copied.included(&ids[0])["attributes"]["reference"], id);
    let again = put(&app, &customer, ORDER, copies, json!({})).await;
    assert_eq!(named(&again, "billing_address"), ids[0]);
    // What is changed in the book afterwards does not change the order.
    say(
        &app,
        &customer,
        "addresses",
        &id,
        json!({ "city": "Lecce" }),
    )
    .await;
    let read = app
        .get(
            &customer,
            &format!("/api/orders/{ORDER}?include=billing_address"),
        )
        .await;
    assert_eq!(city(&read, "billing_address"), "Siena");

    let entry = format!("/api/customer_addresses/{}", kept.id());
    app.make_stranger().await;
    let stranger = app.stranger();
    refused(
        &app,
        app.delete(&stranger, &entry),
        (404, "RECORD_NOT_FOUND", ""),
    )
    .await;
    assert_eq!(app.delete(&customer, &entry).await.status, 204);
    let listed = app.get(&customer, book).await;
    let ids = listed.body["data"].as_array().unwrap().iter();
    assert!(ids.map(|it| &it["id"]).all(|it| *it != kept.id()));
}

#[tokio::test]
async fn nobody_keeps_an_address_for_somebody_else() {
    let app = App::start().await;
    app.make_stranger().await;
    let (customer, stranger) = (app.customer(), app.stranger());
    let own = make(&app, &stranger, "Siena").await;
    let theirs = make(&app, &customer, "Siena").await;
    let entry = |address: &str, customer: Value, attributes: Value| {
        let mut relationships = json!({ "address": related("addresses", address) });
        if !customer.is_null() {
            relationships["customer"] = customer;
        }
        json!({ "data": {
            "type": "customer_addresses",
            "attributes": attributes,
            "relationships": relationships,
        } })
    };
    let other = related("customers", billfold::demo::customer().as_str());
    let by_email = json!({ "customer_email": "customer@example.com" });
    for (body, expected) in [
        (
            entry(&own, other, json!({})),
            (404, "RECORD_NOT_FOUND", "/data/relationships/customer"),
        ),
        (
            entry(&own, Value::Null, by_email),
            (422, "VALIDATION_ERROR", "/data/attributes/customer_email"),
        ),
        (
            entry(&theirs, Value::Null, json!({})),
            (404, "RECORD_NOT_FOUND", "/data/relationships/address"),
        ),
    ] {
        let sent = app.post(&stranger, "/api/customer_addresses", &body);
        refused(&app, sent, expected).await;
    }
    let body = entry(&own, Value::Null, json!({}));
    let guest = app.guest();
    let sent = app.post(&guest, "/api/customer_addresses", &body);
    refused(&app, sent, (401, "UNAUTHORIZED", "")).await;
}

#[tokio::test]
async fn an_orders_addresses_are_kept_once_however_often_that_is_asked() {
    let app = App::start().await;
    let customer = app.customer();
    let save = json!({
        "_save_billing_address_to_customer_address_book": true,
        "_save_shipping_address_to_customer_address_book": true,
    });
    // Another address than the one that the demo's customer keeps already.
    let id = make(&app, &customer, "Lecce").await;
    let naming = json!({ "billing_address": related("addresses", &id) });
    let named = put(&app, &customer, ORDER, json!({}), naming).await;
    assert_eq!(named.status, 200, "{}", named.body);
    let (first, second) = tokio::join!(
        app.patch_order(&customer, ORDER, save.clone()),
        app.patch_order(&customer, ORDER, save.clone()),
    );
    assert_eq!((first.status, second.status), (200, 200), "{}", first.body);
    app.patch_order(&customer, ORDER, save.clone()).await;
    let book = "/api/customer_addresses?include=address";
    let listed = app.get(&customer, book).await;
    let cities: std::collections::BTreeSet<_> = listed.body["included"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["attributes"]["full_address"].to_string())
        .collect();
    assert_eq!(listed.body["data"].as_array().unwrap().len(), cities.len());
    let is_kept = |city: &str| cities.iter().filter(|it| it.contains(city)).count();
    assert_eq!((is_kept("Lecce"), is_kept("Milano")), (1, 1));
    let at = "/data/attributes/_save_billing_address_to_customer_address_book";
    let guest = app.guest();
    let guests = app.patch_order(&guest, GUEST_ORDER, save.clone());
    let expected = (422, "VALIDATION_ERROR", at);
    refused(&app, guests, expected).await;
}

#[tokio::test]
async fn an_order_that_is_locked_to_a_country_ships_nowhere_else() {
    let app = App::start().await;
    let guest = app.guest();
    let french = {
        let mut of_france = address("Paris");
        of_france["country_code"] = json!("FR");
        let data = json!({ "type": "addresses", "attributes": of_france });
        let made = app
            .post(&guest, "/api/addresses", &json!({ "data": data }))
            .await;
        made.id()
    };
    let italian = make(&app, &guest, "Genova").await;
    let lock = json!({ "shipping_country_code_lock": "IT" });
    let to = |id: &str| json!({ "shipping_address": related("addresses", id) });
    let there = put(&app, &guest, GUEST_ORDER, lock.clone(), to(&italian)).await;
    assert_eq!(there.status, 200, "{}", there.body);
    assert_eq!(*there.attribute("country_code"), "IT");
    let pointer = "/data/relationships/shipping_address";
    let elsewhere = put(&app, &guest, GUEST_ORDER, json!({}), to(&french));
    refused(&app, elsewhere, (422, "VALIDATION_ERROR", pointer)).await;
    let moved = say(
        &app,
        &guest,
        "addresses",
        &italian,
        json!({ "country_code": "FR" }),
    );
    let pointer = "/data/attributes/country_code";
    refused(&app, moved, (422, "VALIDATION_ERROR", pointer)).await;

    let unlock = json!({ "shipping_country_code_lock": null });
    let there = put(&app, &guest, GUEST_ORDER, unlock, to(&french)).await;
    assert_eq!(there.status, 200, "{}", there.body);
    assert_eq!(*there.attribute("country_code"), "FR");
    // What the order names no more is its maker's again.
    let read = app.get(&guest, &format!("/api/addresses/{italian}")).await;
    assert_eq!(read.status, 200, "{}", read.body);
    let back = say(
        &app,
        &guest,
        "addresses",
        &french,
        json!({ "country_code": "IT" }),
    )
    .await;
    assert_eq!(back.status, 200, "{}", back.body);
    let order = app.get(&guest, &format!("/api/orders/{GUEST_ORDER}")).await;
    assert_eq!(*order.attribute("country_code"), "IT");
    let locked = app.patch_order(&guest, GUEST_ORDER, lock).await;
    assert_eq!(locked.status, 200, "{}", locked.body);
}

#[tokio::test]
async fn what_cannot_be_copied_is_told() {
    let app = App::start().await;
    let guest = app.guest();
    let both = json!({
        "_shipping_address_same_as_billing": true, "_billing_address_same_as_shipping": true,
    });
    let at = "/data/attributes/_shipping_address_same_as_billing";
    let sent = app.patch_order(&guest, GUEST_ORDER, both);
    refused(&app, sent, (422, "VALIDATION_ERROR", at)).await;
    let none = json!({ "billing_address": { "data": null } });
    let same = json!({ "_shipping_address_same_as_billing": true });
    let sent = put(&app, &guest, GUEST_ORDER, same, none);
    refused(&app, sent, (422, "VALIDATION_ERROR", at)).await;
    for id in ["", "no id at all", "nobodyHere"] {
        let copy = json!({ "_shipping_address_clone_id": id });
        let at = "/data/attributes/_shipping_address_clone_id";
        let sent = app.patch_order(&guest, GUEST_ORDER, copy);
        refused(&app, sent, (404, "RECORD_NOT_FOUND", at)).await;
    }
}

#[tokio::test]
async fn the_same_address_put_on_an_order_twice_at_once_is_put_there() {
    let app = App::start().await;
    let guest = app.guest();
    let id = make(&app, &guest, "Genova").await;
    let named_so = json!({ "billing_address": related("addresses", &id) });
    let same = json!({ "_shipping_address_same_as_billing": true });
    let (first, second) = tokio::join!(
        put(&app, &guest, GUEST_ORDER, same.clone(), named_so.clone()),
        put(&app, &guest, GUEST_ORDER, same.clone(), named_so.clone()),
    );
    for answer in [&first, &second] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(city(answer, "shipping_address"), "Genova");
    }
    let of = |it: &Reply| named(it, "shipping_address").to_owned();
    assert_eq!(of(&first), of(&second));
}
