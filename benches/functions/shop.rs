//! The demo's shop with a wallet of ten cards, served by a Billfold of this process; and what functions in processes
//! of their own need to answer for it.

use std::collections::HashMap;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use billfold::{Options, Running};
use bytes::Bytes;
use http::{Method, Request};
use outbound::{HttpTransport, Limits, Transport};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::secrets_manager;
use crate::tls::Tls;

pub const ORDER: &str = "qaMAhZkZvd";
pub const ORGANIZATION: &str = "enWoxFMOnp";
const MEDIA_TYPE: &str = "application/vnd.api+json";
const SECRETS_PREFIX: &str = "measured";

const CARDS: [&str; 10] = [
    "visa",
    "visa_debit",
    "mastercard",
    "mastercard_debit",
    "mastercard_prepaid",
    "amex",
    "discover",
    "diners",
    "jcb",
    "unionpay",
];

/// The shop, and where it is reached.
pub struct Shop {
    running: Running,
    transport: HttpTransport,
    folder: TempDir,
    table: SocketAddr,
    secrets: SocketAddr,
    pub token: String,
    pub customer: String,
}

impl Shop {
    /// Starts it, and saves the cards.
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let table = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let options = Options {
            data: Some(folder.path().to_owned()),
            engine_port: table.port(),
            page: false,
            ..Options::in_memory(0)
        };
        let running = billfold::start(options).await.unwrap();
        let kept = fs::read_to_string(folder.path().join("secrets.json")).unwrap();
        let kept: HashMap<String, String> = serde_json::from_str(&kept).unwrap();
        let kept = kept
            .into_iter()
            .map(|(name, it)| (format!("{SECRETS_PREFIX}/{name}"), it));
        let mut shop = Self {
            running,
            transport: HttpTransport::new(),
            folder,
            table,
            secrets: secrets_manager::start(kept.collect()).await,
            token: String::new(),
            customer: String::new(),
        };
        shop.sign_in().await;
        for card in CARDS {
            shop.save(card).await;
        }
        shop
    }

    async fn sign_in(&mut self) {
        let asked = json!({
            "grant_type": "password",
            "client_id": "demo-sales-channel",
            "username": "customer@example.com",
            "password": "demo-customer",
            "scope": "market:code:europe",
        });
        let answer = self.send(Method::POST, "/oauth/token", Some(asked)).await;
        self.token = answer["access_token"].as_str().unwrap().to_owned();
        self.customer = answer["owner_id"].as_str().unwrap().to_owned();
    }

    async fn save(&self, card: &str) {
        let source = new_source(&format!("pm_card_{card}"));
        self.send(Method::POST, "/api/stripe_payments", Some(source))
            .await;
        let save = json!({ "_save_payment_source_to_customer_wallet": true });
        let save = json!({ "data": { "type": "orders", "id": ORDER, "attributes": save } });
        let order = format!("/api/orders/{ORDER}");
        self.send(Method::PATCH, &order, Some(save)).await;
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let media_type = match path.starts_with("/api") {
            true => MEDIA_TYPE,
            false => "application/json",
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.running.url))
            .header("content-type", media_type)
            .header("authorization", format!("Bearer {}", self.token));
        let body = body.map_or_else(Bytes::new, |it| Bytes::from(it.to_string()));
        let limits = Limits {
            timeout: Duration::from_secs(30),
            max_body: 16 * 1024 * 1024,
        };
        let answer = self.transport.send(request.body(body).unwrap(), limits);
        let answer = answer.await.unwrap();
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(answer.status().is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The environment of a function of this shop: table and secrets over TLS, where that is given.
    pub async fn environment(&self, tls: Option<&Tls>) -> Vec<(String, String)> {
        let keys = self.send(Method::GET, "/.well-known/jwks.json", None).await;
        let speaks_for = json!({
            "organization": ORGANIZATION, "modes": ["test"], "kinds": ["sales_channel", "integration"],
        });
        let issuers =
            json!([{ "iss": issuer_of(&self.token), "jwks": keys, "speaks_for": [speaks_for] }]);
        let (table, secrets) = match tls {
            None => (
                format!("http://{}", self.table),
                format!("http://{}", self.secrets),
            ),
            Some(tls) => (tls.before(self.table).await, tls.before(self.secrets).await),
        };
        let stripe = self.running.stand_ins.stripe.as_ref();
        let stripe = stripe.map(|it| it.url.clone()).unwrap_or_default();
        let mut environment = vec![
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_REGION", "local".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", table),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
            ("AWS_NEW_RETRIES_2026", "true".to_owned()),
            ("TABLE_NAME", "billfold".to_owned()),
            ("SECRETS_PREFIX", SECRETS_PREFIX.to_owned()),
            ("PUBLIC_URL", self.running.url.clone()),
            ("ISSUERS", issuers.to_string()),
            ("RATE_LIMIT", "60000".to_owned()),
            ("STRIPE_API_BASE", stripe),
        ];
        if let Some(tls) = tls {
            environment.push(("SSL_CERT_FILE", tls.certificate.display().to_string()));
        }
        let owned = environment
            .into_iter()
            .map(|(name, it)| (name.to_owned(), it));
        owned.collect()
    }

    /// The partition of the table that this is in.
    pub fn partition(&self, kind: &str, id: &str) -> String {
        format!("{ORGANIZATION}#test#{kind}#{id}")
    }

    pub async fn stop(self) {
        self.running.stop().await;
        drop(self.folder);
    }
}

/// The body that makes a payment source of the order.
pub fn new_source(card: &str) -> Value {
    let options = json!({ "id": card, "setup_future_usage": "off_session" });
    json!({ "data": {
        "type": "stripe_payments",
        "attributes": { "options": options },
        "relationships": { "order": { "data": { "type": "orders", "id": ORDER } } },
    } })
}

/// Who issued a token.
fn issuer_of(token: &str) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let claims = token.split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["iss"].clone()
}

/// What the API takes: an event of API Gateway's.
pub fn event(
    token: &str,
    method: &str,
    route: &str,
    path: &str,
    query: &str,
    body: Option<Value>,
) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {route}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "accept": MEDIA_TYPE,
            "authorization": format!("Bearer {token}"),
            "content-type": MEDIA_TYPE,
            "host": "api.example.com",
            "user-agent": "curl/8.14.1",
            "x-forwarded-for": "192.0.2.10",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "curl/8.14.1",
            },
            "requestId": "0iqsfFHL6bAHpJt=",
            "routeKey": format!("{method} {route}"),
            "stage": "$default",
            "time": "01/Jan/2026:12:38:24 +0000",
            "timeEpoch": 1_767_271_104_000_u64,
        },
        "isBase64Encoded": false,
    });
    if let Some(body) = body {
        event["body"] = body.to_string().into();
    }
    event
}
