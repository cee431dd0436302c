use domain::gateway::{GatewayAnswer, Progress};
use domain::refusal::Code;
use serde_json::{Value, json};

use crate::shop::{Shop, new_payment, order, token, with_saved};
use crate::shop_parts::performed::{payment_of, refusal_of, reusable_of};
use crate::shop_parts::{Performed, euros, reference};

const DONE: Performed = Ok(Ok(GatewayAnswer::Done));

#[tokio::test(start_paused = true)]
async fn a_card_is_paid_with_saved_reused_released_and_forgotten() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;

    let opened = shop.create(new_payment(Some(&customer), None)).await;
    assert_eq!(opened.progress, Progress::Open);
    assert_eq!(opened.attributes["public_key"], "pk_sbox_shop");
    let session = &opened.attributes["payment_session"];
    assert!(session["payment_session_secret"].is_string());

    let paid = new_payment(Some(&customer), Some(&token("fine")));
    let first = shop.authorize(0, paid).await;
    assert_eq!(first.progress, Progress::Authorized);
    assert_eq!(first.amount, euros(12_900));
    assert_eq!(first.order, Some(order()));
    assert_eq!(first.attributes["payment_response"]["approved"], true);

    let reusable = reusable_of(shop.save(&first, Some(&customer)).await);
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
    assert_eq!(
        Some(&reusable.payment_source_token),
        first.instrument.as_ref()
    );
    assert!(reusable.fingerprint.is_some() && reusable.expiry.is_some());
    assert_eq!(reusable.snapshot["payment_instrument"]["card_type"], "visa");
    let again = reusable_of(shop.save(&first, Some(&customer)).await);
    assert_eq!(again, reusable);

    let saved = reusable.payment_source_token;
    let reused = shop.create(with_saved(&customer, &saved)).await;
    assert_eq!(reused.reference, None);
    let shown = &reused.attributes["payment_response"];
    assert_eq!(shown["source"]["id"], saved.as_str());
    assert_eq!((shown.get("id"), shown.get("status")), (None, None));

    let second = shop.authorize(1, with_saved(&customer, &saved)).await;
    assert_eq!(second.progress, Progress::Authorized);
    assert_eq!(second.attributes["source_id"], saved.as_str());
    assert_ne!(second.reference, first.reference);
    let requests = shop.checkout_com.requests();
    let body = &requests.last().unwrap().body;
    assert_eq!(body["source"], json!({"type": "id", "id": saved}));
    assert_eq!(body["capture"], false);

    for payment in [&first, &second] {
        for attempt in 0..2 {
            let kept = GatewayAnswer::Kept(saved.clone());
            assert_eq!(shop.release(payment, attempt).await, Ok(Ok(kept)));
        }
        let read = shop.read(reference(payment)).await;
        assert_eq!(read.progress, Progress::Released);
    }
    for _ in 0..2 {
        assert_eq!(shop.forget(&saved).await, DONE);
    }
    let request = domain::gateway::GatewayRequest::CreatePayment(with_saved(&customer, &saved));
    let (code, _) = refusal_of(shop.perform("sourceBBBB", 0, request).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test(start_paused = true)]
async fn another_card_is_another_payment_beside_the_first() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let pay = |name: &str| new_payment(Some(&customer), Some(&token(name)));
    let first = shop.authorize(0, pay("fine")).await;
    let second = shop.authorize(1, pay("mastercard")).await;
    assert_ne!(first.reference, second.reference);
    assert_ne!(first.instrument, second.instrument);
    let shown = &second.attributes["payment_instrument"];
    assert_eq!(shown["card_type"], "mastercard");
    let kept = first.instrument.clone().map(GatewayAnswer::Kept);
    assert_eq!(shop.release(&first, 0).await.unwrap().ok(), kept);
    let held = shop.read(reference(&second)).await;
    assert_eq!(held.progress, Progress::Authorized);
    assert_eq!(held.instrument, second.instrument);
}

#[tokio::test(start_paused = true)]
async fn after_a_decline_the_shopper_pays_with_another_card() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let pay = |name: &str| new_payment(Some(&customer), Some(&token(name)));
    let declined = shop.authorize(0, pay("insufficient_funds")).await;
    assert_eq!(declined.progress, Progress::Declined);
    let response = &declined.attributes["payment_response"];
    assert_eq!(response["status"], "Declined");
    assert_eq!(response["response_code"], "20051");
    assert_eq!(declined.instrument, None);
    let (code, _) = refusal_of(shop.save(&declined, Some(&customer)).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
    assert_eq!(shop.release(&declined, 0).await, DONE);

    let approved = shop.authorize(1, pay("other_visa")).await;
    assert_eq!(approved.progress, Progress::Authorized);
    let reusable = reusable_of(shop.save(&approved, Some(&customer)).await);
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-1111");
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_the_bank_asks_about_is_approved_by_reading_it() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let pay = new_payment(Some(&customer), Some(&token("redirect")));
    let open = shop.authorize(0, pay).await;
    assert_eq!(open.progress, Progress::Open);
    assert_eq!(open.amount, euros(12_900));
    assert_eq!(open.attributes["payment_response"]["status"], "Pending");
    let (code, detail) = refusal_of(shop.save(&open, Some(&customer)).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
    assert!(detail.contains("still has to"), "{detail}");
    let waiting = shop.release(&open, 0).await;
    assert_eq!(waiting, Err(gateways::CallFailure::InProgress));

    let session = shop.authenticate_in_browser(&open, true).await;
    for id in [session.as_str(), reference(&open)] {
        let read = shop.read(id).await;
        assert_eq!(read.reference, open.reference);
        assert_eq!(read.order, Some(order()));
        assert_eq!(read.progress, Progress::Authorized);
        assert_eq!(read.attributes["redirect_uri"], Value::Null);
        assert!(read.instrument.is_some());
    }
    reusable_of(shop.save(&open, Some(&customer)).await);
}

#[tokio::test(start_paused = true)]
async fn a_shopper_who_fails_at_the_bank_is_declined() {
    let shop = Shop::open().await;
    let pay = new_payment(None, Some(&token("redirect")));
    let open = shop.authorize(0, pay).await;
    let session = shop.authenticate_in_browser(&open, false).await;
    let read = shop.read(&session).await;
    assert_eq!(read.progress, Progress::Declined);
    assert_eq!(shop.release(&read, 0).await, DONE);
}

#[tokio::test(start_paused = true)]
async fn a_stored_card_is_asked_about_again_while_the_shopper_is_there() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let pay = new_payment(Some(&customer), Some(&token("redirect")));
    let open = shop.authorize(0, pay).await;
    shop.authenticate_in_browser(&open, true).await;
    let saved = reusable_of(shop.save(&open, Some(&customer)).await);
    let saved = saved.payment_source_token;
    let again = shop.authorize(1, with_saved(&customer, &saved)).await;
    assert_eq!(again.progress, Progress::Open);
    assert!(again.attributes["redirect_uri"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_guests_card_is_not_stored_and_cannot_be_saved() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let guests = shop
        .authorize(0, new_payment(None, Some(&token("fine"))))
        .await;
    assert_eq!(guests.progress, Progress::Authorized);
    assert_eq!((&guests.instrument, &guests.customer_token), (&None, &None));
    let requests = shop.checkout_com.requests();
    let body = &requests.last().unwrap().body;
    assert_eq!(body["source"]["store_for_future_use"], false);
    assert_eq!(body.get("customer"), None);
    for customer in [None, Some(customer.as_str())] {
        let (code, _) = refusal_of(shop.save(&guests, customer).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_made_in_the_browsers_form_is_read_and_saved_like_any_other() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let opened = shop.create(new_payment(Some(&customer), None)).await;
    let made = shop.pay_in_browser(&opened, &token("fine")).await;
    let read = shop.read(made["id"].as_str().unwrap()).await;
    assert_eq!(read.progress, Progress::Authorized);
    assert_eq!((read.order, read.amount), (Some(order()), euros(12_900)));
    assert_eq!(read.attributes.get("payment_session"), None);
    reusable_of(shop.save(&read, Some(&customer)).await);

    let guests = shop.create(new_payment(None, None)).await;
    let made = shop.pay_in_browser(&guests, &token("other_visa")).await;
    let read = shop.read(made["id"].as_str().unwrap()).await;
    assert_eq!(read.instrument, None);
    let (code, _) = refusal_of(shop.save(&read, Some(&customer)).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test(start_paused = true)]
async fn the_same_card_entered_anew_has_the_same_fingerprint_and_another_token() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let mut saved = Vec::new();
    for (attempt, name) in [(0, "one"), (1, "two"), (2, "mastercard")] {
        let pay = new_payment(Some(&customer), Some(&token(name)));
        let paid = shop.authorize(attempt, pay).await;
        saved.push(reusable_of(shop.save(&paid, Some(&customer)).await));
    }
    assert_eq!(saved[0].fingerprint, saved[1].fingerprint);
    assert_ne!(saved[0].payment_source_token, saved[1].payment_source_token);
    assert_ne!(saved[0].fingerprint, saved[2].fingerprint);
}

#[tokio::test(start_paused = true)]
async fn an_email_has_one_customer() {
    let shop = Shop::open().await;
    let first = shop.customer_with("joan+shop@example.com").await;
    let second = shop.customer_with("Joan+Shop@example.com").await;
    assert_eq!(first, second);
    let other = shop.customer_with("joan@example.com").await;
    assert_ne!(other, first);
}

#[tokio::test(start_paused = true)]
async fn a_yen_is_a_yen() {
    let shop = Shop::open().await;
    let mut pay = new_payment(None, Some(&token("fine")));
    pay.amount.currency = "JPY".parse().unwrap();
    let amount = pay.amount;
    let request = domain::gateway::GatewayRequest::AuthorizePayment(pay);
    let paid = payment_of(shop.perform("sourceAAAA", 0, request).await);
    assert_eq!(paid.amount, amount);
    assert_eq!(paid.attributes["payment_response"]["amount"], 12_900);
}
