//! Keys are rotated while requests run: new ones are known before they are used, and what is sealed with
//! old ones is sealed anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use billfold::router::{Services, dispatch};
use billfold::{Options, demo, reseal};
use bytes::Bytes;
use futures_util::future;
use http::Request;
use issue_token::Issuing;
use secrecy::{ExposeSecret, SecretString};
use secrets::{Secrets, WritableSecrets};
use serde_json::{Value, json};
use service::{Context, RENEWED_EVERY, SEALING, SIGNING};

use crate::app::{App, ORDER, SECOND_ORDER};
use crate::earlier_data::{Earlier, Form};
use crate::faults::TestClock;
use crate::ways::EVERY;

const WALLET: &str = "/api/customer_payment_sources";

/// Longer than what was read is kept.
const UNTIL_KNOWN: Duration = RENEWED_EVERY.saturating_add(Duration::from_secs(1));

/// A second process over an app's table and secrets.
struct Beside<'a> {
    app: &'a App,
    context: Context,
    issuing: Issuing,
}

impl<'a> Beside<'a> {
    async fn of(app: &'a App, clock: &Arc<TestClock>) -> Self {
        let options = Options {
            clock: clock.clone(),
            ..Options::in_memory(0)
        };
        let (context, issuing) = app.running.another_process(&options).await.unwrap();
        Self {
            app,
            context,
            issuing,
        }
    }

    async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let media_type = match path.starts_with("/oauth") {
            true => "application/json",
            false => "application/vnd.api+json",
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", media_type)
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let services = Services {
            context: &self.context,
            gateways: self.app.running.gateways.as_ref(),
            events: self.app.running.gateways.as_ref(),
            secrets: self.app.running.secrets.as_ref(),
            issuing: &self.issuing,
        };
        let response = dispatch(services, request).await;
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        (response.status().as_u16(), body)
    }
}

async fn started() -> (App, Arc<TestClock>) {
    let clock = Arc::new(TestClock::default());
    let app = App::start_with(Options {
        clock: clock.clone(),
        ..Options::in_memory(0)
    });
    (app.await, clock)
}

async fn secret(app: &App, name: &str) -> String {
    let secret = app.running.secrets.get(name).await.unwrap();
    secret.expose_secret().to_owned()
}

async fn put(app: &App, name: &str, text: String) {
    let secrets = &app.running.secrets;
    secrets.put(name, SecretString::from(text)).await.unwrap();
}

fn sealing_key(id: &str) -> Value {
    json!({ "id": id, "secret": id.repeat(16) })
}

fn log_in() -> Value {
    json!({
        "grant_type": "password", "client_id": demo::SALES_CHANNEL, "scope": demo::SCOPE,
        "username": demo::CUSTOMER_EMAIL, "password": demo::CUSTOMER_PASSWORD,
    })
}

/// One round of what shoppers do: signs in at one process, changes the order at the other, and reads it, the
/// wallet and lists at both. The tokens of the round before are still good.
async fn shop(here: &App, there: &Beside<'_>, held: &mut Vec<String>) {
    let (status, signed_in) = there.ask("POST", "/oauth/token", "", &log_in()).await;
    assert_eq!(status, 200, "{signed_in}");
    held.push(signed_in["access_token"].as_str().unwrap().to_owned());
    let signed_in = here.oauth("/oauth/token", &log_in()).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    held.push(signed_in.body["access_token"].as_str().unwrap().to_owned());

    let metadata = json!({ "round": held.len() });
    let newest = held.last().unwrap().clone();
    let path = format!("{WALLET}?include=customer");
    let wallet = here.get(&newest, &path).await;
    assert_eq!(wallet.status, 200, "{}", wallet.body);
    let entry = wallet.body["data"][0]["id"].as_str().unwrap();
    let changed = json!({ "data": {
        "type": "customer_payment_sources", "id": entry, "attributes": { "metadata": metadata },
    } });
    let entry = format!("{WALLET}/{entry}");
    for token in held.iter().rev().take(4) {
        let (status, body) = there.ask("PATCH", &entry, token, &changed).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(here.patch(token, &entry, &changed).await.status, 200);
        for path in [
            format!("/api/orders/{ORDER}?include=payment_source"),
            WALLET.to_owned(),
            "/api/orders".to_owned(),
        ] {
            let (status, body) = there.ask("GET", &path, token, &Value::Null).await;
            assert_eq!(status, 200, "{path} {body}");
            let read = here.get(token, &path).await;
            assert_eq!(read.status, 200, "{path} {}", read.body);
        }
    }
    let reused = here
        .reuse(&newest, SECOND_ORDER, entry.rsplit('/').next().unwrap())
        .await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    let dropped = json!({ "data": {
        "type": "orders", "id": SECOND_ORDER, "attributes": { "_nullify_payment_source": true },
    } });
    let path = format!("/api/orders/{SECOND_ORDER}");
    let (status, body) = there.ask("PATCH", &path, &newest, &dropped).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn both_kinds_of_keys_are_rotated_with_requests_running_and_nothing_fails() {
    let (app, clock) = started().await;
    let beside = Beside::of(&app, &clock).await;
    app.saved_card("pm_card_visa").await;
    let (is_over, rounds) = (AtomicBool::new(false), AtomicU32::new(0));
    let shopping = async {
        let mut held = vec![app.customer()];
        while !is_over.load(Ordering::Relaxed) {
            shop(&app, &beside, &mut held).await;
            rounds.fetch_add(1, Ordering::Relaxed);
        }
    };
    let some_rounds = async || {
        let before = rounds.load(Ordering::Relaxed);
        while rounds.load(Ordering::Relaxed) == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let rotating = async {
        let k1: Value = serde_json::from_str(&secret(&app, SEALING).await).unwrap();
        let (old, new) = (secret(&app, SIGNING).await, access::generate_key().unwrap());
        let new = new.expose_secret().to_owned();
        some_rounds().await;
        for (sealing, signing) in [
            // Known, and then used.
            (json!([sealing_key("k2"), k1]), format!("{new}{old}")),
            (json!([k1, sealing_key("k2")]), format!("{old}{new}")),
        ] {
            put(&app, SEALING, sealing.to_string()).await;
            put(&app, SIGNING, signing).await;
            some_rounds().await;
            clock.pass(UNTIL_KNOWN);
            some_rounds().await;
        }
        let done = reseal(&app.running.context.store, None, |_| {}).await;
        assert!(done.unwrap().resealed > 0);
        // The old keys go: nothing is sealed with the one, and what the other has signed has expired.
        put(&app, SEALING, sealing_key("k2").to_string()).await;
        clock.pass(UNTIL_KNOWN);
        some_rounds().await;
        is_over.store(true, Ordering::Relaxed);
    };
    future::join(shopping, rotating).await;
    for (key, item) in app.table().await {
        assert!(!item.to_string().contains("k1."), "{key}");
    }
    assert_eq!(app.running.issuing.signer.current().jwks().keys.len(), 2);
}

#[tokio::test]
async fn a_key_that_is_used_at_once_is_looked_up() {
    let (app, clock) = started().await;
    let entry = app.saved_card("pm_card_visa").await;
    let k1: Value = serde_json::from_str(&secret(&app, SEALING).await).unwrap();
    let keys = json!([k1, sealing_key("k2")]);
    put(&app, SEALING, keys.to_string()).await;
    let new = access::generate_key().unwrap();
    let keys = format!("{}{}", secret(&app, SIGNING).await, new.expose_secret());
    put(&app, SIGNING, keys).await;

    let beside = Beside::of(&app, &clock).await;
    let (_, signed_in) = beside.ask("POST", "/oauth/token", "", &log_in()).await;
    let token = signed_in["access_token"].as_str().unwrap();
    let path = format!("{WALLET}/{entry}");
    let changed = json!({ "data": {
        "type": "customer_payment_sources", "id": entry, "attributes": { "reference": "new" },
    } });
    let (status, body) = beside.ask("PATCH", &path, token, &changed).await;
    assert_eq!(status, 200, "{body}");
    let read = app.get(token, &path).await;
    assert_eq!(read.status, 200, "{}", read.body);
    assert!(
        read.attribute("payment_source_token")
            .as_str()
            .unwrap()
            .starts_with("pm_")
    );
}

#[tokio::test]
async fn earlier_data_is_sealed_anew_and_its_keys_may_go() {
    let earlier = Earlier::open(Form::Folder).await;
    let (app, clock) = (&earlier.app, &earlier.clock);
    let keys: Value = serde_json::from_str(&secret(app, SEALING).await).unwrap();
    let with_new = [keys.as_array().unwrap().as_slice(), &[sealing_key("k3")]].concat();
    put(app, SEALING, Value::from(with_new).to_string()).await;
    clock.pass(UNTIL_KNOWN);
    app.running.context.renew_keys().await;
    let versions = async || {
        let items = app.table().await.into_iter();
        let versions = items.map(|(key, item)| (key, item["version"].clone()));
        // Requests are counted meanwhile.
        versions
            .filter(|(key, _)| !key.contains("throttle"))
            .collect::<Vec<_>>()
    };
    let before = versions().await;
    let store = &app.running.context.store;
    let first = reseal(store, None, |_| {}).await.unwrap();
    assert!(first.resealed > 50, "{first:?}");
    assert_eq!(versions().await, before, "what requests hold is still good");
    let again = reseal(store, None, |_| {}).await.unwrap();
    assert_eq!((again.seen, again.resealed), (first.seen, 0));

    for (key, item) in app.table().await {
        let item = item.to_string();
        for clear_or_old in ["k1.", "k2.", "pi_", "pm_", "src_"] {
            let found = item.contains(&format!("\"{clear_or_old}"));
            assert!(!found, "{key} {clear_or_old} {item}");
        }
    }
    put(app, SEALING, sealing_key("k3").to_string()).await;
    let beside = Beside::of(app, clock).await;
    let token = app.integration();
    for record in earlier.records() {
        let (kind, id) = (&record["type"], &record["id"]);
        let path = format!("/api/{}/{}", kind.as_str().unwrap(), id.as_str().unwrap());
        if kind != "organizations" {
            let (status, body) = beside.ask("GET", &path, &token, &Value::Null).await;
            assert_eq!(status, 200, "{path} {body}");
        }
    }
    let (status, operations) = beside
        .ask("GET", "/api/operations", &token, &Value::Null)
        .await;
    assert_eq!(status, 200, "{operations}");
    for way in EVERY {
        let saved = &earlier.held["saved"][way.kind];
        let path = format!("{WALLET}/{}", saved["id"].as_str().unwrap());
        let (_, entry) = beside.ask("GET", &path, &token, &Value::Null).await;
        let shown = &entry["data"]["attributes"]["payment_source_token"];
        assert_eq!(*shown, saved["payment_source_token"]);
    }
}
