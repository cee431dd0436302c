//! What integrations give of an order's status and amounts, beside what its transactions say.

use decisions::commands::PatchOrder;
use domain::gateway::GatewayKind;
use serde_json::{Value, json};

use super::{as_shop, capture, invalid, placed, refund, stands};
use crate::world::World;

fn give(attributes: &Value) -> PatchOrder {
    PatchOrder {
        attributes: attributes.as_object().unwrap().clone(),
        ..PatchOrder::default()
    }
}

#[test]
fn until_there_is_a_transaction_status_and_payment_status_are_as_given() {
    let mut world = as_shop(World::new());
    let given = json!({ "status": "approved", "payment_status": "paid" });
    world.run(&give(&given)).unwrap();
    assert_eq!(stands(&world), ("approved", "paid"));
    assert_eq!(world.refuses(&capture()), invalid("payment_status"));
    assert_eq!(world.refuses(&refund()), invalid("payment_status"));
}

#[test]
fn once_there_is_a_transaction_they_follow_from_what_happens() {
    let mut world = placed(GatewayKind::Stripe);
    let paid = give(&json!({ "payment_status": "paid" }));
    assert_eq!(world.refuses(&paid), invalid("payment_status"));
    let status = give(&json!({ "status": "approved" }));
    assert_eq!(world.refuses(&status), invalid("status"));
    let same = json!({ "status": "placed", "payment_status": "authorized", "coupon_code": "A" });
    world.run(&give(&same)).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
}

#[test]
fn what_is_paid_follows_from_the_amount_as_well() {
    let mut world = placed(GatewayKind::Stripe);
    let total = give(&json!({ "total_amount_with_taxes_cents": 15_000 }));
    world.run(&total).unwrap();
    assert_eq!(stands(&world), ("placed", "partially_authorized"));
    let total = give(&json!({ "total_amount_with_taxes_cents": 12_000 }));
    world.run(&total).unwrap();
    assert_eq!(stands(&world), ("placed", "authorized"));
}
