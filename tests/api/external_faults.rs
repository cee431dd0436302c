//! An external gateway that is slow, breaks or is not there; and the circuit that opens then.

use std::time::Duration;

use sandbox::{Fault, FaultOrder};
use serde_json::json;

use crate::app::{App, Reply};
use crate::at_external::{EXTERNAL_ORDER, TOKEN};
use crate::faults::differing;
use crate::stored::EXTERNAL_GATEWAY;

/// So many failures in a row open the circuit.
const OPENS_AT: u32 = 30;

/// The gateway's record, as the shop sees it once no process remembers an older one.
async fn gateway(app: &App) -> Reply {
    let (store, tenant) = (&app.running.context.store, billfold::demo::tenant());
    store.read_catalog(tenant, app.now()).await.unwrap();
    let path = format!("/api/external_gateways/{EXTERNAL_GATEWAY}");
    let reply = app.get(&app.integration(), &path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply
}

fn assert_gateway_error(reply: &Reply, what: &str) {
    assert_eq!(
        (reply.status, reply.code()),
        (502, "GATEWAY_ERROR"),
        "{what}: {}",
        reply.body
    );
}

#[tokio::test]
async fn an_answer_that_does_not_serve_is_one_entry_when_the_caller_repeats() {
    for fault in [
        Fault::Garbage,
        Fault::LargeBody,
        Fault::Status429,
        Fault::Status500,
        Fault::DropAfter,
        Fault::DropBefore,
    ] {
        let (app, _) = App::start_timeless().await;
        let customer = app.customer();
        app.create_external(&customer, EXTERNAL_ORDER, "source-1")
            .await;
        let before = app.table().await;
        app.fault_at_external(fault, 1);
        let reply = app.save(&customer, EXTERNAL_ORDER).await;
        assert_gateway_error(&reply, &format!("{fault:?}"));
        assert_eq!(
            app.heard_by_external().len(),
            1,
            "{fault:?}: what may have been done is not asked for again at once"
        );
        assert!(app.entries().await.is_empty(), "{fault:?}");
        let changed = differing(&before, &app.table().await);
        let is_noted = |key: &String| key.starts_with("operation#") || key.starts_with("circuit#");
        assert!(changed.iter().all(is_noted), "{fault:?}: {changed:?}");

        let repeat = app.save(&customer, EXTERNAL_ORDER).await;
        assert_eq!(repeat.status, 200, "{fault:?}: {}", repeat.body);
        assert_eq!(repeat.wallet().len(), 1, "{fault:?}");
        assert_eq!(app.operations().await, Vec::<String>::new(), "{fault:?}");
        let heard = app.heard_by_external();
        let key = |index: usize| heard[index].header("idempotency-key").unwrap();
        assert_eq!(key(0), key(1), "{fault:?}");
        let count = gateway(&app).await;
        assert_eq!(*count.attribute("circuit_failure_count"), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn a_save_whose_answer_was_lost_becomes_an_entry_without_the_caller() {
    let (app, clock) = App::start_timeless().await;
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    app.fault_at_external(Fault::DropAfter, 1);
    let lost = app.save(&customer, EXTERNAL_ORDER).await;
    assert_gateway_error(&lost, "lost");
    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    let entries = app.entries().await;
    assert_eq!(entries.len(), 1);
    let resumed = &app.heard_by_external()[1].body;
    assert_eq!(resumed["data"]["type"], "external_payments");
    assert_eq!(resumed["included"].as_array().unwrap().len(), 6);

    let late = app.save(&customer, EXTERNAL_ORDER).await;
    assert_eq!(late.status, 200, "{}", late.body);
    assert_eq!(late.wallet(), [entries[0]["id"].as_str().unwrap()]);
    assert_eq!(app.heard_by_external().len(), 2);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_gateway_that_takes_longer_than_five_seconds_has_not_answered() {
    let app = App::start().await;
    let late = FaultOrder::next(Fault::Delay).on(TOKEN.0, TOKEN.1);
    let stand_in = &app.external().stand_in;
    stand_in.order_fault(late.delay_ms(7_000)).unwrap();
    let reply = app.save_external("source-1").await;
    assert_gateway_error(&reply, "late");
    assert!(app.entries().await.is_empty());
    let repeat = app.save(&app.customer(), EXTERNAL_ORDER).await;
    assert_eq!(repeat.status, 200, "{}", repeat.body);
    assert_eq!(repeat.wallet().len(), 1);
}

/// Saves until the circuit is open.
async fn open_circuit(app: &App) {
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "source-1")
        .await;
    app.fault_at_external(Fault::Status500, OPENS_AT);
    for failure in 1..=OPENS_AT {
        let reply = app.save(&customer, EXTERNAL_ORDER).await;
        assert_gateway_error(&reply, &failure.to_string());
    }
    assert_eq!(app.heard_by_external().len(), OPENS_AT as usize);
}

#[tokio::test]
async fn thirty_failures_in_a_row_open_the_circuit() {
    let (app, _) = App::start_timeless().await;
    open_circuit(&app).await;
    let seen = gateway(&app).await;
    assert_eq!(*seen.attribute("circuit_state"), "open");
    assert_eq!(*seen.attribute("circuit_failure_count"), OPENS_AT);

    let customer = app.customer();
    let before = app.table().await;
    let reply = app.save(&customer, EXTERNAL_ORDER).await;
    assert_gateway_error(&reply, "open");
    assert_eq!(
        app.heard_by_external().len(),
        OPENS_AT as usize,
        "no call, though the gateway is well again"
    );
    let changed = differing(&before, &app.table().await);
    let is_noted = |key: &String| key.starts_with("operation#");
    assert!(changed.iter().all(is_noted), "{changed:?}");
    assert_eq!(app.operations().await.len(), 1, "noted once");
    assert!(app.entries().await.is_empty());
}

#[tokio::test]
async fn a_success_begins_the_count_anew_and_a_decline_is_no_failure() {
    let (app, _) = App::start_timeless().await;
    let customer = app.customer();
    app.create_external(&customer, EXTERNAL_ORDER, "declined-1")
        .await;
    app.fault_at_external(Fault::Status500, OPENS_AT - 1);
    for failure in 1..OPENS_AT {
        let reply = app.save(&customer, EXTERNAL_ORDER).await;
        assert_gateway_error(&reply, &failure.to_string());
    }
    let seen = gateway(&app).await;
    assert_eq!(*seen.attribute("circuit_state"), "closed");
    assert_eq!(*seen.attribute("circuit_failure_count"), OPENS_AT - 1);

    let declined = app.save(&customer, EXTERNAL_ORDER).await;
    assert_eq!(declined.status, 422, "{}", declined.body);
    let seen = gateway(&app).await;
    assert_eq!(*seen.attribute("circuit_failure_count"), 0);
    app.fault_at_external(Fault::Status500, 1);
    app.save(&customer, EXTERNAL_ORDER).await;
    let seen = gateway(&app).await;
    assert_eq!(*seen.attribute("circuit_state"), "closed");
    assert_eq!(*seen.attribute("circuit_failure_count"), 1);
}

#[tokio::test]
async fn the_shop_closes_the_circuit_again() {
    let (app, _) = App::start_timeless().await;
    open_circuit(&app).await;
    let path = format!("/api/external_gateways/{EXTERNAL_GATEWAY}");
    let reset = json!({ "data": {
        "type": "external_gateways",
        "id": EXTERNAL_GATEWAY,
        "attributes": { "_reset_circuit": true },
    } });
    for caller in [app.customer(), app.guest()] {
        let refused = app.patch(&caller, &path, &reset).await;
        assert!(matches!(refused.status, 401 | 404), "{}", refused.body);
    }
    let reply = app.patch(&app.integration(), &path, &reset).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(*reply.attribute("circuit_state"), "closed");
    assert_eq!(*reply.attribute("circuit_failure_count"), 0);
    let saved = app.save(&app.customer(), EXTERNAL_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
}
