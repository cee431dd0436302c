//! What requests cost at DynamoDB: round trips and capacity units, as the table's engine counts them, and what a
//! million of them come to.
//!
//!     cargo bench --bench costs
//!
//! A customer of the demo reads, saves and uses a card again at the stand-in for Stripe; then callers over their
//! limit ask at the same time. Loopback only; it ends by itself. Prices are those of on-demand tables in us-east-1.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made fails"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use billfold::{Options, Running};
use bytes::Bytes;
use futures_util::future;
use http::{Method, Request};
use outbound::{HttpTransport, Limits, Transport};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
};
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use store::aws_sdk_dynamodb::error::BoxError;
use store::aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use store::aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use store::aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use store::aws_sdk_dynamodb::operation::transact_get_items::{
    TransactGetItemsInput, TransactGetItemsOutput,
};
use store::aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsInput, TransactWriteItemsOutput,
};
use store::aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use store::aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

const ORDER: &str = "qaMAhZkZvd";
const SECOND_ORDER: &str = "eqkykhjlVw";
const MEDIA_TYPE: &str = "application/vnd.api+json";

/// Dollars for a million units that are read, and that are written.
const PRICES: (f64, f64) = (0.125, 0.625);

/// A limit towards which one request in ten is written down, as in a deployment.
const RATE_LIMIT: &str = "600";

#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    round_trips: usize,
    calls: usize,
    read: f64,
    written: f64,
}

#[derive(Debug, Default)]
struct Meter {
    under_way: usize,
    cost: Cost,
}

/// Asks for each call's capacity, and adds it up.
#[derive(Debug, Clone, Default)]
struct Meters(Arc<Mutex<Meter>>);

impl Meters {
    fn take(&self) -> Cost {
        std::mem::take(&mut self.0.lock().unwrap().cost)
    }
}

macro_rules! ask_for_capacity {
    ($input:expr, $($kind:ty),+) => {
        $(if let Some(input) = $input.downcast_mut::<$kind>() {
            input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
        })+
    };
}

impl Intercept for Meters {
    fn name(&self) -> &'static str {
        "Meters"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        ask_for_capacity!(
            input,
            BatchGetItemInput,
            GetItemInput,
            QueryInput,
            TransactGetItemsInput,
            TransactWriteItemsInput,
            UpdateItemInput
        );
        let mut meter = self.0.lock().unwrap();
        meter.cost.round_trips += usize::from(meter.under_way == 0);
        meter.cost.calls += 1;
        meter.under_way += 1;
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut meter = self.0.lock().unwrap();
        meter.under_way = meter.under_way.saturating_sub(1);
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        let units = |all: &[ConsumedCapacity]| -> f64 {
            all.iter()
                .filter_map(ConsumedCapacity::capacity_units)
                .sum()
        };
        let one =
            |it: Option<&ConsumedCapacity>| units(it.map(std::slice::from_ref).unwrap_or_default());
        if let Some(it) = output.downcast_ref::<QueryOutput>() {
            meter.cost.read += one(it.consumed_capacity());
        } else if let Some(it) = output.downcast_ref::<GetItemOutput>() {
            meter.cost.read += one(it.consumed_capacity());
        } else if let Some(it) = output.downcast_ref::<BatchGetItemOutput>() {
            meter.cost.read += units(it.consumed_capacity());
        } else if let Some(it) = output.downcast_ref::<TransactGetItemsOutput>() {
            meter.cost.read += units(it.consumed_capacity());
        } else if let Some(it) = output.downcast_ref::<TransactWriteItemsOutput>() {
            meter.cost.written += units(it.consumed_capacity());
        } else if let Some(it) = output.downcast_ref::<UpdateItemOutput>() {
            meter.cost.written += one(it.consumed_capacity());
        }
        Ok(())
    }
}

/// A running Billfold, and a customer of its demo.
struct Shop {
    running: Running,
    transport: HttpTransport,
    meters: Meters,
    token: String,
}

impl Shop {
    async fn start() -> Self {
        let meters = Meters::default();
        let interceptor = meters.clone();
        let options = Options {
            environment: |name| (name == "RATE_LIMIT").then(|| RATE_LIMIT.to_owned()),
            engine_client: Arc::new(move |builder| builder.interceptor(interceptor.clone())),
            ..Options::in_memory(0)
        };
        let mut shop = Self {
            running: billfold::start(options).await.unwrap(),
            transport: HttpTransport::new(),
            meters,
            token: String::new(),
        };
        shop.token = shop.sign_in().await;
        shop
    }

    async fn sign_in(&self) -> String {
        let asked = json!({
            "grant_type": "password",
            "client_id": "demo-sales-channel",
            "username": "customer@example.com",
            "password": "demo-customer",
            "scope": "market:code:europe",
        });
        let (status, body) = self.send(Method::POST, "/oauth/token", Some(asked)).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let is_api = path.starts_with("/api");
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.running.url))
            .header(
                "content-type",
                if is_api {
                    MEDIA_TYPE
                } else {
                    "application/json"
                },
            );
        if is_api {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let limits = Limits {
            timeout: Duration::from_secs(30),
            max_body: 16 * 1024 * 1024,
        };
        let request = request.body(bytes).unwrap();
        let response = self.transport.send(request, limits).await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            serde_json::from_slice(response.body()).unwrap_or_default(),
        )
    }

    async fn patch(&self, order: &str, attributes: Value) -> (u16, Value) {
        let path = format!("/api/orders/{order}?include=available_customer_payment_sources");
        let body = json!({ "data": { "type": "orders", "id": order, "attributes": attributes } });
        self.send(Method::PATCH, &path, Some(body)).await
    }

    /// Tells what was spent since it was last told, by so many requests.
    fn tell(&self, what: &str, requests: usize) {
        let cost = self.meters.take();
        let each = |it: f64| it / requests as f64;
        let (read, written) = (each(cost.read), each(cost.written));
        let dollars = read * PRICES.0 + written * PRICES.1;
        println!(
            "{what:44} {:5.2} round trips {:5.2} calls {read:7.2} read {written:7.2} written  ${dollars:.2} a million",
            each(cost.round_trips as f64),
            each(cost.calls as f64),
        );
    }
}

#[tokio::main]
async fn main() {
    let shop = Shop::start().await;
    let order = format!("/api/orders/{ORDER}");
    let wallet = "/api/customer_payment_sources";
    shop.send(Method::GET, &order, None).await;
    shop.meters.take();

    shop.sign_in().await;
    shop.tell("sign in with a password", 1);
    for _ in 0..50 {
        assert_eq!(shop.send(Method::GET, &order, None).await.0, 200);
    }
    shop.tell("get order", 50);

    let options = json!({ "id": "pm_card_visa", "setup_future_usage": "off_session" });
    let source = json!({ "data": {
        "type": "stripe_payments",
        "attributes": { "options": options },
        "relationships": { "order": { "data": { "type": "orders", "id": ORDER } } },
    } });
    let (status, body) = shop
        .send(Method::POST, "/api/stripe_payments", Some(source))
        .await;
    assert_eq!(status, 201, "{body}");
    shop.tell("create payment source", 1);
    let save = json!({ "_save_payment_source_to_customer_wallet": true });
    let (status, body) = shop.patch(ORDER, save).await;
    assert_eq!(status, 200, "{body}");
    shop.tell("save", 1);
    let entry =
        body["data"]["relationships"]["available_customer_payment_sources"]["data"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
    let reuse = json!({ "_customer_payment_source_id": entry });
    let (status, body) = shop.patch(SECOND_ORDER, reuse).await;
    assert_eq!(status, 200, "{body}");
    shop.tell("reuse", 1);
    for _ in 0..50 {
        assert_eq!(shop.send(Method::GET, wallet, None).await.0, 200);
    }
    shop.tell("list wallet of one entry", 50);
    for number in 0..50 {
        let change = json!({ "metadata": { "count": number } });
        let body = json!({ "data": { "type": "orders", "id": ORDER, "attributes": change } });
        let (status, body) = shop.send(Method::PATCH, &order, Some(body)).await;
        assert_eq!(status, 200, "{body}");
    }
    shop.tell("patch order", 50);

    // Until the limit is reached, and a block beyond.
    while shop.send(Method::GET, &order, None).await.0 != 429 {}
    for (what, path) in [
        ("refused, 50 at the same time: get order", order.clone()),
        (
            "refused, 50 at the same time: a filtered list",
            format!(
                "/api/orders?filter[q][reference_in]={}",
                vec!["a"; 50].join(",")
            ),
        ),
    ] {
        shop.meters.take();
        let asked = (0..500).map(|_| async { shop.send(Method::GET, &path, None).await.0 });
        let asked: Vec<_> = asked.collect();
        let mut statuses = Vec::new();
        let mut asked = asked.into_iter();
        loop {
            let some: Vec<_> = asked.by_ref().take(50).collect();
            if some.is_empty() {
                break;
            }
            statuses.extend(future::join_all(some).await);
        }
        assert!(statuses.iter().all(|it| *it == 429), "{statuses:?}");
        shop.tell(what, 500);
    }
    shop.running.stop().await;
}
