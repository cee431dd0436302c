//! The way of an external payment: the shop's own gateway is told of it when it is saved, and by
//! nothing else.

use sandbox::Outcome;
use serde_json::{Value, json};

use crate::app::App;
use crate::at_external::EXTERNAL_ORDER;
use crate::stored::EXTERNAL_GATEWAY;

#[tokio::test]
async fn a_payment_source_is_the_shoppers_token_and_nothing_is_asked() {
    let app = App::start().await;
    let customer = app.customer();
    let attributes = json!({
        "payment_source_token": "source-1",
        "options": { "installments": 3, "note": null },
        "reference": "basket-7",
        "metadata": { "a": 1 },
    });
    let source = app
        .create_source(
            &customer,
            "external_payments",
            EXTERNAL_ORDER,
            attributes.clone(),
        )
        .await;
    assert_eq!(source.status, 201, "{}", source.body);
    for (name, value) in attributes.as_object().unwrap() {
        assert_eq!(source.attribute(name), value, "{name}");
    }
    assert_eq!(*source.attribute("payment_instrument"), Value::Null);

    let path = format!("/api/external_payments/{}", source.id());
    let read = app.get(&customer, &path).await;
    assert_eq!(read.body["data"], source.body["data"]);
    let order = app.order(&customer, EXTERNAL_ORDER).await;
    assert_eq!(order.payment_source()["id"], source.id());

    let options = json!({ "options": { "installments": 6 } });
    let changed = app
        .patch_source(&customer, "external_payments", &source.id(), options)
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let merged = json!({ "installments": 6, "note": null });
    assert_eq!(*changed.attribute("options"), merged);
    assert!(app.heard_by_external().is_empty());
}

#[tokio::test]
async fn saving_keeps_the_tokens_of_the_gateways_answer() {
    for (token, name) in [
        ("source-1", "XXXX-XXXX-XXXX-4242"),
        ("other-card-1", "XXXX-XXXX-XXXX-4444"),
        ("no-card-1", "External payment"),
        ("toplevel-1", "External payment"),
    ] {
        let app = App::start().await;
        let saved = app.save_external(token).await;
        assert_eq!(saved.status, 200, "{token}: {}", saved.body);
        let entries = saved.wallet();
        assert_eq!(entries.len(), 1, "{token}");
        let attributes = &saved.included(&entries[0])["attributes"];
        assert_eq!(attributes["name"], name, "{token}");
        for (attribute, prefix) in [("customer_token", "cus_"), ("payment_source_token", "src_")] {
            let text = attributes[attribute].as_str().unwrap();
            assert!(text.starts_with(prefix), "{token}: {text}");
        }
        assert_eq!(app.asked_of_external(), ["POST /token"]);
        assert_eq!(app.operations().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn saving_twice_or_at_once_is_one_entry() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    let save = || app.save(&customer, EXTERNAL_ORDER);
    let (one, other) = futures_util::join!(save(), save());
    assert_eq!(
        (one.status, other.status),
        (200, 200),
        "{} {}",
        one.body,
        other.body
    );
    assert_eq!(one.wallet(), other.wallet());
    assert_eq!(one.wallet().len(), 1);
    let asked = app.heard_by_external().len();
    assert_eq!(save().await.wallet(), one.wallet());
    assert_eq!(app.heard_by_external().len(), asked);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_same_card_entered_anew_is_the_same_entry_with_its_newest_token() {
    let app = App::start().await;
    let entry = app.save_external("source-1").await.wallet()[0].clone();
    let customer = app.customer();
    let order = app.second_external_order().await;
    let before = app.entries().await[0]["attributes"]["payment_source_token"].clone();
    app.create_external(&customer, order, "source-2").await;
    let again = app.save(&customer, order).await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(again.wallet(), std::slice::from_ref(&entry));
    let after = &again.included(&entry)["attributes"]["payment_source_token"];
    assert_ne!(*after, before);

    let attributes = json!({ "payment_source_token": "other-card-1" });
    app.create_source(&customer, "external_payments", order, attributes)
        .await;
    assert_eq!(app.save(&customer, order).await.wallet().len(), 2);
}

#[tokio::test]
async fn a_saved_source_pays_the_next_order_without_asking() {
    let app = App::start().await;
    let saved = app.save_external("source-1").await;
    let entry = saved.wallet()[0].clone();
    let customer = app.customer();
    let order = app.second_external_order().await;
    let reused = app.reuse(&customer, order, &entry).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    let source = &reused.payment_source()["attributes"];
    assert_eq!(
        source["payment_source_token"],
        saved.included(&entry)["attributes"]["payment_source_token"]
    );
    assert_eq!(source["payment_instrument"]["card_last_digits"], "4242");
    assert_eq!(app.asked_of_external(), ["POST /token"], "the save's alone");
    let kept = app.save(&customer, order).await;
    assert_eq!(kept.wallet(), std::slice::from_ref(&entry));

    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&customer, &path).await.status, 204);
    assert!(app.entries().await.is_empty());
    let order = app.order(&customer, order).await;
    let source = &order.body["data"]["relationships"]["payment_source"]["data"];
    assert_eq!(*source, Value::Null);
    assert_eq!(app.asked_of_external(), ["POST /token"]);
}

#[tokio::test]
async fn a_save_is_signed_and_tells_of_the_payment_and_its_order() {
    let app = App::start().await;
    let customer = app.customer();
    let source = app
        .create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    assert_eq!(app.save(&customer, EXTERNAL_ORDER).await.status, 200);

    let heard = &app.heard_by_external()[0];
    // The reference gateway answers 401 to a signature that is not of these very bytes.
    let answered = Outcome::Answered {
        status: 200,
        replayed: false,
    };
    assert_eq!(heard.outcome, answered);
    assert_eq!(heard.header("x-commercelayer-signature").unwrap().len(), 44);
    let content_type = heard.header("content-type").unwrap();
    assert_eq!(content_type, "application/vnd.api+json");

    let data = &heard.body["data"];
    assert_eq!(data["type"], "external_payments");
    assert_eq!(data["id"], source.id());
    assert_eq!(data["attributes"]["payment_source_token"], "source-1");
    assert_eq!(data["meta"]["mode"], "test");
    let order = &data["relationships"]["order"]["data"];
    assert_eq!(*order, json!({ "type": "orders", "id": EXTERNAL_ORDER }));

    let included = heard.body["included"].as_array().unwrap();
    let count = |kind: &str| included.iter().filter(|it| it["type"] == kind).count();
    for (kind, expected) in [
        ("orders", 1),
        ("markets", 1),
        ("line_items", 2),
        ("addresses", 1),
        ("customers", 1),
    ] {
        assert_eq!(count(kind), expected, "{kind}");
    }
    assert_eq!(included.len(), 6);
    let of = |kind: &str| included.iter().find(|it| it["type"] == kind).unwrap();
    let order = &of("orders")["attributes"];
    assert_eq!(order["total_amount_with_taxes_cents"], 12_900);
    assert_eq!(order["currency_code"], "EUR");
    assert_eq!(
        of("customers")["attributes"]["email"],
        "customer@example.com"
    );
    assert_eq!(of("addresses")["attributes"]["city"], "Milano");
    assert_eq!(of("markets")["attributes"]["name"], "Europe");
    let linked = &of("orders")["relationships"];
    assert_eq!(linked["line_items"]["data"].as_array().unwrap().len(), 2);
    assert_eq!(linked["customer"]["data"]["type"], "customers");
}

#[tokio::test]
async fn no_secret_of_the_shops_is_told() {
    let app = App::start().await;
    app.set_market("shared_secret", "of the market").await;
    let wide = json!(["order.market", "order.customer", "payment_gateway"]).to_string();
    app.set_external_gateway("external_includes", Some(&wide))
        .await;
    let path = format!("/api/external_gateways/{EXTERNAL_GATEWAY}");
    let gateway = app.get(&app.integration(), &path).await;
    let own = gateway
        .attribute("shared_secret")
        .as_str()
        .unwrap()
        .to_owned();

    let saved = app.save_external("source-1").await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let told = app.heard_by_external()[0].body.to_string();
    assert!(told.contains("Europe"), "{told}");
    for secret in ["of the market", &own] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn what_the_gateway_is_told_can_be_narrowed() {
    let app = App::start().await;
    let narrow = json!(["order.customer"]).to_string();
    app.set_external_gateway("external_includes", Some(&narrow))
        .await;
    let saved = app.save_external("source-1").await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let heard = &app.heard_by_external()[0].body;
    let included = heard["included"].as_array().unwrap();
    let mut kinds: Vec<_> = included
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["customers", "orders"]);
}

#[tokio::test]
async fn the_gateways_settings_are_the_shops_own() {
    let app = App::start().await;
    let path = format!("/api/external_gateways/{EXTERNAL_GATEWAY}");
    let seen = app.get(&app.integration(), &path).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    let token_url = seen.attribute("token_url").as_str().unwrap();
    assert_eq!(token_url, format!("{}/token", app.external().url));
    assert!(seen.attribute("shared_secret").is_string());
    assert_eq!(*seen.attribute("circuit_state"), "closed");
    assert_eq!(*seen.attribute("circuit_failure_count"), 0);

    for caller in [app.customer(), app.guest()] {
        let seen = app.get(&caller, &path).await;
        assert!(matches!(seen.status, 401 | 404), "{}", seen.body);
        let path = format!("/api/orders/{EXTERNAL_ORDER}?include=payment_method.payment_gateway");
        let seen = app.get(&caller, &path).await;
        assert!(!seen.body.to_string().contains("shared_secret"));
        assert!(!seen.body.to_string().contains("token_url"));
    }
}

#[tokio::test]
async fn bar_codes_and_times_are_no_card_numbers() {
    let app = App::start().await;
    // By length and check digit as a card's, which a code of the shop's may be.
    let like_a_card = "4".to_owned() + &"242".repeat(5);
    let like_a_card = &like_a_card[..16];
    for (name, code) in [
        ("thirteen digits", "4006381333931"),
        ("another", "5901234123457"),
        ("like a card", like_a_card),
    ] {
        let attributes = json!({
            "sku_code": code, "bar_code": code, "item_type": "skus", "quantity": 1,
            "total_amount_cents": 0, "metadata": { "ean": code },
        });
        let mut attributes = attributes;
        if name == "like a card" {
            attributes["metadata"] = json!({});
        }
        app.add_line_item(EXTERNAL_ORDER, name, &attributes).await;
    }
    let metadata = json!({ "metadata": {
        "ordered_at": "20261121141552", "exported": 20_261_121_141_552_i64, "ean": "4006381333931",
    } });
    app.set_order(EXTERNAL_ORDER, metadata.clone()).await;

    let attributes = json!({
        "payment_source_token": "source-1",
        "options": { "ordered_at": "20261121141552", "ean": "4006381333931" },
    });
    let customer = app.customer();
    let source = app
        .create_source(&customer, "external_payments", EXTERNAL_ORDER, attributes)
        .await;
    assert_eq!(source.status, 201, "{}", source.body);
    let saved = app.save(&customer, EXTERNAL_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);

    let heard = &app.heard_by_external()[0].body;
    let included = heard["included"].as_array().unwrap();
    let order = included.iter().find(|it| it["type"] == "orders").unwrap();
    assert_eq!(order["attributes"]["metadata"], metadata["metadata"]);
    let codes = included.iter().map(|it| &it["attributes"]["sku_code"]);
    assert!(codes.into_iter().any(|it| it == "4006381333931"));
}
