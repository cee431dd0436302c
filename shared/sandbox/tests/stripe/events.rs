use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, StatusCode};
use sandbox::{Delivery, Disorder, EventEndpoint, UnknownAccount};
use serde_json::Value;

use crate::shop::{Shop, id};

/// An endpoint that answers alike, and remembers what it was sent.
#[derive(Default)]
struct Endpoint(Mutex<Vec<Request<Bytes>>>);

impl Endpoint {
    async fn answer(&self, request: Request<Bytes>, status: u16) -> Option<StatusCode> {
        self.0.lock().unwrap().push(request);
        StatusCode::from_u16(status).ok()
    }

    fn kinds(&self) -> Vec<String> {
        let received = self.0.lock().unwrap();
        let body = |it: &Request<Bytes>| serde_json::from_slice::<Value>(it.body()).unwrap();
        let kinds = received
            .iter()
            .map(|it| body(it)["type"].as_str().unwrap().to_owned());
        kinds.collect()
    }
}

fn listening() -> Shop {
    let shop = Shop::open();
    let endpoint = EventEndpoint {
        url: "http://shop.example/hooks".to_owned(),
        secret: "whsec_hush".to_owned(),
    };
    shop.stripe
        .send_events_to("sk_test_shop", endpoint)
        .unwrap();
    shop
}

async fn delivered(shop: &Shop, status: u16, disorder: Disorder) -> Vec<String> {
    let endpoint = Endpoint::default();
    let deliveries = shop
        .stripe
        .deliver_events(disorder, |request| endpoint.answer(request, status))
        .await;
    let kinds = endpoint.kinds();
    let told: Vec<_> = deliveries.into_iter().map(|it| it.kind).collect();
    assert_eq!(told, kinds);
    kinds
}

#[tokio::test]
async fn the_life_of_a_payment_is_told_in_order() {
    let shop = listening();
    let intent = shop.captured("pm_card_visa").await;
    let refund = id(&shop.refund(&intent, &[]).await.ok());
    shop.stripe.fail_refund(&refund).unwrap();
    let kinds = delivered(&shop, 200, Disorder::NONE).await;
    let expected = [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "refund.failed",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(delivered(&shop, 200, Disorder::NONE).await, [""; 0]);
}

#[tokio::test]
async fn other_ends_are_told_too() {
    let shop = listening();
    for card in ["pm_card_chargeDeclined", "pm_card_authenticationRequired"] {
        shop.intent(&[("payment_method", card), ("confirm", "true")])
            .await;
    }
    let cancelled = id(&shop.held("pm_card_visa").await);
    shop.post(&format!("/v1/payment_intents/{cancelled}/cancel"), &[])
        .await
        .ok();
    shop.held("pm_card_visa").await;
    let (customer, method) = shop.customer_with_card("pm_card_visa").await;
    shop.post(&format!("/v1/payment_methods/{method}/detach"), &[])
        .await
        .ok();
    shop.delete(&format!("/v1/customers/{customer}")).await.ok();
    shop.pass_hours(7 * 24);
    let kinds = delivered(&shop, 200, Disorder::NONE).await;
    for kind in [
        "charge.failed",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_intent.canceled",
        "charge.expired",
        "payment_method.attached",
        "payment_method.detached",
        "customer.deleted",
    ] {
        assert!(kinds.iter().any(|it| it == kind), "{kind}: {kinds:?}");
    }
}

#[tokio::test]
async fn an_event_is_signed_and_names_the_request_that_it_follows_from() {
    let shop = listening();
    let form = [("amount", "100"), ("currency", "eur")];
    let made = shop
        .post_once("k", "/v1/payment_intents", &form)
        .await
        .unwrap();
    let endpoint = Endpoint::default();
    shop.stripe
        .deliver_events(Disorder::NONE, |request| endpoint.answer(request, 200))
        .await;
    let received = endpoint.0.lock().unwrap().remove(0);
    let signature = received.headers()["stripe-signature"].to_str().unwrap();
    assert!(signature.starts_with("t=1772366400,v1="), "{signature}");
    let event: Value = serde_json::from_slice(received.body()).unwrap();
    assert_eq!(event["data"]["object"], made.ok());
    assert_eq!(event["request"]["idempotency_key"], "k");
    assert_eq!(event["request"]["id"], made.header("request-id").unwrap());
    assert_eq!(
        (&event["livemode"], &event["pending_webhooks"]),
        (&false.into(), &1.into())
    );
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_after_a_pause() {
    let shop = listening();
    shop.intent(&[]).await.ok();
    assert_eq!(delivered(&shop, 500, Disorder::NONE).await.len(), 1);
    assert_eq!(delivered(&shop, 200, Disorder::NONE).await.len(), 0);
    shop.pass_hours(1);
    assert_eq!(delivered(&shop, 200, Disorder::NONE).await.len(), 1);
    shop.pass_hours(100);
    assert_eq!(delivered(&shop, 200, Disorder::NONE).await.len(), 0);
}

#[tokio::test]
async fn events_arrive_out_of_order_twice_and_anew_where_a_test_wants_it() {
    let shop = listening();
    shop.held("pm_card_visa").await;
    let disorder = Disorder {
        newest_first: true,
        copies: 2,
    };
    let kinds = delivered(&shop, 200, disorder).await;
    assert_eq!(kinds.len(), 6);
    assert_eq!(kinds[0], kinds[1]);
    assert_eq!(kinds[5], "payment_intent.created");
    let event = shop.stripe.events()[0].clone();
    let endpoint = Endpoint::default();
    let again: Vec<Delivery> = shop
        .stripe
        .deliver_event(&event.id, |request| endpoint.answer(request, 200))
        .await;
    assert_eq!((again.len(), endpoint.kinds()), (1, vec![event.kind]));
}

#[tokio::test]
async fn a_timer_of_its_own_may_deliver() {
    let shop = listening();
    shop.intent(&[]).await.ok();
    let stripe = shop.stripe.clone();
    let delivering = tokio::spawn(async move {
        let send = |_| std::future::ready(Some(StatusCode::OK));
        stripe.deliver_events(Disorder::NONE, send).await.len()
    });
    assert_eq!(delivering.await.unwrap(), 1);
}

#[tokio::test]
async fn an_account_hears_of_its_own_alone() {
    let shop = listening();
    shop.with_key("sk_test_other").intent(&[]).await.ok();
    assert_eq!(delivered(&shop, 200, Disorder::NONE).await, [""; 0]);
    let endpoint = EventEndpoint {
        url: String::new(),
        secret: String::new(),
    };
    let refused = shop.stripe.send_events_to("sk_live_shop", endpoint);
    assert_eq!(refused, Err(UnknownAccount));
}

#[tokio::test]
async fn what_is_to_be_told_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stripe.json");
    let endpoint = EventEndpoint {
        url: "http://shop.example/hooks".to_owned(),
        secret: "whsec_hush".to_owned(),
    };
    let shop = Shop::with_state_file(Some(file.clone()));
    shop.stripe
        .send_events_to("sk_test_shop", endpoint.clone())
        .unwrap();
    shop.intent(&[]).await.ok();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("whsec_hush"));

    let shop = Shop::with_state_file(Some(file));
    shop.stripe
        .send_events_to("sk_test_shop", endpoint)
        .unwrap();
    assert_eq!(delivered(&shop, 200, Disorder::NONE).await.len(), 1);
}

#[tokio::test]
async fn events_are_shown_with_the_signature_of_a_secret() {
    let shop = listening();
    shop.intent(&[]).await.ok();
    let path = "/_sandbox/events?secret=whsec_hush";
    let shown = shop.get(path).await.ok();
    let event = &shown["data"][0];
    assert_eq!(event["kind"], "payment_intent.created");
    let signature = event["headers"]["stripe-signature"].as_str().unwrap();
    assert!(signature.starts_with("t="), "{signature}");
    let body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["id"], event["id"]);
}

#[tokio::test]
async fn a_card_that_its_bank_renews_is_told_of_as_it_is_now() {
    let shop = listening();
    let (_, method) = shop.customer_with_card("pm_card_visa").await;
    let path = format!("/v1/payment_methods/{method}");
    let before = shop.get(&path).await.ok();
    shop.stripe.renew(&method).unwrap();
    let form = [("exp_month", "3"), ("exp_year", "2041"), ("last4", "5556")];
    shop.post(&format!("{path}/_renew"), &form).await.ok();
    let now = shop.get(&path).await.ok()["card"].clone();
    assert_eq!(
        (&now["exp_month"], &now["exp_year"]),
        (&3.into(), &2041.into())
    );
    assert_eq!(now["last4"], "5556");
    assert_ne!(now["fingerprint"], before["card"]["fingerprint"]);
    let kinds = delivered(&shop, 200, Disorder::NONE).await;
    let told = "payment_method.automatically_updated";
    assert_eq!(kinds.iter().filter(|it| *it == told).count(), 2);

    shop.post(&format!("{path}/detach"), &[]).await.ok();
    shop.stripe.renew(&method).unwrap_err();
    shop.stripe.renew("pm_none").unwrap_err();
}
