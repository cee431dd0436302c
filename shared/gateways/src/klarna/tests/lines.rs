//! Order lines against Klarna's rules, written down once more: from its published description
//! (`order_line`) and its page on tax handling, not from the code.

use proptest::prelude::*;

use super::*;
use crate::klarna::lines::OrderLines;

fn line(item_type: &str, quantity: i64, total_cents: i64, tax_rate: f64) -> BasketLine {
    BasketLine {
        item_type: item_type.to_owned(),
        name: "T-shirt".to_owned(),
        sku_code: None,
        quantity,
        total_cents,
        tax_cents: 0,
        tax_rate,
    }
}

fn of(lines: Vec<BasketLine>, taxes_on_top: Option<i64>) -> Basket {
    Basket {
        buyer: Buyer::default(),
        lines,
        taxes_on_top,
    }
}

fn written(basket: &Basket, due: i64) -> Vec<Value> {
    let order = OrderLines::of(basket, due).unwrap();
    order.lines.iter().map(|line| json!(line)).collect()
}

fn kinds(basket: &Basket, due: i64) -> Vec<(String, i64)> {
    let lines = written(basket, due);
    let kind = |line: &Value| line["type"].as_str().unwrap().to_owned();
    lines
        .iter()
        .map(|line| (kind(line), line["total_amount"].as_i64().unwrap()))
        .collect()
}

/// What Klarna has against an order, in words.
fn problems(lines: &[Value], order_amount: i64, order_tax_amount: i64) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut sum, mut tax_sum) = (0, 0);
    for line in lines {
        let number = |name: &str| i128::from(line[name].as_i64().unwrap());
        let (quantity, price) = (number("quantity"), number("unit_price"));
        let (discount, total) = (number("total_discount_amount"), number("total_amount"));
        let (rate, tax) = (number("tax_rate"), number("total_tax_amount"));
        let kind = line["type"].as_str().unwrap();
        let takes_off = ["discount", "gift_card", "store_credit"].contains(&kind);
        let has_sign = |amount: i128| if takes_off { amount <= 0 } else { amount >= 0 };
        let name = line["name"].as_str().unwrap().chars().count();
        let reference = line["reference"].as_str().unwrap_or_default();
        // total − total · 10000 / (10000 + rate), to the ten-thousandth.
        let exact = total * 10_000 - total * 100_000_000 / (10_000 + rate);
        for (is_kept, rule) in [
            (total == quantity * price - discount, "the line's sum"),
            (quantity >= 0 && discount >= 0, "nothing negative"),
            (price <= 100_000_000 && total <= 100_000_000, "the largest"),
            ((0..=10_000).contains(&rate), "the rate"),
            ((tax * 10_000 - exact).abs() <= 10_001, "the tax within one"),
            (
                has_sign(price) && has_sign(total) && has_sign(tax),
                "the sign",
            ),
            ((1..=255).contains(&name), "the name"),
            (reference.chars().count() <= 64, "the reference"),
            (kind != "sales_tax" || tax == 0, "no tax on a tax"),
        ] {
            if !is_kept {
                problems.push(format!("{rule}: {line}"));
            }
        }
        sum += total;
        tax_sum += if kind == "sales_tax" { total } else { tax };
    }
    if sum != i128::from(order_amount) {
        problems.push(format!("order_amount {order_amount}: {sum}"));
    }
    if tax_sum != i128::from(order_tax_amount) || order_tax_amount < 0 {
        problems.push(format!("order_tax_amount {order_tax_amount}: {tax_sum}"));
    }
    if !(1..=1_000).contains(&lines.len()) {
        problems.push(format!("{} lines", lines.len()));
    }
    problems
}

#[test]
fn taxes_are_within_the_lines_by_their_rate() {
    let basket = basket();
    let order = OrderLines::of(&basket, 12_900).unwrap();
    assert_eq!(order.tax, 1_948 + 112);
    assert_eq!(
        written(&basket, 12_900),
        [
            json!({
                "type": "physical", "reference": "TSHIRTMM", "name": "T-shirt", "quantity": 2,
                "unit_price": 6_100, "total_discount_amount": 0, "total_amount": 12_200,
                "tax_rate": 1_900, "total_tax_amount": 1_948,
            }),
            json!({
                "type": "shipping_fee", "name": "Standard shipping", "quantity": 1,
                "unit_price": 700, "total_discount_amount": 0, "total_amount": 700,
                "tax_rate": 1_900, "total_tax_amount": 112,
            }),
        ]
    );
}

#[test]
fn taxes_on_top_are_one_line_and_the_others_say_none() {
    let basket = of(vec![line("skus", 1, 10_000, 0.0825)], Some(825));
    let order = OrderLines::of(&basket, 10_825).unwrap();
    assert_eq!(order.tax, 825);
    let lines = written(&basket, 10_825);
    assert_eq!(lines[0]["tax_rate"], 0);
    assert_eq!(lines[0]["total_tax_amount"], 0);
    assert_eq!(lines[1]["type"], "sales_tax");
    assert_eq!(lines[1]["total_amount"], 825);
    for nothing in [0, -5] {
        let basket = of(vec![line("skus", 1, 10_000, 0.0825)], Some(nothing));
        assert_eq!(kinds(&basket, 10_000).len(), 1);
    }
}

#[test]
fn types_follow_commerce_layers_and_the_sign() {
    let cases = [
        ("skus", 500, "physical"),
        ("bundles", 500, "physical"),
        ("shipments", 500, "shipping_fee"),
        ("payment_methods", 500, "surcharge"),
        ("adjustments", 500, "surcharge"),
        ("adjustments", -500, "discount"),
        ("percentage_discount_promotions", -500, "discount"),
        ("free_shipping_promotions", 0, "discount"),
        ("coupons", -500, "discount"),
        ("external_promotions", 500, "surcharge"),
        ("gift_cards", 500, "digital"),
        ("gift_cards", -500, "gift_card"),
        ("something_new", 500, "physical"),
        ("something_new", -500, "discount"),
        ("skus", 0, "physical"),
    ];
    for (item_type, total, kind) in cases {
        let basket = of(vec![line(item_type, 1, total, 0.0)], None);
        let found = kinds(&basket, total);
        assert_eq!(found, [(kind.to_owned(), total)], "{item_type} {total}");
    }
}

#[test]
fn what_does_not_divide_is_rounded_up_and_the_rest_a_discount() {
    let basket = of(vec![line("skus", 3, 1_000, 0.0)], None);
    let line_of_three = &written(&basket, 1_000)[0];
    assert_eq!(line_of_three["quantity"], 3);
    assert_eq!(line_of_three["unit_price"], 334);
    assert_eq!(line_of_three["total_discount_amount"], 2);
}

#[test]
fn what_is_taken_off_or_costs_less_than_a_cent_each_is_one() {
    for (quantity, total) in [(3, -1_000), (3, -900), (1_000, 5), (0, 700), (-2, 700)] {
        let basket = of(vec![line("adjustments", quantity, total, 0.0)], None);
        let only = &written(&basket, total)[0];
        assert_eq!(only["quantity"], 1, "{quantity} {total}");
        assert_eq!(only["unit_price"], total);
    }
}

#[test]
fn what_the_lines_lack_of_the_amount_due_is_a_line_of_its_own() {
    let basket = of(vec![line("skus", 1, 1_000, 0.0)], None);
    let surcharge = |cents: i64| ("surcharge".to_owned(), cents);
    assert_eq!(kinds(&basket, 1_200)[1], surcharge(200));
    assert_eq!(kinds(&basket, 900)[1], ("discount".to_owned(), -100));
    assert_eq!(kinds(&of(vec![], None), 900), [surcharge(900)]);
}

#[test]
fn an_order_whose_discounts_carry_more_tax_than_its_goods_says_none() {
    let goods = line("skus", 1, 10_000, 0.0);
    let discount = line("fixed_amount_promotions", 1, -5_000, 0.22);
    let basket = of(vec![goods, discount], None);
    let order = OrderLines::of(&basket, 5_000).unwrap();
    assert_eq!(order.tax, 0);
    assert_eq!(problems(&written(&basket, 5_000), 5_000, 0), [""; 0]);
}

#[test]
fn rates_that_are_none_count_as_nothing() {
    for rate in [-0.1, 1.5, 22.0, f64::NAN, f64::INFINITY] {
        let basket = of(vec![line("skus", 1, 1_000, rate)], None);
        assert_eq!(written(&basket, 1_000)[0]["tax_rate"], 0, "{rate}");
    }
}

#[test]
fn what_klarna_takes_no_order_of_is_refused() {
    let many = of(vec![line("skus", 1, 1, 0.0); 1_000], None);
    assert!(OrderLines::of(&many, 1_000).is_ok());
    let refused = OrderLines::of(&many, 1_001).unwrap_err();
    assert!(refused.detail.contains("1000 lines"), "{}", refused.detail);
    for total in [100_000_001, -100_000_001, i64::MAX, i64::MIN] {
        let large = of(vec![line("skus", 2, total, 0.22)], None);
        assert!(OrderLines::of(&large, 100).is_err(), "{total}");
        let on_top = of(vec![], Some(total.saturating_abs()));
        assert!(OrderLines::of(&on_top, 100).is_err(), "{total}");
    }
    assert!(OrderLines::of(&of(vec![], None), i64::MAX).is_err());
    assert!(OrderLines::of(&of(vec![], None), 100_000_001).is_err());
}

#[test]
fn the_check_finds_what_is_wrong() {
    let fine = written(&basket(), 12_900);
    assert_eq!(problems(&fine, 12_900, 2_060), [""; 0]);
    for (member, value) in [
        ("quantity", json!(3)),
        ("unit_price", json!(6_101)),
        ("total_discount_amount", json!(-1)),
        ("total_tax_amount", json!(1_950)),
        ("tax_rate", json!(2_000)),
        ("type", json!("discount")),
        ("name", json!("")),
    ] {
        let mut wrong = fine.clone();
        wrong[0][member] = value;
        assert!(!problems(&wrong, 12_900, 2_060).is_empty(), "{member}");
    }
    assert!(!problems(&fine, 12_901, 2_060).is_empty());
    assert!(!problems(&fine, 12_900, 2_059).is_empty());
}

fn any_line() -> impl Strategy<Value = BasketLine> {
    let item_type = prop_oneof![
        Just("skus"),
        Just("bundles"),
        Just("shipments"),
        Just("payment_methods"),
        Just("adjustments"),
        Just("gift_cards"),
        Just("percentage_discount_promotions"),
        Just("coupons"),
        Just("something_new"),
        Just(""),
    ];
    let total = prop_oneof![
        6 => -300_000_i64..300_000,
        3 => -3_i64..50,
        1 => -101_000_000_i64..101_000_000,
    ];
    let quantity = prop_oneof![6 => 1_i64..30, 2 => 0_i64..100_000, 1 => any::<i64>()];
    let rate = prop_oneof![Just(0.0), Just(0.22), 0.0..1.0_f64, any::<f64>(),];
    let name = prop_oneof![".{0,20}", ".{250,270}"];
    let sku = proptest::option::of(".{0,80}");
    (item_type, name, sku, quantity, total, rate).prop_map(
        |(item_type, name, sku_code, quantity, total_cents, tax_rate)| BasketLine {
            name,
            sku_code,
            ..line(item_type, quantity, total_cents, tax_rate)
        },
    )
}

proptest! {
    #[test]
    fn whatever_the_basket_the_order_is_one_that_klarna_takes(
        lines in proptest::collection::vec(any_line(), 0..12),
        taxes_on_top in proptest::option::of(-100_i64..50_000),
        lacking in prop_oneof![Just(0_i64), -500_i64..500, -1_000_000_i64..101_000_000],
    ) {
        let sum: i64 = lines.iter().map(|it| it.total_cents).sum();
        let due = sum + taxes_on_top.unwrap_or(0) + lacking;
        prop_assume!(due > 0);
        let basket = of(lines, taxes_on_top);
        match OrderLines::of(&basket, due) {
            Ok(order) => {
                let written: Vec<_> = order.lines.iter().map(|it| json!(it)).collect();
                prop_assert_eq!(problems(&written, due, order.tax), [""; 0]);
                for (line, written) in basket.lines.iter().zip(&written) {
                    prop_assert_eq!(&written["total_amount"], line.total_cents);
                }
            }
            Err(refusal) => {
                let is_large = |cents: i64| cents.abs() > 100_000_000;
                let has_large = basket.lines.iter().any(|it| is_large(it.total_cents));
                prop_assert!(has_large || lacking.abs() > 99_999_000, "{}", refusal.detail);
            }
        }
    }
}
