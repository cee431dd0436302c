//! What is logged on the lowest level has no secrets, though the clients below us write whole requests there.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use billfold::demo;
use logging::{Form, metrics};
use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::filter::LevelFilter;

use crate::app::{App, ORDER, Reply, SECOND_ORDER};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes what a function logs as it is deployed with this level, in this test, while what it gives lives.
    fn takes_what_functions_log(&self, level: &str) -> (Dispatch, DefaultGuard) {
        // While there is one alone, a line that another thread comes to first is taken for one that nobody wants.
        let beside = Dispatch::new(NoSubscriber::default());
        let lines = self.clone();
        let lines = move || lines.clone();
        let json = logging::subscriber(level, LevelFilter::INFO, Form::Json, lines);
        (beside, tracing::subscriber::set_default(json))
    }

    fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap().clone();
        let lines = String::from_utf8(bytes).unwrap();
        let read = lines.lines().map(|it| serde_json::from_str(it).unwrap());
        read.collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_password_token_or_key_is_logged_on_any_level() {
    let log = Log::default();
    let lines = log.clone();
    let everything = logging::subscriber("trace", LevelFilter::TRACE, Form::Text, move || {
        lines.clone()
    });
    let _logging = tracing::subscriber::set_default(everything);
    let app = App::start().await;
    let signed_in = app
        .oauth(
            "/oauth/token",
            &json!({
                "grant_type": "password", "client_id": demo::SALES_CHANNEL,
                "username": demo::CUSTOMER_EMAIL, "password": demo::CUSTOMER_PASSWORD,
            }),
        )
        .await;
    let token = signed_in.body["access_token"].as_str().unwrap();
    app.create_reusable(token, ORDER, "pm_card_visa").await;
    let saved = app.save(token, ORDER).await;
    let entry = saved.included(&saved.wallet()[0]);
    let kept = entry["attributes"]["payment_source_token"]
        .as_str()
        .unwrap();
    tracing::trace!(target: "service", "the log is written");

    let bytes = log.0.lock().unwrap().clone();
    let log = String::from_utf8_lossy(&bytes);
    assert!(log.contains("the log is written"));
    let secrets = [demo::CUSTOMER_PASSWORD, "sk_test_demo", token, kept];
    let leaked: Vec<_> = secrets.iter().filter(|it| log.contains(**it)).collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}

#[tokio::test]
async fn every_request_leaves_one_line_with_nothing_personal_in_it() {
    let log = Log::default();
    let _logging = log.takes_what_functions_log("INFO");
    let app = App::start().await;
    let customer = app.customer();
    let order = format!("/api/orders/{ORDER}");
    let read = app.get(&customer, &order).await;
    let missing = app.get(&app.integration(), "/api/orders/aaaaaaaaaa").await;
    let anonymous = app.get("", &order).await;
    app.create_reusable(&customer, ORDER, "pm_card_visa").await;
    let asked = json!({ "grant_type": "client_credentials", "client_id": demo::SALES_CHANNEL });
    app.oauth("/oauth/token", &asked).await;

    let lines = log.lines();
    let of = |message: &str| -> Vec<&Value> {
        let told = lines.iter().filter(|it| it["message"] == message);
        told.collect()
    };
    let requests = of("request");
    let of_answer = |reply: &Reply| {
        let id = reply.headers["x-request-id"].to_str().unwrap();
        let told = requests.iter().filter(|it| it["span"]["request_id"] == id);
        let [line] = told.copied().collect::<Vec<_>>()[..] else {
            panic!("not one line of {id}: {requests:?}");
        };
        line
    };
    let line = of_answer(&read);
    assert_eq!(line["route"], "/api/orders/{id}");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["status"], 200);
    assert_eq!(line["caller"], "customer");
    assert_eq!(line["organization"], demo::tenant().organization.as_str());
    assert!(line["duration_ms"].is_u64() && line.get("code").is_none());
    let line = of_answer(&missing);
    assert_eq!(
        (&line["status"], &line["code"]),
        (&json!(404), &json!("RECORD_NOT_FOUND"))
    );
    assert_eq!(line["caller"], "integration");
    let line = of_answer(&anonymous);
    assert_eq!(
        (&line["status"], &line["code"]),
        (&json!(401), &json!("INVALID_TOKEN"))
    );
    assert!(line.get("caller").is_none());
    let routes: Vec<_> = requests.iter().map(|it| it["route"].as_str()).collect();
    assert!(routes.contains(&Some("/oauth/token")), "{routes:?}");

    let calls = of("gateway call");
    let call = &calls[0];
    assert_eq!(call["gateway"], "stripe");
    assert_eq!(call["status"], 200);
    assert_eq!(call["outcome"], "answered");
    assert!(call["step"].is_string() && call["GatewayCalls"].is_u64());
    let caused: Vec<_> = requests
        .iter()
        .map(|it| &it["span"]["request_id"])
        .collect();
    assert!(caused.contains(&&call["span"]["request_id"]), "{call}");
    for personal in [ORDER, demo::CUSTOMER_EMAIL] {
        let in_line = requests
            .iter()
            .chain(&calls)
            .any(|it| it.to_string().contains(personal));
        assert!(!in_line, "{personal}: {lines:?}");
    }
}

#[tokio::test]
async fn what_a_shop_counts_is_told_once_on_any_level() {
    let log = Log::default();
    let _logging = log.takes_what_functions_log("ERROR");
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let entry = app.saved_card("pm_card_visa").await;
    app.save(&customer, ORDER).await;
    app.reuse(&customer, SECOND_ORDER, &entry).await;
    for _ in 0..2 {
        assert_eq!(app.place(&customer, SECOND_ORDER).await.status, 200);
    }
    for attributes in [
        json!({ "_approve_and_capture": true }),
        json!({ "metadata": { "a": 1 } }),
    ] {
        let changed = app.patch_order(&integration, SECOND_ORDER, attributes);
        assert_eq!(changed.await.status, 200);
    }

    let lines = log.lines().into_iter();
    let told = lines.filter(|it| it["message"] == "milestone");
    let told: Vec<_> = told
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            assert_eq!(it["Milestones"], 1);
            format!("{} {}", text("what"), text("gateway"))
        })
        .collect();
    let expected = [
        "saved stripe",
        "reused stripe",
        "placed none",
        "authorized stripe",
        "captured stripe",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn metrics_are_told_on_any_level_with_the_request_that_they_are_of() {
    let log = Log::default();
    let _logging = log.takes_what_functions_log("ERROR");
    let (app, _) = App::start_timeless().await;
    let customer = app.customer();
    let refuses = FaultOrder::next(Fault::Status429).on("POST", "/v1/payment_intents");
    app.order_fault(refuses.times(3));
    let failed = app.create_payment(&customer, ORDER, json!({})).await;
    assert_eq!(failed.status, 502);
    app.sweep().await;

    let lines = log.lines();
    let metrics: BTreeSet<_> = lines.iter().flat_map(metrics_of).collect();
    let declared = metrics::ALL.iter().flat_map(|it| it.metrics);
    let declared = declared.map(|it| it.name.to_owned());
    let mut declared: BTreeSet<_> = declared.collect();
    declared.remove("Milestones");
    assert_eq!(metrics, declared);
    for (message, metric) in [
        ("gateway call", "GatewayCalls"),
        ("gateway failed", "GatewayFailures"),
        ("request failed", "FailedRequests"),
    ] {
        let line = lines.iter().find(|it| it["message"] == message).unwrap();
        assert!(line[metric].is_u64(), "{line}");
        let id = failed.headers["x-request-id"].to_str().unwrap();
        assert_eq!(line["span"]["request_id"], id, "{line}");
    }
    assert!(
        lines.iter().all(|it| it["message"] != "request"),
        "asked for from ERROR on"
    );
}

/// The metrics that CloudWatch makes of a line.
fn metrics_of(line: &Value) -> Vec<String> {
    let directives = line["_aws"]["CloudWatchMetrics"].as_array();
    let metrics = directives.into_iter().flatten().flat_map(|it| {
        let metrics = it["Metrics"].as_array().unwrap();
        metrics
            .iter()
            .map(|it| it["Name"].as_str().unwrap().to_owned())
    });
    metrics.collect()
}
