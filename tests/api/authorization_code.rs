//! The code that a client gets for a customer who has signed in on Billfold's page, and the tokens that
//! it is good for.

use std::time::Duration;

use billfold::demo;
use bytes::Bytes;
use form_urlencoded::Serializer;
use http::{Method, Request};
use serde_json::{Value, json};
use store::{ApiClient, ClientKind};

use crate::app::{App, Reply};
use crate::tokens::{SECRET, SERVER, SERVER_CALLBACK, STOREFRONT, TOKEN, reads_own_order, title};

pub const AUTHORIZE: &str = "/oauth/authorize";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// What the storefront asks for.
pub const ASKED: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("client_id", STOREFRONT),
    ("redirect_uri", demo::REDIRECT_URI),
    ("state", "st&te 1"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];
/// What a server asks for, which has a secret.
const ASKED_BY_SERVER: [(&str, &str); 4] = [
    ("response_type", "code"),
    ("client_id", SERVER),
    ("redirect_uri", SERVER_CALLBACK),
    ("scope", "market:all"),
];
pub const RIGHT: [(&str, &str); 2] = [
    ("username", demo::CUSTOMER_EMAIL),
    ("password", demo::CUSTOMER_PASSWORD),
];

/// The storefront's parameters, with these in the place of its own; an empty one counts as left out.
pub fn changed<'p>(by: &[(&'p str, &'p str)]) -> Vec<(&'p str, &'p str)> {
    let is_kept = |(name, _): &&(&str, &str)| by.iter().all(|(other, _)| name != other);
    let kept = ASKED.iter().filter(is_kept).copied();
    kept.chain(by.iter().copied()).collect()
}

fn form(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Where the browser is sent, and the parameters that it takes there.
pub fn sent_to(reply: &Reply) -> (String, Vec<(String, String)>) {
    assert_eq!(reply.status, 303, "{}", reply.body);
    assert_eq!(reply.body, Value::Null);
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(reply.headers["referrer-policy"], "no-referrer");
    let location = reply.headers["location"].to_str().unwrap();
    let (base, query) = location.split_once('?').unwrap();
    let query = form_urlencoded::parse(query.as_bytes());
    (base.to_owned(), query.into_owned().collect())
}

pub fn parameter(reply: &Reply, name: &str) -> Option<String> {
    let (_, parameters) = sent_to(reply);
    let found = parameters.into_iter().find(|(it, _)| it == name);
    found.map(|(_, value)| value)
}

impl App {
    /// Opens the page as the storefront's link does, with these parameters changed.
    pub async fn sign_in_page(&self, by: &[(&str, &str)]) -> Reply {
        self.ask(Method::GET, &changed(by)).await
    }

    /// Sends the storefront's form.
    pub async fn sign_in_as(&self, username: &str, password: &str) -> Reply {
        let given = [("username", username), ("password", password)];
        self.ask(Method::POST, &changed(&given)).await
    }

    pub async fn ask(&self, method: Method, parameters: &[(&str, &str)]) -> Reply {
        let (url, given) = (format!("{}{AUTHORIZE}", self.running.url), form(parameters));
        let request = match method {
            Method::POST => Request::post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Bytes::from(given)),
            method => Request::builder()
                .method(method)
                .uri(format!("{url}?{given}"))
                .body(Bytes::new()),
        };
        self.request(request.unwrap()).await
    }

    /// A code of the demo customer's, for what is asked.
    async fn code(&self, asked: &[(&str, &str)]) -> String {
        let reply = self.ask(Method::POST, &[asked, &RIGHT].concat()).await;
        parameter(&reply, "code").unwrap()
    }

    /// Uses a code as the storefront does, with these members changed; null leaves one out.
    pub async fn exchange(&self, code: &str, changed: Value) -> Reply {
        let mut body = json!({
            "grant_type": "authorization_code", "client_id": STOREFRONT, "code": code,
            "redirect_uri": demo::REDIRECT_URI, "code_verifier": VERIFIER,
        });
        for (name, value) in changed.as_object().unwrap() {
            body[name] = value.clone();
        }
        let members = body.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null());
        self.oauth(TOKEN, &body).await
    }

    async fn exchange_by_server(&self, code: &str, changed: Value) -> Reply {
        let mut by_server = json!({
            "client_id": SERVER, "client_secret": SECRET, "redirect_uri": SERVER_CALLBACK,
            "code_verifier": null,
        });
        for (name, value) in changed.as_object().unwrap() {
            by_server[name] = value.clone();
        }
        self.exchange(code, by_server).await
    }
}

#[tokio::test]
async fn a_customer_signs_in_and_the_storefront_gets_their_tokens() {
    let app = App::start().await;
    let page = app.sign_in_page(&[]).await;
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(page.headers[name], value, "{name}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("form-action 'self' http://localhost:3000;"),
        "{policy}"
    );
    let text = page.body.as_str().unwrap();
    for (name, value) in ASKED {
        let value = value.replace('&', "&amp;");
        let field = format!(r#"<input type="hidden" name="{name}" value="{value}">"#);
        assert!(text.contains(&field), "{field} in {text}");
    }

    let back = app
        .sign_in_as(demo::CUSTOMER_EMAIL, demo::CUSTOMER_PASSWORD)
        .await;
    let (base, parameters) = sent_to(&back);
    assert_eq!(base, demo::REDIRECT_URI);
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "state"]);
    assert_eq!(parameter(&back, "state").as_deref(), Some("st&te 1"));

    let code = parameter(&back, "code").unwrap();
    let reply = app.exchange(&code, json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let members: Vec<_> = reply.body.as_object().unwrap().keys().collect();
    let expected = [
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "created_at",
        "refresh_token",
        "owner_id",
        "owner_type",
    ];
    assert_eq!(members, expected);
    assert_eq!(reply.body["scope"], demo::SCOPE);
    assert_eq!(reply.body["owner_id"], json!(demo::customer()));
    assert_eq!(reply.body["owner_type"], "customer");
    assert_eq!(
        reads_own_order(&app, &reply.body["access_token"]).await,
        200
    );
    let renewed = app.refresh(STOREFRONT, &reply.body["refresh_token"]).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
}

/// As Commerce Layer's own client asks: it always sends a secret, and may send a scope.
#[tokio::test]
async fn a_client_with_a_secret_proves_itself_by_it_and_needs_no_challenge() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let back = app
        .ask(Method::POST, &[&ASKED_BY_SERVER[..], &RIGHT].concat())
        .await;
    let (base, parameters) = sent_to(&back);
    assert_eq!(base, "https://shop.example/callback");
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["from", "code"], "it has no state to come back with");

    let code = parameter(&back, "code").unwrap();
    for wrong in [json!("wrong"), Value::Null] {
        let reply = app
            .exchange_by_server(&code, json!({ "client_secret": wrong }))
            .await;
        assert_eq!(title(&reply), (401, "invalid_client"));
    }
    let reply = app
        .exchange_by_server(&code, json!({ "scope": "market:all" }))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// A guide of Commerce Layer's own client calls the redirect URI so.
#[tokio::test]
async fn a_callback_url_is_taken_for_the_redirect_uri() {
    let app = App::start().await;
    for (callback, status) in [(SERVER_CALLBACK, 401), (demo::REDIRECT_URI, 200)] {
        let code = app.code(&ASKED).await;
        let asked = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", STOREFRONT),
            ("code", &code),
            ("callback_url", callback),
            ("code_verifier", VERIFIER),
        ]);
        let request = Request::post(format!("{}{TOKEN}", app.running.url))
            .header("content-type", "application/x-www-form-urlencoded");
        let reply = app.request(request.body(Bytes::from(asked)).unwrap()).await;
        assert_eq!(reply.status, status, "{}", reply.body);
    }
}

/// Somebody who takes the challenge out of the link on its way does not get around it.
#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let code = app.code(&ASKED_BY_SERVER).await;
    let reply = app
        .exchange_by_server(&code, json!({ "code_verifier": VERIFIER }))
        .await;
    assert_eq!(title(&reply), (401, "invalid_grant"));

    let challenged = [&ASKED_BY_SERVER[..], &ASKED[4..]].concat();
    let code = app.code(&challenged).await;
    let reply = app.exchange_by_server(&code, json!({})).await;
    assert_eq!(title(&reply), (401, "invalid_grant"));
    let reply = app
        .exchange_by_server(&code, json!({ "code_verifier": VERIFIER }))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_code_used_twice_ends_the_session_that_it_began_and_no_other() {
    let app = App::start().await;
    let (code, other) = (app.code(&ASKED).await, app.code(&ASKED).await);
    let first = app.exchange(&code, json!({})).await;
    let others = app.exchange(&other, json!({})).await;
    let renewed = app.refresh(STOREFRONT, &first.body["refresh_token"]).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);

    let again = app.exchange(&code, json!({})).await;
    assert_eq!(title(&again), (401, "invalid_grant"));
    let reply = app
        .refresh(STOREFRONT, &renewed.body["refresh_token"])
        .await;
    assert_eq!(title(&reply), (401, "invalid_grant"));
    let reply = app.refresh(STOREFRONT, &others.body["refresh_token"]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn another_client_does_not_end_a_session_with_a_used_code() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let code = app.code(&ASKED).await;
    let first = app.exchange(&code, json!({})).await;
    let reply = app.exchange_by_server(&code, json!({})).await;
    assert_eq!(title(&reply), (401, "invalid_grant"));
    let reply = app.refresh(STOREFRONT, &first.body["refresh_token"]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn of_many_uses_at_once_at_most_one_is_answered() {
    let app = App::start().await;
    let code = app.code(&ASKED).await;
    let uses = (0..6).map(|_| app.exchange(&code, json!({})));
    let replies = futures_util::future::join_all(uses).await;
    let answered = replies.iter().filter(|it| it.status == 200).count();
    assert!(answered <= 1, "{answered}");
    let refused = replies.iter().filter(|it| it.status != 200);
    for reply in refused {
        assert_eq!(title(reply), (401, "invalid_grant"));
    }
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let (app, clock) = App::start_timeless().await;
    let (code, other) = (app.code(&ASKED).await, app.code(&ASKED).await);
    clock.pass(Duration::from_secs(45));
    assert_eq!(app.exchange(&code, json!({})).await.status, 200);
    clock.pass(Duration::from_secs(15));
    let reply = app.exchange(&other, json!({})).await;
    assert_eq!(title(&reply), (401, "invalid_grant"));
}

#[tokio::test]
async fn a_code_is_its_clients_for_the_redirect_uri_and_verifier_that_go_with_it() {
    let app = App::start().await;
    app.make_server_side_client().await;
    let code = app.code(&ASKED).await;
    let other_verifier = "a".repeat(43);
    for wrong in [
        json!({ "redirect_uri": "http://localhost:3000/" }),
        json!({ "redirect_uri": SERVER_CALLBACK }),
        json!({ "code_verifier": other_verifier }),
        json!({ "code_verifier": CHALLENGE }),
        json!({ "code_verifier": "" }),
        json!({ "code_verifier": null }),
        json!({ "client_id": SERVER, "client_secret": SECRET }),
    ] {
        let reply = app.exchange(&code, wrong.clone()).await;
        assert_eq!(title(&reply), (401, "invalid_grant"), "{wrong}");
        assert_eq!(reply.code(), "UNAUTHORIZED");
    }
    for (wrong, expected) in [
        (json!({ "redirect_uri": null }), (400, "invalid_request")),
        (json!({ "code": null }), (400, "invalid_request")),
        (json!({ "client_id": "nobody" }), (401, "invalid_client")),
        (json!({ "scope": "market:all" }), (400, "invalid_scope")),
    ] {
        let reply = app.exchange(&code, wrong.clone()).await;
        assert_eq!(title(&reply), expected, "{wrong}");
    }
    for odd in ["", "x", &"a".repeat(43), &"é".repeat(43), "../at"] {
        let reply = app.exchange(odd, json!({})).await;
        assert_eq!(title(&reply), (401, "invalid_grant"), "{odd}");
    }
    let reply = app.exchange(&code, json!({})).await;
    assert_eq!(reply.status, 200, "it was not used up: {}", reply.body);
}

#[tokio::test]
async fn a_token_is_held_to_the_scope_of_the_code() {
    let app = App::start().await;
    let market = |code: &str, id: &str| (code.to_owned(), id.parse().unwrap());
    let client = ApiClient {
        client_id: "two-markets".to_owned(),
        id: "TwOmArKeTs".parse().unwrap(),
        tenant: demo::tenant(),
        slug: demo::SLUG.to_owned(),
        kind: ClientKind::SalesChannel,
        secret_hash: None,
        markets: vec![market("one", "OnEmArKeTs"), market("two", "TwOmArKeTs")],
        redirect_uris: vec![demo::REDIRECT_URI.to_owned()],
    };
    let store = &app.running.context.store;
    store.create_api_client(&client).await.unwrap();
    let both = changed(&[("client_id", "two-markets")]);
    let one = changed(&[("client_id", "two-markets"), ("scope", "market:code:one")]);
    for (asked, scope, expected) in [
        (&both, json!(null), Ok("market:code:one market:code:two")),
        (
            &both,
            json!("market:id:TwOmArKeTs"),
            Ok("market:id:TwOmArKeTs"),
        ),
        (&one, json!(""), Ok("market:code:one")),
        (
            &one,
            json!("market:id:OnEmArKeTs"),
            Ok("market:id:OnEmArKeTs"),
        ),
        (&one, json!("market:code:two"), Err((400, "invalid_scope"))),
        (&one, json!("market:all"), Err((400, "invalid_scope"))),
    ] {
        let code = app.code(asked).await;
        let changes = json!({ "client_id": "two-markets", "scope": scope });
        let reply = app.exchange(&code, changes).await;
        match expected {
            Ok(granted) => {
                assert_eq!(reply.body["scope"], granted, "{}", reply.body);
                let token = reply.body["access_token"].as_str().unwrap();
                let caller = app
                    .running
                    .context
                    .issuers
                    .current()
                    .verify(token, app.now());
                let markets = caller.unwrap().markets.len();
                assert_eq!(markets, granted.split(' ').count());
            }
            Err(refusal) => assert_eq!(title(&reply), refusal, "{scope}"),
        }
    }
}
