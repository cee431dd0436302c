//! What was acknowledged is there after a restart.

use std::sync::Arc;
use std::time::Duration;

use billfold::{Engine, Options};
use sandbox::{Fault, FaultOrder};
use tempfile::TempDir;

use crate::app::{App, SECOND_ORDER};
use crate::faults::TestClock;
use crate::ways::{EVERY, EXTERNAL};

fn in_folder(folder: &TempDir) -> Options {
    Options {
        data: Some(folder.path().to_owned()),
        ..Options::in_memory(0)
    }
}

#[tokio::test]
async fn a_saved_card_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start_with(in_folder(&folder)).await;
    assert!(app.running.is_first_start);
    let entry = app.saved_card("pm_card_visa").await;
    app.running.stop().await;

    let app = App::start_with(in_folder(&folder)).await;
    assert!(!app.running.is_first_start);
    let customer = app.customer();
    let list = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(list.body["data"][0]["id"], entry);
    let reply = app.reuse(&customer, SECOND_ORDER, &entry).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
async fn a_table_at_another_dynamodb_is_served_again() {
    let engine = Engine::start(None, 0, std::future::pending())
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let there = || Options {
        dynamodb_endpoint: Some(format!("{}/", engine.url)),
        ..in_folder(&folder)
    };
    let app = App::start_with(there()).await;
    assert!(app.running.is_first_start);
    let entry = app.saved_card("pm_card_visa").await;
    app.running.stop().await;

    let app = App::start_with(there()).await;
    assert!(!app.running.is_first_start);
    let list = app
        .get(&app.customer(), "/api/customer_payment_sources")
        .await;
    assert_eq!(list.body["data"][0]["id"], entry);
    app.running.stop().await;

    for no_url in ["localhost:8000", "ftp://localhost", "http://"] {
        let options = Options {
            dynamodb_endpoint: Some(no_url.to_owned()),
            ..Options::in_memory(0)
        };
        let problem = billfold::start(options).await.err().unwrap().to_string();
        assert!(problem.contains("--dynamodb-endpoint"), "{problem}");
    }
}

#[tokio::test]
async fn what_is_saved_at_any_gateway_pays_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start_with(in_folder(&folder)).await;
    let mut entries = Vec::new();
    for way in EVERY {
        entries.push(way.saved(&app).await.id);
    }
    app.running.stop().await;

    let app = App::start_with(in_folder(&folder)).await;
    let customer = app.customer();
    for (way, entry) in EVERY.iter().zip(&entries) {
        app.selected(SECOND_ORDER, way.method).await;
        let reply = app.reuse(&customer, SECOND_ORDER, entry).await;
        assert_eq!(reply.status, 200, "{}: {}", way.kind, reply.body);
    }
    // The reference of an external gateway has another port now.
    EXTERNAL.pay(&app, SECOND_ORDER, 2).await;
    let saved = app.save(&customer, SECOND_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    app.running.stop().await;
}

#[tokio::test]
async fn what_is_owed_to_a_gateway_outlives_a_restart() {
    for way in EVERY.iter().filter(|it| it.forgets.is_some()) {
        let folder = tempfile::tempdir().unwrap();
        let app = App::start_with(in_folder(&folder)).await;
        let entry = way.saved(&app).await;
        way.order_fault(&app, FaultOrder::next(Fault::DropBefore).times(1_000));
        let deleted = app.delete(&app.customer(), &entry.path()).await;
        assert_eq!(deleted.status, 204, "{}: {}", way.kind, deleted.body);
        assert_eq!(app.operations().await.len(), 1, "{}", way.kind);
        app.running.stop().await;

        let clock = Arc::new(TestClock::default());
        let app = App::start_with(Options {
            clock: clock.clone(),
            ..in_folder(&folder)
        })
        .await;
        assert!(!way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
        assert_eq!(app.get(&app.customer(), &entry.path()).await.status, 404);
        clock.pass(Duration::from_secs(61));
        app.sweep().await;
        assert!(way.has_forgotten(&app, &entry.token).await, "{}", way.kind);
        assert_eq!(app.operations().await, [""; 0], "{}", way.kind);
        app.running.stop().await;
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_says_what_to_do() {
    let app = App::start().await;
    let port = app.running.url.rsplit(':').next().unwrap().parse().unwrap();
    let error = billfold::start(Options::in_memory(port)).await;
    let error = error.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("--port"), "{error}");
}
