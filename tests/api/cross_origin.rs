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
