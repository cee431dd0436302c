//! Captures: of all that is held, or of parts.

use domain::gateway::{GatewayKind, GatewayRequest, Moving};
use domain::resources::ResourceType;
use serde_json::json;

use super::{
    KINDS, approve, approve_and_capture, approved, at_gateway, books, capture, invalid, moves,
    newest, placed, settle, stands, transactions,
};
use crate::gateway::Mishap;
use crate::world::World;

const SEVERAL: [GatewayKind; 3] = [
    GatewayKind::CheckoutCom,
    GatewayKind::Klarna,
    GatewayKind::External,
];

fn take(world: &mut World, cents: i64) {
    let command = moves(world, Moving::Capture, Some(cents));
    world.run(&command).unwrap();
}

#[test]
fn all_that_is_held_is_captured() {
    for kind in KINDS {
        let mut world = approved(kind);
        world.run(&capture()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("approved", "paid"), "{kind:?}");
        assert_eq!(books(&world), ["authorizations 12900", "captures 12900"]);
        assert_eq!(at_gateway(&world), (0, 12_900, 0));
        let authorization = newest(&world, ResourceType::Authorizations).record;
        assert_eq!(authorization.integer("capture_amount_cents"), Some(12_900));
        assert_eq!(authorization.integer("capture_balance_cents"), Some(0));
        let captured = newest(&world, ResourceType::Captures).record;
        let of = captured.related("reference_authorization");
        assert_eq!(of, Some(authorization.id));
        assert_eq!(captured.integer("refund_balance_cents"), Some(12_900));
    }
}

#[test]
fn approval_comes_first() {
    for kind in KINDS {
        let mut world = placed(kind);
        assert_eq!(world.refuses(&capture()), invalid("status"));
        let of_hold = moves(&world, Moving::Capture, None);
        assert_eq!(world.refuses(&of_hold), invalid("status"));
        world.run(&approve_and_capture()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("approved", "paid"));
    }
}

#[test]
fn an_order_is_approved_once_it_is_placed() {
    let mut world = placed(GatewayKind::Stripe);
    world.run(&approve()).unwrap();
    assert_eq!(stands(&world), ("approved", "authorized"));
    let at = world.order.record.text("approved_at");
    assert_eq!(at, Some(world.now.to_string().as_str()));
    assert_eq!(world.refuses(&approve()).1, "/data/attributes/status");
    let mut pending = super::as_shop(super::ready(GatewayKind::Stripe));
    assert_eq!(pending.refuses(&approve()).1, "/data/attributes/status");
}

#[test]
fn several_parts_are_captured_where_the_gateway_allows_it() {
    for kind in SEVERAL {
        let mut world = approved(kind);
        take(&mut world, 5_000);
        settle(&mut world);
        assert_eq!(stands(&world), ("approved", "partially_paid"), "{kind:?}");
        assert_eq!(at_gateway(&world), (7_900, 5_000, 0));
        take(&mut world, 5_000);
        settle(&mut world);
        assert_eq!(at_gateway(&world), (2_900, 10_000, 0));
        world.run(&capture()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("approved", "paid"));
        let noted = [
            "authorizations 12900",
            "captures 5000",
            "captures 5000",
            "captures 2900",
        ];
        assert_eq!(books(&world), noted);
        assert_eq!(at_gateway(&world), (0, 12_900, 0));
    }
}

#[test]
fn the_last_part_is_captured_as_the_last() {
    let mut world = approved(GatewayKind::CheckoutCom);
    take(&mut world, 5_000);
    take(&mut world, 7_900);
    let calls = world.gateway.calls.iter();
    let last = calls.filter_map(|it| match &it.request {
        GatewayRequest::Move(asked) => Some(asked.is_last),
        _ => None,
    });
    assert_eq!(last.collect::<Vec<_>>(), [false, true]);
}

#[test]
fn what_stripe_lets_go_of_with_a_capture_is_a_void() {
    let mut world = approved(GatewayKind::Stripe);
    take(&mut world, 5_000);
    assert_eq!(stands(&world), ("approved", "partially_paid"));
    let noted = ["authorizations 12900", "captures 5000", "voids 7900"];
    assert_eq!(books(&world), noted);
    assert_eq!(at_gateway(&world), (0, 5_000, 0));
    let more = moves(&world, Moving::Capture, Some(100));
    assert_eq!(world.refuses(&more), invalid("_capture_amount_cents"));
}

#[test]
fn stripe_is_not_asked_for_a_second_capture_while_the_first_is_under_way() {
    let mut world = approved(GatewayKind::Stripe);
    world.gateway.mishaps.push_back(Mishap::NotReached);
    take(&mut world, 5_000);
    let more = moves(&world, Moving::Capture, Some(100));
    assert_eq!(world.refuses(&more), invalid("_capture_amount_cents"));
}

#[test]
fn no_more_than_is_held_is_captured_and_no_less_than_something() {
    for kind in KINDS {
        for cents in [12_901, 0, -1, i64::MAX, i64::MIN] {
            let mut world = approved(kind);
            let command = moves(&world, Moving::Capture, Some(cents));
            let refused = world.refuses(&command);
            assert_eq!(refused, invalid("_capture_amount_cents"), "{cents}");
        }
    }
}

#[test]
fn what_is_captured_already_is_not_captured_again() {
    for kind in KINDS {
        let mut world = approved(kind);
        world.run(&capture()).unwrap();
        settle(&mut world);
        assert_eq!(world.refuses(&capture()), invalid("payment_status"));
        let of_hold = moves(&world, Moving::Capture, None);
        assert_eq!(world.refuses(&of_hold), invalid("_capture"));
    }
}

#[test]
fn captured_twice_at_the_same_moment_it_is_captured_once() {
    for kind in KINDS {
        let mut world = approved(kind);
        let again = |world: &mut World| {
            world.run(&capture()).unwrap();
        };
        // The second may come once the first is done.
        let _ = world.run_while(&capture(), again);
        settle(&mut world);
        assert_eq!(books(&world), ["authorizations 12900", "captures 12900"]);
        assert_eq!(at_gateway(&world), (0, 12_900, 0));
    }
}

#[test]
fn an_equal_part_that_is_under_way_is_not_captured_twice() {
    let mut world = approved(GatewayKind::CheckoutCom);
    take(&mut world, 5_000);
    take(&mut world, 5_000);
    assert_eq!(books(&world)[1..], ["captures 5000 pending"]);
    settle(&mut world);
    take(&mut world, 5_000);
    settle(&mut world);
    assert_eq!(at_gateway(&world), (2_900, 10_000, 0));
}

#[test]
fn what_checkout_com_has_taken_on_is_paid_once_it_is_decided() {
    let mut world = approved(GatewayKind::CheckoutCom);
    world.run(&capture()).unwrap();
    assert_eq!(stands(&world), ("approved", "authorized"));
    assert_eq!(books(&world)[1..], ["captures 12900 pending"]);
    assert_eq!(world.owes_now(), ["read transaction"]);
    world.gateway.decides_later = true;
    world.sweep();
    assert_eq!(world.owes_now(), ["read transaction"]);
    world.gateway.decides_later = false;
    settle(&mut world);
    assert_eq!(stands(&world), ("approved", "paid"));
}

#[test]
fn what_checkout_com_declines_later_is_held_again() {
    let mut world = approved(GatewayKind::CheckoutCom);
    world.run(&capture()).unwrap();
    world.gateway.mishaps.push_back(Mishap::Refused);
    world.sweep();
    assert_eq!(stands(&world), ("approved", "authorized"));
    assert_eq!(books(&world)[1..], ["captures 12900 failed"]);
    world.run(&capture()).unwrap();
    settle(&mut world);
    assert_eq!(stands(&world), ("approved", "paid"));
}

#[test]
fn a_capture_that_the_gateway_refuses_is_kept_as_failed_and_may_be_tried_again() {
    for kind in KINDS {
        let mut world = approved(kind);
        world.gateway.mishaps.push_back(Mishap::Refused);
        world.run(&capture()).unwrap();
        assert_eq!(books(&world)[1..], ["captures 12900 failed"], "{kind:?}");
        assert_eq!(world.owes_now(), [""; 0]);
        let failed = transactions(&world).pop().unwrap().record;
        assert_eq!(failed.get("succeeded"), Some(&json!(false)));
        assert!(failed.text("error_detail").is_some());
        world.run(&capture()).unwrap();
        settle(&mut world);
        assert_eq!(stands(&world), ("approved", "paid"));
    }
}

#[test]
fn the_shops_own_gateway_is_told_of_the_authorization_and_how_much_of_it() {
    let mut world = approved(GatewayKind::External);
    let authorization = newest(&world, ResourceType::Authorizations).record.id;
    take(&mut world, 5_000);
    let calls = world.gateway.calls.iter();
    let told = calls.filter_map(|it| match &it.request {
        GatewayRequest::Move(asked) => asked.document.clone(),
        _ => None,
    });
    let [told] = &told.collect::<Vec<_>>()[..] else {
        panic!("one document");
    };
    assert_eq!(told["transaction"], authorization.as_str());
    assert_eq!(told["attributes"]["capture_amount_cents"], 5_000);
}

#[test]
fn no_more_than_the_orders_total_as_it_stands_is_captured() {
    for kind in KINDS {
        for of_hold in [false, true] {
            let mut world = approved(kind);
            world.set("total_amount_with_taxes_cents", 10_000);
            match of_hold {
                false => world.run(&capture()).unwrap(),
                true => {
                    let command = moves(&world, Moving::Capture, None);
                    world.run(&command).unwrap()
                }
            };
            settle(&mut world);
            let (held, captured, _) = at_gateway(&world);
            assert_eq!(captured, 10_000, "{kind:?}");
            assert_eq!(stands(&world), ("approved", "paid"), "{kind:?}");
            if kind == GatewayKind::Stripe {
                assert_eq!(held, 0, "it lets go of the rest");
                continue;
            }
            assert_eq!(held, 2_900, "{kind:?}");
            assert_eq!(world.refuses(&capture()), invalid("payment_status"));
            let void = moves(&world, Moving::Void, None);
            world.run(&void).unwrap();
            settle(&mut world);
            assert_eq!(at_gateway(&world), (0, 10_000, 0), "{kind:?}");
            assert_eq!(stands(&world), ("approved", "paid"), "{kind:?}");
        }
    }
}

#[test]
fn captured_twice_at_the_same_moment_a_total_that_shrank_is_captured_once() {
    for kind in KINDS {
        let mut world = approved(kind);
        world.set("total_amount_with_taxes_cents", 6_000);
        let again = |world: &mut World| {
            world.run(&capture()).unwrap();
        };
        let _ = world.run_while(&capture(), again);
        settle(&mut world);
        assert_eq!(at_gateway(&world).1, 6_000, "{kind:?}");
    }
}

#[test]
fn parts_that_were_captured_count_and_a_total_of_nothing_takes_nothing() {
    for kind in SEVERAL {
        let mut world = approved(kind);
        take(&mut world, 5_000);
        settle(&mut world);
        world.set("total_amount_with_taxes_cents", 7_000);
        world.run(&capture()).unwrap();
        settle(&mut world);
        assert_eq!(at_gateway(&world).1, 7_000, "{kind:?}");
    }
    for kind in KINDS {
        let mut world = approved(kind);
        world.set("total_amount_with_taxes_cents", 0);
        assert_eq!(world.refuses(&capture()), invalid("payment_status"));
        world.set("total_amount_with_taxes_cents", json!(null));
        let (_, pointer) = world.refuses(&capture());
        assert!(pointer.contains("total_amount"), "{pointer}");
    }
}
