//! Two servers with the demo's records and one account at each vendor, as two developers have them: what the
//! one makes is not the other's.

use std::sync::OnceLock;
use std::time::Duration;

use billfold::{Options, router};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::app::{App, CHECKOUT_COM_ORDER, ORDER};
use crate::at_checkout_com::token;
use crate::faults::TestClock;

/// Where the vendors are, by the variables that say so.
static VENDORS: OnceLock<[(&str, String); 3]> = OnceLock::new();

fn environment(name: &str) -> Option<String> {
    let vendors = VENDORS.get()?;
    let found = vendors.iter().find(|(variable, _)| *variable == name);
    found.map(|(_, url)| url.clone())
}

/// Two servers; the vendors' stand-ins are the first's.
async fn two() -> (App, App) {
    let one = App::start().await;
    let stand_ins = &one.running.stand_ins;
    let vendors = [
        (
            "STRIPE_API_BASE",
            stand_ins.stripe.as_ref().unwrap().url.clone(),
        ),
        (
            "CHECKOUT_COM_API_BASE",
            stand_ins.checkout_com.as_ref().unwrap().url.clone(),
        ),
        (
            "KLARNA_API_BASE",
            stand_ins.klarna.as_ref().unwrap().url.clone(),
        ),
    ];
    VENDORS.set(vendors).unwrap();
    let other = App::start_with(Options {
        environment,
        ..Options::in_memory(0)
    })
    .await;
    (one, other)
}

#[tokio::test]
async fn what_one_table_makes_at_a_vendor_is_not_anothers() {
    let (one, other) = two().await;
    let request = json!({ "options": { "setup_future_usage": "off_session" } });
    let here = one
        .create_payment(&one.customer(), ORDER, request.clone())
        .await;
    let there = other
        .create_payment(&other.customer(), ORDER, request)
        .await;
    assert_eq!((here.status, there.status), (201, 201), "{}", there.body);
    assert_ne!(here.id(), there.id());
    let intent = here.attribute("stripe_id").clone();
    assert_ne!(&intent, there.attribute("stripe_id"));

    // Taken over by neither name nor client secret; what the other drops is its own.
    let foreign = json!({ "stripe_id": intent, "client_secret": here.attribute("client_secret") });
    let taken = other
        .create_payment(&other.integration(), ORDER, foreign)
        .await;
    assert_eq!(taken.status, 422, "{}", taken.body);
    let nullify = json!({ "_nullify_payment_source": true });
    assert_eq!(
        other
            .patch_order(&other.customer(), ORDER, nullify)
            .await
            .status,
        200
    );
    let kept = one.stripe_object("payment_intents", &intent).await;
    assert_eq!(kept["status"], "requires_payment_method");
    let mark = one.running.context.store.mark().await.unwrap();
    assert_eq!(kept["metadata"]["billfold_table"], mark.id.as_str());

    let customer = one.customer();
    let source = one.create_checkout_com(&customer, CHECKOUT_COM_ORDER).await;
    let paid = one
        .authorize(&customer, &source.id(), &token("visa", 1))
        .await;
    let payment = paid.attribute("payment_response")["id"].clone();
    assert_ne!(payment, Value::Null, "{}", paid.body);
    let customer = other.customer();
    let source = other
        .create_checkout_com(&customer, CHECKOUT_COM_ORDER)
        .await;
    let brought = json!({ "token": payment });
    let brought = other
        .patch_source(&customer, "checkout_com_payments", &source.id(), brought)
        .await;
    assert_eq!(brought.status, 422, "{}", brought.body);

    let order = crate::at_klarna::KLARNA_ORDER;
    let session = one.create_klarna(&one.customer(), order).await;
    let other_session = other.create_klarna(&other.customer(), order).await;
    let id = |it: &crate::app::Reply| it.attribute("session_id").clone();
    assert_ne!(id(&session), id(&other_session));
    let stored = one.klarna_session(&session).await;
    let data: Value = serde_json::from_str(stored["merchant_data"].as_str().unwrap()).unwrap();
    assert_eq!(data["billfold_table"], mark.id.as_str());
}

#[tokio::test]
async fn a_restored_copy_carries_nothing_on_until_somebody_says_that_the_original_is_gone() {
    let (app, clock) = App::start_timeless().await;
    app.sweep().await;
    app.with_a_release_owed().await;
    copied(&app).await;
    let settled = async |clock: &TestClock, adopted: Option<String>| {
        clock.pass(Duration::from_secs(3600));
        // Another process, which remembers nothing.
        let mut context = app.running.context.clone();
        context.store = context.store.afresh();
        context.configuration.adopted_table = adopted;
        let swept = router::sweep(&context, app.running.gateways.as_ref()).await;
        swept.unwrap().settled
    };
    assert_eq!(settled(&clock, None).await, 0);
    assert_eq!(settled(&clock, Some("another".to_owned())).await, 0);
    let store = app.running.context.store.afresh();
    let copy = store.copy(billfold::demo::OPERATOR, None).await.unwrap();
    assert_eq!(settled(&clock, copy.map(|it| it.id)).await, 1);
    // It is said once.
    assert_eq!(settled(&clock, None).await, 0, "nothing is owed any more");
    app.with_a_release_owed().await;
    assert_eq!(settled(&clock, None).await, 1);
}

/// The table is a copy: its mark was made for another.
async fn copied(app: &App) {
    let (client, table) = app.running.table();
    let key = |name: &str| AttributeValue::S(name.to_owned());
    let update = client.update_item().table_name(table);
    let update = update.key("pk", key("table")).key("sk", key("at"));
    let update = update.update_expression("SET made_in = :other");
    let update = update.expression_attribute_values(":other", key("the original"));
    update.send().await.unwrap();
}
