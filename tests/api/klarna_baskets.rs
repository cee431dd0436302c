//! What Klarna is told of an order's amounts: one line for each line item, in sums that add up.

use serde_json::{Value, json};

use crate::app::App;
use crate::at_klarna::{KLARNA_ORDER, SESSIONS};
use crate::refusals::is;

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Klarna's own checks, by its documentation of taxes and amounts.
fn assert_sums(session: &Value) {
    let lines = session["order_lines"].as_array().unwrap();
    let total: i64 = lines.iter().map(|it| number(&it["total_amount"])).sum();
    assert_eq!(total, number(&session["order_amount"]), "{session}");
    let mut taxes = 0;
    for line in lines {
        let [quantity, price, discount, total, rate, tax] = [
            "quantity",
            "unit_price",
            "total_discount_amount",
            "total_amount",
            "tax_rate",
            "total_tax_amount",
        ]
        .map(|name| number(&line[name]));
        assert_eq!(quantity * price - discount, total, "{line}");
        let exact = total as f64 - total as f64 * 10_000.0 / (10_000 + rate) as f64;
        assert!((tax as f64 - exact).abs() <= 1.0, "{line}");
        taxes += match line["type"] == "sales_tax" {
            true => total,
            false => tax,
        };
    }
    assert_eq!(taxes, number(&session["order_tax_amount"]), "{session}");
}

/// Type, quantity and total of each line.
fn lines(session: &Value) -> Vec<(&str, i64, i64)> {
    let lines = session["order_lines"].as_array().unwrap();
    let line = |it: &'_ Value| (number(&it["quantity"]), number(&it["total_amount"]));
    let kinds = lines.iter().map(|it| it["type"].as_str().unwrap());
    let numbers = lines.iter().map(line);
    kinds
        .zip(numbers)
        .map(|(kind, (quantity, total))| (kind, quantity, total))
        .collect()
}

/// Opens the session of the demo order, and gives it as it is at Klarna.
async fn session_of(app: &App) -> Value {
    let source = app.create_klarna(&app.customer(), KLARNA_ORDER).await;
    let session = app.klarna_session(&source).await;
    assert_sums(&session);
    session
}

#[tokio::test]
async fn every_line_item_is_one_line() {
    let app = App::start().await;
    let session = session_of(&app).await;
    assert_eq!(
        lines(&session),
        [("physical", 2, 9_000), ("physical", 1, 3_900)]
    );
    let shirt = &session["order_lines"][0];
    assert_eq!(shirt["name"], "White T-shirt, M");
    assert_eq!(shirt["reference"], "TSHIRT-WHITE-M");
    assert_eq!(shirt["unit_price"], 4_500);
    assert_eq!(shirt["tax_rate"], 2_200);
}

#[tokio::test]
async fn shipping_fees_promotions_and_gift_cards_are_lines_of_their_own_kind() {
    let app = App::start().await;
    for (name, item_type, quantity, total) in [
        ("Express", "shipments", 1, 999),
        ("Payment fee", "payment_methods", 1, 150),
        ("Summer sale", "percentage_discount_promotions", 1, -1_290),
        ("Gift card", "gift_cards", 1, -500),
        ("Three for two", "skus", 3, 1_000),
    ] {
        let attributes = json!({
            "item_type": item_type, "quantity": quantity, "total_amount_cents": total, "tax_rate": 0.22,
        });
        app.add_line_item(KLARNA_ORDER, name, &attributes).await;
    }
    let amount = json!({ "total_amount_with_taxes_cents": 13_259 });
    app.set_order(KLARNA_ORDER, amount).await;

    let session = session_of(&app).await;
    let mut lines = lines(&session);
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            ("discount", 1, -1_290),
            ("gift_card", 1, -500),
            ("physical", 1, 3_900),
            ("physical", 2, 9_000),
            ("physical", 3, 1_000),
            ("shipping_fee", 1, 999),
            ("surcharge", 1, 150),
        ]
    );
    assert_eq!(session["order_amount"], 13_259);
}

#[tokio::test]
async fn taxes_on_top_are_one_line() {
    let app = App::start().await;
    let amounts = json!({
        "tax_included": false,
        "total_tax_amount_cents": 2_838,
        "total_amount_with_taxes_cents": 15_738,
    });
    app.set_order(KLARNA_ORDER, amounts).await;
    let session = session_of(&app).await;
    assert_eq!(
        lines(&session),
        [
            ("physical", 2, 9_000),
            ("physical", 1, 3_900),
            ("sales_tax", 1, 2_838)
        ]
    );
    assert_eq!(session["order_tax_amount"], 2_838);
    assert_eq!(session["order_lines"][0]["tax_rate"], 0);
}

#[tokio::test]
async fn what_the_lines_lack_of_the_amount_due_is_one_line() {
    for (due, kind, difference) in [
        (13_000, "surcharge", 100),
        (12_000, "discount", -900),
        (1, "discount", -12_899),
    ] {
        let app = App::start().await;
        let amount = json!({ "total_amount_with_taxes_cents": due });
        app.set_order(KLARNA_ORDER, amount).await;
        let session = session_of(&app).await;
        assert_eq!(session["order_amount"], due);
        assert_eq!(lines(&session)[2], (kind, 1, difference));
        assert_eq!(lines(&session).len(), 3);
    }
}

#[tokio::test]
async fn an_order_without_a_country_is_refused_before_klarna_is_asked() {
    let app = App::start().await;
    app.set_country(KLARNA_ORDER, "").await;
    let reply = app
        .create_source(&app.customer(), "klarna_payments", KLARNA_ORDER, json!({}))
        .await;
    assert_eq!((reply.status, reply.code()), (422, "VALIDATION_ERROR"));
    assert!(reply.detail().contains("country"), "{}", reply.detail());
    assert!(app.asked_of_klarna().is_empty());
}

#[tokio::test]
async fn an_update_takes_over_the_orders_amount() {
    let app = App::start().await;
    let customer = app.customer();
    let (source, approval) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
    let amount = json!({ "total_amount_with_taxes_cents": 10_000 });
    app.set_order(KLARNA_ORDER, amount).await;
    let path = format!("/api/klarna_payments/{}", source.id());
    let read = app.get(&customer, &path).await;
    assert_eq!(*read.attribute("mismatched_amounts"), true);

    let update = json!({ "_update": true });
    let updated = app
        .patch_source(&customer, "klarna_payments", &source.id(), update)
        .await;
    assert_eq!(updated.status, 200, "{}", updated.body);
    assert_eq!(*updated.attribute("mismatched_amounts"), false);
    for same in ["session_id", "client_token"] {
        assert_eq!(updated.attribute(same), source.attribute(same), "{same}");
    }
    let session = app.klarna_session(&source).await;
    assert_sums(&session);
    assert_eq!(session["order_amount"], 10_000);

    // What the shopper approved was the former amount.
    assert_eq!(*updated.attribute("auth_token"), Value::Null);
    let released = app.heard_by_klarna("DELETE", "/payments/v1/authorizations/");
    assert!(released[0].path.ends_with(&approval));
    let save = app.save(&customer, KLARNA_ORDER).await;
    let trigger = "/data/attributes/_save_payment_source_to_customer_wallet";
    assert_eq!(is(&save), (422, "PAYMENT_SOURCE_NOT_READY", trigger));
    let approval = app.approve_in_browser(&updated).await;
    app.approve(&customer, &source.id(), &approval).await;
    assert_eq!(app.save(&customer, KLARNA_ORDER).await.status, 200);
    assert_eq!(
        app.heard_by_klarna("POST", SESSIONS).len(),
        4,
        "one session"
    );
}
