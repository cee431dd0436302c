//! What the shopper's browser pays in Checkout.com's form, in a session that the shop has left, or without
//! saying so.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, Reply};
use crate::at_checkout_com::{Books, payment_id, token};
use crate::faults::TestClock;

/// Longer than a session is open, and than a bank takes to ask its customer.
const PAST_A_SESSION: Duration = Duration::from_secs(76 * 60);

struct Shop {
    app: App,
    books: Books,
    clock: Arc<TestClock>,
    source: Reply,
}

impl Shop {
    async fn open() -> Self {
        let (app, books, clock) = App::start_with_books().await;
        let source = app.create_checkout_com(&app.customer(), ORDER).await;
        Self {
            app,
            books,
            clock,
            source,
        }
    }

    async fn pass(&self, time: Duration) {
        self.clock.pass(time);
        self.app.sweep().await;
    }

    async fn drop_source(&self) {
        let nullify = json!({ "_nullify_payment_source": true });
        let customer = self.app.customer();
        let dropped = self.app.patch_order(&customer, ORDER, nullify).await;
        assert_eq!(dropped.status, 200, "{}", dropped.body);
    }

    /// What is held, by its id.
    fn held(&self) -> Vec<Value> {
        let held = self.books.held().into_iter();
        held.map(|it| it["id"].clone()).collect()
    }
}

#[tokio::test]
async fn what_is_paid_in_the_session_of_a_dropped_source_is_released() {
    let shop = Shop::open().await;
    shop.drop_source().await;
    shop.app.pay_in_flow(&shop.source, &token("visa", 1)).await;
    assert_eq!(shop.held().len(), 1);
    shop.pass(Duration::from_secs(61)).await;
    assert_eq!(shop.held(), [] as [Value; 0]);
    assert!(shop.app.operations().await.is_empty());
}

#[tokio::test]
async fn a_dropped_session_is_watched_until_its_end() {
    let shop = Shop::open().await;
    shop.drop_source().await;
    shop.pass(Duration::from_secs(61)).await;
    shop.clock.pass(Duration::from_secs(50 * 60));
    shop.app.pay_in_flow(&shop.source, &token("visa", 1)).await;
    assert_eq!(shop.held().len(), 1);
    shop.pass(PAST_A_SESSION).await;
    assert_eq!(shop.held(), [] as [Value; 0]);
    let asked = shop.app.asked_of_checkout_com().len();
    shop.pass(PAST_A_SESSION).await;
    assert_eq!(shop.app.asked_of_checkout_com().len(), asked, "it is over");
}

#[tokio::test]
async fn what_the_browser_paid_and_never_reported_is_released_after_the_session() {
    let shop = Shop::open().await;
    shop.app.pay_in_flow(&shop.source, &token("visa", 1)).await;
    shop.pass(Duration::from_secs(30 * 60)).await;
    assert_eq!(shop.held().len(), 1, "the shopper may still say so");
    shop.pass(PAST_A_SESSION).await;
    assert_eq!(shop.held(), [] as [Value; 0]);
}

#[tokio::test]
async fn what_pays_the_order_stays_held() {
    let shop = Shop::open().await;
    let customer = shop.app.customer();
    let (source, card) = (shop.source.id(), token("visa", 1));
    let paid = shop.app.authorize(&customer, &source, &card).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    shop.app
        .pay_in_flow(&shop.source, &token("mastercard", 2))
        .await;
    assert_eq!(shop.held().len(), 2);
    shop.pass(PAST_A_SESSION).await;
    assert_eq!(shop.held(), [json!(payment_id(&paid))]);
}

#[tokio::test]
async fn nothing_is_paid_in_a_session_that_is_over() {
    let shop = Shop::open().await;
    shop.clock.pass(Duration::from_secs(61 * 60));
    shop.app.pay_in_flow(&shop.source, &token("visa", 1)).await;
    assert_eq!(shop.held(), [] as [Value; 0]);
}
