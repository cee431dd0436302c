use serde_json::{Value, json};

use crate::shop::{SESSIONS, Shop, mint_path, purchase, purchase_with, token_request, with};

/// The purchase with other members on its only line.
fn line_with(members: Value) -> Value {
    let line = with(purchase()["order_lines"][0].clone(), members);
    purchase_with(json!({"order_lines": [line]}))
}

/// A session with every field that Klarna publishes.
pub fn full_session() -> Value {
    let address = json!({
        "attention": "Reception", "city": "Berlin", "country": "DE", "email": "a@example.com",
        "family_name": "Doe", "given_name": "Jo", "organization_name": "Shoes", "phone": "+49301",
        "postal_code": "10115", "region": "BE", "street_address": "Weg 1",
        "street_address2": "2nd floor", "title": "Frau",
    });
    let line = with(
        purchase()["order_lines"][0].clone(),
        json!({
            "type": "physical", "reference": "r".repeat(256), "quantity_unit": "pcs",
            "image_url": "https://shop.example/i.png", "product_url": "https://shop.example/i",
            "merchant_data": "{}", "total_discount_amount": 0,
            "product_identifiers": {
                "brand": "B", "category_path": "A > B", "color": "red", "size": "42",
                "global_trade_item_number": "1234567890128", "manufacturer_part_number": "M",
            },
            "subscription": {"name": "Box", "interval": "MONTH", "interval_count": 1},
        }),
    );
    purchase_with(json!({
        "order_lines": [line],
        "locale": "de-DE",
        "intent": "buy",
        "acquiring_channel": "ECOMMERCE",
        "billing_address": address,
        "shipping_address": address,
        "customer": {
            "date_of_birth": "1990-02-28", "gender": "female", "last_four_ssn": "1234",
            "national_identification_number": "1", "organization_entity_type": "OTHER",
            "organization_registration_id": "1", "title": "Frau", "type": "person", "vat_id": "1",
        },
        "merchant_urls": {
            "authorization": "https://shop.example/a?{session.id}",
            "confirmation": "https://shop.example/c", "notification": "https://shop.example/n",
            "push": "https://shop.example/p",
        },
        "merchant_reference1": "1",
        "merchant_reference2": "2",
        "merchant_data": "d".repeat(6_000),
        "custom_payment_method_ids": ["promo"],
        "attachment": {"body": "{}", "content_type": "application/json"},
        "design": "d",
        "options": {
            "color_border": "#FF9900", "color_border_selected": "#ff9900",
            "color_details": "#000000", "color_text": "#FFFFFF", "radius_border": "5px",
        },
    }))
}

#[tokio::test]
async fn all_that_klarna_publishes_is_taken() {
    Shop::open().post(SESSIONS, &full_session()).await.ok();
}

#[tokio::test]
async fn four_fields_are_required() {
    let shop = Shop::open();
    for name in [
        "order_amount",
        "order_lines",
        "purchase_country",
        "purchase_currency",
    ] {
        let mut body = purchase();
        body.as_object_mut().unwrap().remove(name);
        shop.post(SESSIONS, &body).await.bad_values(&[name]);
        body[name] = Value::Null;
        shop.post(SESSIONS, &body).await.bad_values(&[name]);
    }
    for name in ["name", "quantity", "unit_price", "total_amount"] {
        let mut body = purchase();
        let line = body["order_lines"][0].as_object_mut().unwrap();
        line.remove(name);
        let path = format!("order_lines[0].{name}");
        shop.post(SESSIONS, &body).await.bad_values(&[&path]);
    }
}

#[tokio::test]
async fn null_is_as_good_as_absent() {
    let shop = Shop::open();
    let mut body = purchase();
    body["locale"] = Value::Null;
    body["order_lines"][0]["reference"] = Value::Null;
    shop.post(SESSIONS, &body).await.ok();
}

#[tokio::test]
async fn a_field_that_breaks_its_rule_is_named() {
    let shop = Shop::open();
    let long = |length: usize| "x".repeat(length);
    for (path, body) in [
        (
            "order_amount",
            purchase_with(json!({"order_amount": "12900"})),
        ),
        (
            "order_amount",
            purchase_with(json!({"order_amount": 129.0})),
        ),
        ("order_amount", purchase_with(json!({"order_amount": -1}))),
        (
            "order_tax_amount",
            purchase_with(json!({"order_tax_amount": -1})),
        ),
        ("order_lines", purchase_with(json!({"order_lines": []}))),
        ("order_lines", purchase_with(json!({"order_lines": {}}))),
        (
            "order_lines[0]",
            purchase_with(json!({"order_lines": ["shoe"]})),
        ),
        (
            "purchase_country",
            purchase_with(json!({"purchase_country": "DEU"})),
        ),
        (
            "purchase_country",
            purchase_with(json!({"purchase_country": "D1"})),
        ),
        (
            "purchase_currency",
            purchase_with(json!({"purchase_currency": "EURO"})),
        ),
        ("locale", purchase_with(json!({"locale": "de_DE"}))),
        ("locale", purchase_with(json!({"locale": "deu-DE"}))),
        ("intent", purchase_with(json!({"intent": "save"}))),
        (
            "acquiring_channel",
            purchase_with(json!({"acquiring_channel": "SHOP"})),
        ),
        (
            "merchant_reference1",
            purchase_with(json!({"merchant_reference1": long(256)})),
        ),
        (
            "merchant_data",
            purchase_with(json!({"merchant_data": long(6_001)})),
        ),
        (
            "merchant_urls.push",
            purchase_with(json!({"merchant_urls": {"push": long(2_001)}})),
        ),
        (
            "billing_address.phone",
            purchase_with(json!({"billing_address": {"phone": "1234"}})),
        ),
        (
            "billing_address.postal_code",
            purchase_with(json!({"billing_address": {"postal_code": long(11)}})),
        ),
        (
            "shipping_address.country",
            purchase_with(json!({"shipping_address": {"country": "Germany"}})),
        ),
        (
            "customer.date_of_birth",
            purchase_with(json!({"customer": {"date_of_birth": "1990-02-30"}})),
        ),
        (
            "customer.type",
            purchase_with(json!({"customer": {"type": "robot"}})),
        ),
        (
            "customer.last_four_ssn",
            purchase_with(json!({"customer": {"last_four_ssn": "12"}})),
        ),
        (
            "options.color_text",
            purchase_with(json!({"options": {"color_text": "red"}})),
        ),
        (
            "attachment.content_type",
            purchase_with(json!({"attachment": {"body": "{}"}})),
        ),
        ("order_lines[0].name", line_with(json!({"name": ""}))),
        ("order_lines[0].name", line_with(json!({"name": long(256)}))),
        (
            "order_lines[0].quantity",
            line_with(json!({"quantity": -1})),
        ),
        (
            "order_lines[0].quantity",
            line_with(json!({"quantity": 0.5})),
        ),
        (
            "order_lines[0].unit_price",
            line_with(json!({"unit_price": 100_000_001})),
        ),
        (
            "order_lines[0].tax_rate",
            line_with(json!({"tax_rate": 10_001})),
        ),
        ("order_lines[0].type", line_with(json!({"type": "service"}))),
        (
            "order_lines[0].reference",
            line_with(json!({"reference": long(257)})),
        ),
        (
            "order_lines[0].quantity_unit",
            line_with(json!({"quantity_unit": ""})),
        ),
        (
            "order_lines[0].subscription.interval",
            line_with(json!({
                "subscription": {"name": "Box", "interval": "HOUR", "interval_count": 1},
            })),
        ),
    ] {
        let reply = shop.post(SESSIONS, &body).await;
        assert_eq!(reply.status, 400, "{path}");
        reply.bad_values(&[path]);
    }
}

#[tokio::test]
async fn a_slip_shows() {
    let shop = Shop::open();
    for (path, body) in [
        ("amount", purchase_with(json!({"amount": 12_900}))),
        (
            "auto_capture",
            purchase_with(json!({"auto_capture": false})),
        ),
        ("session_id", purchase_with(json!({"session_id": "1"}))),
        (
            "billing_address.zip",
            purchase_with(json!({"billing_address": {"zip": "1"}})),
        ),
        ("order_lines[0].sku", line_with(json!({"sku": "1"}))),
    ] {
        shop.post(SESSIONS, &body).await.bad_values(&[path]);
    }
}

#[tokio::test]
async fn a_request_for_a_customer_token_is_checked() {
    let shop = Shop::open();
    shop.session(&purchase()).await;
    for (path, value) in [
        ("description", json!("")),
        ("description", json!("x".repeat(256))),
        ("intended_use", json!("subscription")),
        ("locale", json!("german")),
        ("purchase_country", json!("")),
        ("purchase_currency", json!("€")),
        ("billing_address", json!("Berlin")),
        ("customer_id", json!("1")),
    ] {
        let body = with(token_request(), json!({path: value}));
        shop.post(&mint_path("unseen"), &body)
            .await
            .bad_values(&[path]);
    }
    for path in [
        "description",
        "intended_use",
        "locale",
        "purchase_country",
        "purchase_currency",
    ] {
        let mut body = token_request();
        body.as_object_mut().unwrap().remove(path);
        shop.post(&mint_path("unseen"), &body)
            .await
            .bad_values(&[path]);
    }
}
