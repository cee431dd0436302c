use serde_json::{Value, json};

use crate::shop::{SESSIONS, Shop, purchase, purchase_with, with};

const SHOE: i64 = 12_900;

fn shoe() -> Value {
    purchase()["order_lines"][0].clone()
}

fn line(kind: &str, quantity: i64, unit_price: i64, total: i64) -> Value {
    json!({
        "type": kind,
        "name": kind,
        "quantity": quantity,
        "unit_price": unit_price,
        "total_amount": total,
    })
}

/// A line of so many cents with 19 % tax; the tax of 119.00 is 19.00, that of 129.00 20.597.
fn taxed(total: i64, tax: i64) -> Value {
    let amounts = json!({"unit_price": total, "total_amount": total, "total_tax_amount": tax});
    with(shoe(), amounts)
}

/// A purchase of these lines.
fn order(amount: i64, tax: i64, lines: &[Value]) -> Value {
    purchase_with(json!({
        "order_amount": amount,
        "order_tax_amount": tax,
        "order_lines": lines,
    }))
}

#[tokio::test]
async fn orders_that_add_up_are_taken() {
    let shop = Shop::open();
    for (what, order) in [
        ("one line", order(SHOE, 2_060, &[shoe()])),
        (
            "tax rounded down",
            order(SHOE, 2_059, &[taxed(SHOE, 2_059)]),
        ),
        (
            "a cent more tax",
            order(11_900, 1_901, &[taxed(11_900, 1_901)]),
        ),
        (
            "a cent less tax",
            order(11_900, 1_899, &[taxed(11_900, 1_899)]),
        ),
        ("without a tax of the order", {
            with(order(SHOE, 0, &[shoe()]), json!({"order_tax_amount": null}))
        }),
        ("three for less", {
            let line = line("physical", 3, 1_000, 2_500);
            order(
                2_500,
                0,
                &[with(line, json!({"total_discount_amount": 500}))],
            )
        }),
        ("a discount with its tax", {
            let discount = json!({"tax_rate": 1_900, "total_tax_amount": -160});
            let discount = with(line("discount", 1, -1_000, -1_000), discount);
            order(11_900, 1_900, &[shoe(), discount])
        }),
        ("a gift card and store credit", {
            let paid = [
                line("gift_card", 1, -1_000, -1_000),
                line("store_credit", 2, -500, -1_000),
            ];
            order(10_900, 2_060, &[&[shoe()], &paid[..]].concat())
        }),
        ("shipping and a surcharge", {
            let added = [
                line("shipping_fee", 1, 0, 0),
                line("surcharge", 1, 100, 100),
            ];
            order(13_000, 2_060, &[&[shoe()], &added[..]].concat())
        }),
        ("sales tax as a line", {
            let lines = [
                line("physical", 1, 1_000, 1_000),
                line("sales_tax", 1, 83, 83),
            ];
            order(1_083, 83, &lines)
        }),
        ("nothing to pay", order(0, 0, &[line("digital", 1, 0, 0)])),
    ] {
        let reply = shop.post(SESSIONS, &order).await;
        assert_eq!(reply.status, 200, "{what}: {:?}", reply.text);
    }
}

#[tokio::test]
async fn amounts_that_do_not_add_up_are_named() {
    let shop = Shop::open();
    let first = "order_lines[0].total_amount";
    let first_tax = "order_lines[0].total_tax_amount";
    for (bad, order) in [
        ("order_amount", order(SHOE + 1, 2_060, &[shoe()])),
        ("order_tax_amount", order(SHOE, 2_059, &[shoe()])),
        ("order_tax_amount", {
            let lines = [
                line("physical", 1, 1_000, 1_000),
                line("sales_tax", 1, 83, 83),
            ];
            order(1_083, 0, &lines)
        }),
        (first, order(2_001, 0, &[line("physical", 2, 1_000, 2_001)])),
        (first, {
            let line = line("physical", 2, 1_000, 2_000);
            order(2_000, 0, &[with(line, json!({"total_discount_amount": 1}))])
        }),
        (first, {
            let line = line("physical", 1, 1_000, -1_000);
            let line = with(line, json!({"total_discount_amount": 2_000}));
            order(11_900, 2_060, &[line, shoe()])
        }),
        (first_tax, order(SHOE, 2_061, &[taxed(SHOE, 2_061)])),
        (first_tax, order(SHOE, 2_058, &[taxed(SHOE, 2_058)])),
        (first_tax, order(11_900, 1_902, &[taxed(11_900, 1_902)])),
        (first_tax, order(11_900, 1_898, &[taxed(11_900, 1_898)])),
        (first_tax, {
            let line = with(shoe(), json!({"total_tax_amount": null}));
            order(SHOE, 0, &[line])
        }),
        (first_tax, {
            let line = with(shoe(), json!({"tax_rate": null}));
            order(SHOE, 2_060, &[line])
        }),
        ("order_lines[1].unit_price", {
            let discount = line("discount", 1, 1_000, 1_000);
            order(SHOE + 1_000, 2_060, &[shoe(), discount])
        }),
        ("order_lines[1].unit_price", {
            let shipping = line("shipping_fee", 1, -1_000, -1_000);
            order(SHOE - 1_000, 2_060, &[shoe(), shipping])
        }),
        ("order_lines[1].unit_price", {
            let tax = line("sales_tax", 1, -83, -83);
            order(SHOE - 83, 2_060, &[shoe(), tax])
        }),
        (first, {
            let line = line("physical", i64::MAX, 100_000_000, 100);
            order(100, 0, &[line])
        }),
    ] {
        let reply = shop.post(SESSIONS, &order).await;
        assert_eq!(reply.status, 400, "{order}");
        reply.bad_values(&[bad]);
    }
}

#[tokio::test]
async fn every_wrong_line_is_named() {
    let lines = [
        line("physical", 1, 1_000, 999),
        line("physical", 1, 1_000, 1_000),
        line("physical", 2, 1_000, 1_000),
    ];
    let reply = Shop::open().post(SESSIONS, &order(2_999, 0, &lines)).await;
    reply.bad_values(&["order_lines[0].total_amount", "order_lines[2].total_amount"]);
}

#[tokio::test]
async fn orders_are_checked_as_sessions_are() {
    let shop = Shop::open();
    let token = shop.authorised(&purchase()).await;
    let wrong = order(SHOE + 1, 2_060, &[shoe()]);
    shop.order(&token, &wrong)
        .await
        .bad_values(&["order_amount"]);
}
