//! Answers are compressed for who takes that, and are the same answers.

use http::Method;
use serde_json::json;

use crate::app::{App, ORDER, Reply};

const GZIP: (&str, &str) = ("accept-encoding", "gzip, deflate, br");

async fn read(app: &App, path: &str, header: (&str, &str)) -> Reply {
    let customer = app.customer();
    app.send_with(Method::GET, &customer, path, header, None)
        .await
}

fn tag(reply: &Reply) -> &str {
    reply.headers["etag"].to_str().unwrap()
}

#[tokio::test]
async fn an_order_takes_a_quarter_of_its_bytes_and_is_the_same() {
    let app = App::start().await;
    let path = format!("/api/orders/{ORDER}");
    let plain = read(&app, &path, ("accept-encoding", "identity")).await;
    let coded = read(&app, &path, GZIP).await;
    assert_eq!(coded.headers["content-encoding"], "gzip");
    assert!(!plain.headers.contains_key("content-encoding"));
    assert_eq!(coded.body, plain.body);
    let length = |reply: &Reply| -> usize {
        let length = reply.headers["content-length"].to_str();
        length.unwrap().parse().unwrap()
    };
    assert!(length(&plain) > 6_000, "{}", length(&plain));
    assert!(length(&coded) < 1_500, "{}", length(&coded));
    for reply in [&plain, &coded] {
        let varies = reply.headers["vary"].to_str().unwrap();
        assert!(varies.contains("Accept-Encoding"), "{varies}");
    }
}

#[tokio::test]
async fn what_was_read_compressed_is_known_again_and_demanded_like_any_state() {
    let app = App::start().await;
    let (path, customer) = (format!("/api/orders/{ORDER}"), app.customer());
    let plain = read(&app, &path, ("accept-encoding", "identity")).await;
    let coded = read(&app, &path, GZIP).await;
    assert_ne!(tag(&plain), tag(&coded), "two representations");
    for known in [&plain, &coded] {
        let again = read(&app, &path, ("if-none-match", tag(known))).await;
        assert_eq!(again.status, 304);
    }
    let body = json!({ "data": { "type": "orders", "id": ORDER, "attributes": {
        "language_code": "it",
    } } });
    let change = |tag: &str| {
        let demanded = ("if-match", tag.to_owned());
        let (app, customer, path, body) = (&app, &customer, &path, &body);
        async move {
            let demanded = (demanded.0, demanded.1.as_str());
            let changed = app.send_with(Method::PATCH, customer, path, demanded, Some(body));
            changed.await.status
        }
    };
    assert_eq!(change(tag(&coded)).await, 200);
    assert_eq!(change(tag(&coded)).await, 412);
}

#[tokio::test]
async fn what_is_small_is_sent_as_it_is_and_the_description_compressed() {
    let app = App::start().await;
    let missing = read(&app, "/api/orders/aaaaaaaaaa", GZIP).await;
    assert_eq!(missing.status, 404);
    assert!(!missing.headers.contains_key("content-encoding"));
    let described = read(&app, "/api/openapi.json", GZIP).await;
    assert_eq!(described.headers["content-encoding"], "gzip");
    assert_eq!(described.body["openapi"], "3.1.0");
}
