//! What every answer has, and the answers to requests that reach no endpoint.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply};

async fn ask(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(format!("{}{path}", app.running.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.request(request.body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let app = App::start().await;
    let customer = format!("Bearer {}", app.customer());
    let token = ("authorization", customer.as_str());
    let order = format!("/api/orders/{ORDER}");
    let mut ids = BTreeSet::new();
    let asked = [
        ("GET", order.as_str(), 200),
        ("HEAD", &order, 200),
        ("PUT", &order, 405),
        ("POST", &order, 405),
        ("GET", "/api/orders/aaaaaaaaaa", 404),
        ("GET", "/nothing", 404),
        ("PROPFIND", "/nothing", 404),
        ("GET", "/oauth/token", 405),
        ("POST", "/oauth/token", 400),
        ("POST", "/oauth/revoke", 400),
        ("GET", "/oauth/authorize", 400),
        ("POST", "/oauth/authorize", 400),
        ("PUT", "/oauth/authorize", 405),
        ("GET", "/.well-known/jwks.json", 200),
    ];
    for (method, path, status) in asked {
        let reply = ask(&app, method, path, &[token]).await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.body);
        let id = reply.headers["x-request-id"].to_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{method} {path}");
    }
    assert_eq!(ids.len(), asked.len());
}

#[tokio::test]
async fn an_unknown_path_is_not_there_for_any_method() {
    let app = App::start().await;
    let not_there = app.get(&app.customer(), "/api/orders/aaaaaaaaaa").await;
    for path in [
        "/",
        "/nothing",
        "/api",
        "/api/unicorns",
        "/api/orders/x/y/z/q",
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            let reply = ask(&app, method, path, &[]).await;
            assert_eq!(reply.status, 404, "{method} {path}");
            assert_eq!(reply.body, not_there.body, "{method} {path}");
            let media_type = &reply.headers["content-type"];
            assert_eq!(media_type, "application/vnd.api+json");
        }
    }
}

#[tokio::test]
async fn whoever_brings_no_token_is_told_to_bring_one() {
    let app = App::start().await;
    let order = format!("/api/orders/{ORDER}");
    let guest = format!("Bearer {}", app.guest());
    let wallet = "/api/customer_payment_sources";
    for (path, authorization, code, challenge) in [
        (order.as_str(), None, "INVALID_TOKEN", "Bearer"),
        (
            &order,
            Some("Bearer garbled"),
            "INVALID_TOKEN",
            "Bearer error=\"invalid_token\"",
        ),
        (
            &order,
            Some("Basic YTpi"),
            "INVALID_TOKEN",
            "Bearer error=\"invalid_token\"",
        ),
        (
            wallet,
            Some(guest.as_str()),
            "UNAUTHORIZED",
            "Bearer error=\"insufficient_scope\"",
        ),
    ] {
        let headers: Vec<_> = authorization
            .map(|it| ("authorization", it))
            .into_iter()
            .collect();
        let reply = ask(&app, "GET", path, &headers).await;
        assert_eq!(
            (reply.status, reply.code()),
            (401, code),
            "{authorization:?}"
        );
        assert_eq!(reply.headers["www-authenticate"], challenge);
    }
    let token = ("authorization", guest.as_str());
    let missing = ask(&app, "GET", "/api/orders/aaaaaaaaaa", &[token]).await;
    assert!(!missing.headers.contains_key("www-authenticate"));
}

#[tokio::test]
async fn what_is_made_is_where_the_answer_says() {
    let app = App::start().await;
    let customer = app.customer();
    let made = app.create_payment(&customer, ORDER, json!({})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let location = made.headers["location"].to_str().unwrap();
    assert_eq!(made.body["data"]["links"]["self"], location);
    let path = location.strip_prefix(&app.running.url).unwrap();
    assert_eq!(app.get(&customer, path).await.body, made.body);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let app = App::start().await;
    let attributes = json!({ "unicorn": 1, "customer_email": 7 });
    let reply = app.patch_order(&app.customer(), ORDER, attributes).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let errors = reply.body["errors"].as_array().unwrap();
    let told: BTreeSet<_> = errors
        .iter()
        .map(|it| {
            let pointer = it["source"]["pointer"].as_str().unwrap();
            (it["status"].as_str().unwrap(), pointer)
        })
        .collect();
    let wanted = BTreeSet::from([
        ("400", "/data/attributes/unicorn"),
        ("422", "/data/attributes/customer_email"),
    ]);
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_body_that_does_not_read_is_refused_as_a_whole() {
    let app = App::start().await;
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(format!("{}/api/orders/{ORDER}", app.running.url))
        .header("authorization", format!("Bearer {}", app.customer()))
        .header("content-type", "application/vnd.api+json");
    let reply = app
        .request(request.body(Bytes::from_static(b"{\"data\":")).unwrap())
        .await;
    assert_eq!((reply.status, reply.code()), (400, "BAD_REQUEST"));
    let source = &reply.body["errors"][0]["source"];
    assert_eq!(*source, json!({ "pointer": "" }));
    assert_ne!(reply.body["errors"][0]["detail"], Value::Null);
}

#[tokio::test]
async fn answers_are_had_in_the_media_type_alone() {
    let app = App::start().await;
    let customer = format!("Bearer {}", app.customer());
    let token = ("authorization", customer.as_str());
    let order = format!("/api/orders/{ORDER}");
    let ours = "application/vnd.api+json";
    for (accept, status) in [
        (ours, 200),
        (
            "application/vnd.api+json; profile=\"https://example.com/p\"",
            200,
        ),
        ("text/html, */*;q=0.1", 200),
        (
            "application/vnd.api+json; ext=\"https://example.com/e\"",
            406,
        ),
        ("application/vnd.api+json; charset=utf-8", 406),
        ("application/vnd.api+json;q=0", 406),
        ("text/html", 406),
    ] {
        let reply = ask(&app, "GET", &order, &[token, ("accept", accept)]).await;
        assert_eq!(reply.status, status, "{accept}: {}", reply.body);
        assert_eq!(reply.headers["content-type"], ours);
        if status == 406 {
            let source = &reply.body["errors"][0]["source"];
            assert_eq!(*source, json!({ "header": "Accept" }));
        }
    }
}
