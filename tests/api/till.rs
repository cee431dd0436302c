//! Orders are placed, and what was held for them is captured, let go of and given back, at every gateway.

use std::sync::Arc;
use std::time::Duration;

use billfold::{Options, router};
use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, Reply, SECOND_ORDER};
use crate::faults::TestClock;
use crate::refusals::{is, refused};
use crate::ways::{CHECKOUT_COM, EVERY, EXTERNAL, KLARNA, STRIPE, Way, money_moved};

pub const TOTAL: i64 = 12_900;
pub const PLACED: (&str, &str) = ("placed", "authorized");

/// An order as integrations read it, with what moved.
pub struct Books(pub Reply);

impl App {
    pub async fn books(&self, order: &str) -> Books {
        let include = "transactions,payment_source";
        let path = format!("/api/orders/{order}?include={include}");
        let reply = self.get(&self.integration(), &path).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        Books(reply)
    }

    /// The gateway's reference of what it keeps of an order's payment.
    async fn kept_at_gateway(&self, order: &str) -> String {
        let store = &self.running.context.store;
        let read = store.order(billfold::demo::tenant(), order.parse().unwrap(), false);
        let source = read.await.unwrap().unwrap().source.unwrap();
        source.state.instrument.unwrap().expose().to_owned()
    }

    /// The order is placed, and its amount held by one authorization.
    pub async fn is_placed_once(&self, order: &str, way: &Way) -> Books {
        let books = self.books(order).await;
        assert_eq!(books.status(), PLACED, "{}", way.kind);
        let held = books.moved("authorizations");
        assert_eq!(held, [(TOTAL, true)], "{}", way.kind);
        books
    }

    pub async fn place(&self, caller: &str, order: &str) -> Reply {
        self.patch_order(caller, order, json!({ "_place": true }))
            .await
    }

    /// A paid order that is placed.
    pub async fn placed(&self, way: &Way) {
        way.pay(self, way.order, 1).await;
        let reply = self.place(&self.customer(), way.order).await;
        assert_eq!(reply.status, 200, "{}: {}", way.kind, reply.body);
    }

    /// A paid order that is placed and approved.
    pub async fn approved(&self, way: &Way) {
        self.placed(way).await;
        self.moved_on(way.order, "_approve").await;
    }

    /// A paid order whose money was taken.
    pub async fn captured(&self, way: &Way) {
        self.approved(way).await;
        self.moved_on(way.order, "_capture").await;
    }

    pub async fn moved_on(&self, order: &str, trigger: &str) {
        let reply = self
            .patch_order(&self.integration(), order, json!({ trigger: true }))
            .await;
        assert_eq!(reply.status, 200, "{trigger}: {}", reply.body);
    }

    pub async fn patch_transaction(&self, kind: &str, id: &str, attributes: Value) -> Reply {
        let body = json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
        let path = format!("/api/{kind}/{id}");
        self.patch(&self.integration(), &path, &body).await
    }
}

pub async fn start() -> (App, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let app = App::start_with(Options {
        clock: clock.clone(),
        ..Options::in_memory(0)
    })
    .await;
    (app, clock)
}

impl App {
    /// Whether Stripe keeps cards though nobody says so: the shop's checkout asks for consent by itself, or does not.
    pub async fn keeps(&self, save_payment_sources: &str) {
        let gateway = "PxTsWkGgNl";
        let body = json!({ "data": { "type": "stripe_gateways", "id": gateway, "attributes": {
            "save_payment_sources": save_payment_sources,
        } } });
        let path = format!("/api/stripe_gateways/{gateway}");
        let changed = self.patch(&self.integration(), &path, &body).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }

    /// As the official checkout places it: nothing says that what pays is to be kept.
    async fn placed_without_asking(&self, way: &Way) {
        if way.kind != STRIPE.kind {
            return self.placed(way).await;
        }
        let customer = self.customer();
        let options = json!({ "options": { "id": "pm_card_visa" } });
        let source = self
            .create_source(&customer, way.kind, way.order, options)
            .await;
        assert_eq!(source.status, 201, "{}", source.body);
        let placed = self.place(&customer, way.order).await;
        assert_eq!(placed.status, 200, "{}", placed.body);
    }
}

/// What is owed about orders. What is forgotten a day later is a customer's.
async fn owed(app: &App) -> Vec<String> {
    let mut operations = app.operations().await;
    operations.retain(|it| it.contains("#order#"));
    operations
}

/// Gateways that decide later have decided, and it was read.
pub async fn settled(app: &App, clock: &TestClock) {
    let (context, gateways) = (&app.running.context, app.running.gateways.as_ref());
    clock.pass(Duration::from_secs(61));
    router::sweep(context, gateways).await.unwrap();
}

impl Books {
    pub fn status(&self) -> (&str, &str) {
        let text = |name: &str| self.0.attribute(name).as_str().unwrap();
        (text("status"), text("payment_status"))
    }

    pub fn of(&self, kind: &str) -> Vec<&Value> {
        let included = self.0.body["included"].as_array().unwrap();
        included.iter().filter(|it| it["type"] == kind).collect()
    }

    pub fn only(&self, kind: &str) -> &Value {
        match self.of(kind)[..] {
            [one] => one,
            ref other => panic!("not one of {kind}: {other:?}"),
        }
    }

    /// Minor units and whether they moved, of each transaction of this type.
    pub fn moved(&self, kind: &str) -> Vec<(i64, bool)> {
        let of = self.of(kind).into_iter();
        let mut moved: Vec<_> = of
            .map(|it| {
                let attributes = &it["attributes"];
                (
                    attributes["amount_cents"].as_i64().unwrap(),
                    attributes["succeeded"].as_bool().unwrap(),
                )
            })
            .collect();
        moved.sort_unstable();
        moved
    }
}

pub fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_new_payment_is_placed() {
    for way in EVERY {
        let app = App::start().await;
        app.placed(way).await;
        let books = app.is_placed_once(way.order, way).await;
        assert!(books.0.attribute("placed_at").is_string());
        assert_eq!(*books.0.attribute("place_total_amount_cents"), TOTAL);
        assert_eq!(*books.0.attribute("editable"), false);
        let held = books.only("authorizations");
        assert_eq!(held["attributes"]["capture_balance_cents"], TOTAL);
    }
}

#[tokio::test]
async fn a_saved_source_is_placed_with_nobody_confirming_it_in_a_browser() {
    for way in EVERY {
        let app = App::start().await;
        let customer = app.customer();
        let entry = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&customer, SECOND_ORDER, &entry.id).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        let placed = app.place(&customer, SECOND_ORDER).await;
        assert_eq!(placed.status, 200, "{}: {}", way.kind, placed.body);
        app.is_placed_once(SECOND_ORDER, way).await;
    }
}

#[tokio::test]
async fn what_is_placed_is_not_placed_again() {
    for way in EVERY {
        let app = App::start().await;
        app.placed(way).await;
        let (before, asked) = (app.table().await, money_moved(&app));
        let again = app.place(&app.customer(), way.order).await;
        assert_eq!(again.status, 200, "{}: {}", way.kind, again.body);
        assert_eq!(app.table().await, before, "{}", way.kind);
        assert_eq!(money_moved(&app), asked, "{}", way.kind);
    }
}

#[tokio::test]
async fn two_at_the_same_moment_make_one_authorization() {
    for way in EVERY {
        let app = App::start().await;
        way.pay(&app, way.order, 1).await;
        let customer = app.customer();
        let both = futures_util::join!(
            app.place(&customer, way.order),
            app.place(&customer, way.order)
        );
        for reply in [both.0, both.1] {
            assert_eq!(reply.status, 200, "{}: {}", way.kind, reply.body);
        }
        let books = app.books(way.order).await;
        assert_eq!(
            books.moved("authorizations"),
            [(TOTAL, true)],
            "{}",
            way.kind
        );
    }
}

#[tokio::test]
async fn an_order_without_anything_due_is_free() {
    let app = App::start().await;
    app.set_order(
        STRIPE.order,
        json!({ "total_amount_with_taxes_cents": 0, "total_amount_cents": 0 }),
    )
    .await;
    let placed = app.place(&app.customer(), STRIPE.order).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("placed", "free"));
    assert_eq!(money_moved(&app), [""; 0]);
}

#[tokio::test]
async fn all_that_is_missing_is_told_at_once() {
    let app = App::start().await;
    let path = format!("/api/orders/{}", STRIPE.order);
    let without = json!({ "data": {
        "type": "orders",
        "id": STRIPE.order,
        "attributes": { "customer_email": null },
        "relationships": {
            "customer": { "data": null },
            "billing_address": { "data": null },
            "shipping_address": { "data": null },
            "payment_method": { "data": null },
        },
    } });
    let changed = app.patch(&app.integration(), &path, &without).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let before = app.table().await;
    let refused = app.place(&app.integration(), STRIPE.order).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let errors = refused.body["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors
        .iter()
        .map(|it| it["source"]["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        pointers,
        [
            "/data/attributes/customer_email",
            "/data/relationships/billing_address",
            "/data/relationships/shipping_address",
            "/data/relationships/payment_method",
            "/data/relationships/payment_source",
        ]
    );
    assert_eq!(errors[1]["detail"], "billing_address - can't be blank");
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn a_payment_of_another_amount_is_not_placed() {
    for way in EVERY {
        let app = App::start().await;
        way.pay(&app, way.order, 1).await;
        let total = json!({ "total_amount_with_taxes_cents": TOTAL + 100 });
        app.set_order(way.order, total).await;
        let moved = money_moved(&app);
        let expected = (
            422,
            "VALIDATION_ERROR",
            "/data/relationships/payment_source",
        );
        refused(
            &app,
            async { app.place(&app.customer(), way.order).await },
            expected,
        )
        .await;
        assert_eq!(money_moved(&app), moved, "{}", way.kind);
    }
}

#[tokio::test]
async fn a_cancelled_order_or_one_that_is_edited_is_not_placed() {
    let app = App::start().await;
    for status in ["cancelled", "editing"] {
        app.set_order(STRIPE.order, json!({ "status": status }))
            .await;
        let reply = app.place(&app.integration(), STRIPE.order).await;
        let error = &reply.body["errors"][0];
        assert_eq!(reply.status, 422, "{}", reply.body);
        assert_eq!(error["source"]["pointer"], "/data/attributes/status");
        let title = format!("cannot transition from {status} to placed");
        assert_eq!(error["title"], title);
    }
}

#[tokio::test]
async fn an_order_that_was_paid_elsewhere_is_placed_without_holding_anything() {
    for given in ["authorized", "paid"] {
        let app = App::start().await;
        app.set_order(STRIPE.order, json!({ "payment_status": given }))
            .await;
        let placed = app.place(&app.integration(), STRIPE.order).await;
        assert_eq!(placed.status, 200, "{}", placed.body);
        let books = app.books(STRIPE.order).await;
        assert_eq!(books.status(), ("placed", given));
        assert_eq!(money_moved(&app), [""; 0]);
        app.moved_on(STRIPE.order, "_approve").await;
        for trigger in ["_capture", "_refund"] {
            let integration = app.integration();
            let reply = app.patch_order(&integration, STRIPE.order, json!({ trigger: true }));
            let expected = (422, "VALIDATION_ERROR", "/data/attributes/payment_status");
            refused(&app, reply, expected).await;
        }
    }
}

#[tokio::test]
async fn what_is_held_is_captured_once_the_order_is_approved() {
    for way in EVERY {
        let (app, clock) = start().await;
        app.placed(way).await;
        let integration = app.integration();
        let early = app.patch_order(&integration, way.order, json!({ "_capture": true }));
        refused(
            &app,
            early,
            (422, "VALIDATION_ERROR", "/data/attributes/status"),
        )
        .await;
        app.moved_on(way.order, "_approve_and_capture").await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("approved", "paid"), "{}", way.kind);
        assert_eq!(books.moved("captures"), [(TOTAL, true)], "{}", way.kind);
        assert_eq!(owed(&app).await, [""; 0], "{}", way.kind);
    }
}

#[tokio::test]
async fn a_part_is_captured_and_the_rest_stays_or_is_in_the_books_as_let_go_of() {
    for way in EVERY {
        let (app, clock) = start().await;
        app.approved(way).await;
        let books = app.books(way.order).await;
        let held = id(books.only("authorizations")).to_owned();
        let part = json!({ "_capture": true, "_capture_amount_cents": 5_000 });
        let captured = app.patch_transaction("authorizations", &held, part).await;
        assert_eq!(captured.status, 200, "{}: {}", way.kind, captured.body);
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(
            books.status(),
            ("approved", "partially_paid"),
            "{}",
            way.kind
        );
        assert_eq!(books.moved("captures"), [(5_000, true)], "{}", way.kind);
        let rest = json!({ "_capture": true });
        let again = app.patch_transaction("authorizations", &held, rest);
        if way.kind == STRIPE.kind {
            assert_eq!(books.moved("voids"), [(7_900, true)]);
            refused(
                &app,
                again,
                (422, "VALIDATION_ERROR", "/data/attributes/_capture"),
            )
            .await;
            continue;
        }
        let again = again.await;
        assert_eq!(again.status, 200, "{}: {}", way.kind, again.body);
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("approved", "paid"), "{}", way.kind);
        assert_eq!(books.moved("captures"), [(5_000, true), (7_900, true)]);
    }
}

#[tokio::test]
async fn no_more_is_captured_than_held_and_no_more_refunded_than_captured() {
    let app = App::start().await;
    app.approved(&STRIPE).await;
    let books = app.books(STRIPE.order).await;
    let held = id(books.only("authorizations")).to_owned();
    for cents in [TOTAL + 1, 0, -5] {
        let asked = json!({ "_capture": true, "_capture_amount_cents": cents });
        let expected = (
            422,
            "VALIDATION_ERROR",
            "/data/attributes/_capture_amount_cents",
        );
        refused(
            &app,
            async { app.patch_transaction("authorizations", &held, asked).await },
            expected,
        )
        .await;
    }
    app.moved_on(STRIPE.order, "_capture").await;
    let books = app.books(STRIPE.order).await;
    let capture = id(books.only("captures")).to_owned();
    for cents in [TOTAL + 1, 0, -5] {
        let asked = json!({ "_refund": true, "_refund_amount_cents": cents });
        let expected = (
            422,
            "VALIDATION_ERROR",
            "/data/attributes/_refund_amount_cents",
        );
        refused(
            &app,
            async { app.patch_transaction("captures", &capture, asked).await },
            expected,
        )
        .await;
    }
}

#[tokio::test]
async fn two_equal_refunds_are_two_and_all_of_them_cancel_the_order() {
    for way in EVERY {
        let (app, clock) = start().await;
        app.captured(way).await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        let capture = id(books.only("captures")).to_owned();
        for _ in 0..2 {
            let part = json!({ "_refund": true, "_refund_amount_cents": 500 });
            let refund = app.patch_transaction("captures", &capture, part).await;
            assert_eq!(refund.status, 200, "{}: {}", way.kind, refund.body);
            settled(&app, &clock).await;
        }
        let books = app.books(way.order).await;
        assert_eq!(
            books.status(),
            ("approved", "partially_refunded"),
            "{}",
            way.kind
        );
        assert_eq!(
            books.moved("refunds"),
            [(500, true), (500, true)],
            "{}",
            way.kind
        );

        app.moved_on(way.order, "_refund").await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("cancelled", "refunded"), "{}", way.kind);
        let moved = [(500, true), (500, true), (TOTAL - 1_000, true)];
        assert_eq!(books.moved("refunds"), moved, "{}", way.kind);
        assert_eq!(owed(&app).await, [""; 0], "{}", way.kind);
    }
}

#[tokio::test]
async fn a_hold_is_let_go_of_by_its_authorization_or_with_the_order() {
    for way in EVERY {
        for by_order in [false, true] {
            let (app, clock) = start().await;
            app.placed(way).await;
            let books = app.books(way.order).await;
            let held = id(books.only("authorizations")).to_owned();
            if by_order {
                let by_shopper = json!({ "_cancel": true });
                let customer = app.customer();
                let reply = app.patch_order(&customer, way.order, by_shopper);
                refused(
                    &app,
                    reply,
                    (422, "VALIDATION_ERROR", "/data/attributes/status"),
                )
                .await;
                app.moved_on(way.order, "_cancel").await;
            } else {
                let void = json!({ "_void": true });
                let reply = app.patch_transaction("authorizations", &held, void).await;
                assert_eq!(reply.status, 200, "{}: {}", way.kind, reply.body);
            }
            settled(&app, &clock).await;
            let books = app.books(way.order).await;
            let status = if by_order { "cancelled" } else { "placed" };
            assert_eq!(books.status(), (status, "voided"), "{}", way.kind);
            assert_eq!(books.moved("voids"), [(TOTAL, true)], "{}", way.kind);
        }
    }
}

#[tokio::test]
async fn a_cancelled_order_gives_back_what_was_taken() {
    for way in EVERY {
        let (app, clock) = start().await;
        let method = json!({ "data": { "type": "payment_methods", "id": way.method, "attributes": {
            "auto_capture": true,
        } } });
        let path = format!("/api/payment_methods/{}", way.method);
        let changed = app.patch(&app.integration(), &path, &method).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        app.placed(way).await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("placed", "paid"), "{}", way.kind);
        app.moved_on(way.order, "_cancel").await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("cancelled", "refunded"), "{}", way.kind);
    }
}

#[tokio::test]
async fn a_shopper_cancels_what_is_pending_and_nothing_is_held() {
    for way in EVERY {
        let app = App::start().await;
        way.pay(&app, way.order, 1).await;
        let cancelled = app
            .patch_order(&app.customer(), way.order, json!({ "_cancel": true }))
            .await;
        assert_eq!(cancelled.status, 200, "{}: {}", way.kind, cancelled.body);
        let books = app.books(way.order).await;
        assert_eq!(books.status().0, "cancelled", "{}", way.kind);
        assert_eq!(*books.0.payment_source(), Value::Null);
        assert_eq!(owed(&app).await, [""; 0], "{}", way.kind);
    }
}

#[tokio::test]
async fn sales_channels_see_and_move_no_transactions() {
    let app = App::start().await;
    app.approved(&STRIPE).await;
    let books = app.books(STRIPE.order).await;
    let held = id(books.only("authorizations")).to_owned();
    let path = format!("/api/authorizations/{held}");
    for caller in [app.customer(), app.guest()] {
        assert_eq!(app.get(&caller, &path).await.status, 401);
        assert_eq!(app.get(&caller, "/api/captures").await.status, 401);
        let body = json!({ "data": { "type": "authorizations", "id": held, "attributes": {
            "_void": true,
        } } });
        assert_eq!(app.patch(&caller, &path, &body).await.status, 401);
        for trigger in [
            "_approve",
            "_capture",
            "_approve_and_capture",
            "_refund",
            "_pending",
        ] {
            let reply = app
                .patch_order(&caller, GUEST_ORDER, json!({ trigger: true }))
                .await;
            assert_eq!(reply.status, 401, "{trigger}: {}", reply.body);
        }
    }
    let order = format!("/api/orders/{}?include=transactions", STRIPE.order);
    let shown = app.get(&app.customer(), &order).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(!shown.body.to_string().contains(&held), "{}", shown.body);
    let shown = app.get(&app.integration(), &order).await;
    assert!(shown.body.to_string().contains(&held), "{}", shown.body);
    let listed = app.get(&app.integration(), "/api/authorizations").await;
    assert_eq!(listed.body["meta"]["record_count"], 1, "{}", listed.body);
}

#[tokio::test]
async fn what_is_paid_follows_from_transactions_once_there_is_one() {
    let app = App::start().await;
    app.placed(&STRIPE).await;
    let integration = app.integration();
    for (name, value, pointer) in [
        ("payment_status", "paid", "/data/attributes/payment_status"),
        ("status", "pending", "/data/attributes/status"),
    ] {
        let asked = app.patch_order(&integration, STRIPE.order, json!({ name: value }));
        refused(&app, asked, (422, "VALIDATION_ERROR", pointer)).await;
    }
}

#[tokio::test]
async fn an_order_is_authorized_and_then_placed() {
    for way in EVERY {
        let app = App::start().await;
        way.pay(&app, way.order, 1).await;
        let customer = app.customer();
        let authorized = app
            .patch_order(&customer, way.order, json!({ "_authorize": true }))
            .await;
        assert_eq!(authorized.status, 200, "{}: {}", way.kind, authorized.body);
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("pending", "authorized"), "{}", way.kind);
        let moved = money_moved(&app);
        assert_eq!(app.place(&customer, way.order).await.status, 200);
        assert_eq!(money_moved(&app), moved, "{}", way.kind);
        app.is_placed_once(way.order, way).await;
    }
}

#[tokio::test]
async fn the_external_gateway_that_is_down_leaves_the_order_pending() {
    let app = App::start().await;
    EXTERNAL.pay(&app, EXTERNAL.order, 1).await;
    EXTERNAL.order_fault(
        &app,
        sandbox::FaultOrder::next(sandbox::Fault::DropBefore).times(100),
    );
    let reply = app.place(&app.customer(), EXTERNAL.order).await;
    assert_eq!(is(&reply).0, 502, "{}", reply.body);
    let books = app.books(EXTERNAL.order).await;
    assert_eq!(books.status(), ("pending", "unpaid"));
}

#[tokio::test]
async fn what_paid_is_saved_after_placing_as_the_official_checkout_does_it() {
    for way in EVERY {
        let (app, clock) = start().await;
        app.keeps("always").await;
        app.placed_without_asking(way).await;
        let customer = app.customer();
        let saved = app.save(&customer, way.order).await;
        assert_eq!(saved.status, 200, "{}: {}", way.kind, saved.body);
        let entry = saved.wallet().pop().unwrap();
        clock.pass(Duration::from_secs(25 * 3600));
        settled(&app, &clock).await;
        let token = crate::ways::token_of(saved.included(&entry));
        assert!(
            way.forgets.is_none() || !way.has_forgotten(&app, &token).await,
            "{}: what was saved stays",
            way.kind
        );
        // The token has expired meanwhile.
        let customer = app.customer();
        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&customer, SECOND_ORDER, &entry).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        let placed = app.place(&customer, SECOND_ORDER).await;
        assert_eq!(placed.status, 200, "{}: {}", way.kind, placed.body);
    }
}

#[tokio::test]
async fn what_nobody_saved_is_forgotten_a_day_after_the_order_was_placed() {
    for way in [&STRIPE, &CHECKOUT_COM, &KLARNA] {
        let (app, clock) = start().await;
        app.keeps("always").await;
        app.placed_without_asking(way).await;
        let kept = app.kept_at_gateway(way.order).await;
        assert!(!way.has_forgotten(&app, &kept).await, "{}", way.kind);
        settled(&app, &clock).await;
        assert!(
            !way.has_forgotten(&app, &kept).await,
            "{}: not yet",
            way.kind
        );
        clock.pass(Duration::from_secs(25 * 3600));
        settled(&app, &clock).await;
        assert!(way.has_forgotten(&app, &kept).await, "{}", way.kind);
        let saved = app.save(&app.customer(), way.order).await;
        assert_eq!(
            saved.code(),
            "PAYMENT_SOURCE_NOT_REUSABLE",
            "{}",
            saved.body
        );
    }
}

#[tokio::test]
async fn a_gateway_that_never_keeps_anything_sets_nothing_up_and_saves_nothing() {
    let app = App::start().await;
    let body = json!({ "data": { "type": "stripe_gateways", "id": "PxTsWkGgNl", "attributes": {
        "save_payment_sources": "never",
    } } });
    let path = "/api/stripe_gateways/PxTsWkGgNl";
    assert_eq!(app.patch(&app.integration(), path, &body).await.status, 200);
    let customer = app.customer();
    let asked = STRIPE.create(&app, &customer, STRIPE.order);
    refused(
        &app,
        asked,
        (422, "VALIDATION_ERROR", "/data/attributes/options"),
    )
    .await;
    let plain = json!({ "options": { "id": "pm_card_visa" } });
    let made = app
        .create_source(&customer, STRIPE.kind, STRIPE.order, plain)
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    let intent = app
        .stripe_object("payment_intents", made.attribute("stripe_id"))
        .await;
    assert_eq!(intent["customer"], Value::Null);
    let saved = app.save(&customer, STRIPE.order).await;
    assert_eq!(
        saved.code(),
        "PAYMENT_SOURCE_NOT_REUSABLE",
        "{}",
        saved.body
    );
    assert_eq!(app.place(&customer, STRIPE.order).await.status, 200);
}

#[tokio::test]
async fn an_order_that_came_to_less_after_it_was_placed_is_not_captured_beyond_its_total() {
    for way in EVERY {
        let (app, clock) = start().await;
        app.approved(way).await;
        let total =
            json!({ "total_amount_with_taxes_cents": 10_000, "total_amount_cents": 10_000 });
        app.set_order(way.order, total).await;
        app.moved_on(way.order, "_capture").await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.moved("captures"), [(10_000, true)], "{}", way.kind);
        assert_eq!(books.status(), ("approved", "paid"), "{}", way.kind);
    }
}
