//! Whose an order is, and how somebody becomes a customer: by an e-mail address, by signing up, by signing in.

use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply};
use crate::orders_in::{MARKET, METHOD, created, related};
use crate::refusals::{is, refused};

const EMAIL: &str = "/data/attributes/customer_email";

async fn guests_order(app: &App, attributes: Value) -> String {
    let mut all = json!({
        "status": "draft", "guest": true, "currency_code": "EUR",
        "total_amount_cents": 5000, "total_amount_with_taxes_cents": 5000,
    });
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    let around = json!({
        "market": related("markets", MARKET),
        "payment_method": related("payment_methods", METHOD),
    });
    created(app, "orders", all, around).await.id()
}

async fn read(app: &App, order: &str) -> Reply {
    let path = format!("/api/orders/{order}?include=customer,payment_source");
    app.get(&app.integration(), &path).await
}

fn customer_of(order: &Reply) -> &Value {
    &order.body["data"]["relationships"]["customer"]["data"]["id"]
}

async fn sign_up(app: &App, token: &str, attributes: Value) -> Reply {
    let body = json!({ "data": { "type": "customers", "attributes": attributes } });
    app.post(token, "/api/customers", &body).await
}

#[tokio::test]
async fn an_e_mail_address_names_a_customer_who_is_made_once_and_opens_no_wallet() {
    let app = App::start().await;
    let guest = app.guest();
    app.saved_card("pm_card_visa").await;
    let order = guests_order(&app, json!({})).await;
    let named = json!({ "customer_email": "New.Guest@example.com" });
    let answer = app.patch_order(&guest, &order, named.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(*answer.attribute("guest"), true);
    let made = customer_of(&read(&app, &order).await).clone();
    assert!(made.is_string(), "{made}");

    let again = guests_order(&app, json!({})).await;
    let alike = json!({ "customer_email": "new.guest@EXAMPLE.com" });
    app.patch_order(&guest, &again, alike).await;
    assert_eq!(*customer_of(&read(&app, &again).await), made);

    // Somebody who is known: the order is among theirs, and their wallet stays theirs.
    let theirs = json!({ "customer_email": "customer@example.com" });
    let answer = app.patch_order(&guest, &again, theirs).await;
    assert_eq!(*answer.attribute("guest"), true);
    let named = read(&app, &again).await;
    assert_eq!(*customer_of(&named), billfold::demo::customer().as_str());
    let path = format!("/api/orders/{again}/available_customer_payment_sources");
    assert_eq!(app.get(&guest, &path).await.body["data"], json!([]));
    let path = format!("/api/customers/{}/orders", made.as_str().unwrap());
    let of_made = app.get(&app.integration(), &path).await;
    assert_eq!(of_made.body["data"].as_array().unwrap().len(), 1);
    let unclear = app.patch_order(&guest, &order, json!({ "customer_email": "no address" }));
    refused(&app, unclear, (422, "VALIDATION_ERROR", EMAIL)).await;
}

#[tokio::test]
async fn a_customer_of_an_order_stays_whatever_e_mail_address_it_is_given() {
    let app = App::start().await;
    let other = json!({ "customer_email": "somebody@example.com" });
    let answer = app.patch_order(&app.customer(), ORDER, other).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let order = read(&app, ORDER).await;
    assert_eq!(*customer_of(&order), billfold::demo::customer().as_str());
}

#[tokio::test]
async fn a_guests_order_becomes_the_customers_who_changes_it() {
    let app = App::start().await;
    let (guest, customer) = (app.guest(), app.customer());
    app.make_stranger().await;
    let order = guests_order(&app, json!({})).await;
    let source = app
        .create_source(&guest, "stripe_payments", &order, json!({}))
        .await;
    assert_eq!(source.status, 201, "{}", source.body);

    // Reading takes nothing over.
    let path = format!("/api/orders/{order}");
    assert_eq!(app.get(&customer, &path).await.status, 200);
    assert!(customer_of(&read(&app, &order).await).is_null());

    let claimed = app.patch_order(&customer, &order, json!({})).await;
    assert_eq!(claimed.status, 200, "{}", claimed.body);
    assert_eq!(*claimed.attribute("guest"), false);
    assert_eq!(*claimed.attribute("customer_email"), "customer@example.com");
    let now = read(&app, &order).await;
    assert_eq!(*customer_of(&now), billfold::demo::customer().as_str());
    assert!(now.payment_source().is_null());
    assert_eq!(app.get(&guest, &path).await.status, 404);
    let listed = app.get(&customer, "/api/orders").await;
    let ids = listed.body["data"].as_array().unwrap().iter();
    assert!(ids.map(|it| &it["id"]).any(|it| *it == order));
    let others = app.patch_order(&app.stranger(), &order, json!({})).await;
    assert_eq!(is(&others), (404, "RECORD_NOT_FOUND", ""));
}

#[tokio::test]
async fn an_order_that_names_somebody_else_is_taken_over_by_nobody() {
    let app = App::start().await;
    let customer = app.customer();
    let named = json!({ "customer_email": "somebody@example.com" });
    let placed = json!({ "status": "placed" });
    for attributes in [named, placed] {
        let order = guests_order(&app, attributes).await;
        let answer = app.patch_order(&customer, &order, json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(*answer.attribute("guest"), true);
    }
    let theirs = guests_order(&app, json!({ "customer_email": "Customer@example.com" })).await;
    let answer = app.patch_order(&customer, &theirs, json!({})).await;
    assert_eq!(*answer.attribute("guest"), false);
}

#[tokio::test]
async fn whoever_signs_up_is_a_new_customer() {
    let app = App::start().await;
    let guest = app.guest();
    let person = json!({ "email": "zoe@example.com", "password": "correct horse" });
    let made = sign_up(&app, &guest, person.clone()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(*made.attribute("has_password"), true);
    let own = app.token(
        "sales_channel",
        Some(made.id().parse().unwrap()),
        domain::Mode::Test,
    );
    let read = app
        .get(&own, &format!("/api/customers/{}", made.id()))
        .await;
    assert_eq!(*read.attribute("email"), "zoe@example.com");

    // With a password or without: an address that is known is let in by no new password.
    let order = guests_order(&app, json!({})).await;
    let known = json!({ "customer_email": "guest@example.com" });
    app.patch_order(&guest, &order, known).await;
    let pointer = "/data/attributes/email";
    for email in [
        "ZOE@example.com",
        "guest@example.com",
        "customer@example.com",
    ] {
        let taken = sign_up(
            &app,
            &guest,
            json!({ "email": email, "password": "another" }),
        );
        refused(&app, taken, (422, "VALIDATION_ERROR", pointer)).await;
        let with_order = json!({ "customer_email": email, "customer_password": "another" });
        let taken = app.patch_order(&guest, &order, with_order);
        refused(&app, taken, (422, "VALIDATION_ERROR", EMAIL)).await;
    }
    let more = json!({ "email": "max@example.com", "status": "repeat" });
    let refusal = sign_up(&app, &guest, more);
    let pointer = "/data/attributes/status";
    refused(&app, refusal, (401, "UNAUTHORIZED", pointer)).await;

    let order = guests_order(&app, json!({})).await;
    let alone = app.patch_order(&guest, &order, json!({ "customer_password": "secret" }));
    refused(&app, alone, (422, "VALIDATION_ERROR", EMAIL)).await;
    let both = json!({ "customer_email": "mia@example.com", "customer_password": "secret" });
    let signed_up = app.patch_order(&guest, &order, both).await;
    assert_eq!(signed_up.status, 200, "{}", signed_up.body);
    assert!(!signed_up.body.to_string().contains("secret"));
    let customer = customer_of(&self::read(&app, &order).await).clone();
    let path = format!("/api/customers/{}", customer.as_str().unwrap());
    let read = app.get(&app.integration(), &path).await;
    assert_eq!(*read.attribute("has_password"), true);
}

#[tokio::test]
async fn customers_delete_themselves_once_their_wallet_is_empty() {
    let app = App::start().await;
    app.make_stranger().await;
    let (customer, stranger) = (app.customer(), app.stranger());
    app.saved_card("pm_card_visa").await;
    let own = format!("/api/customers/{}", billfold::demo::customer());
    refused(
        &app,
        app.delete(&stranger, &own),
        (404, "RECORD_NOT_FOUND", ""),
    )
    .await;
    assert_eq!(app.delete(&customer, &own).await.status, 423);
    let guest = app.guest();
    refused(&app, app.delete(&guest, &own), (401, "UNAUTHORIZED", "")).await;
    let path = format!("/api/customers/{}", crate::app::stranger());
    assert_eq!(app.delete(&stranger, &path).await.status, 204);
    assert_eq!(app.get(&stranger, &path).await.status, 404);
}

async fn ask_for_another_password(app: &App, token: &str, email: &str) -> Reply {
    let body = json!({ "data": {
        "type": "customer_password_resets", "attributes": { "customer_email": email },
    } });
    app.post(token, "/api/customer_password_resets", &body)
        .await
}

async fn set_another_password(app: &App, reset: &str, attributes: Value) -> Reply {
    let body = json!({ "data": {
        "type": "customer_password_resets", "id": reset, "attributes": attributes,
    } });
    let path = format!("/api/customer_password_resets/{reset}");
    app.patch(&app.guest(), &path, &body).await
}

#[tokio::test]
async fn another_password_is_set_with_the_token_that_was_mailed() {
    let app = App::start().await;
    let (guest, shop) = (app.guest(), app.integration());
    let asked = ask_for_another_password(&app, &guest, "Customer@example.com").await;
    assert_eq!(asked.status, 201, "{}", asked.body);
    let id = asked.id();
    let path = format!("/api/customer_password_resets/{id}");
    assert_eq!(app.get(&guest, &path).await.status, 401);
    assert_eq!(app.get(&app.customer(), &path).await.status, 401);
    let read = app.get(&shop, &format!("{path}?include=customer")).await;
    let token = read
        .attribute("reset_password_token")
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(token.len(), 32);
    assert_eq!(customer_of(&read), billfold::demo::customer().as_str());

    let at = "/data/attributes/_reset_password_token";
    let with = |token: &str, password: &str| json!({ "_reset_password_token": token, "customer_password": password });
    for wrong in ["", &token[1..], &token.to_uppercase()] {
        let sent = set_another_password(&app, &id, with(wrong, "new password"));
        refused(&app, sent, (422, "VALIDATION_ERROR", at)).await;
    }
    let alone = json!({ "_reset_password_token": token });
    let pointer = "/data/attributes/customer_password";
    let sent = set_another_password(&app, &id, alone);
    refused(&app, sent, (422, "VALIDATION_ERROR", pointer)).await;
    let nobodys = set_another_password(&app, "nobodyHere", with(&token, "new password"));
    refused(&app, nobodys, (404, "RECORD_NOT_FOUND", "")).await;

    let set = set_another_password(&app, &id, with(&token, "new password")).await;
    assert_eq!(set.status, 200, "{}", set.body);
    assert!(set.attribute("reset_password_at").is_string());
    assert!(!set.body.to_string().contains(&token));
    let right = app.sign_in_as("customer@example.com", "new password").await;
    assert!(right.status < 400, "{}", right.status);
    let former = app
        .sign_in_as("customer@example.com", "demo-customer")
        .await;
    assert_eq!(former.status, 401);
    let again = set_another_password(&app, &id, with(&token, "a third"));
    refused(&app, again, (422, "VALIDATION_ERROR", at)).await;
    assert!(
        app.get(&shop, &path)
            .await
            .attribute("reset_password_token")
            .is_null()
    );
}

#[tokio::test]
async fn whether_an_e_mail_address_is_known_no_request_for_another_password_tells() {
    let app = App::start().await;
    let guest = app.guest();
    let shape = |reply: &Reply| {
        let mut data = reply.body["data"].clone();
        for name in ["created_at", "updated_at", "customer_email"] {
            assert!(data["attributes"][name].is_string(), "{name}");
            data["attributes"][name] = Value::Null;
        }
        serde_json::from_str::<Value>(&data.to_string().replace(&reply.id(), "id")).unwrap()
    };
    let known = ask_for_another_password(&app, &guest, "customer@example.com").await;
    let unknown = ask_for_another_password(&app, &guest, "nobody@example.com").await;
    assert_eq!((known.status, unknown.status), (201, 201));
    assert_eq!(shape(&known), shape(&unknown));
    assert!(
        known.body["data"]["attributes"]
            .get("reset_password_token")
            .is_none()
    );
    let id = unknown.id();
    let path = format!("/api/customer_password_resets/{id}");
    let token = app.get(&app.integration(), &path).await;
    let given = json!({
        "_reset_password_token": token.attribute("reset_password_token"),
        "customer_password": "new password",
    });
    let at = "/data/attributes/_reset_password_token";
    let sent = set_another_password(&app, &id, given);
    refused(&app, sent, (422, "VALIDATION_ERROR", at)).await;
}
