//! HEAD: what GET answers, without its body.

use billfold::router::FUNCTIONS;
use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use crate::app::{App, ORDER, Reply};

/// Headers that tell one answer from another.
const OF_ONE_ANSWER: [&str; 3] = ["date", "x-request-id", "x-ratelimit-remaining"];

async fn ask(app: &App, method: Method, path: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", app.running.url))
        .header("authorization", format!("Bearer {}", app.customer()))
        .header("origin", "https://shop.example");
    app.request(request.body(Bytes::new()).unwrap()).await
}

#[tokio::test]
async fn head_answers_the_headers_of_get_without_the_body() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    for (path, status) in [
        (format!("/api/orders/{ORDER}?include=line_items"), 200),
        (format!("/api/orders/{ORDER}/market"), 200),
        (format!("/api/customer_payment_sources/{entry}"), 200),
        ("/api/customer_payment_sources".to_owned(), 200),
        ("/api/payment_methods".to_owned(), 200),
        ("/.well-known/jwks.json".to_owned(), 200),
        ("/api/orders/aaaaaaaaaa".to_owned(), 404),
        (format!("/api/orders/{ORDER}?include=unicorns"), 400),
        ("/nothing".to_owned(), 404),
    ] {
        let whole = ask(&app, Method::GET, &path).await;
        let head = ask(&app, Method::HEAD, &path).await;
        assert_eq!((head.status, whole.status), (status, status), "{path}");
        assert_eq!(head.body, Value::Null, "{path}");
        for name in whole.headers.keys().chain(head.headers.keys()) {
            let (of_head, of_get) = (head.headers.get(name), whole.headers.get(name));
            let differs = OF_ONE_ANSWER.contains(&name.as_str());
            assert!(
                differs || of_head == of_get,
                "{path} {name}: {of_head:?}, {of_get:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_path_that_is_read_takes_head_and_says_so() {
    let app = App::start().await;
    for function in FUNCTIONS {
        for route in function.routes {
            let id = "aaaaaaaaaa";
            let path = route.path.replace("{id}", id);
            let path = path.replace("{type}", "payment_methods");
            let path = path.replace("{relationship}", "payment_gateway");
            let refused = ask(&app, Method::PUT, &path).await;
            assert_eq!(refused.status, 405, "{path}");
            let allow = refused.headers["allow"].to_str().unwrap();
            let allowed: Vec<_> = allow.split(", ").collect();
            assert!(allowed.contains(&route.method.as_str()), "{path}: {allow}");
            assert_eq!(
                allowed.contains(&"GET"),
                allowed.contains(&"HEAD"),
                "{path}"
            );
        }
    }
}
