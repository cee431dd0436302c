//! What is owed to gateways, as integrations see it; and what people do about what nobody else can.

use std::time::Duration;

use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply};
use crate::faults::TestClock;
use crate::refusals::is;

impl App {
    pub async fn listed_operations(&self, query: &str) -> Reply {
        let path = format!("/api/operations{query}");
        let listed = self.get(&self.integration(), &path).await;
        assert_eq!(listed.status, 200, "{}", listed.body);
        listed
    }

    pub async fn about_operation(&self, id: &str, attributes: Value) -> Reply {
        let body = json!({ "data": { "type": "operations", "id": id, "attributes": attributes } });
        let path = format!("/api/operations/{id}");
        self.patch(&self.integration(), &path, &body).await
    }

    /// A payment that was dropped, and whose release has not reached the gateway yet.
    pub async fn with_a_release_owed(&self) -> Reply {
        let customer = self.customer();
        let paid = self.create_reusable(&customer, ORDER, "pm_card_visa").await;
        self.confirm(&paid).await;
        let cancel = FaultOrder::next(Fault::DropBefore).on("POST", "/v1/payment_intents/*");
        self.order_fault(cancel.times(3));
        let nullify = json!({ "_nullify_payment_source": true });
        let reply = self.patch_order(&customer, ORDER, nullify).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        paid
    }
}

fn only(listed: &Reply) -> &Value {
    match listed.body["data"].as_array().unwrap().as_slice() {
        [operation] => operation,
        other => panic!("not one: {other:?}"),
    }
}

async fn sweep_after(app: &App, clock: &TestClock, seconds: u64) {
    clock.pass(Duration::from_secs(seconds));
    app.sweep().await;
}

#[tokio::test]
async fn a_payment_that_was_captured_before_its_release_is_told_of_until_somebody_has_seen_to_it() {
    let (app, clock) = App::start_timeless().await;
    let paid = app.with_a_release_owed().await;
    let payment = paid.attribute("stripe_id").clone();
    let owed = app
        .listed_operations("?include=order,payment_gateway")
        .await;
    let operation = only(&owed);
    let attributes = &operation["attributes"];
    assert_eq!(attributes["status"], "owed");
    assert_eq!(attributes["step"], "release");
    assert_eq!(attributes["payment"], payment);
    assert_eq!(attributes["problem"], Value::Null);
    assert_eq!(operation["relationships"]["order"]["data"]["id"], ORDER);
    let included = owed.body["included"].as_array().unwrap();
    assert_eq!(included.len(), 2, "{}", owed.body);
    let id = operation["id"].as_str().unwrap();
    let early = app.about_operation(id, json!({ "_settle": true })).await;
    assert_eq!(
        is(&early),
        (422, "VALIDATION_ERROR", "/data/attributes/_settle")
    );

    app.capture(&paid).await;
    sweep_after(&app, &clock, 61).await;
    let stuck = app.listed_operations("?filter[q][status_eq]=stuck").await;
    let attributes = &only(&stuck)["attributes"];
    assert_eq!(attributes["problem"], "refused");
    assert_ne!(attributes["problem_detail"], Value::Null);
    assert_ne!(attributes["stuck_at"], Value::Null);

    // It is tried again when somebody says so, and not before.
    sweep_after(&app, &clock, 7 * 3600).await;
    let retried = app.about_operation(id, json!({ "_retry": true })).await;
    assert_eq!(retried.attribute("status"), "owed");
    sweep_after(&app, &clock, 1).await;
    let stuck = app
        .get(&app.integration(), &format!("/api/operations/{id}"))
        .await;
    assert_eq!(stuck.attribute("status"), "stuck");
    assert_eq!(stuck.attribute("tries"), 2);

    let settled = app.about_operation(id, json!({ "_settle": true })).await;
    assert_eq!(settled.attribute("status"), "settled");
    assert_eq!(app.listed_operations("").await.body["data"], json!([]));
    let again = app.about_operation(id, json!({ "_settle": true })).await;
    assert_eq!(is(&again), (404, "RECORD_NOT_FOUND", ""));
}

#[tokio::test]
async fn one_that_is_stuck_at_a_fault_goes_on_when_it_is_tried_again() {
    let (app, clock) = App::start_timeless().await;
    let paid = app.with_a_release_owed().await;
    let listed = app.listed_operations("").await;
    let id = only(&listed)["id"].as_str().unwrap();
    let both = json!({ "_retry": true, "_settle": true });
    let both = app.about_operation(id, both).await;
    assert_eq!(
        is(&both),
        (422, "VALIDATION_ERROR", "/data/attributes/_retry")
    );
    // What is owed needs not wait for its pause.
    let retried = app.about_operation(id, json!({ "_retry": true })).await;
    assert_eq!(retried.status, 200, "{}", retried.body);
    sweep_after(&app, &clock, 1).await;
    assert_eq!(app.listed_operations("").await.body["data"], json!([]));
    let payment = app
        .stripe_object("payment_intents", paid.attribute("stripe_id"))
        .await;
    assert_eq!(payment["status"], "canceled");
}

#[tokio::test]
async fn operations_are_for_integrations() {
    let app = App::start().await;
    app.with_a_release_owed().await;
    let listed = app.listed_operations("").await;
    let id = only(&listed)["id"].as_str().unwrap();
    let before = app.table().await;
    let path = format!("/api/operations/{id}");
    let settle = json!({ "data": {
        "type": "operations", "id": id, "attributes": { "_settle": true },
    } });
    for token in [app.customer(), app.guest()] {
        for reply in [
            app.get(&token, "/api/operations").await,
            app.get(&token, &path).await,
            app.patch(&token, &path, &settle).await,
        ] {
            assert_eq!(reply.status, 401, "{}", reply.body);
        }
    }
    let other = app.token_for(
        "AnOtHeRoRg".parse().unwrap(),
        "integration",
        None,
        domain::Mode::Test,
    );
    let live = app.token("integration", None, domain::Mode::Live);
    for token in [other, live] {
        assert_eq!(
            app.get(&token, "/api/operations").await.body["data"],
            json!([])
        );
        assert_eq!(app.get(&token, &path).await.status, 404);
        assert_eq!(app.patch(&token, &path, &settle).await.status, 404);
    }
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_keeps_no_other_waiting() {
    let (app, clock) = App::start_timeless().await;
    let customer = app.customer();
    // Many are owed to Stripe, the oldest, and one to Checkout.com.
    let nullify = || json!({ "_nullify_payment_source": true });
    let down = FaultOrder::next(Fault::DropBefore).on("POST", "/v1/payment_intents/*");
    for number in 0..30 {
        app.create_payment(&customer, ORDER, json!({ "options": { "number": number } }))
            .await;
        app.order_fault(down.clone().times(3));
        assert_eq!(
            app.patch_order(&customer, ORDER, nullify()).await.status,
            200
        );
    }
    let order = crate::app::CHECKOUT_COM_ORDER;
    app.paid_with_checkout_com(&customer, order, &crate::at_checkout_com::token("visa", 1))
        .await;
    let void = FaultOrder::next(Fault::DropBefore).on("POST", "/payments/*");
    app.fault_at_checkout_com(void.times(3));
    assert_eq!(
        app.patch_order(&customer, order, nullify()).await.status,
        200
    );
    assert_eq!(
        app.listed_operations("").await.body["meta"]["record_count"],
        31
    );

    app.order_fault(down.times(1_000));
    sweep_after(&app, &clock, 61).await;
    let left = app.listed_operations("?page[size]=25").await;
    assert_eq!(left.body["meta"]["record_count"], 30);
    let tried = left.body["data"].as_array().unwrap().iter();
    let tried = tried.filter(|it| it["attributes"]["tries"] != 0).count();
    assert!(tried <= 4, "{tried}: it is left for this sweep");
    app.stripe().stand_in.withdraw_faults();
    sweep_after(&app, &clock, 121).await;
    assert_eq!(app.listed_operations("").await.body["data"], json!([]));
}
