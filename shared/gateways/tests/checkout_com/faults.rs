use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment, Payment, Progress};
use domain::refusal::Code;
use gateways::CallFailure;
use sandbox::{Fault, FaultOrder};

use crate::shop::{Shop, new_payment, token};
use crate::shop_parts::performed::{payment_of, refusal_of, reusable_of};
use crate::shop_parts::{Performed, reference};

const PAYMENTS: &str = "/payments";

/// What is over within the call that meets it.
const SURVIVED: [Fault; 4] = [
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::Status429,
    Fault::Status500,
];

const DONE: Performed = Ok(Ok(GatewayAnswer::Done));

fn authorize(payment: &NewPayment) -> GatewayRequest {
    GatewayRequest::AuthorizePayment(payment.clone())
}

/// Pays with a token that is good for one payment: a second payment would be refused.
async fn paid_once(shop: &Shop, payment: &NewPayment) -> Payment {
    let paid = payment_of(shop.perform("sourceAAAA", 0, authorize(payment)).await);
    let repeat = payment_of(shop.perform("sourceAAAA", 0, authorize(payment)).await);
    assert_eq!(repeat, paid);
    paid
}

#[tokio::test(start_paused = true)]
async fn whatever_is_lost_on_the_way_the_amount_is_held_once() {
    for fault in SURVIVED {
        let shop = Shop::open().await;
        shop.break_next("POST", PAYMENTS, fault);
        let paid = paid_once(&shop, &new_payment(None, Some(&token("fine")))).await;
        assert_eq!(paid.progress, Progress::Authorized, "{fault:?}");
        assert_eq!(shop.arrived("POST", PAYMENTS), 3, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_read_is_asked_for_again_with_the_same_key() {
    for fault in [Fault::Garbage, Fault::LargeBody] {
        let shop = Shop::open().await;
        let payment = new_payment(None, Some(&token("fine")));
        shop.break_next("POST", PAYMENTS, fault);
        let failed = shop.perform("sourceAAAA", 0, authorize(&payment)).await;
        let broken = matches!(failed, Err(CallFailure::NotUnderstood(_)));
        assert!(broken, "{failed:?}");
        paid_once(&shop, &payment).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_is_had_by_asking_again() {
    for (name, fault) in [("slow", None), ("fine", Some(Fault::Delay))] {
        let shop = Shop::open().await;
        if let Some(fault) = fault {
            shop.break_next("POST", PAYMENTS, fault);
        }
        let payment = new_payment(None, Some(&token(name)));
        let paid = payment_of(shop.perform("sourceAAAA", 0, authorize(&payment)).await);
        assert_eq!(shop.arrived("POST", PAYMENTS), 2);
        assert_eq!(paid_once(&shop, &payment).await, paid);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_call_twice_at_once_is_one_payment() {
    let shop = Shop::open().await;
    let late = FaultOrder::next(Fault::Delay).delay_ms(1_000);
    shop.checkout_com.order_fault(late).unwrap();
    let payment = new_payment(None, Some(&token("fine")));
    let (one, other) = tokio::join!(
        shop.perform("sourceAAAA", 0, authorize(&payment)),
        shop.perform("sourceAAAA", 0, authorize(&payment)),
    );
    assert_eq!(payment_of(one), payment_of(other));
    assert!(shop.arrived("POST", PAYMENTS) > 2);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_is_down_leaves_the_outcome_open() {
    let shop = Shop::open().await;
    let payment = new_payment(None, Some(&token("fine")));
    for (fault, expected) in [
        (Fault::Status429, CallFailure::Throttled),
        (Fault::Status500, CallFailure::Unavailable(500)),
    ] {
        for _ in 0..3 {
            shop.break_next("POST", PAYMENTS, fault);
        }
        let failed = shop.perform("sourceAAAA", 0, authorize(&payment)).await;
        assert_eq!(failed, Err(expected));
    }
    paid_once(&shop, &payment).await;
}

#[tokio::test(start_paused = true)]
async fn a_decline_is_an_answer_and_not_asked_for_again() {
    let shop = Shop::open().await;
    shop.break_next("POST", PAYMENTS, Fault::Status402);
    let payment = new_payment(None, Some(&token("fine")));
    let declined = shop.authorize(0, payment).await;
    assert_eq!(declined.progress, Progress::Declined);
    assert_eq!(shop.arrived("POST", PAYMENTS), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_is_opened_whatever_is_lost_on_the_way() {
    for fault in SURVIVED {
        let shop = Shop::open().await;
        shop.break_next("POST", "/payment-sessions", fault);
        let opened = shop.create(new_payment(None, None)).await;
        shop.pay_in_browser(&opened, &token("fine")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_whose_answer_is_lost_is_found_by_email() {
    for fault in SURVIVED {
        let shop = Shop::open().await;
        shop.break_next("POST", "/customers", fault);
        let customer = shop.customer().await;
        assert_eq!(shop.customer().await, customer, "{fault:?}");
    }
    for fault in [Fault::Garbage, Fault::LargeBody] {
        let shop = Shop::open().await;
        shop.break_next("POST", "/customers", fault);
        let email = Some("joan@example.com".to_owned());
        let request = GatewayRequest::CreateCustomer {
            email,
            replaces: None,
        };
        let failed = shop.perform("customerAA", 0, request).await;
        assert!(matches!(failed, Err(CallFailure::NotUnderstood(_))));
        shop.customer().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_save_only_reads_so_that_nothing_can_be_lost() {
    for fault in SURVIVED {
        for path in ["/payments/*", "/instruments/*"] {
            let shop = Shop::open().await;
            let customer = shop.customer().await;
            let paid = new_payment(Some(&customer), Some(&token("fine")));
            let paid = shop.authorize(0, paid).await;
            shop.break_next("GET", path, fault);
            reusable_of(shop.save(&paid, Some(&customer)).await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_whose_answer_is_lost_is_done() {
    for fault in SURVIVED {
        let shop = Shop::open().await;
        let paid = new_payment(None, Some(&token("fine")));
        let paid = shop.authorize(0, paid).await;
        let path = format!("/payments/{}/voids", reference(&paid));
        shop.break_next("POST", &path, fault);
        assert_eq!(shop.release(&paid, 0).await, DONE, "{fault:?}");
        let read = shop.read(reference(&paid)).await;
        assert_eq!(read.progress, Progress::Released);
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_that_failed_is_done_at_its_next_try() {
    let shop = Shop::open().await;
    let paid = new_payment(None, Some(&token("fine")));
    let paid = shop.authorize(0, paid).await;
    let path = format!("/payments/{}/voids", reference(&paid));
    for _ in 0..3 {
        shop.break_next("POST", &path, Fault::Status500);
    }
    let failed = shop.release(&paid, 0).await;
    assert_eq!(failed, Err(CallFailure::Unavailable(500)));
    assert_eq!(shop.release(&paid, 1).await, DONE);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_gone_whatever_is_lost_on_the_way() {
    for fault in SURVIVED {
        let shop = Shop::open().await;
        let customer = shop.customer().await;
        let saved = shop.saved(&customer, "fine").await.payment_source_token;
        shop.break_next("DELETE", "/instruments/*", fault);
        assert_eq!(shop.forget(&saved).await, DONE, "{fault:?}");
        let reuse = crate::shop::with_saved(&customer, &saved);
        let reuse = GatewayRequest::CreatePayment(reuse);
        let (code, _) = refusal_of(shop.perform("sourceBBBB", 0, reuse).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
    }
}
