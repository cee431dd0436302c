use domain::gateway::{GatewayRequest, NewPayment, Payment, Reusable};
use domain::refusal::Code;
use gateways::CallFailure;
use sandbox::Fault;

use crate::shop::{Shop, make_reusable, new_payment};
use crate::shop_parts::performed::{done, payment_of, refusal_of, reusable_of};
use crate::shop_parts::{euros, reference};

const SESSIONS: &str = "/payments/v1/sessions";
const TOKENS: &str = "/customer-token/v1/tokens/*";
const MINT: &str = "/payments/v1/authorizations/*";

/// What goes wrong once and is tried again within the call.
const PASSING: &[Fault] = &[
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::Status429,
    Fault::Status500,
];

/// What ends the call without an answer, though the request took effect.
const UNANSWERED: &[Fault] = &[Fault::Garbage, Fault::LargeBody];

async fn approved() -> (Shop, Payment, String) {
    let shop = Shop::open().await;
    let payment = shop.pay(new_payment()).await;
    let authorization = shop.approve_in_browser(&payment).await;
    (shop, payment, authorization)
}

async fn saved() -> (Shop, Reusable) {
    let (shop, _, authorization) = approved().await;
    let reusable = reusable_of(shop.save(&authorization).await);
    (shop, reusable)
}

#[tokio::test]
async fn a_session_is_opened_whatever_is_lost_on_the_way() {
    for fault in PASSING {
        let shop = Shop::open().await;
        shop.break_next("POST", SESSIONS, *fault);
        let payment = shop.pay(new_payment()).await;
        payment_of(shop.read(&payment).await);
    }
}

#[tokio::test]
async fn a_session_is_updated_and_read_whatever_is_lost_on_the_way() {
    for fault in PASSING {
        for method in ["POST", "GET"] {
            let shop = Shop::open().await;
            let payment = shop.pay(new_payment()).await;
            shop.break_next(method, &format!("{SESSIONS}/*"), *fault);
            let request = GatewayRequest::UpdatePayment {
                payment: reference(&payment).to_owned(),
                to: Some(NewPayment {
                    amount: euros(9_900),
                    ..new_payment()
                }),
                options: None,
            };
            let updated = payment_of(shop.perform(1, request).await);
            assert_eq!(updated.amount, euros(9_900), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn one_token_is_minted_whatever_is_lost_on_the_way() {
    for fault in [Fault::DropBefore, Fault::DropAfter, Fault::Status429] {
        let (shop, _, authorization) = approved().await;
        shop.break_next("POST", MINT, fault);
        let reusable = reusable_of(shop.save(&authorization).await);
        assert_eq!(reusable.name, "XXXX-XXXX-XXXX-1234");
        let again = reusable_of(shop.save(&authorization).await);
        assert_eq!(again, reusable, "{fault:?}");
    }
}

#[tokio::test]
async fn a_fault_that_klarna_keeps_does_not_stand_in_the_way_of_a_mint() {
    let (shop, _, authorization) = approved().await;
    shop.break_next("POST", MINT, Fault::Status500);
    let reusable = reusable_of(shop.save(&authorization).await);
    let again = reusable_of(shop.save(&authorization).await);
    assert_eq!(again, reusable);
}

#[tokio::test]
async fn a_mint_without_an_answer_is_asked_for_again_with_the_same_key() {
    let faults = UNANSWERED.iter().chain(&[Fault::DropAfter, Fault::Delay]);
    for fault in faults {
        let (shop, _, authorization) = approved().await;
        shop.break_times("POST", MINT, *fault, 3);
        shop.save(&authorization).await.unwrap_err();
        shop.klarna.withdraw_faults();
        let reusable = reusable_of(shop.save(&authorization).await);
        payment_of(shop.reuse(&reusable).await);
        let again = reusable_of(shop.save(&authorization).await);
        assert_eq!(again, reusable, "{fault:?}");
    }
}

#[tokio::test]
async fn a_minted_token_is_kept_though_it_cannot_be_read() {
    let faults = PASSING.iter().chain(UNANSWERED).chain(&[Fault::Delay]);
    for fault in faults {
        let (shop, _, authorization) = approved().await;
        shop.break_times("GET", TOKENS, *fault, 3);
        let reusable = reusable_of(shop.save(&authorization).await);
        assert_eq!(reusable.name, "Klarna", "{fault:?}");
        shop.klarna.withdraw_faults();
        payment_of(shop.reuse(&reusable).await);
    }
}

#[tokio::test]
async fn a_release_and_a_forgetting_are_done_whatever_is_lost_on_the_way() {
    for fault in PASSING {
        let (shop, payment, authorization) = approved().await;
        shop.break_next("DELETE", MINT, *fault);
        done(shop.release(&payment, &authorization).await);

        let (shop, reusable) = saved().await;
        shop.break_next("PATCH", TOKENS, *fault);
        done(shop.forget(&reusable).await);
        refusal_of(shop.reuse(&reusable).await);
    }
}

#[tokio::test]
async fn a_gateway_that_stays_away_gets_no_third_retry() {
    let cases = [
        (Fault::Status429, CallFailure::Throttled),
        (Fault::Status500, CallFailure::Unavailable(500)),
    ];
    for (fault, failure) in cases {
        let shop = Shop::open().await;
        shop.break_times("POST", SESSIONS, fault, 9);
        let request = GatewayRequest::CreatePayment(new_payment());
        assert_eq!(shop.perform(0, request).await, Err(failure));
        assert_eq!(shop.klarna.requests().len(), 3);
    }
}

#[tokio::test]
async fn a_decline_is_an_answer_and_not_asked_for_again() {
    let (shop, _, authorization) = approved().await;
    let before = shop.klarna.requests().len();
    shop.break_next("POST", MINT, Fault::Status402);
    let declined = shop.perform(0, make_reusable(&authorization)).await;
    let (code, _) = refusal_of(declined);
    assert_eq!(code, Code::PaymentDeclined);
    assert_eq!(shop.klarna.requests().len(), before + 1);
}
