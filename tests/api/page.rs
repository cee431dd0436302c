//! The page at `/`, and what stands below `/page/`.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use billfold::Options;
use bytes::Bytes;
use http::{Method, Request, Response};
use outbound::{HttpTransport, Limits, Transport};
use serde_json::{Value, json};

use crate::app::{App, ORDER};

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
const JSON: (&str, &str) = ("content-type", "application/json");

impl App {
    fn port(&self) -> &str {
        self.running.url.rsplit(':').next().unwrap()
    }

    /// What a browser asks for.
    async fn browse(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<String> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.running.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        let limits = Limits::within(Duration::from_secs(10));
        let response = HttpTransport::new().send(request, limits).await.unwrap();
        response.map(|it| String::from_utf8(it.to_vec()).unwrap())
    }

    async fn page(&self, path: &str) -> Response<String> {
        self.browse(Method::GET, path, &[HTML], "").await
    }

    /// Reads what is told to the page until `is_enough`, or for twenty seconds.
    async fn told(&self, is_enough: fn(&str) -> bool) -> String {
        let address = format!("127.0.0.1:{}", self.port());
        let reading = tokio::task::spawn_blocking(move || {
            let mut stream = follow(&address);
            let (mut read, until) = (Vec::new(), Instant::now() + Duration::from_secs(20));
            let mut buffer = [0; 4096];
            while Instant::now() < until {
                let count = stream.read(&mut buffer).unwrap_or_default();
                read.extend_from_slice(&buffer[..count]);
                let text = String::from_utf8_lossy(&read).into_owned();
                if is_enough(&text) {
                    return text;
                }
            }
            panic!("not told: {}", String::from_utf8_lossy(&read));
        });
        reading.await.unwrap()
    }
}

fn follow(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let request = format!("GET /page/stream HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// What follows `before` in a text, up to a quotation mark.
fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    let parts = text.split(before).skip(1);
    parts.map(|it| it.split(['"', '\'']).next().unwrap_or_default())
}

#[tokio::test]
async fn a_browser_gets_the_page_and_others_what_they_got_before() {
    let app = App::start().await;
    let page = app.page("/").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers()["vary"], "accept");
    assert!(page.body().contains("Billfold at work"));

    for accept in ["application/vnd.api+json", "application/json", "*/*"] {
        let answer = app
            .browse(Method::GET, "/", &[("accept", accept)], "")
            .await;
        assert_eq!(answer.status(), 404, "{accept}");
        assert_eq!(answer.headers()["content-type"], "application/vnd.api+json");
    }
    let order = app.page(&format!("/api/orders/{ORDER}")).await;
    assert_eq!(order.status(), 401);
}

#[tokio::test]
async fn a_server_without_the_page_answers_as_a_deployed_one() {
    let app = App::start_with(Options {
        page: false,
        ..Options::in_memory(0)
    })
    .await;
    for path in ["/", "/page/style.css", "/page/stream", "/page/main.js"] {
        let answer = app.page(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/vnd.api+json");
        assert!(!answer.headers().contains_key("content-security-policy"));
    }
}

#[tokio::test]
async fn nothing_but_the_page_s_own_files_runs_on_it() {
    let app = App::start().await;
    for path in ["/", "/page/style.css", "/page/main.js", "/page/nothing.js"] {
        let answer = app.page(path).await;
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|it| it == directive), "{policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{policy}"
        );
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    }
    let page = app.page("/").await.into_body();
    assert!(!page.contains("<style") && !page.contains(" style="));
    let is_handler = |it: &&str| it.trim_start_matches(char::is_alphabetic).starts_with('=');
    assert_eq!(page.split(" on").skip(1).filter(is_handler).count(), 0);
    let scripts: Vec<_> = page.split("<script ").skip(1).collect();
    assert_eq!(scripts.len(), 2);
    assert!(scripts[0].starts_with("type=\"module\" src=\"/page/main.js\""));
    assert!(scripts[1].starts_with("id=\"facts\" type=\"application/json\""));
    let elsewhere = quoted(&page, "src=\"").chain(quoted(&page, "href=\""));
    let own = |it: &&str| !it.starts_with(['/', '#']) && !it.starts_with(&app.running.url);
    assert_eq!(elsewhere.filter(own).count(), 0);
}

#[tokio::test]
async fn every_file_that_the_page_names_is_served() {
    let app = App::start().await;
    let page = app.page("/").await.into_body();
    let named = quoted(&page, "href=\"/page/").map(str::to_owned);
    let named: BTreeSet<_> = named.collect();
    let mut modules: BTreeSet<_> = named.iter().filter(|it| it.ends_with(".js")).collect();
    let returned = "returned.js".to_owned();
    modules.insert(&returned);
    for module in &modules {
        let answer = app.page(&format!("/page/{module}")).await;
        assert_eq!(answer.status(), 200, "{module}");
        let kind = &answer.headers()["content-type"];
        assert_eq!(kind, "text/javascript; charset=utf-8");
        for imported in quoted(answer.body(), "from './") {
            assert!(named.contains(imported), "{module} imports {imported}");
        }
    }
    for (file, kind) in [
        ("style.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("returned", "text/html; charset=utf-8"),
    ] {
        let answer = app.page(&format!("/page/{file}")).await;
        assert_eq!(answer.status(), 200, "{file}");
        assert_eq!(answer.headers()["content-type"], kind);
    }
}

#[tokio::test]
async fn a_name_that_somebody_led_here_is_refused() {
    let app = App::start().await;
    for name in ["evil.example", "192.168.1.7", "localhost.evil.example"] {
        let host = format!("{name}:{}", app.port());
        for path in ["/", "/page/stream", "/page/main.js"] {
            let answer = app
                .browse(Method::GET, path, &[HTML, ("host", &host)], "")
                .await;
            assert_eq!(answer.status(), 421, "{host}{path}");
            assert!(answer.body().contains("localhost"), "{}", answer.body());
            assert!(!answer.body().contains("demo-integration-secret"));
        }
    }
    let host = format!("127.0.0.1:{}", app.port());
    let answer = app
        .browse(Method::GET, "/", &[HTML, ("host", &host)], "")
        .await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn pages_of_other_origins_may_not_call_what_is_the_page_s() {
    let app = App::start().await;
    let fault = json!({ "fault": "drop_after" }).to_string();
    let foreign = ("origin", "https://evil.example");
    for (method, path, body) in [
        (Method::POST, "/page/faults/stripe", fault.as_str()),
        (Method::DELETE, "/page/faults/stripe", ""),
        (Method::PUT, "/page/telling", ""),
        (Method::GET, "/page/stream", ""),
        (Method::OPTIONS, "/page/faults/stripe", ""),
    ] {
        let answer = app
            .browse(method.clone(), path, &[foreign, JSON], body)
            .await;
        assert_eq!(answer.status(), 403, "{method} {path}");
        let mut names = answer.headers().keys().map(|it| it.as_str());
        assert!(!names.any(|it| it.starts_with("access-control")));
    }
    // A form of another page can send no JSON.
    let text = ("content-type", "text/plain");
    let answer = app
        .browse(Method::POST, "/page/faults/stripe", &[text], &fault)
        .await;
    assert_eq!(answer.status(), 415);
}

#[tokio::test]
async fn what_is_asked_of_gateways_is_told_without_secrets() {
    let app = App::start_with(Options {
        events_every: Some(Duration::from_millis(100)),
        ..Options::in_memory(0)
    })
    .await;
    let token = app.customer();
    let source = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    app.confirm(&source).await;
    let client_secret = source.body["data"]["attributes"]["client_secret"].clone();
    let told = app
        .told(|it| it.contains("event: told") && it.contains("event: speed"))
        .await;

    let exchanges = told.split("event: traffic\ndata: ").skip(1);
    let exchanges: Vec<Value> = exchanges
        .map(|it| serde_json::from_str(it.lines().next().unwrap()).unwrap())
        .collect();
    let opened = exchanges
        .iter()
        .find(|it| it["step"] == "open the payment")
        .unwrap();
    assert_eq!(opened["gateway"], "stripe");
    assert_eq!(opened["from"], "billfold");
    assert_eq!(opened["status"], 200);
    assert_eq!(opened["body"]["amount"], "12900");
    assert!(opened["key"].as_str().unwrap().len() > 20);
    assert!(opened["took_ms"].is_i64());
    for secret in [
        client_secret.as_str().unwrap(),
        "sk_test_demo",
        "whsec_demo",
        &token,
    ] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    assert!(
        told.contains("\"kind\":\"payment_intent.created\""),
        "{told}"
    );
}

#[tokio::test]
async fn a_fault_is_switched_on_met_once_and_withdrawn() {
    let app = App::start().await;
    let order = json!({ "method": "POST", "fault": "drop_after", "times": 2 }).to_string();
    let path = "/page/faults/stripe";
    let on = app.browse(Method::POST, path, &[JSON], &order).await;
    assert_eq!(on.status(), 201);
    let told = app.told(|it| it.contains("event: faults")).await;
    assert!(told.contains("\"fault\":\"drop_after\""), "{told}");

    let token = app.customer();
    let options = json!({ "options": { "id": "pm_card_visa" } });
    let source = app
        .create_source(&token, "stripe_payments", ORDER, options)
        .await;
    assert_eq!(source.status, 201, "{}", source.body);
    let told = app.told(|it| it.contains("\"dropped\":true")).await;
    assert!(told.contains("\"replayed\":true"), "{told}");

    let again = app.browse(Method::POST, path, &[JSON], &order).await;
    assert_eq!(again.status(), 201);
    let off = app.browse(Method::DELETE, path, &[], "").await;
    assert_eq!(off.status(), 204);
    let told = app.told(|it| it.contains("event: faults")).await;
    assert!(told.contains("\"stripe\":[]"), "{told}");

    let never = json!({ "fault": "drop_after", "times": 0 }).to_string();
    let refused = app.browse(Method::POST, path, &[JSON], &never).await;
    assert_eq!(refused.status(), 400);
    let nobody = app
        .browse(Method::POST, "/page/faults/nobody", &[JSON], &order)
        .await;
    assert_eq!(nobody.status(), 404);
}

#[tokio::test]
async fn events_come_twice_where_that_is_switched_on() {
    let app = App::start_with(Options {
        events_every: Some(Duration::from_millis(100)),
        ..Options::in_memory(0)
    })
    .await;
    let twice = json!({ "newest_first": true, "copies": 2 }).to_string();
    let on = app
        .browse(Method::PUT, "/page/telling", &[JSON], &twice)
        .await;
    assert_eq!(on.status(), 204);
    app.create_reusable(&app.customer(), ORDER, "pm_card_visa")
        .await;
    let created = "\"kind\":\"payment_intent.created\"";
    let told = app
        .told(|it| it.matches("\"kind\":\"payment_intent.created\"").count() > 1)
        .await;
    assert_eq!(told.matches(created).count(), 2, "{told}");
}

#[tokio::test]
async fn a_page_that_is_open_does_not_keep_the_server_from_stopping() {
    let app = App::start().await;
    let address = format!("127.0.0.1:{}", app.port());
    let opening = tokio::task::spawn_blocking(move || {
        let (mut open, mut beginning) = (follow(&address), [0; 15]);
        open.read_exact(&mut beginning).map(|()| (open, beginning))
    });
    let (_open, beginning) = opening.await.unwrap().unwrap();
    assert_eq!(&beginning, b"HTTP/1.1 200 OK");
    let stopped = tokio::time::timeout(Duration::from_secs(10), app.running.stop());
    stopped.await.unwrap();
}
