//! URLs that users type lead to public addresses alone: one that leads elsewhere is refused when it is
//! written down, one that is there all the same is not asked, and nothing on this machine or its
//! network hears of it.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::sync::OnceLock;

use billfold::Options;
use serde_json::json;

use crate::app::{App, Reply};
use crate::at_external::EXTERNAL_ORDER;
use crate::refusals::is;
use crate::stored::EXTERNAL_GATEWAY;

/// What listens on this machine, at one port of each loopback address that there is.
struct Ear {
    listeners: Vec<TcpListener>,
    port: u16,
}

impl Ear {
    fn open() -> Self {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        let second = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).ok();
        let listeners: Vec<_> = std::iter::once(first).chain(second).collect();
        for listener in &listeners {
            listener.set_nonblocking(true).unwrap();
        }
        Self { listeners, port }
    }

    /// Whether anybody connected since the last look.
    fn heard(&self) -> bool {
        self.listeners.iter().any(|it| match it.accept() {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                false
            }
        })
    }
}

/// Writes a URL of the demo's external gateway, as an integration does.
async fn write_url(app: &App, name: &str, url: &str) -> Reply {
    let path = format!("/api/external_gateways/{EXTERNAL_GATEWAY}");
    let body = json!({ "data": {
        "type": "external_gateways",
        "id": EXTERNAL_GATEWAY,
        "attributes": { name: url },
    } });
    app.patch(&app.integration(), &path, &body).await
}

/// URLs that a gateway must not have: of this machine's `port`, of its network, or of nothing that is
/// asked over HTTP.
fn leading_inside(app: &App, port: u16) -> Vec<String> {
    vec![
        format!("http://127.0.0.1:{port}/token"),
        format!("https://127.0.0.1:{port}/token"),
        format!("https://localhost:{port}/token"),
        format!("https://LOCALHOST.:{port}/token"),
        format!("https://shop.localhost:{port}/token"),
        format!("https://[::1]:{port}/token"),
        format!("https://[::ffff:127.0.0.1]:{port}/token"),
        format!("https://[::ffff:7f00:1]:{port}/token"),
        format!("https://[::]:{port}/token"),
        format!("https://0.0.0.0:{port}/token"),
        format!("https://2130706433:{port}/token"),
        format!("https://0x7f000001:{port}/token"),
        format!("https://0177.0.0.1:{port}/token"),
        format!("https://127.1:{port}/token"),
        format!("https://user:hush@127.0.0.1:{port}/token"),
        "https://10.0.0.1/token".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "https://[fd00:ec2::254]/latest/meta-data".to_owned(),
        "ftp://example.com/token".to_owned(),
        "file:///etc/passwd".to_owned(),
        "/token".to_owned(),
        "no url".to_owned(),
        // The reference gateway's origin is trusted, to the letter: another port is another origin.
        format!("{}0/token", app.external().url),
    ]
}

#[tokio::test]
async fn a_token_url_that_leads_inside_is_not_asked() {
    let app = App::start().await;
    let ear = Ear::open();
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    let port = ear.port;
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert!(ear.heard(), "it hears who connects");
    for url in leading_inside(&app, port) {
        app.set_external_gateway("token_url", Some(&url)).await;
        let reply = app.save(&customer, EXTERNAL_ORDER).await;
        assert_eq!(
            (reply.status, reply.code()),
            (502, "GATEWAY_ERROR"),
            "{url}: {}",
            reply.body
        );
        assert!(!ear.heard(), "{url}");
        assert!(!reply.body.to_string().contains("token_url"));
    }
    assert!(app.entries().await.is_empty());
    assert!(app.heard_by_external().is_empty());
}

#[tokio::test]
async fn a_url_that_leads_inside_is_refused_when_it_is_written_down() {
    let app = App::start().await;
    let ear = Ear::open();
    let before = app.table().await;
    for url in leading_inside(&app, ear.port) {
        let reply = write_url(&app, "token_url", &url).await;
        let pointer = "/data/attributes/token_url";
        let refused = is(&reply);
        assert_eq!(refused, (422, "VALIDATION_ERROR", pointer), "{url}");
        assert!(!reply.body.to_string().contains("hush"));
    }
    assert!(!ear.heard());
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn the_reference_gateway_is_trusted_where_urls_are_written_down_too() {
    let app = App::start().await;
    for name in ["authorize_url", "capture_url", "void_url", "refund_url"] {
        let url = format!("{}/{name}", app.external().url);
        let reply = write_url(&app, name, &url).await;
        assert_eq!(reply.status, 200, "{name}: {}", reply.body);
        assert_eq!(reply.attribute(name), &url);
    }
    app.set_external_gateway("token_url", None).await;
    let url = format!("{}/token", app.external().url);
    let reply = write_url(&app, "token_url", &url).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let saved = app.save_external("source-1").await;
    assert_eq!(saved.status, 200, "{}", saved.body);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    /// The origin that is trusted: options have no room for a value of their own.
    static TRUSTED: OnceLock<String> = OnceLock::new();

    let ear = Ear::open();
    let target = format!("http://127.0.0.1:{}/latest/meta-data", ear.port);
    let redirecting = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", redirecting.local_addr().unwrap());
    TRUSTED.set(origin.clone()).unwrap();
    let app = App::start_with(Options {
        environment: |name| match name {
            "EXTERNAL_GATEWAY_TRUSTED_ORIGINS" => TRUSTED.get().cloned(),
            _ => None,
        },
        ..Options::in_memory(0)
    })
    .await;
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = redirecting.accept().unwrap();
        let mut heard = [0; 64];
        let count = stream.read(&mut heard).unwrap();
        let answer = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&heard[..count]).into_owned()
    });

    let url = format!("{origin}/token");
    app.set_external_gateway("token_url", Some(&url)).await;
    let reply = app.save_external("source-1").await;
    assert_eq!(
        (reply.status, reply.code()),
        (502, "GATEWAY_ERROR"),
        "{}",
        reply.body
    );
    let asked = answering.join().unwrap();
    assert!(asked.starts_with("POST /token "), "{asked}");
    assert!(!ear.heard());
    assert!(app.entries().await.is_empty());
}
