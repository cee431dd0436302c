//! Baskets as shops have them: the stand-in checks their sums as Klarna does.

use domain::basket::{Basket, BasketLine};
use domain::gateway::NewPayment;

use crate::shop::{Shop, line, new_payment};
use crate::shop_parts::euros;

async fn is_taken(lines: Vec<BasketLine>, taxes_on_top: Option<i64>, due: i64) {
    let shop = Shop::open().await;
    let whole = new_payment();
    let basket = Basket {
        lines,
        taxes_on_top,
        buyer: whole.basket.unwrap().buyer,
    };
    let payment = shop
        .pay(NewPayment {
            amount: euros(due),
            basket: Some(basket),
            ..new_payment()
        })
        .await;
    assert_eq!(payment.amount, euros(due));
}

#[tokio::test]
async fn discounts_and_gift_cards_are_taken_off() {
    let lines = vec![
        line("skus", 3, 1_000, 0.19),
        line("bundles", 7, 12_345, 0.07),
        line("shipments", 1, 590, 0.19),
        line("payment_methods", 1, 200, 0.19),
        line("percentage_discount_promotions", 1, -1_333, 0.19),
        line("gift_cards", 1, -5_000, 0.0),
        line("adjustments", 2, -101, 0.19),
    ];
    let due = lines.iter().map(|it| it.total_cents).sum();
    is_taken(lines, None, due).await;
}

#[tokio::test]
async fn taxes_on_top_are_taken() {
    let lines = vec![line("skus", 3, 1_000, 0.08), line("shipments", 1, 500, 0.0)];
    is_taken(lines, Some(124), 1_624).await;
}

#[tokio::test]
async fn an_order_whose_lines_are_not_its_amount_is_taken() {
    for due in [1, 999, 1_001, 50_000] {
        is_taken(vec![line("skus", 3, 1_000, 0.22)], None, due).await;
        is_taken(Vec::new(), Some(10), due).await;
    }
}

#[tokio::test]
async fn discounts_with_more_tax_than_the_goods_are_taken() {
    let lines = vec![
        line("skus", 1, 10_000, 0.0),
        line("fixed_amount_promotions", 1, -5_000, 0.22),
    ];
    is_taken(lines, None, 5_000).await;
}

#[tokio::test]
async fn free_things_are_taken() {
    let lines = vec![
        line("skus", 2, 0, 0.22),
        line("free_gift_promotions", 1, 0, 0.22),
        line("skus", 1, 700, 0.22),
    ];
    is_taken(lines, None, 700).await;
}
