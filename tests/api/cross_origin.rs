//! A storefront's page of another origin.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use serde_yaml_ng::Value;

use crate::app::{App, ORDER};
use crate::routes::template;

/// A header that lists names, in small letters.
fn listed(headers: &HeaderMap, name: &str) -> BTreeSet<String> {
    let list = headers[name].to_str().unwrap().to_lowercase();
    list.split(',').map(|it| it.trim().to_owned()).collect()
}

fn configured(names: &Value) -> BTreeSet<String> {
    let names = names.as_sequence().unwrap().iter();
    names
        .map(|it| it.as_str().unwrap().to_lowercase())
        .collect()
}

#[tokio::test]
async fn a_page_of_another_origin_may_call_here_as_in_the_cloud() {
    let app = App::start().await;
    let template = template();
    let cors = &template["Resources"]["Api"]["Properties"]["CorsConfiguration"];
    let url = format!("{}/api/orders/{ORDER}", app.running.url);
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri(&url)
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        );
    let allowed = app.request(preflight.body(Bytes::new()).unwrap()).await;
    assert_eq!(allowed.status, 200);
    for (header, member) in [
        ("access-control-allow-origin", "AllowOrigins"),
        ("access-control-allow-methods", "AllowMethods"),
        ("access-control-allow-headers", "AllowHeaders"),
    ] {
        assert_eq!(
            listed(&allowed.headers, header),
            configured(&cors[member]),
            "{header}"
        );
    }

    let call = Request::builder()
        .uri(&url)
        .header("origin", "https://shop.example")
        .header("authorization", format!("Bearer {}", app.customer()));
    let reply = app.request(call.body(Bytes::new()).unwrap()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["access-control-allow-origin"], "*");
    let exposed = listed(&reply.headers, "access-control-expose-headers");
    assert_eq!(exposed, configured(&cors["ExposeHeaders"]));
    assert!(
        !reply
            .headers
            .contains_key("access-control-allow-credentials")
    );
}

#[tokio::test]
async fn every_path_answers_what_a_browser_asks_first() {
    let app = App::start().await;
    let order = format!("/api/orders/{ORDER}");
    for path in [order.as_str(), "/oauth/token", "/nothing", "/"] {
        for method in ["GET", "HEAD", "POST", "PATCH", "DELETE"] {
            let asked = Request::builder()
                .method(Method::OPTIONS)
                .uri(format!("{}{path}", app.running.url))
                .header("origin", "https://shop.example")
                .header("access-control-request-method", method)
                .header(
                    "access-control-request-headers",
                    "accept,authorization,content-type,idempotency-key,if-match,if-none-match,user-agent",
                );
            let allowed = app.request(asked.body(Bytes::new()).unwrap()).await;
            assert_eq!(allowed.status, 200, "{method} {path}");
            let methods = listed(&allowed.headers, "access-control-allow-methods");
            assert!(methods.contains(&method.to_lowercase()), "{methods:?}");
            assert_eq!(allowed.body, serde_json::Value::Null);
        }
    }
}

/// A page of another origin reads what it is told of its requests, whatever the answer is.
#[tokio::test]
async fn the_headers_of_every_answer_are_for_the_page_to_read() {
    let app = App::start().await;
    let customer = format!("Bearer {}", app.customer());
    for (path, token, status) in [
        (format!("/api/orders/{ORDER}"), customer.as_str(), 200),
        ("/api/orders/aaaaaaaaaa".to_owned(), &customer, 404),
        (format!("/api/orders/{ORDER}"), "Bearer garbled", 401),
        ("/nothing".to_owned(), &customer, 404),
    ] {
        let call = Request::builder()
            .uri(format!("{}{path}", app.running.url))
            .header("origin", "https://shop.example")
            .header("authorization", token);
        let reply = app.request(call.body(Bytes::new()).unwrap()).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.headers["access-control-allow-origin"], "*");
        let exposed = listed(&reply.headers, "access-control-expose-headers");
        let told: Vec<_> = reply.headers.keys().map(|it| it.as_str()).collect();
        let own = |name: &&&str| name.starts_with("x-") || **name == "etag";
        assert!(
            told.iter().filter(own).all(|it| exposed.contains(*it)),
            "{told:?}"
        );
        let vary = reply.headers.get_all("vary").iter();
        let vary: Vec<_> = vary.map(|it| it.to_str().unwrap().to_lowercase()).collect();
        assert!(vary.join(",").contains("origin"), "{vary:?}");
    }
}
