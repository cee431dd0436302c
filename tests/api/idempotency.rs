//! Requests with an `Idempotency-Key` are carried out once, however often they are sent.

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::app::{App, GUEST_ORDER, Reply};
use crate::till::{id, settled, start};
use crate::ways::{EVERY, STRIPE, money_moved};

const HEADER: &str = "idempotency-key";

impl App {
    async fn named(
        &self,
        method: Method,
        token: &str,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Reply {
        let body = Some(body).filter(|it| !it.is_null());
        self.send_with(method, token, path, (HEADER, key), body)
            .await
    }

    /// Gives 5.00 of a capture back.
    async fn refund(&self, capture: &str, key: &str) -> Reply {
        let attributes = json!({ "_refund": true, "_refund_amount_cents": 500 });
        let body =
            json!({ "data": { "type": "captures", "id": capture, "attributes": attributes } });
        let path = format!("/api/captures/{capture}");
        let token = self.integration();
        self.named(Method::PATCH, &token, &path, key, &body).await
    }
}

fn is_replayed(reply: &Reply) -> bool {
    reply
        .headers
        .get("idempotent-replayed")
        .is_some_and(|it| it == "true")
}

#[tokio::test]
async fn a_refund_that_is_sent_again_is_one() {
    for way in EVERY {
        let (app, clock) = start().await;
        app.captured(way).await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        let capture = id(books.only("captures")).to_owned();

        let first = app.refund(&capture, "first").await;
        assert_eq!(first.status, 200, "{}: {}", way.kind, first.body);
        assert!(!is_replayed(&first), "{}", way.kind);
        settled(&app, &clock).await;
        let again = app.refund(&capture, "first").await;
        assert_eq!(again.status, 200, "{}: {}", way.kind, again.body);
        assert!(is_replayed(&again), "{}", way.kind);
        let balance = again.attribute("refund_balance_cents");
        assert_eq!(*balance, 12_400, "as the capture is now");
        let books = app.books(way.order).await;
        assert_eq!(books.moved("refunds"), [(500, true)], "{}", way.kind);

        let other = app.refund(&capture, "second").await;
        assert!(!is_replayed(&other), "{}", way.kind);
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        assert_eq!(books.moved("refunds"), [(500, true), (500, true)]);
    }
}

#[tokio::test]
async fn of_two_at_the_same_moment_one_is_carried_out() {
    let (app, clock) = start().await;
    app.captured(&STRIPE).await;
    settled(&app, &clock).await;
    let books = app.books(STRIPE.order).await;
    let capture = id(books.only("captures")).to_owned();
    let all = join_all((0..4).map(|_| app.refund(&capture, "once"))).await;
    for reply in &all {
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    settled(&app, &clock).await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.moved("refunds"), [(500, true)]);

    let token = app.integration();
    let body =
        json!({ "data": { "type": "skus", "attributes": { "code": "MUG", "name": "Mug" } } });
    let make = || app.named(Method::POST, &token, "/api/skus", "mug", &body);
    let made = join_all((0..4).map(|_| make())).await;
    for reply in &made {
        assert_eq!(reply.status, 201, "{}", reply.body);
        assert_eq!(reply.body, made[0].body);
    }
    assert_eq!(made.iter().filter(|it| !is_replayed(it)).count(), 1);
}

#[tokio::test]
async fn what_is_made_is_made_once_and_what_is_deleted_is_gone() {
    let app = App::start().await;
    let token = app.integration();
    let body =
        json!({ "data": { "type": "skus", "attributes": { "code": "MUG", "name": "Mug" } } });
    let make = || app.named(Method::POST, &token, "/api/skus", "mug", &body);
    let (made, again) = (make().await, make().await);
    assert_eq!((made.status, again.status), (201, 201), "{}", again.body);
    assert_eq!(made.body, again.body);
    assert_eq!(made.headers["location"], again.headers["location"]);
    assert_eq!((is_replayed(&made), is_replayed(&again)), (false, true));

    let path = format!("/api/skus/{}", id(&made.body["data"]));
    let delete = || app.named(Method::DELETE, &token, &path, "mug", &Value::Null);
    let (deleted, again) = (delete().await, delete().await);
    assert_eq!((deleted.status, again.status), (204, 204), "{}", again.body);
    assert_eq!((is_replayed(&deleted), is_replayed(&again)), (false, true));
    assert_eq!(
        make().await.status,
        404,
        "what was made is not there any more"
    );
}

#[tokio::test]
async fn a_payment_source_is_made_once_and_an_order_placed_once() {
    for way in EVERY {
        let app = App::start().await;
        let customer = app.customer();
        let source = json!({ "data": {
            "type": way.kind,
            "attributes": way.attributes(1),
            "relationships": { "order": { "data": { "type": "orders", "id": way.order } } },
        } });
        let path = format!("/api/{}", way.kind);
        let make = || app.named(Method::POST, &customer, &path, "make", &source);
        let (made, again) = (make().await, make().await);
        assert_eq!((made.status, again.status), (201, 201), "{}", again.body);
        assert_eq!((made.id(), is_replayed(&again)), (again.id(), true));

        way.pay(&app, way.order, 1).await;
        let body = json!({ "data": { "type": "orders", "id": way.order, "attributes": { "_place": true } } });
        let path = format!("/api/orders/{}", way.order);
        let place = || app.named(Method::PATCH, &customer, &path, "place", &body);
        let placed = place().await;
        let moved = money_moved(&app);
        let again = place().await;
        assert_eq!((placed.status, again.status), (200, 200), "{}", again.body);
        assert_eq!(*again.attribute("status"), "placed", "{}", way.kind);
        assert!(is_replayed(&again), "{}", way.kind);
        assert_eq!(money_moved(&app), moved, "{}", way.kind);
    }
}

#[tokio::test]
async fn a_decline_is_answered_again_without_another_attempt() {
    let app = App::start().await;
    let customer = app.customer();
    let options = json!({ "options": { "id": "pm_card_chargeDeclined" } });
    let source = app
        .create_source(&customer, STRIPE.kind, STRIPE.order, options)
        .await;
    assert_eq!(source.status, 201, "{}", source.body);
    let body = json!({ "data": { "type": "orders", "id": STRIPE.order, "attributes": { "_place": true } } });
    let path = format!("/api/orders/{}", STRIPE.order);
    let place = || app.named(Method::PATCH, &customer, &path, "place", &body);
    let declined = place().await;
    assert_eq!(declined.status, 422, "{}", declined.body);
    let moved = money_moved(&app);
    let again = place().await;
    assert_eq!((again.status, &again.body), (422, &declined.body));
    assert!(is_replayed(&again));
    assert_eq!(money_moved(&app), moved);
}

#[tokio::test]
async fn a_key_is_one_request_s_of_one_caller_s() {
    let app = App::start().await;
    let token = app.integration();
    let sku = |code: &str| json!({ "data": { "type": "skus", "attributes": { "code": code, "name": "Mug" } } });
    let post = async |key: &str, code: &str| {
        app.named(Method::POST, &token, "/api/skus", key, &sku(code))
            .await
    };
    assert_eq!(post("key", "MUG").await.status, 201);
    let other = post("key", "CUP").await;
    assert_eq!(other.status, 422, "{}", other.body);
    assert_eq!(
        other.body["errors"][0]["source"]["header"],
        "Idempotency-Key"
    );
    assert!(!is_replayed(&other));

    // What was refused as it stands has changed nothing, and is decided anew.
    let blank = post("later", "").await;
    assert_eq!(blank.status, 422, "{}", blank.body);
    assert_eq!(post("later", "CUP").await.status, 201);

    for key in ["", &"x".repeat(256), "caf\u{e9}"] {
        let refused = post(key, "BOWL").await;
        assert_eq!(refused.status, 400, "{key}: {}", refused.body);
    }

    let order = |name: &str| json!({ "data": { "type": "orders", "id": GUEST_ORDER, "attributes": { "reference": name } } });
    let path = format!("/api/orders/{GUEST_ORDER}");
    let patched = app
        .named(Method::PATCH, &token, &path, "key", &order("by the shop"))
        .await;
    assert_eq!(patched.status, 200, "{}", patched.body);
    let guest = app.guest();
    let email = json!({ "data": { "type": "orders", "id": GUEST_ORDER, "attributes": { "customer_email": "g@example.com" } } });
    let by_guest = app.named(Method::PATCH, &guest, &path, "key", &email).await;
    assert_eq!(by_guest.status, 200, "{}", by_guest.body);
    assert!(!is_replayed(&by_guest), "another caller's");
}
