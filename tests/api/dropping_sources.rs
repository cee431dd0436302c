//! A payment source that leaves its order, the same at every gateway: its payment is let go of, and what
//! was not saved is forgotten.

use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::ways::{EVERY, Way};

/// What ends a payment source of an order, and how.
async fn drop_source(app: &App, way: &Way, how: usize) -> Reply {
    let token = app.customer();
    let other = EVERY.iter().find(|it| it.kind != way.kind).unwrap();
    match how {
        0 => app.select(&token, way.order, Some(other.method)).await,
        1 => app.select(&token, way.order, None).await,
        _ => {
            let nullify = json!({ "_nullify_payment_source": true });
            app.patch_order(&token, way.order, nullify).await
        }
    }
}

#[tokio::test]
async fn a_dropped_source_is_released_and_what_was_not_saved_is_forgotten() {
    for way in EVERY {
        for how in 0..3 {
            let app = App::start().await;
            let token = app.customer();
            let source = way.pay(&app, way.order, 1).await;
            let path = format!("/api/{}/{source}", way.kind);
            let paid = app.get(&token, &path).await;

            let dropped = drop_source(&app, way, how).await;
            assert_eq!(dropped.status, 200, "{} {how}: {}", way.kind, dropped.body);
            let current = &dropped.body["data"]["relationships"]["payment_source"]["data"];
            assert_eq!(*current, Value::Null, "{} {how}", way.kind);
            assert_eq!(app.operations().await, [""; 0], "{} {how}", way.kind);
            match way.kind {
                "stripe_payments" => {
                    let id = paid.attribute("stripe_id");
                    let intent = app.stripe_object("payment_intents", id).await;
                    assert_eq!(intent["status"], "canceled", "{how}");
                }
                "checkout_com_payments" => {
                    let response = paid.attribute("payment_response");
                    let id = response["id"].as_str().unwrap();
                    let payment = app.checkout_com_object(&format!("/payments/{id}")).await;
                    assert_eq!(payment["status"], "Voided", "{how}");
                    let card = response["source"]["id"].as_str().unwrap();
                    assert!(
                        way.has_forgotten(&app, card).await,
                        "{how}: kept by the gateway itself"
                    );
                }
                "klarna_payments" => {
                    let approval = paid.attribute("auth_token").as_str().unwrap();
                    let release = format!("DELETE /payments/v1/authorizations/{approval}");
                    assert!(app.asked_of_klarna().contains(&release), "{how}");
                }
                _ => assert_eq!(app.asked_of_external(), [""; 0], "{how}"),
            }
        }
    }
}

#[tokio::test]
async fn dropping_a_saved_source_leaves_the_entry_usable() {
    for way in EVERY {
        for how in 0..3 {
            let app = App::start().await;
            let token = app.customer();
            let saved = way.saved(&app).await;
            let dropped = drop_source(&app, way, how).await;
            assert_eq!(dropped.status, 200, "{} {how}: {}", way.kind, dropped.body);
            assert!(way.forgets.is_none() || !way.has_forgotten(&app, &saved.token).await);
            app.selected(way.order, way.method).await;
            let reused = app.reuse(&token, way.order, &saved.id).await;
            assert_eq!(reused.status, 200, "{} {how}: {}", way.kind, reused.body);
        }
    }
}
