//! How many attempts to pay a gateway may decline, before no more are made.

use std::sync::Arc;
use std::time::Duration;

use billfold::Options;
use futures_util::future::join_all;

use crate::app::{App, CHECKOUT_COM_ORDER, GUEST_ORDER, Reply, SECOND_ORDER};
use crate::at_checkout_com::{CHECKOUT_COM_METHOD, token};
use crate::faults::TestClock;

const PAY: &str = "POST /payments";

/// Three declines an order, five a customer and seven an address.
fn few(name: &str) -> Option<String> {
    let most = match name {
        "DECLINED_PER_ORDER" => "3",
        "DECLINED_PER_CUSTOMER" => "5",
        "DECLINED_PER_ADDRESS" => "7",
        _ => return None,
    };
    Some(most.to_owned())
}

struct Shopper {
    app: App,
    clock: Arc<TestClock>,
}

impl Shopper {
    async fn start(environment: fn(&str) -> Option<String>) -> Self {
        let clock = Arc::new(TestClock::default());
        let options = Options {
            clock: clock.clone(),
            environment,
            ..Options::in_memory(0)
        };
        Self {
            app: App::start_with(options).await,
            clock,
        }
    }

    async fn source(&self) -> String {
        let customer = self.app.customer();
        let created = self.app.create_checkout_com(&customer, CHECKOUT_COM_ORDER);
        created.await.id()
    }

    async fn pay(&self, source: &str, name: &str, number: usize) -> Reply {
        let customer = self.app.customer();
        let card = token(name, number);
        self.app.authorize(&customer, source, &card).await
    }

    /// How often the gateway was asked to hold an amount.
    fn asked(&self) -> usize {
        let asked = self.app.asked_of_checkout_com();
        asked.iter().filter(|it| *it == PAY).count()
    }
}

/// In how many seconds it may be tried again.
fn wait(refused: &Reply) -> u64 {
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert_eq!(refused.body["errors"]["code"], "THROTTLED");
    let wait = refused.headers["retry-after"].to_str().unwrap();
    wait.parse().unwrap()
}

#[tokio::test]
async fn the_eleventh_card_in_an_hour_is_not_tried_on_an_order() {
    let shopper = Shopper::start(|_| None).await;
    let source = shopper.source().await;
    for number in 0..10 {
        let declined = shopper.pay(&source, "declined", number).await;
        assert_eq!(declined.status, 200, "{}", declined.body);
    }
    let before = shopper.asked();
    let wait = wait(&shopper.pay(&source, "visa", 10).await);
    assert!((3500..=3600).contains(&wait), "{wait}");
    assert_eq!(shopper.asked(), before, "nobody was asked");
    assert!(shopper.app.operations().await.is_empty(), "nor is it noted");
    shopper.clock.pass(Duration::from_secs(wait));
    let paid = shopper.pay(&source, "visa", 10).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
}

#[tokio::test]
async fn many_cards_at_once_do_not_get_past_the_limit_together() {
    let shopper = Shopper::start(|_| None).await;
    let source = shopper.source().await;
    let tried = (0..24).map(|number| shopper.pay(&source, "declined", number));
    let tried = join_all(tried).await;
    assert!(tried.iter().any(|it| it.status == 429));
    assert!(shopper.asked() <= 10, "{}", shopper.asked());
}

#[tokio::test]
async fn what_is_approved_does_not_count() {
    let shopper = Shopper::start(few).await;
    let source = shopper.source().await;
    for number in 0..8 {
        let paid = shopper.pay(&source, "visa", number).await;
        assert_eq!(paid.status, 200, "{}", paid.body);
    }
}

#[tokio::test]
async fn a_customer_and_an_address_have_limits_beside_the_orders() {
    let shopper = Shopper::start(few).await;
    let app = &shopper.app;
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    app.selected(GUEST_ORDER, CHECKOUT_COM_METHOD).await;
    let (customer, shop, guest) = (app.customer(), app.integration(), app.guest());
    let first = shopper.source().await;
    let second = app.create_checkout_com(&customer, SECOND_ORDER).await.id();
    for number in 0..5 {
        let source = if number < 3 { &first } else { &second };
        assert_eq!(shopper.pay(source, "declined", number).await.status, 200);
    }
    let refused = shopper.pay(&second, "declined", 5).await;
    assert!(wait(&refused) > 600, "the customer's");
    let by_shop = app.authorize(&shop, &second, &token("visa", 6)).await;
    assert_eq!(by_shop.status, 429, "whoever asks for them");

    let source = app.create_checkout_com(&guest, GUEST_ORDER).await.id();
    for number in 7..9 {
        let card = token("declined", number);
        let declined = app.authorize(&guest, &source, &card).await;
        assert_eq!(declined.status, 200, "{}", declined.body);
    }
    let refused = app.authorize(&guest, &source, &token("visa", 9)).await;
    assert!(wait(&refused) <= 600, "the address's");
    let by_shop = app.authorize(&shop, &source, &token("visa", 9)).await;
    assert_eq!(by_shop.status, 200, "{}", by_shop.body);
}
