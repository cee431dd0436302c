//! Orders after they were placed.

use serde_json::{Value, json};

use crate::shop::{Reply, Shop, purchase, purchase_with, text};

pub fn order_management_path(order: &str) -> String {
    format!("/ordermanagement/v1/orders/{order}")
}

/// A shop with an order of 129.00 EUR.
struct Ordered {
    shop: Shop,
    path: String,
}

impl Ordered {
    async fn open() -> Self {
        let shop = Shop::open();
        let token = shop.authorised(&purchase()).await;
        let body = purchase_with(json!({"merchant_reference1": "PO-1"}));
        let order = shop.order(&token, &body).await.ok();
        let path = order_management_path(&text(&order, "order_id"));
        Self { shop, path }
    }

    async fn read(&self) -> Value {
        self.shop.get(&self.path).await.ok()
    }

    async fn post(&self, what: &str, body: &Value) -> Reply {
        self.shop.post(&format!("{}/{what}", self.path), body).await
    }

    async fn patch(&self, what: &str, body: &Value) -> Reply {
        self.shop
            .patch(&format!("{}/{what}", self.path), body)
            .await
    }

    async fn capture(&self, amount: i64) -> Reply {
        let body = json!({"captured_amount": amount, "reference": "c-1"});
        self.post("captures", &body).await
    }

    async fn refund(&self, amount: i64) -> Reply {
        let body = json!({"refunded_amount": amount, "reference": "r-1"});
        self.post("refunds", &body).await
    }

    /// Status, and minor units that are captured, refunded and left.
    async fn books(&self) -> (String, [i64; 3]) {
        let order = self.read().await;
        let amounts = [
            "captured_amount",
            "refunded_amount",
            "remaining_authorized_amount",
        ];
        let amounts = amounts.map(|name| order[name].as_i64().unwrap());
        (text(&order, "status"), amounts)
    }
}

#[tokio::test]
async fn an_order_is_read_as_it_was_placed() {
    let order = Ordered::open().await.read().await;
    assert_eq!(order["status"], "AUTHORIZED");
    assert_eq!(order["fraud_status"], "ACCEPTED");
    assert_eq!(order["order_amount"], 12_900);
    assert_eq!(order["merchant_reference1"], "PO-1");
    assert_eq!(order["expires_at"], "2026-03-29T12:00:00Z");
    assert_eq!(order["order_lines"], purchase()["order_lines"]);
}

#[tokio::test]
async fn an_order_is_captured_in_parts_and_refunded_in_parts() {
    let order = Ordered::open().await;
    let capture = order.capture(5_000).await;
    assert_eq!((capture.status.as_u16(), capture.text.len()), (201, 0));
    let id = capture.header("capture-id").unwrap();
    assert!(
        capture
            .header("location")
            .unwrap()
            .ends_with(&format!("/captures/{id}"))
    );
    let part = "PART_CAPTURED".to_owned();
    assert_eq!(order.books().await, (part.clone(), [5_000, 0, 7_900]));
    let path = format!("{}/captures", order.path);
    let one = order.shop.get(&format!("{path}/{id}")).await.ok();
    assert_eq!(
        (&one["captured_amount"], &one["reference"]),
        (&json!(5_000), &json!("c-1"))
    );
    assert_eq!(order.shop.get(&path).await.ok(), json!([one]));

    order
        .capture(7_901)
        .await
        .refused(403, "CAPTURE_NOT_ALLOWED");
    assert_eq!(order.capture(7_900).await.status, 201);
    assert_eq!(order.books().await, ("CAPTURED".to_owned(), [12_900, 0, 0]));

    let refund = order.refund(900).await;
    assert_eq!(refund.status, 201);
    let id = refund.header("refund-id").unwrap();
    let one = order
        .shop
        .get(&format!("{}/refunds/{id}", order.path))
        .await
        .ok();
    assert_eq!(
        (&one["refunded_amount"], &one["reference"]),
        (&json!(900), &json!("r-1"))
    );
    order
        .refund(12_001)
        .await
        .refused(403, "REFUND_NOT_ALLOWED");
    assert_eq!(order.refund(12_000).await.status, 201);
    assert_eq!(order.books().await.1, [12_900, 12_900, 0]);
}

#[tokio::test]
async fn what_is_not_captured_is_not_refunded() {
    let order = Ordered::open().await;
    order.refund(1).await.refused(403, "REFUND_NOT_ALLOWED");
}

#[tokio::test]
async fn an_order_is_cancelled_once_and_only_before_captures() {
    let order = Ordered::open().await;
    let release = "release-remaining-authorization";
    order
        .post(release, &Value::Null)
        .await
        .refused(403, "NOT_ALLOWED");
    assert_eq!(order.post("cancel", &Value::Null).await.status, 204);
    assert_eq!(order.books().await, ("CANCELLED".to_owned(), [0, 0, 0]));
    let again = order.post("cancel", &Value::Null).await;
    again.refused(403, "CANCEL_NOT_ALLOWED");
    order.capture(1).await.refused(403, "CAPTURE_NOT_ALLOWED");
    let references = json!({"merchant_reference1": "PO-2"});
    order
        .patch("merchant-references", &references)
        .await
        .refused(403, "NOT_ALLOWED");
}

#[tokio::test]
async fn what_captures_leave_is_released() {
    let order = Ordered::open().await;
    order.capture(5_000).await;
    let cancel = order.post("cancel", &Value::Null).await;
    cancel.refused(403, "CANCEL_NOT_ALLOWED");
    let release = "release-remaining-authorization";
    assert_eq!(order.post(release, &Value::Null).await.status, 204);
    assert_eq!(order.books().await, ("CAPTURED".to_owned(), [5_000, 0, 0]));
    order
        .post(release, &Value::Null)
        .await
        .refused(403, "NOT_ALLOWED");
    order.capture(1).await.refused(403, "CAPTURE_NOT_ALLOWED");
}

#[tokio::test]
async fn an_order_expires_and_can_be_extended_before() {
    const DAY: i64 = 24 * 60;
    let order = Ordered::open().await;
    order.shop.pass_minutes(27 * DAY);
    let extend = "extend-authorization-time";
    assert_eq!(order.post(extend, &Value::Null).await.status, 204);
    order.shop.pass_minutes(27 * DAY);
    assert_eq!(order.books().await.0, "AUTHORIZED");
    order.shop.pass_minutes(DAY);
    assert_eq!(order.books().await, ("EXPIRED".to_owned(), [0, 0, 0]));
    order
        .post(extend, &Value::Null)
        .await
        .refused(403, "NOT_ALLOWED");
    order.capture(1).await.refused(403, "CAPTURE_NOT_ALLOWED");
    let cancel = order.post("cancel", &Value::Null).await;
    cancel.refused(403, "CANCEL_NOT_ALLOWED");
}

#[tokio::test]
async fn an_order_expires_on_demand() {
    let order = Ordered::open().await;
    let id = text(&order.read().await, "order_id");
    assert!(order.shop.klarna.expire_order(&id).unwrap());
    assert_eq!(order.books().await.0, "EXPIRED");
    assert!(!order.shop.klarna.expire_order("none").unwrap());

    let order = Ordered::open().await;
    assert_eq!(order.post("_expire", &Value::Null).await.status, 204);
    assert_eq!(order.books().await.0, "EXPIRED");
}

#[tokio::test]
async fn an_order_may_cost_less_and_not_more() {
    let order = Ordered::open().await;
    let amount = |amount| json!({"order_amount": amount});
    let refused = order.patch("authorization", &amount(12_901)).await;
    refused.refused(403, "NOT_ALLOWED");
    assert_eq!(
        order.patch("authorization", &amount(9_900)).await.status,
        204
    );
    let read = order.read().await;
    assert_eq!(read["order_amount"], 9_900);
    assert_eq!(read["original_order_amount"], 12_900);
    assert_eq!(read["remaining_authorized_amount"], 9_900);
}

#[tokio::test]
async fn references_and_address_change() {
    let order = Ordered::open().await;
    let references = json!({"merchant_reference1": "PO-2", "merchant_reference2": "x"});
    assert_eq!(
        order.patch("merchant-references", &references).await.status,
        204
    );
    let details = json!({"shipping_address": {"city": "Berlin"}});
    assert_eq!(order.patch("customer-details", &details).await.status, 204);
    let read = order.read().await;
    assert_eq!(read["merchant_reference1"], "PO-2");
    assert_eq!(read["shipping_address"], json!({"city": "Berlin"}));
}

#[tokio::test]
async fn a_key_counts_whatever_the_body_says() {
    let order = Ordered::open().await;
    let path = format!("{}/captures", order.path);
    for amount in [5_000, 5_000, 1] {
        let body = json!({"captured_amount": amount});
        let reply = order.shop.post_once("key-1", &path, &body).await.unwrap();
        assert_eq!(reply.status, 201);
    }
    assert_eq!(order.books().await.1, [5_000, 0, 7_900]);
    order
        .shop
        .post_once("key-2", &path, &json!({"captured_amount": 5_000}))
        .await;
    assert_eq!(order.books().await.1, [10_000, 0, 2_900]);
}

#[tokio::test]
async fn what_is_not_as_described_is_not_processed() {
    let order = Ordered::open().await;
    for (what, body) in [
        ("captures", json!({})),
        ("captures", json!({"captured_amount": 0})),
        (
            "captures",
            json!({"captured_amount": 1, "reference": "x".repeat(256)}),
        ),
        ("captures", json!({"captured_amount": 1, "colour": "red"})),
        ("refunds", json!({"refunded_amount": -1})),
        ("refunds", json!({"refunded_amount": "1"})),
    ] {
        order
            .post(what, &body)
            .await
            .refused(422, "UNPROCESSABLE_ENTITY");
    }
}

#[tokio::test]
async fn an_order_is_its_accounts_alone() {
    let order = Ordered::open().await;
    let other = order.shop.with_user("PK00002_other");
    other.get(&order.path).await.refused(404, "NO_SUCH_ORDER");
    let path = format!("{}/refunds", order.path);
    let refund = other.post(&path, &json!({"refunded_amount": 1})).await;
    refund.refused(404, "NOT_FOUND");
    let nobody = order.shop.with_authorization(None);
    assert_eq!(nobody.get(&order.path).await.status, 401);
}
