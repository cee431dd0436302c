//! How many requests a caller may make in a minute.

use std::sync::Arc;
use std::time::Duration;

use billfold::Options;
use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use store::aws_sdk_dynamodb::error::BoxError;

use crate::app::{App, GUEST_ORDER, ORDER, Reply};
use crate::calls::counts_a_request;
use crate::faults::TestClock;

/// Three requests a minute, and as many for tokens.
fn three(name: &str) -> Option<String> {
    matches!(name, "RATE_LIMIT" | "TOKEN_RATE_LIMIT").then(|| "3".to_owned())
}

/// Three requests a minute, and seven of the guests at one address.
fn three_and_seven(name: &str) -> Option<String> {
    match name {
        "ADDRESS_RATE_LIMIT" => Some("7".to_owned()),
        _ => three(name),
    }
}

impl App {
    async fn start_with_limits() -> (Self, Arc<TestClock>) {
        Self::start_with_limits_of(three).await
    }

    async fn start_with_limits_of(
        environment: fn(&str) -> Option<String>,
    ) -> (Self, Arc<TestClock>) {
        let clock = Arc::new(TestClock::default());
        let options = Options {
            clock: clock.clone(),
            environment,
            ..Options::in_memory(0)
        };
        let app = Self::start_with(options).await;
        // The beginning of a minute, so that none ends unexpectedly.
        let past = app.now().unix_millis().rem_euclid(60_000);
        clock.pass(Duration::from_millis(u64::try_from(60_000 - past).unwrap()));
        (app, clock)
    }

    async fn send_as(&self, method: &Method, token: Option<&str>, path: &str) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.running.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.request(request.body(Bytes::new()).unwrap()).await
    }

    async fn ask_for_token(&self, password: &str) -> Reply {
        let asked = json!({
            "grant_type": "password",
            "client_id": "demo-sales-channel",
            "username": "customer@example.com",
            "password": password,
        });
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/oauth/token", self.running.url))
            .header("content-type", "application/json");
        let body = Bytes::from(asked.to_string());
        self.request(request.body(body).unwrap()).await
    }
}

fn is_refused(reply: &Reply) -> bool {
    if reply.status != 429 {
        return false;
    }
    let error = json!({ "title": "Too Many Requests", "code": "THROTTLED", "status": 429 });
    assert_eq!(reply.body, json!({ "errors": error }));
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let seconds: u64 = reply.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=120).contains(&seconds), "{seconds}");
    true
}

/// Limit, interval and remaining requests, as the headers say.
fn told(reply: &Reply) -> (&str, &str, &str) {
    let told = |name: &str| reply.headers[name].to_str().unwrap();
    (
        told("x-ratelimit-limit"),
        told("x-ratelimit-interval"),
        told("x-ratelimit-remaining"),
    )
}

#[tokio::test]
async fn the_request_over_the_limit_is_refused_and_other_callers_are_not() {
    let (app, _) = App::start_with_limits().await;
    let customer = app.customer();
    let path = format!("/api/orders/{ORDER}");
    for remaining in ["2", "1", "0"] {
        let reply = app.get(&customer, &path).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(told(&reply), ("3", "60", remaining));
    }
    let refused = app.get(&customer, &path).await;
    assert!(is_refused(&refused), "{}", refused.body);
    assert_eq!(told(&refused), ("3", "60", "0"));
    assert!(refused.headers.contains_key("x-request-id"));
    let head = app.send_as(&Method::HEAD, Some(&customer), &path).await;
    assert_eq!((head.status, head.body), (429, Value::Null));

    for other in [app.integration(), app.stranger()] {
        let reply = app.get(&other, "/api/payment_methods").await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let guests = format!("/api/orders/{GUEST_ORDER}");
    assert_eq!(app.get(&app.guest(), &guests).await.status, 200);
}

#[tokio::test]
async fn guests_behind_one_server_are_told_apart_by_their_tokens() {
    let (app, _) = App::start_with_limits().await;
    let path = format!("/api/orders/{GUEST_ORDER}");
    let (one, other) = (app.guest(), app.guest());
    for _ in 0..3 {
        assert_eq!(app.get(&one, &path).await.status, 200);
    }
    assert!(is_refused(&app.get(&one, &path).await));
    let reply = app.get(&other, &path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(told(&reply), ("3", "60", "2"));
}

#[tokio::test]
async fn a_token_for_each_request_is_no_way_around_the_limit() {
    let (app, clock) = App::start_with_limits_of(three_and_seven).await;
    let path = format!("/api/orders/{GUEST_ORDER}");
    for _ in 0..5 {
        assert_eq!(app.get(&app.guest(), &path).await.status, 200);
    }
    let reply = app.get(&app.guest(), &path).await;
    assert_eq!(told(&reply), ("7", "60", "1"), "of the two, the stricter");
    assert_eq!(app.get(&app.guest(), &path).await.status, 200);
    let refused = app.get(&app.guest(), &path).await;
    assert!(is_refused(&refused));
    assert_eq!(told(&refused), ("7", "60", "0"));
    let customer = app.get(&app.customer(), &path).await;
    assert_eq!(
        customer.status, 200,
        "customers are counted by who they are"
    );
    clock.pass(Duration::from_secs(120));
    assert_eq!(app.get(&app.guest(), &path).await.status, 200);
}

#[tokio::test]
async fn a_signature_that_is_written_otherwise_is_the_same_token() {
    let (app, _) = App::start_with_limits().await;
    let path = format!("/api/orders/{GUEST_ORDER}");
    let token = app.guest();
    for _ in 0..3 {
        assert_eq!(app.get(&token, &path).await.status, 200);
    }
    let (signed, signature) = token.rsplit_once('.').unwrap();
    for ending in ["A", "g", "w", "="] {
        let other = format!("{signed}.{}{ending}", &signature[..signature.len() - 1]);
        let status = app.get(&other, &path).await.status;
        assert!(matches!(status, 401 | 429), "{status}");
    }
}

#[tokio::test]
async fn a_change_over_the_limit_is_not_made() {
    let (app, clock) = App::start_with_limits().await;
    let (customer, shop) = (app.customer(), app.integration());
    let entry = app.saved_card("pm_card_visa").await;
    let entry = format!("/api/customer_payment_sources/{entry}");
    for token in [&customer, &shop] {
        while app.get(token, "/api/payment_methods").await.status != 429 {}
    }

    let before = app.table().await;
    let asked = app.asked_of_stripe().len();
    let body = |kind: &str, id: &str, attributes: Value| json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
    let reference = json!({ "reference": "A-1" });
    let nullify = json!({ "_nullify_payment_source": true });
    let order = format!("/api/orders/{ORDER}");
    let method = "/api/payment_methods/WmOodsVPmQ";
    let id = entry.rsplit('/').next().unwrap();
    for refused in [
        app.patch(&customer, &order, &body("orders", ORDER, nullify))
            .await,
        app.create_payment(&customer, ORDER, json!({})).await,
        app.patch(
            &customer,
            &entry,
            &body("customer_payment_sources", id, reference),
        )
        .await,
        app.delete(&customer, &entry).await,
        app.delete(&shop, &entry).await,
        app.patch(
            &shop,
            method,
            &body("payment_methods", "WmOodsVPmQ", json!({ "name": "Card" })),
        )
        .await,
        app.delete(&shop, method).await,
    ] {
        assert!(is_refused(&refused), "{} {}", refused.status, refused.body);
    }
    assert_eq!(app.table().await, before);
    assert_eq!(app.asked_of_stripe().len(), asked);

    clock.pass(Duration::from_secs(120));
    assert_eq!(app.delete(&customer, &entry).await.status, 204);
}

#[tokio::test]
async fn the_minute_slides() {
    let (app, clock) = App::start_with_limits().await;
    let customer = app.customer();
    let get = async || app.get(&customer, "/api/payment_methods").await;
    for _ in 0..3 {
        assert_eq!(get().await.status, 200);
    }
    // A new minute has begun, but two thirds of the last one lie within sixty seconds.
    clock.pass(Duration::from_secs(80));
    let reply = get().await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(told(&reply), ("3", "60", "0"));
    let refused = get().await;
    assert!(is_refused(&refused));
    let wait: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    clock.pass(Duration::from_secs(wait));
    assert_eq!(get().await.status, 200, "after {wait} s");
}

#[tokio::test]
async fn every_answer_says_how_the_caller_stands() {
    let app = App::start().await;
    let customer = app.customer();
    let order = format!("/api/orders/{ORDER}");
    let known = app.get(&customer, &order).await.headers["etag"].clone();
    let not_modified = app
        .send_with(
            Method::GET,
            &customer,
            &order,
            ("if-none-match", known.to_str().unwrap()),
            None,
        )
        .await;
    let made = app.create_payment(&customer, ORDER, json!({})).await;
    let source = format!("/api/stripe_payments/{}", made.id());
    for (reply, status) in [
        (made, 201),
        (not_modified, 304),
        (app.delete(&customer, &source).await, 204),
        (app.get(&customer, "/api/orders/aaaaaaaaaa").await, 404),
        (
            app.get(&customer, "/api/orders/aaaaaaaaaa?limit=1").await,
            400,
        ),
        (
            app.get(&app.guest(), "/api/customer_payment_sources").await,
            401,
        ),
        (app.get("garbled", &order).await, 401),
        (app.post(&customer, &order, &json!({})).await, 405),
        (app.get(&customer, "/nothing").await, 404),
        (app.send_as(&Method::PUT, None, "/nothing").await, 404),
        (app.ask_for_token("wrong").await, 401),
        (app.ask_for_token("demo-customer").await, 200),
    ] {
        assert_eq!(reply.status, status, "{}", reply.body);
        let (limit, interval, remaining) = told(&reply);
        assert_eq!((limit, interval), ("60000", "60"));
        let remaining: u32 = remaining.parse().unwrap();
        assert!((59_900..60_000).contains(&remaining), "{remaining}");
    }
}

#[tokio::test]
async fn requests_without_a_valid_token_are_counted_by_address() {
    let (app, _) = App::start_with_limits().await;
    let path = format!("/api/orders/{ORDER}");
    for token in [None, Some("garbled"), Some("a.b.c")] {
        assert_eq!(app.send_as(&Method::GET, token, &path).await.status, 401);
    }
    assert!(is_refused(
        &app.send_as(&Method::GET, None, "/nothing").await
    ));
    assert_eq!(app.get(&app.customer(), &path).await.status, 200);
}

#[tokio::test]
async fn a_password_is_not_guessed_by_asking_often() {
    let (app, clock) = App::start_with_limits().await;
    for _ in 0..3 {
        assert_eq!(app.ask_for_token("wrong").await.status, 401);
    }
    assert!(is_refused(&app.ask_for_token("demo-customer").await));
    let keys = app
        .send_as(&Method::GET, None, "/.well-known/jwks.json")
        .await;
    assert_eq!(keys.status, 200, "keys are read by everybody");
    clock.pass(Duration::from_secs(120));
    assert_eq!(app.ask_for_token("demo-customer").await.status, 200);
}

#[tokio::test]
async fn a_password_is_not_guessed_on_the_page_where_customers_sign_in() {
    let (app, clock) = App::start_with_limits().await;
    for _ in 0..3 {
        assert_eq!(
            app.sign_in_as("customer@example.com", "wrong").await.status,
            401
        );
    }
    let right = async || {
        app.sign_in_as("customer@example.com", "demo-customer")
            .await
    };
    assert!(is_refused(&right().await));
    assert!(is_refused(&app.ask_for_token("demo-customer").await));
    let page = app.sign_in_page(&[]).await;
    assert_eq!(page.status, 200, "the page is seen by everybody");
    clock.pass(Duration::from_secs(120));
    assert_eq!(right().await.status, 303);
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted() {
    let app = App::start_with(Options {
        environment: |name| matches!(name, "RATE_LIMIT").then(|| "0".to_owned()),
        ..Options::in_memory(0)
    })
    .await;
    let reply = app.get(&app.customer(), "/api/payment_methods").await;
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains_key("x-ratelimit-limit"));
}

/// The counter does not answer.
#[derive(Debug)]
struct NoCounter;

impl Intercept for NoCounter {
    fn name(&self) -> &'static str {
        "NoCounter"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match counts_a_request(context.input().downcast_ref()) {
            true => Err("out of order".into()),
            false => Ok(()),
        }
    }
}

#[tokio::test]
async fn an_outage_of_the_counter_stops_nobody() {
    let app = App::start_with(Options {
        environment: three,
        engine_client: Arc::new(|builder| builder.interceptor(NoCounter)),
        ..Options::in_memory(0)
    })
    .await;
    let customer = app.customer();
    for _ in 0..5 {
        let reply = app
            .patch_order(&customer, ORDER, json!({ "_refresh": true }))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.headers["x-ratelimit-limit"], "3");
        assert!(!reply.headers.contains_key("x-ratelimit-remaining"));
    }
}

const CLOUDFRONT_SECRET: &str = "what-the-distribution-alone-knows";

#[tokio::test]
async fn behind_cloudfront_a_limit_is_the_shoppers_and_nobody_else_says_who_they_are() {
    let environment = |name: &str| match name {
        "CLOUDFRONT_SECRET" => Some(CLOUDFRONT_SECRET.to_owned()),
        _ => three(name),
    };
    let (app, _) = App::start_with_limits_of(environment).await;
    let ask = async |secret: &str, viewer: &str| {
        let asked =
            json!({ "grant_type": "client_credentials", "client_id": "demo-sales-channel" });
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/oauth/token", app.running.url))
            .header("content-type", "application/json")
            .header("x-origin-verify", secret)
            .header("cloudfront-viewer-address", viewer);
        let body = Bytes::from(asked.to_string());
        app.request(request.body(body).unwrap()).await.status
    };
    for viewer in ["192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1"] {
        for _ in 0..3 {
            assert_eq!(ask(CLOUDFRONT_SECRET, viewer).await, 200, "{viewer}");
        }
        assert_eq!(ask(CLOUDFRONT_SECRET, viewer).await, 429, "{viewer}");
    }
    let made_up = (1..=4).map(|it| format!("192.0.2.{it}:1"));
    let mut statuses = Vec::new();
    for viewer in made_up {
        statuses.push(ask("what-somebody-else-may-have-guessed", &viewer).await);
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
}
