//! A running Billfold, and callers of it.

use std::borrow::Cow;
use std::io::Read;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use access::{ApplicationClaim, Grant, OrganizationClaim, Signer};
use billfold::{Options, Running, demo};
use bytes::Bytes;
use domain::record::Place;
use domain::record::Record;
use domain::{CustomerId, Id, MarketId, Mode, ResourceType, Timestamp};
use flate2::read::GzDecoder;
use http::{HeaderMap, Method, Request};
use outbound::{HttpTransport, Limits, Transport};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::described::Exchange;
use crate::engine::elsewhere;
use crate::granted::Roles;
use crate::time::Brief;

/// The key of the table's mark among its items.
pub const MARK: &str = "table at";
/// The demo orders.
pub const ORDER: &str = "qaMAhZkZvd";
pub const SECOND_ORDER: &str = "eqkykhjlVw";
pub const GUEST_ORDER: &str = "pNwQhTxKzR";
pub const CHECKOUT_COM_ORDER: &str = "bkPlhXmQzc";

/// Made once: to make one takes longer than most tests.
static SIGNING_KEY: LazyLock<SecretString> = LazyLock::new(|| access::generate_key().unwrap());

/// Billfold, running.
pub struct App {
    pub running: Running,
    transport: HttpTransport,
    /// What the functions are held to.
    pub roles: Roles,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl App {
    pub async fn start() -> Self {
        Self::start_with(Options::in_memory(0)).await
    }

    pub async fn start_with(options: Options) -> Self {
        let roles = Roles::default();
        let options = Options {
            signing_key: Some(SIGNING_KEY.clone()),
            sleep: Arc::new(Brief(options.sleep.clone())),
            ..roles.hold(elsewhere(options))
        };
        Self {
            running: billfold::start(options).await.unwrap(),
            transport: HttpTransport::new(),
            roles,
        }
    }

    /// A token of the demo customer's.
    pub fn customer(&self) -> String {
        self.token("sales_channel", Some(demo::customer()), Mode::Test)
    }

    /// A token of a customer's who has no order.
    pub fn stranger(&self) -> String {
        self.token("sales_channel", Some(stranger()), Mode::Test)
    }

    pub fn guest(&self) -> String {
        self.token("sales_channel", None, Mode::Test)
    }

    pub fn integration(&self) -> String {
        self.token("integration", None, Mode::Test)
    }

    /// A token of this kind of application for the demo organization.
    pub fn token(&self, kind: &str, owner: Option<CustomerId>, mode: Mode) -> String {
        self.token_for(demo::tenant().organization, kind, owner, mode)
    }

    pub fn token_for(
        &self,
        organization: Id,
        kind: &str,
        owner: Option<CustomerId>,
        mode: Mode,
    ) -> String {
        self.granted(Self::grant(organization, kind, owner, mode))
    }

    /// The demo customer's, held to this market.
    pub fn customer_of_market(&self, market: MarketId) -> String {
        let organization = demo::tenant().organization;
        let customer = Some(demo::customer());
        self.granted(Grant {
            markets: vec![market],
            ..Self::grant(organization, "sales_channel", customer, Mode::Test)
        })
    }

    fn grant(organization: Id, kind: &str, owner: Option<CustomerId>, mode: Mode) -> Grant {
        Grant {
            organization: OrganizationClaim {
                id: organization,
                slug: demo::SLUG.to_owned(),
                enterprise: false,
                region: String::new(),
            },
            mode,
            application: ApplicationClaim {
                id: "test".to_owned(),
                client_id: "test".to_owned(),
                kind: kind.to_owned(),
                public: kind == "sales_channel",
                confidential: kind == "integration",
            },
            owner,
            markets: Vec::new(),
            scope: String::new(),
        }
    }

    /// An integration's token that another issuer has signed.
    pub fn integration_of(&self, signer: &Signer) -> String {
        let organization = demo::tenant().organization;
        let grant = Self::grant(organization, "integration", None, Mode::Test);
        self.signed(signer, grant)
    }

    fn granted(&self, grant: Grant) -> String {
        self.signed(&self.running.issuing.signer.current(), grant)
    }

    fn signed(&self, signer: &Signer, grant: Grant) -> String {
        let random = self.running.issuing.random.as_ref();
        let now = self.running.context.now();
        signer.issue(grant, now, random).unwrap()
    }

    pub async fn get(&self, token: &str, path: &str) -> Reply {
        self.send(Method::GET, token, path, None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, token, path, Some(body)).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send(Method::PATCH, token, path, Some(body)).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Reply {
        self.send(Method::DELETE, token, path, None).await
    }

    pub async fn send(
        &self,
        method: Method,
        token: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.running.url))
            .header("authorization", format!("Bearer {token}"))
            .header("accept", "application/vnd.api+json")
            .header("content-type", "application/vnd.api+json");
        self.request(request.body(bytes).unwrap()).await
    }

    /// Sends any request. An answer of Billfold's is to be as the OpenAPI document has it.
    pub async fn request(&self, request: Request<Bytes>) -> Reply {
        let url = request.uri().to_string();
        let method = request.method().to_string();
        let sent = serde_json::from_slice(request.body()).unwrap_or_default();
        let limits = Limits {
            timeout: Duration::from_secs(30),
            max_body: 16 * 1024 * 1024,
        };
        let response = self.transport.send(request, limits).await.unwrap();
        let (parts, body) = response.into_parts();
        let reply = Reply {
            status: parts.status.as_u16(),
            body: body_of(&parts.headers, &decoded(&parts.headers, &body)),
            headers: parts.headers,
        };
        if let Some(target) = url.strip_prefix(&self.running.url) {
            let target = routing::without_version(target);
            let undescribed = reply.undescribed(&method, &target, &sent);
            assert!(
                undescribed.is_empty(),
                "{method} {target}: {undescribed:#?}"
            );
        }
        reply
    }

    /// Creates a payment source of this type for an order.
    pub async fn create_source(
        &self,
        token: &str,
        kind: &str,
        order: &str,
        attributes: Value,
    ) -> Reply {
        let body = json!({ "data": {
            "type": kind,
            "attributes": attributes,
            "relationships": { "order": { "data": { "type": "orders", "id": order } } },
        } });
        self.post(token, &format!("/api/{kind}"), &body).await
    }

    /// Changes a payment source.
    pub async fn patch_source(
        &self,
        token: &str,
        kind: &str,
        source: &str,
        attributes: Value,
    ) -> Reply {
        let body = json!({ "data": { "type": kind, "id": source, "attributes": attributes } });
        self.patch(token, &format!("/api/{kind}/{source}"), &body)
            .await
    }

    /// Changes an order's attributes; the answer includes its payment source and the wallet.
    pub async fn patch_order(&self, token: &str, order: &str, attributes: Value) -> Reply {
        let body = json!({ "data": { "type": "orders", "id": order, "attributes": attributes } });
        let include = "payment_source,available_customer_payment_sources";
        self.patch(
            token,
            &format!("/api/orders/{order}?include={include}"),
            &body,
        )
        .await
    }

    /// Saves an order's payment source to the wallet.
    pub async fn save(&self, token: &str, order: &str) -> Reply {
        let trigger = json!({ "_save_payment_source_to_customer_wallet": true });
        self.patch_order(token, order, trigger).await
    }

    /// Puts a wallet entry on an order.
    pub async fn reuse(&self, token: &str, order: &str, entry: &str) -> Reply {
        let trigger = json!({ "_customer_payment_source_id": entry });
        self.patch_order(token, order, trigger).await
    }

    /// Pays the demo order with a card, saves it, and gives the entry's id.
    pub async fn saved_card(&self, card: &str) -> String {
        let token = self.customer();
        self.create_reusable(&token, ORDER, card).await;
        let reply = self.save(&token, ORDER).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.wallet()[0].clone()
    }

    /// Changes attributes of the stored order, as the shop's order system does.
    pub async fn set_order(&self, order: &str, attributes: Value) {
        let token = self.integration();
        let reply = self.patch_order(&token, order, attributes).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// Makes a customer who has no order.
    pub async fn make_stranger(&self) {
        let mut record = Record::new(ResourceType::Customers, stranger().into(), self.now());
        record.set("email", "stranger@example.com");
        let store = &self.running.context.store;
        store
            .create(demo::OPERATOR, demo::tenant(), Place::Customer, &record)
            .await
            .unwrap();
    }

    pub fn now(&self) -> Timestamp {
        self.running.context.now()
    }

    /// What a refused request must leave as it was: the items of the table but its mark, to which a sweep adds
    /// whenever it comes first.
    pub async fn table(&self) -> std::collections::BTreeMap<String, Value> {
        let mut items = self.items().await;
        items.remove(MARK);
        items
    }

    /// Every item of the table, by key, but how many requests were made.
    pub async fn items(&self) -> std::collections::BTreeMap<String, Value> {
        let (client, table) = self.running.table();
        let mut items = std::collections::BTreeMap::new();
        let mut start = None;
        loop {
            let page = client
                .scan()
                .table_name(table)
                .set_exclusive_start_key(start)
                .send()
                .await
                .unwrap();
            for item in page.items.unwrap_or_default() {
                let item: Value = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
                let key = |name: &str| item[name].as_str().unwrap().to_owned();
                if ["throttle", "attempts", "tries"]
                    .iter()
                    .any(|it| item["type"] == *it)
                {
                    continue;
                }
                items.insert(format!("{} {}", key("pk"), key("sk")), item);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }
}

/// A body that was compressed, as it was before.
fn decoded<'b>(headers: &HeaderMap, body: &'b [u8]) -> Cow<'b, [u8]> {
    if !headers.contains_key("content-encoding") {
        return Cow::Borrowed(body);
    }
    let mut decoded = Vec::new();
    let mut decoder = GzDecoder::new(body);
    decoder.read_to_end(&mut decoded).unwrap();
    Cow::Owned(decoded)
}

/// A body as JSON: a page is a text.
pub fn body_of(headers: &HeaderMap, body: &[u8]) -> Value {
    let is_page = |it: &http::HeaderValue| it.as_bytes().starts_with(b"text/html");
    match body {
        [] => Value::Null,
        page if headers.get("content-type").is_some_and(is_page) => {
            Value::String(String::from_utf8(page.to_vec()).unwrap())
        }
        json => serde_json::from_slice(json).unwrap(),
    }
}

pub fn stranger() -> CustomerId {
    "StRaNgErId".parse().unwrap()
}

impl Reply {
    /// What the OpenAPI document does not say of this answer.
    fn undescribed(&self, method: &str, target: &str, sent: &Value) -> Vec<String> {
        let exchange = Exchange {
            method,
            path: target.split('?').next().unwrap_or_default(),
            sent,
            status: self.status,
            headers: &self.headers,
            body: &self.body,
        };
        exchange.undescribed()
    }

    /// The `code` of the first error.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["code"].as_str().unwrap_or_default()
    }

    /// The pointer of the first error.
    pub fn pointer(&self) -> &str {
        let source = &self.body["errors"][0]["source"];
        source["pointer"].as_str().unwrap_or_default()
    }

    /// The detail of the first error.
    pub fn detail(&self) -> &str {
        self.body["errors"][0]["detail"]
            .as_str()
            .unwrap_or_default()
    }

    /// The id of the document's record.
    pub fn id(&self) -> String {
        self.body["data"]["id"].as_str().unwrap().to_owned()
    }

    /// An attribute of the document's record.
    pub fn attribute(&self, name: &str) -> &Value {
        &self.body["data"]["attributes"][name]
    }

    /// The ids of the wallet entries that the order may be paid with.
    pub fn wallet(&self) -> Vec<String> {
        let relationship =
            &self.body["data"]["relationships"]["available_customer_payment_sources"];
        let data = relationship["data"].as_array().unwrap();
        data.iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The order's payment source, as included.
    pub fn payment_source(&self) -> &Value {
        let id = &self.body["data"]["relationships"]["payment_source"]["data"]["id"];
        let included = self.body["included"].as_array().unwrap();
        let found = included.iter().find(|it| it["id"] == *id);
        found.unwrap_or(&Value::Null)
    }

    /// The included record of that id.
    pub fn included(&self, id: &str) -> &Value {
        let included = self.body["included"].as_array().unwrap();
        included.iter().find(|it| it["id"] == id).unwrap()
    }
}
