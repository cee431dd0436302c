use domain::gateway::{NewPayment, Progress};
use domain::refusal::Code;
use sandbox::Fault;

use crate::shop::{Shop, new_payment};
use crate::shop_parts::NOW;
use crate::shop_parts::performed::{payment_of, refusal_of, reusable_of};
use crate::shop_parts::reference;

fn confirm(payment: &domain::gateway::Payment) -> String {
    format!("/payment_intents/{}/confirm", reference(payment))
}

#[tokio::test]
async fn what_was_entered_is_held_until_the_bank_lets_go() {
    let shop = Shop::open().await;
    let held = shop.held("pm_card_visa").await;
    assert_eq!(held.progress, Progress::Authorized);
    let books = held.books.unwrap();
    assert_eq!((books.held, books.captured, books.refunded), (12_900, 0, 0));
    let week = 7 * 24 * 60 * 60 * 1_000;
    assert_eq!(books.holds_until.unwrap().unix_millis(), NOW + week);
    assert!(held.attributes["charge_id"].is_string());
    assert_eq!(shop.read(&held).await, held);
}

#[tokio::test]
async fn what_the_browser_confirmed_is_not_confirmed_again() {
    let shop = Shop::open().await;
    let new = new_payment(None, "pm_card_visa");
    let opened = shop.pay("sourceAAAA", new.clone()).await;
    shop.confirm_in_browser(&opened).await;
    let held = payment_of(shop.authorize(&opened, 0, new).await);
    assert_eq!(held.progress, Progress::Authorized);
    assert_eq!(shop.done("POST", &confirm(&opened)), 1);
}

#[tokio::test]
async fn a_bank_that_asks_the_shopper_is_asked_once_and_placing_again_goes_on() {
    let shop = Shop::open().await;
    let new = new_payment(None, "pm_card_authenticationRequired");
    let opened = shop.pay("sourceAAAA", new.clone()).await;
    for attempt in 0..2 {
        let asked = payment_of(shop.authorize(&opened, attempt, new.clone()).await);
        assert_eq!((asked.progress, asked.failed), (Progress::Open, false));
        assert!(asked.attributes["client_secret"].is_string());
        assert_eq!(asked.decline, None);
    }
    assert_eq!(shop.done("POST", &confirm(&opened)), 1);
    shop.authenticate_in_browser(&opened).await;
    let held = payment_of(shop.authorize(&opened, 2, new).await);
    assert_eq!(held.progress, Progress::Authorized);
}

#[tokio::test]
async fn a_decline_says_why_and_another_card_pays() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let first = new_payment(Some(&customer), "pm_1good");
    let saved = shop.pay("sourceBBBB", first.clone()).await;
    let saved = reusable_of(shop.save(&saved, &customer).await);

    let method = "pm_card_visa_chargeDeclinedInsufficientFunds";
    let new = new_payment(Some(&customer), method);
    let opened = shop.pay("sourceAAAA", new.clone()).await;
    for _ in 0..2 {
        let declined = payment_of(shop.authorize(&opened, 0, new.clone()).await);
        assert_eq!((declined.progress, declined.failed), (Progress::Open, true));
        let decline = declined.decline.unwrap();
        assert_eq!(decline.code.as_deref(), Some("insufficient_funds"));
        assert_eq!(declined.books.unwrap().held, 0);
    }
    let with_saved = NewPayment {
        saved: Some(saved.payment_source_token),
        ..new
    };
    let held = payment_of(shop.authorize(&opened, 1, with_saved).await);
    assert_eq!((held.progress, held.decline), (Progress::Authorized, None));
}

#[tokio::test]
async fn a_saved_card_that_was_only_attached_is_authenticated_by_the_shopper() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let new = new_payment(Some(&customer), "pm_card_authenticationRequiredOnSetup");
    let first = shop.pay("sourceAAAA", new).await;
    let saved = reusable_of(shop.save(&first, &customer).await);
    let with_saved = NewPayment {
        saved: Some(saved.payment_source_token),
        ..new_payment(Some(&customer), "pm_ignored")
    };
    let opened = shop.pay("sourceBBBB", with_saved.clone()).await;
    let asked = payment_of(shop.authorize(&opened, 0, with_saved).await);
    assert_eq!(asked.progress, Progress::Open);
    shop.authenticate_in_browser(&opened).await;
    assert_eq!(shop.read(&opened).await.progress, Progress::Authorized);
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_the_amount_is_held_once() {
    for fault in [Fault::DropBefore, Fault::DropAfter, Fault::Status429] {
        let shop = Shop::open().await;
        let new = new_payment(None, "pm_card_visa");
        let opened = shop.pay("sourceAAAA", new.clone()).await;
        shop.break_next("POST", &format!("/v1{}", confirm(&opened)), fault);
        // What gave no answer in time is asked for again.
        let mut performed = shop.authorize(&opened, 0, new.clone()).await;
        if performed.is_err() {
            performed = shop.authorize(&opened, 0, new).await;
        }
        assert_eq!(
            payment_of(performed).progress,
            Progress::Authorized,
            "{fault:?}"
        );
        assert!(shop.done("POST", &confirm(&opened)) <= 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_decline_whose_answer_is_lost_is_the_same_decline_again() {
    let shop = Shop::open().await;
    let new = new_payment(None, "pm_card_chargeDeclined");
    let opened = shop.pay("sourceAAAA", new.clone()).await;
    shop.break_next("POST", &format!("/v1{}", confirm(&opened)), Fault::Garbage);
    shop.authorize(&opened, 0, new.clone()).await.unwrap_err();
    let declined = payment_of(shop.authorize(&opened, 0, new).await);
    assert_eq!(
        declined.decline.unwrap().code.as_deref(),
        Some("generic_decline")
    );
}

#[tokio::test]
async fn a_fault_that_stripe_keeps_ends_the_attempt_and_holds_nothing() {
    let shop = Shop::open().await;
    let new = new_payment(None, "pm_card_visa");
    let opened = shop.pay("sourceAAAA", new.clone()).await;
    shop.break_next(
        "POST",
        &format!("/v1{}", confirm(&opened)),
        Fault::Status500,
    );
    for _ in 0..2 {
        let (code, _) = refusal_of(shop.authorize(&opened, 0, new.clone()).await);
        assert_eq!(code, Code::GatewayError);
    }
    let held = payment_of(shop.authorize(&opened, 1, new).await);
    assert_eq!(held.progress, Progress::Authorized);
}
