//! A payment took effect and nobody was told: whatever the shopper does next, one payment is live at
//! most, and it is the one that the order shows.

use std::sync::Arc;
use std::time::Duration;

use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER as ORDER, SECOND_ORDER};
use crate::at_checkout_com::{Books, CHECKOUT_COM_METHOD, KIND, payment_id, token};
use crate::faults::TestClock;

const CHECKOUT_COM_GATEWAY: &str = "RkDmYhQqNl";

/// Longer than a step that is under way is left alone.
const LEASE: Duration = Duration::from_secs(61);

/// An order whose payment was made, but whose payment source does not know.
struct Lost {
    app: App,
    books: Books,
    clock: Arc<TestClock>,
    source: String,
}

impl Lost {
    async fn with(card: &str) -> Self {
        let (app, books, clock) = App::start_with_books().await;
        let customer = app.customer();
        let source = app.create_checkout_com(&customer, ORDER).await.id();
        let lost = Self {
            app,
            books,
            clock,
            source,
        };
        lost.pay(card).await;
        lost
    }

    /// Pays so that every answer is lost.
    async fn pay(&self, card: &str) {
        let dropped = FaultOrder::next(Fault::DropAfter).on("POST", "/payments");
        self.app.fault_at_checkout_com(dropped.times(3));
        let reply = self
            .app
            .authorize(&self.app.customer(), &self.source, card)
            .await;
        assert_eq!(reply.status, 502, "{}", reply.body);
        self.app.checkout_com().stand_in.withdraw_faults();
    }

    async fn sweep(&self) {
        self.clock.pass(LEASE);
        self.app.sweep().await;
    }

    /// What the order's payment source shows of its payment.
    async fn shown(&self) -> Value {
        let order = self.app.order(&self.app.customer(), ORDER).await;
        order.payment_source()["attributes"]["payment_response"].clone()
    }

    async fn nothing_is_owed(&self) {
        // What carrying on made owed is tried at once; a try that met another is made again.
        self.sweep().await;
        assert_eq!(self.app.operations().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_callers_repeat_is_the_same_payment() {
    let lost = Lost::with(&token("visa", 1)).await;
    assert_eq!(lost.books.held().len(), 1, "it took effect");
    assert_eq!(lost.shown().await, json!({}));
    let customer = lost.app.customer();
    let repeat = lost
        .app
        .authorize(&customer, &lost.source, &token("visa", 1))
        .await;
    assert_eq!(repeat.status, 200, "{}", repeat.body);
    assert_eq!(lost.books.payments().len(), 1);
    assert_eq!(lost.books.held()[0]["id"], payment_id(&repeat));
    lost.nothing_is_owed().await;
    assert_eq!(lost.books.held().len(), 1, "the sweeper leaves it alone");
}

#[tokio::test]
async fn without_a_repeat_the_sweeper_brings_the_payment_to_its_source() {
    let lost = Lost::with(&token("visa", 1)).await;
    lost.app.sweep().await;
    assert_eq!(lost.shown().await, json!({}), "not due yet");
    lost.sweep().await;
    let shown = lost.shown().await;
    assert_eq!(shown["status"], "Authorized");
    assert_eq!(lost.books.payments().len(), 1);
    assert_eq!(shown["id"], lost.books.held()[0]["id"]);

    let customer = lost.app.customer();
    let save = lost.app.save(&customer, ORDER).await;
    assert_eq!(save.wallet().len(), 1, "{}", save.body);
    let repeat = lost
        .app
        .authorize(&customer, &lost.source, &token("visa", 1))
        .await;
    assert_eq!(repeat.status, 200, "a late repeat: {}", repeat.body);
    assert_eq!(lost.books.payments().len(), 1);
    lost.nothing_is_owed().await;
}

#[tokio::test]
async fn a_setting_that_changes_meanwhile_makes_no_second_payment() {
    let lost = Lost::with(&token("visa", 1)).await;
    let gateway = format!("/api/checkout_com_gateways/{CHECKOUT_COM_GATEWAY}");
    let document = json!({ "data": {
        "type": "checkout_com_gateways",
        "id": CHECKOUT_COM_GATEWAY,
        "attributes": { "processing_channel_id": "pc_ovo75iz4hdyudnx6tu74mum3fq" },
    }});
    let integration = lost.app.integration();
    let changed = lost.app.patch(&integration, &gateway, &document).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    lost.sweep().await;
    assert_eq!(lost.books.payments().len(), 1);
    assert_eq!(lost.shown().await["status"], "Authorized");
    lost.nothing_is_owed().await;
}

#[tokio::test]
async fn a_repeat_does_not_make_the_step_younger_and_is_not_asked_for_once_the_key_is_forgotten() {
    let lost = Lost::with(&token("visa", 1)).await;
    for _ in 0..6 {
        lost.clock.pass(Duration::from_secs(4 * 3600));
        lost.pay(&token("visa", 1)).await;
    }
    let asked = lost.books.payments().len();
    let customer = lost.app.customer();
    let card = token("visa", 1);
    let late = lost.app.authorize(&customer, &lost.source, &card).await;
    assert_eq!(late.status, 502, "{}", late.body);
    lost.sweep().await;
    assert_eq!(lost.books.payments().len(), asked);
    assert_eq!(lost.app.operations().await.len(), 1, "left to people");
    let listed = lost.app.listed_operations("").await;
    let operation = &listed.body["data"][0];
    assert_eq!(operation["attributes"]["problem"], "past_its_key");
    assert_eq!(operation["attributes"]["step"], "authorize_payment");
    let id = operation["id"].as_str().unwrap();
    let retry = lost
        .app
        .about_operation(id, json!({ "_retry": true }))
        .await;
    assert_eq!(retry.status, 422, "{}", retry.body);
    let settle = lost
        .app
        .about_operation(id, json!({ "_settle": true }))
        .await;
    assert_eq!(settle.status, 200, "{}", settle.body);
    lost.nothing_is_owed().await;
}

#[tokio::test]
async fn sweepers_and_the_callers_repeat_at_once_are_one_payment() {
    let lost = Lost::with(&token("visa", 1)).await;
    lost.clock.pass(LEASE);
    let customer = lost.app.customer();
    let card = token("visa", 1);
    let (repeat, (), ()) = futures_util::join!(
        lost.app.authorize(&customer, &lost.source, &card),
        lost.app.sweep(),
        lost.app.sweep(),
    );
    assert_eq!(repeat.status, 200, "{}", repeat.body);
    lost.nothing_is_owed().await;
    assert_eq!(lost.books.payments().len(), 1);
    assert_eq!(lost.books.held().len(), 1);
    assert_eq!(lost.shown().await["id"], payment_id(&repeat));
}

#[tokio::test]
async fn a_lost_decline_or_redirect_is_brought_to_its_source_too() {
    for (name, status) in [("declined", "Declined"), ("redirect", "Pending")] {
        let lost = Lost::with(&token(name, 1)).await;
        lost.sweep().await;
        assert_eq!(lost.shown().await["status"], status);
        assert_eq!(lost.books.payments().len(), 1);
        lost.nothing_is_owed().await;
    }
}

#[tokio::test]
async fn another_card_is_the_one_that_pays() {
    let lost = Lost::with(&token("visa", 1)).await;
    let customer = lost.app.customer();
    let second = lost
        .app
        .authorize(&customer, &lost.source, &token("mastercard", 2))
        .await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_eq!(lost.books.held().len(), 2, "until the sweeper comes");
    lost.sweep().await;
    let held = lost.books.held();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["id"], payment_id(&second));
    assert_eq!(lost.shown().await["id"], payment_id(&second));
    assert_eq!(lost.books.instruments().len(), 1);
    lost.nothing_is_owed().await;
}

#[tokio::test]
async fn one_lost_answer_after_the_other_leaves_one_live_payment() {
    let lost = Lost::with(&token("visa", 1)).await;
    lost.pay(&token("mastercard", 2)).await;
    lost.sweep().await;
    lost.nothing_is_owed().await;
    let held = lost.books.held();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(lost.shown().await["id"], held[0]["id"]);
    assert_eq!(lost.books.instruments().len(), 1);
}

#[tokio::test]
async fn a_source_that_was_dropped_or_deleted_meanwhile_holds_nothing() {
    for way in ["nullify", "delete", "replace", "method"] {
        let lost = Lost::with(&token("visa", 1)).await;
        let (app, customer) = (&lost.app, lost.app.customer());
        match way {
            "nullify" => {
                let drop = json!({ "_nullify_payment_source": true });
                assert_eq!(app.patch_order(&customer, ORDER, drop).await.status, 200);
            }
            "delete" => {
                let path = format!("/api/{KIND}/{}", lost.source);
                assert_eq!(app.delete(&customer, &path).await.status, 204);
            }
            "replace" => {
                let urls = json!({
                    "success_url": "https://shop.example.com/other",
                    "failure_url": "https://shop.example.com/other",
                });
                let replaced = app.create_source(&customer, KIND, ORDER, urls).await;
                assert_eq!(replaced.status, 201, "{}", replaced.body);
            }
            _ => app.selected(ORDER, "WmOodsVPmQ").await,
        }
        lost.sweep().await;
        lost.nothing_is_owed().await;
        assert_eq!(lost.books.held(), Vec::<Value>::new(), "{way}");
        assert_eq!(lost.books.instruments(), Vec::<Value>::new(), "{way}");
    }
}

#[tokio::test]
async fn a_lost_payment_with_a_saved_card_leaves_the_card_in_the_wallet() {
    let (app, books, clock) = App::start_with_books().await;
    let entry = app.saved_with_checkout_com(ORDER, &token("visa", 1)).await;
    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let customer = app.customer();
    let reused = app
        .reuse(&customer, SECOND_ORDER, entry["id"].as_str().unwrap())
        .await;
    let source = reused.payment_source()["id"].as_str().unwrap().to_owned();
    let dropped = FaultOrder::next(Fault::DropAfter).on("POST", "/payments");
    app.fault_at_checkout_com(dropped.times(3));
    let ask = json!({ "_authorize": true });
    assert_eq!(
        app.patch_source(&customer, KIND, &source, ask).await.status,
        502
    );
    let drop = json!({ "_nullify_payment_source": true });
    assert_eq!(
        app.patch_order(&customer, SECOND_ORDER, drop).await.status,
        200
    );
    clock.pass(LEASE);
    app.sweep().await;
    // It takes a moment to void what it was asked to.
    clock.pass(LEASE);
    app.running.deliver_events(sandbox::Disorder::NONE).await;
    assert_eq!(books.held().len(), 1, "of the first order");
    assert_eq!(books.held()[0]["given"]["reference"], ORDER);
    assert_eq!(books.instruments().len(), 1);
    assert_eq!(
        app.order(&app.customer(), SECOND_ORDER)
            .await
            .wallet()
            .len(),
        1
    );
}

#[tokio::test]
async fn an_order_that_was_placed_meanwhile_takes_no_payment_afterwards() {
    let lost = Lost::with(&token("visa", 1)).await;
    lost.app
        .set_order(ORDER, json!({ "status": "placed" }))
        .await;
    lost.sweep().await;
    lost.nothing_is_owed().await;
    assert_eq!(lost.books.held().len(), 0);
    assert_eq!(lost.shown().await, json!({}));
}

#[tokio::test]
async fn an_amount_that_changed_meanwhile_is_not_hidden() {
    let lost = Lost::with(&token("visa", 1)).await;
    let raised = json!({ "total_amount_cents": 20000, "total_amount_with_taxes_cents": 20000 });
    lost.app.set_order(ORDER, raised).await;
    lost.sweep().await;
    let order = lost.app.order(&lost.app.customer(), ORDER).await;
    let source = &order.payment_source()["attributes"];
    assert_eq!(source["payment_response"]["amount"], 12900);
    assert_eq!(source["mismatched_amounts"], true);
    let customer = lost.app.customer();
    let paid = lost
        .app
        .authorize(&customer, &lost.source, &token("visa", 2))
        .await;
    assert_eq!(paid.attribute("mismatched_amounts"), false, "{}", paid.body);
    let held = lost.books.held();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["amount"], 20000);
}

#[tokio::test]
async fn a_gateway_that_stays_away_is_asked_until_it_is_back() {
    let lost = Lost::with(&token("visa", 1)).await;
    lost.app
        .fault_at_checkout_com(FaultOrder::next(Fault::DropBefore).times(100));
    for _ in 0..3 {
        lost.sweep().await;
        assert_eq!(lost.shown().await, json!({}));
    }
    assert_eq!(lost.app.operations().await.len(), 1, "it is still owed");
    lost.app.checkout_com().stand_in.withdraw_faults();
    lost.clock.pass(Duration::from_secs(3600));
    lost.sweep().await;
    assert_eq!(lost.shown().await["status"], "Authorized");
    assert_eq!(lost.books.payments().len(), 1);
}
