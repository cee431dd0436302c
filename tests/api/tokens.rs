//! Tokens over HTTP: refresh tokens, revoking, and customers' tokens by assertion.

use std::sync::Arc;
use std::time::Duration;

use access::digest_client_secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use billfold::{Options, demo};
use bytes::Bytes;
use http::Request;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use routing::SourceAddress;
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{ApiClient, ClientKind};

use crate::app::{App, ORDER, Reply};
use crate::faults::StoppedClock;

pub const TOKEN: &str = "/oauth/token";
const REVOKE: &str = "/oauth/revoke";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
pub const STOREFRONT: &str = demo::SALES_CHANNEL;
pub const SERVER: &str = "server-side";
pub const SECRET: &str = "server-side-secret";
pub const SERVER_CALLBACK: &str = "https://shop.example/callback?from=billfold";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl App {
    pub async fn oauth(&self, path: &str, body: &Value) -> Reply {
        let request = Request::post(format!("{}{path}", self.running.url))
            .header("content-type", "application/json");
        let body = Bytes::from(body.to_string());
        self.request(request.body(body).unwrap()).await
    }

    async fn log_in(&self) -> Value {
        let reply = self
            .oauth(
                TOKEN,
                &json!({
                    "grant_type": "password", "client_id": STOREFRONT,
                    "username": demo::CUSTOMER_EMAIL, "password": demo::CUSTOMER_PASSWORD,
                }),
            )
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }

    pub async fn refresh(&self, client: &str, token: &Value) -> Reply {
        let body = json!({
            "grant_type": "refresh_token", "client_id": client, "client_secret": SECRET,
            "refresh_token": token,
        });
        self.oauth(TOKEN, &body).await
    }

    async fn revoke(&self, client: &str, token: &Value) -> Reply {
        let body = json!({ "client_id": client, "client_secret": SECRET, "token": token });
        self.oauth(REVOKE, &body).await
    }

    async fn assert(&self, client: &str, secret: &str, assertion: &str) -> Reply {
        let body = json!({
            "grant_type": JWT_BEARER, "client_id": client, "client_secret": secret,
            "assertion": assertion,
        });
        self.oauth(TOKEN, &body).await
    }

    /// Takes the item out of the table whose key, `{pk} {sk}`, ends so.
    async fn remove(&self, end: &str) {
        let items = self.table().await;
        let mut keys = items.keys().filter(|it| it.ends_with(end));
        let (pk, sk) = keys.next().unwrap().split_once(' ').unwrap();
        assert_eq!(keys.next(), None);
        let (client, table) = self.running.table();
        let delete = client.delete_item().table_name(table);
        let delete = delete
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()));
        delete.send().await.unwrap();
    }

    /// Makes a sales channel that has a secret.
    pub async fn make_server_side_client(&self) {
        let client = ApiClient {
            client_id: SERVER.to_owned(),
            id: "SeRvErSiDe".parse().unwrap(),
            tenant: demo::tenant(),
            slug: demo::SLUG.to_owned(),
            kind: ClientKind::SalesChannel,
            secret_hash: Some(digest_client_secret(SECRET)),
            markets: Vec::new(),
            redirect_uris: vec![SERVER_CALLBACK.to_owned()],
        };
        let store = &self.running.context.store;
        store.create_api_client(&client).await.unwrap();
    }
}

fn assertion(owner: &Value) -> String {
    let claims = json!({ "owner": owner, "custom_claim": { "basket": [1, "two"] } });
    let payload = json!({ "https://commercelayer.io/claims": claims });
    let key = EncodingKey::from_secret(b"cl");
    jsonwebtoken::encode(&Header::new(Algorithm::HS512), &payload, &key).unwrap()
}

fn owner() -> Value {
    json!({ "type": "Customer", "id": demo::customer() })
}

pub fn title(reply: &Reply) -> (u16, &str) {
    let title = reply.body["errors"][0]["title"].as_str();
    (reply.status, title.unwrap_or_default())
}

pub async fn reads_own_order(app: &App, token: &Value) -> u16 {
    let path = format!("/api/orders/{ORDER}");
    app.get(token.as_str().unwrap(), &path).await.status
}

#[tokio::test]
async fn a_refresh_token_gives_the_customers_next_token_and_the_next_refresh_token() {
    let app = App::start().await;
    let first = app.log_in().await;
    let reply = app.refresh(STOREFRONT, &first["refresh_token"]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let second = reply.body;
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_ne!(second["access_token"], first["access_token"]);
    for same in [
        "token_type",
        "expires_in",
        "scope",
        "owner_id",
        "owner_type",
    ] {
        assert_eq!(second[same], first[same], "{same}");
    }
    assert_eq!(reads_own_order(&app, &second["access_token"]).await, 200);
    let third = app.refresh(STOREFRONT, &second["refresh_token"]).await;
    assert_eq!(third.status, 200);
}

#[tokio::test]
async fn a_blank_scope_is_as_good_as_none() {
    let app = App::start().await;
    for blank in ["", " ", "\t \n", "\u{a0}"] {
        let body = json!({
            "grant_type": "client_credentials", "client_id": STOREFRONT, "scope": blank,
        });
        let reply = app.oauth(TOKEN, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.body["scope"], demo::SCOPE, "{blank:?}");
        let token = reply.body["access_token"].as_str().unwrap();
        let issuers = app.running.context.issuers.current();
        let markets = issuers.verify(token, app.now()).unwrap().markets;
        assert_eq!(markets.len(), 1, "{blank:?} opens other markets");
    }
}

#[tokio::test]
async fn a_refresh_token_used_twice_ends_its_session_and_no_other() {
    let app = App::start().await;
    let (first, other) = (app.log_in().await, app.log_in().await);
    let second = app.refresh(STOREFRONT, &first["refresh_token"]).await;
    assert_eq!(second.status, 200);
    for token in [&first["refresh_token"], &second.body["refresh_token"]] {
        let reply = app.refresh(STOREFRONT, token).await;
        assert_eq!(title(&reply), (401, "invalid_grant"));
    }
    let reply = app.refresh(STOREFRONT, &other["refresh_token"]).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_good_for_two_weeks() {
    let (app, clock) = App::start_timeless().await;
    let first = app.log_in().await;
    clock.pass(13 * DAY);
    let second = app.refresh(STOREFRONT, &first["refresh_token"]).await;
    assert_eq!(second.status, 200);
    clock.pass(14 * DAY);
    let reply = app.refresh(STOREFRONT, &second.body["refresh_token"]).await;
    assert_eq!(title(&reply), (401, "invalid_grant"));
}

#[tokio::test]
async fn another_clients_refresh_token_is_refused_and_stays_good() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let first = app.log_in().await;
    let token = &first["refresh_token"];
    assert_eq!(
        title(&app.refresh(SERVER, token).await),
        (401, "invalid_grant")
    );
    for of_session in [token, &first["access_token"]] {
        let reply = app.revoke(SERVER, of_session).await;
        assert_eq!(title(&reply), (403, "unauthorized_client"));
    }
    for odd in ["", "x", "a.b.c", "../at", &"a".repeat(67), &"é".repeat(40)] {
        let reply = app.refresh(STOREFRONT, &json!(odd)).await;
        assert_eq!(title(&reply), (401, "invalid_grant"), "{odd}");
    }
    assert_eq!(app.refresh(STOREFRONT, token).await.status, 200);
}

#[tokio::test]
async fn a_session_ends_with_its_customer_and_with_its_clients_markets() {
    let app = App::start().await;
    app.make_server_side_client().await;
    app.make_stranger().await;
    let stranger = assertion(&json!({ "type": "Customer", "id": "StRaNgErId" }));
    let first = app.assert(SERVER, SECRET, &stranger).await;
    assert_eq!(first.status, 200, "{}", first.body);
    app.remove("#customer#StRaNgErId customer").await;
    let reply = app.refresh(SERVER, &first.body["refresh_token"]).await;
    assert_eq!(title(&reply), (401, "invalid_grant"));

    let first = app.log_in().await;
    let token = &first["refresh_token"];
    let store = &app.running.context.store;
    let found = store.api_client(STOREFRONT).await.unwrap().unwrap();
    app.remove(&format!("client#{STOREFRONT} at")).await;
    let elsewhere = ApiClient {
        markets: vec![("elsewhere".to_owned(), found.markets[0].1)],
        ..found.clone()
    };
    store.create_api_client(&elsewhere).await.unwrap();
    let reply = app.refresh(STOREFRONT, token).await;
    assert_eq!(title(&reply), (400, "invalid_scope"));

    // Its refresh token was not used up by that.
    app.remove(&format!("client#{STOREFRONT} at")).await;
    store.create_api_client(&found).await.unwrap();
    assert_eq!(app.refresh(STOREFRONT, token).await.status, 200);
}

#[tokio::test]
async fn revoking_any_token_of_a_session_ends_its_refresh_tokens() {
    let app = App::start().await;
    for revoked in ["refresh_token", "access_token"] {
        let first = app.log_in().await;
        for _ in 0..2 {
            let reply = app.revoke(STOREFRONT, &first[revoked]).await;
            assert_eq!((reply.status, reply.body), (200, json!({})));
        }
        let reply = app.refresh(STOREFRONT, &first["refresh_token"]).await;
        assert_eq!(title(&reply), (401, "invalid_grant"), "{revoked}");
        // As the README says: until it expires.
        assert_eq!(reads_own_order(&app, &first["access_token"]).await, 200);
    }
}

#[tokio::test]
async fn an_expired_access_token_still_ends_its_session() {
    let (app, clock) = App::start_timeless().await;
    let first = app.log_in().await;
    clock.pass(DAY);
    assert_eq!(reads_own_order(&app, &first["access_token"]).await, 401);
    let reply = app.revoke(STOREFRONT, &first["access_token"]).await;
    assert_eq!(reply.status, 200);
    let reply = app.refresh(STOREFRONT, &first["refresh_token"]).await;
    assert_eq!(title(&reply), (401, "invalid_grant"));
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_revokes_nothing() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let reply = app.assert(SERVER, SECRET, &assertion(&owner())).await;
    let token = reply.body["refresh_token"].clone();
    for body in [
        json!({ "client_id": SERVER, "token": token }),
        json!({ "client_id": SERVER, "client_secret": "wrong", "token": token }),
        json!({ "client_id": "nobody", "token": token }),
    ] {
        let reply = app.oauth(REVOKE, &body).await;
        assert_eq!(title(&reply), (403, "unauthorized_client"), "{body}");
        assert_eq!(reply.code(), "FORBIDDEN");
    }
    assert_eq!(app.refresh(SERVER, &token).await.status, 200);
}

#[tokio::test]
async fn an_assertion_gives_a_customers_tokens_with_its_custom_claim() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let reply = app.assert(SERVER, SECRET, &assertion(&owner())).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["owner_id"], json!(demo::customer()));
    assert_eq!(reply.body["owner_type"], "customer");
    let renewed = app.refresh(SERVER, &reply.body["refresh_token"]).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let issuers = app.running.context.issuers.current();
    for body in [&reply.body, &renewed.body] {
        let token = &body["access_token"];
        assert_eq!(reads_own_order(&app, token).await, 200);
        let claims = issuers.authentic_claims(token.as_str().unwrap()).unwrap();
        assert_eq!(claims.custom_claim, Some(json!({ "basket": [1, "two"] })));
        assert!(claims.application.confidential && !claims.application.public);
    }
}

#[tokio::test]
async fn an_assertion_without_the_clients_secret_gives_nothing() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let assertion = assertion(&owner());
    for (client, secret, refusal) in [
        (SERVER, "wrong", (401, "invalid_client")),
        (STOREFRONT, SECRET, (401, "invalid_client")),
        ("nobody", SECRET, (401, "invalid_client")),
        (
            demo::INTEGRATION,
            demo::INTEGRATION_SECRET,
            (400, "unsupported_grant_type"),
        ),
    ] {
        let reply = app.assert(client, secret, &assertion).await;
        assert_eq!(title(&reply), refusal, "{client}");
    }
}

#[tokio::test]
async fn an_assertion_about_nobody_is_refused() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let nobody = assertion(&json!({ "type": "Customer", "id": "NoBoDyHeRe" }));
    let user = assertion(&json!({ "type": "User", "id": demo::customer() }));
    let before = app.table().await;
    for text in [nobody.as_str(), &user, "", "x.y.z"] {
        let reply = app.assert(SERVER, SECRET, text).await;
        assert_eq!(title(&reply), (400, "invalid_assertion"), "{text}");
        assert_eq!(reply.code(), "BAD_REQUEST");
    }
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn no_refresh_token_is_in_the_table_and_integrations_and_guests_get_none() {
    let app = App::start().await;
    let first = app.log_in().await;
    let written = format!("{:?}", app.table().await);
    let token = first["refresh_token"].as_str().unwrap();
    assert!(!written.contains(&token[..24]) && !written.contains(&token[24..]));
    for (client, secret) in [
        (STOREFRONT, ""),
        (demo::INTEGRATION, demo::INTEGRATION_SECRET),
    ] {
        let body = json!({
            "grant_type": "client_credentials", "client_id": client, "client_secret": secret,
        });
        let reply = app.oauth(TOKEN, &body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.body.get("refresh_token"), None);
        // Revoking one that no refresh token carries on is no error.
        let body = json!({
            "client_id": client, "client_secret": secret, "token": reply.body["access_token"],
        });
        assert_eq!(app.oauth(REVOKE, &body).await.status, 200);
    }
}

#[tokio::test]
async fn a_client_may_say_who_it_is_by_http_basic() {
    let app = App::start().await;
    let ask = async |path: &str, authorization: &str, form: &str| {
        let request = Request::post(format!("{}{path}", app.running.url))
            .header(
                "content-type",
                "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
            )
            .header("authorization", authorization);
        let form = Bytes::from(form.to_owned());
        app.request(request.body(form).unwrap()).await
    };
    let basic = |pair: &str| format!("basic {}", STANDARD.encode(pair));
    let good = basic("demo%2Dintegration:demo-integration-secret");
    let granted = ask(TOKEN, &good, "grant_type=client_credentials").await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let again = ask(
        TOKEN,
        &good,
        "grant_type=client_credentials&client_id=demo-integration",
    )
    .await;
    assert_eq!(again.status, 200, "{}", again.body);
    let token = granted.body["access_token"].as_str().unwrap();
    let revoked = ask(REVOKE, &good, &format!("token={token}")).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);

    let wrong = ask(
        TOKEN,
        &basic("demo-integration:wrong"),
        "grant_type=client_credentials",
    )
    .await;
    assert_eq!(wrong.status, 401);
    assert_eq!(
        wrong.headers["www-authenticate"],
        "Basic realm=\"billfold\""
    );
    for form in [
        "grant_type=client_credentials&client_id=demo-sales-channel",
        "grant_type=client_credentials&client_secret=demo-integration-secret",
    ] {
        let twofold = ask(TOKEN, &good, form).await;
        assert_eq!(twofold.status, 400, "{form}");
        assert_eq!(twofold.body["errors"][0]["title"], "invalid_request");
    }
}

#[tokio::test]
async fn a_parameter_is_given_once_and_a_request_has_an_end() {
    let app = App::start().await;
    let twice = "grant_type=client_credentials&client_id=demo-sales-channel&client_id=other";
    let in_json = r#"{"grant_type":"client_credentials","client_id":"demo-sales-channel","client_id":"other"}"#;
    let long = format!("grant_type=password&password={}", "x".repeat(17_000));
    for path in [TOKEN, REVOKE] {
        for (media_type, body) in [
            ("application/x-www-form-urlencoded", twice),
            ("application/json", in_json),
            ("application/x-www-form-urlencoded", &long),
            ("application/json", "[]"),
            ("application/json", "{"),
        ] {
            let request = Request::post(format!("{}{path}", app.running.url));
            let request = request.header("content-type", media_type);
            let body = Bytes::from(body.to_owned());
            let reply = app.request(request.body(body).unwrap()).await;
            assert_eq!(reply.status, 400, "{}", reply.body);
            assert_eq!(reply.body["errors"][0]["title"], "invalid_request");
        }
    }
}

#[tokio::test]
async fn a_changed_password_ends_the_customers_sessions() {
    let (app, clock) = App::start_timeless().await;
    let session = app.log_in().await;
    clock.pass(Duration::from_secs(60));
    let customer = demo::customer();
    let body = json!({ "data": {
        "type": "customers", "id": customer, "attributes": { "password": "another-password" },
    } });
    let path = format!("/api/customers/{customer}");
    let changed = app.patch(&app.integration(), &path, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let refused = app.refresh(STOREFRONT, &session["refresh_token"]).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    let anew = json!({
        "grant_type": "password", "client_id": STOREFRONT,
        "username": demo::CUSTOMER_EMAIL, "password": "another-password",
    });
    let anew = app.oauth(TOKEN, &anew).await;
    assert_eq!(anew.status, 200, "{}", anew.body);
    let renewed = app.refresh(STOREFRONT, &anew.body["refresh_token"]).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
}

#[tokio::test]
async fn a_session_ends_after_ninety_days_however_often_it_is_carried_on() {
    let (app, clock) = App::start_timeless().await;
    let mut token = app.log_in().await["refresh_token"].clone();
    for _ in 0..8 {
        clock.pass(11 * DAY);
        let renewed = app.refresh(STOREFRONT, &token).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        token = renewed.body["refresh_token"].clone();
    }
    clock.pass(3 * DAY);
    assert_eq!(app.refresh(STOREFRONT, &token).await.status, 401);
}

#[tokio::test]
async fn a_form_is_one_however_its_media_type_is_written() {
    let app = App::start().await;
    for media_type in [
        "Application/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded; Charset=UTF-8",
    ] {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            demo::INTEGRATION,
            demo::INTEGRATION_SECRET
        );
        let request = Request::post(format!("{}{TOKEN}", app.running.url))
            .header("content-type", media_type)
            .body(Bytes::from(form));
        let reply = app.request(request.unwrap()).await;
        assert_eq!(reply.status, 200, "{media_type} {}", reply.body);
    }
    let path = format!("{}/api/orders/{ORDER}", app.running.url);
    for accept in ["APPLICATION/*", "Application/Vnd.Api+Json;Profile=\"a\""] {
        let request = Request::get(&path)
            .header("authorization", format!("Bearer {}", app.customer()))
            .header("accept", accept)
            .body(Bytes::new());
        let reply = app.request(request.unwrap()).await;
        assert_eq!(reply.status, 200, "{accept} {}", reply.body);
    }
}

impl App {
    /// Asks this process from another address, as API Gateway would tell it.
    async fn try_password(&self, address: &str, user: &str, password: &str) -> (u16, Option<u64>) {
        let body = json!({
            "grant_type": "password", "client_id": STOREFRONT,
            "username": user, "password": password,
        });
        let mut request = Request::post(TOKEN)
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let address = SourceAddress(address.parse().unwrap());
        request.extensions_mut().insert(address);
        let (context, issuing) = (&self.running.context, &self.running.issuing);
        let reply = issue_token::handle(context, issuing, request).await;
        let wait = reply.headers().get("retry-after");
        let wait = wait.map(|it| it.to_str().unwrap().parse().unwrap());
        (reply.status().as_u16(), wait)
    }
}

const HOME: &str = "198.51.100.1";

#[tokio::test]
async fn between_passwords_that_are_tried_in_vain_are_pauses_that_double_up_to_fifteen_minutes() {
    let clock = Arc::new(StoppedClock::default());
    let app = App::start_with(Options {
        clock: clock.clone(),
        ..Options::in_memory(0)
    })
    .await;
    let user = demo::CUSTOMER_EMAIL;
    let right = async || app.try_password(HOME, user, demo::CUSTOMER_PASSWORD).await;
    for _ in 0..12 {
        assert_eq!(right().await.0, 200, "right ones are not counted");
    }
    // Who is no customer is held to the same, so that it tells nobody who is.
    for user in ["nobody@example.com", "CUSTOMER@example.com"] {
        for _ in 0..6 {
            assert_eq!(app.try_password(HOME, user, "wrong").await, (401, None));
        }
        for pause in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let (status, wait) = app.try_password(HOME, user, "wrong").await;
            assert_eq!(status, 429, "{user} {pause}");
            assert!(
                wait.is_some_and(|it| it == pause || it + 1 == pause),
                "{wait:?} {pause}"
            );
            clock.pass(Duration::from_secs(pause));
            assert_eq!(
                app.try_password(HOME, user, "wrong").await.0,
                401,
                "{user} {pause}"
            );
        }
    }
    assert_eq!(
        right().await.0,
        429,
        "nor is a right one told from a wrong one"
    );
    clock.pass(Duration::from_secs(900));
    assert_eq!(right().await.0, 200, "nobody is locked out");
    assert_eq!(app.try_password(HOME, user, "wrong").await.0, 401);
    assert_eq!(right().await.0, 200, "it begins anew");
}

#[tokio::test]
async fn who_guesses_from_everywhere_waits_and_holds_up_no_address_that_the_account_is_used_from() {
    let (app, clock) = App::start_timeless().await;
    let user = demo::CUSTOMER_EMAIL;
    assert_eq!(
        app.try_password(HOME, user, demo::CUSTOMER_PASSWORD)
            .await
            .0,
        200
    );
    let mut waits = Vec::new();
    for guess in 0..32 {
        let address = format!("203.0.113.{guess}");
        if let (429, Some(wait)) = app.try_password(&address, user, "wrong").await {
            waits.push(wait);
            clock.pass(Duration::from_secs(wait));
            assert_eq!(app.try_password(&address, user, "wrong").await.0, 401);
        }
        let own = app.try_password(HOME, user, demo::CUSTOMER_PASSWORD).await;
        assert_eq!(own.0, 200, "{guess}");
    }
    assert!(waits.len() >= 10, "{waits:?}");
    assert!(waits.iter().all(|it| *it <= 60), "{waits:?}");
    let other = app
        .try_password("203.0.113.1", "nobody@example.com", "wrong")
        .await;
    assert_eq!(other.0, 401, "other accounts are not held");
    // From a new address the right password waits a minute at most, once nobody guesses.
    let new = async || {
        app.try_password("192.0.2.1", user, demo::CUSTOMER_PASSWORD)
            .await
            .0
    };
    if new().await == 429 {
        clock.pass(Duration::from_secs(60));
        assert_eq!(new().await, 200);
    }
}
