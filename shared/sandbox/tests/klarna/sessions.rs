use serde_json::{Value, json};

use crate::shop::{SESSIONS, Shop, buy_and_tokenize, purchase, purchase_with};

fn path(session: &str) -> String {
    format!("{SESSIONS}/{session}")
}

#[tokio::test]
async fn a_session_has_an_id_a_token_and_categories() {
    let shop = Shop::open();
    let session = shop.post(SESSIONS, &purchase()).await.ok();
    let id = session["session_id"].as_str().unwrap();
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    let token = session["client_token"].as_str().unwrap();
    assert_eq!(token.split('.').count(), 3, "{token}");
    let category = &session["payment_method_categories"][0];
    assert_eq!(category["identifier"], "klarna");
    assert_eq!(category["name"], "Pay with Klarna");
    assert!(category["asset_urls"]["standard"].is_string());
    assert_ne!(shop.session(&purchase()).await.0, id);
}

#[tokio::test]
async fn a_session_is_read_back() {
    let shop = Shop::open();
    let sent = purchase_with(json!({
        "locale": "de-DE",
        "merchant_reference1": "order 1",
        "customer": {"date_of_birth": "1990-02-28", "national_identification_number": "19900228"},
    }));
    let (id, client_token) = shop.session(&sent).await;
    let read = shop.get(&path(&id)).await.ok();
    for name in [
        "order_amount",
        "order_lines",
        "locale",
        "merchant_reference1",
    ] {
        assert_eq!(read[name], sent[name], "{name}");
    }
    assert_eq!(read["status"], "incomplete");
    assert_eq!(read["intent"], "buy");
    assert_eq!(read["client_token"], client_token.as_str());
    assert_eq!(read["expires_at"], "2026-03-03T12:00:00Z");
    assert_eq!(read["customer"], json!({"date_of_birth": "1990-02-28"}));
}

#[tokio::test]
async fn an_update_replaces_what_it_names() {
    let shop = Shop::open();
    let (id, _) = shop
        .session(&purchase_with(json!({"locale": "de-DE"})))
        .await;
    let lines = json!([{"name": "Socks", "quantity": 2, "unit_price": 500, "total_amount": 1_000}]);
    let changes = json!({"order_amount": 1_000, "order_tax_amount": 0, "order_lines": lines});
    let reply = shop.post(&path(&id), &changes).await;
    assert_eq!((reply.status.as_u16(), reply.text.len()), (204, 0));
    let read = shop.get(&path(&id)).await.ok();
    assert_eq!(read["order_lines"], lines);
    assert_eq!(read["locale"], "de-DE");
}

#[tokio::test]
async fn an_update_that_does_not_add_up_changes_nothing() {
    let shop = Shop::open();
    let (id, _) = shop.session(&purchase()).await;
    let reply = shop.post(&path(&id), &json!({"order_amount": 1})).await;
    reply.bad_values(&["order_amount"]);
    assert_eq!(shop.get(&path(&id)).await.ok()["order_amount"], 12_900);
}

#[tokio::test]
async fn the_intent_cannot_change() {
    let shop = Shop::open();
    let (id, _) = shop.session(&buy_and_tokenize()).await;
    for intent in ["buy", "tokenize"] {
        let reply = shop.post(&path(&id), &json!({"intent": intent})).await;
        reply.bad_values(&["intent"]);
    }
    let same = json!({"intent": "buy_and_tokenize"});
    assert_eq!(shop.post(&path(&id), &same).await.status, 204);
}

#[tokio::test]
async fn a_session_lives_48_hours() {
    let shop = Shop::open();
    let (id, client_token) = shop.session(&purchase()).await;
    shop.pass_minutes(48 * 60 - 1);
    shop.get(&path(&id)).await.ok();
    shop.pass_minutes(1);
    let not_found = (
        404,
        "NOT_FOUND".to_owned(),
        vec!["Invalid session id".to_owned()],
    );
    assert_eq!(shop.get(&path(&id)).await.refusal(), not_found);
    let reply = shop.post(&path(&id), &json!({"locale": "de-DE"})).await;
    assert_eq!(reply.refusal(), not_found);
    let page = json!({"client_token": client_token});
    let reply = shop.post(&format!("{}/_authorize", path(&id)), &page).await;
    assert_eq!(reply.refusal(), not_found);
}

#[tokio::test]
async fn an_unknown_session_is_not_found() {
    let shop = Shop::open();
    let unknown = path("0b1d9815-165e-42e2-8867-35bc03789e00");
    shop.get(&unknown).await.refused(404, "NOT_FOUND");
    let reply = shop.post(&unknown, &json!({})).await;
    reply.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn customer_tokens_are_for_some_countries() {
    let shop = Shop::open();
    for intent in ["tokenize", "buy_and_tokenize"] {
        let session =
            |country: &str| purchase_with(json!({"intent": intent, "purchase_country": country}));
        for country in ["DE", "AT", "NL", "FI", "de"] {
            shop.post(SESSIONS, &session(country)).await.ok();
        }
        for country in ["FR", "IT", "ZZ"] {
            let (status, code, messages) = shop.post(SESSIONS, &session(country)).await.refusal();
            assert_eq!((status, code.as_str()), (400, "BAD_REQUEST"), "{country}");
            let end = format!("is not valid for creating customer tokens in {country}");
            assert!(messages[0].ends_with(&end), "{messages:?}");
        }
    }
    shop.post(SESSIONS, &purchase_with(json!({"purchase_country": "FR"})))
        .await
        .ok();
}

#[tokio::test]
async fn the_currency_is_the_countrys() {
    let shop = Shop::open();
    for (country, currency) in [("DE", "SEK"), ("SE", "EUR"), ("US", "EUR")] {
        let terms = json!({"purchase_country": country, "purchase_currency": currency});
        let reply = shop.post(SESSIONS, &purchase_with(terms)).await;
        reply.bad_values(&["purchase_currency"]);
    }
}

#[tokio::test]
async fn nothing_is_bought_for_nothing_with_a_token() {
    let shop = Shop::open();
    let free = |intent: &str| -> Value {
        purchase_with(json!({
            "intent": intent,
            "order_amount": 0,
            "order_tax_amount": 0,
            "order_lines": [{"name": "Trial", "quantity": 1, "unit_price": 0, "total_amount": 0}],
        }))
    };
    let reply = shop.post(SESSIONS, &free("buy_and_tokenize")).await;
    reply.bad_values(&["order_amount"]);
    shop.post(SESSIONS, &free("tokenize")).await.ok();
}
