//! What is not wanted any more is given up at Klarna: authorizations are released, tokens cancelled.

use std::time::Duration;

use sandbox::Fault;
use serde_json::{Value, json};

use crate::app::App;
use crate::at_klarna::{AUTHORIZATIONS, KLARNA_ORDER, TOKENS};
use crate::refusals::is;

/// The authorizations that were released, in order.
fn released(app: &App) -> Vec<String> {
    let requests = app.heard_by_klarna("DELETE", AUTHORIZATIONS);
    let tokens = requests.iter().map(|it| it.path.rsplit('/').next());
    tokens.map(|it| it.unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_newer_approval_releases_the_former() {
    let app = App::start().await;
    let customer = app.customer();
    let (source, first) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
    let second = app.approve_in_browser(&source).await;
    let reply = app.approve(&customer, &source.id(), &second).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(*reply.attribute("auth_token"), second.as_str());
    assert_eq!(released(&app), [first.as_str()]);

    let same = app.approve(&customer, &source.id(), &second).await;
    assert_eq!(same.status, 200);
    assert_eq!(released(&app), [first], "the same approval stays");
    let saved = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert_eq!(saved.wallet().len(), 1);
}

#[tokio::test]
async fn an_approval_that_is_taken_back_is_released() {
    let app = App::start().await;
    let customer = app.customer();
    let (source, approval) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
    let nothing = json!({ "auth_token": null });
    let reply = app
        .patch_source(&customer, "klarna_payments", &source.id(), nothing)
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(*reply.attribute("auth_token"), Value::Null);
    assert_eq!(released(&app), [approval]);
    let save = app.save(&customer, KLARNA_ORDER).await;
    assert_eq!(save.code(), "PAYMENT_SOURCE_NOT_READY");
}

#[tokio::test]
async fn dropping_the_source_releases_the_approval() {
    for way in ["nullify", "method", "delete", "another source"] {
        let app = App::start().await;
        let customer = app.customer();
        let (source, approval) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
        let reply = match way {
            "nullify" => {
                let nullify = json!({ "_nullify_payment_source": true });
                app.patch_order(&customer, KLARNA_ORDER, nullify).await
            }
            "method" => app.select(&customer, KLARNA_ORDER, None).await,
            "delete" => {
                let path = format!("/api/klarna_payments/{}", source.id());
                app.delete(&customer, &path).await
            }
            _ => {
                let attributes = json!({ "metadata": { "try": 2 } });
                app.create_source(&customer, "klarna_payments", KLARNA_ORDER, attributes)
                    .await
            }
        };
        assert!((200..300).contains(&reply.status), "{way}: {}", reply.body);
        assert_eq!(released(&app), [approval], "{way}");
        assert_eq!(app.operations().await, Vec::<String>::new(), "{way}");
    }
}

#[tokio::test]
async fn what_has_expired_by_itself_counts_as_released() {
    let app = App::start().await;
    let customer = app.customer();
    app.approved_klarna(&customer, KLARNA_ORDER, "expired-1")
        .await;
    let nullify = json!({ "_nullify_payment_source": true });
    let reply = app.patch_order(&customer, KLARNA_ORDER, nullify).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(released(&app), ["expired-1"]);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_release_that_failed_is_carried_on_by_the_sweeper() {
    let (app, clock) = App::start_timeless().await;
    let customer = app.customer();
    let (_, approval) = app.approved_in_browser(&customer, KLARNA_ORDER).await;
    let path = format!("{AUTHORIZATIONS}*");
    app.fault_at_klarna(Fault::DropBefore, 3, ("DELETE", &path));
    let nullify = json!({ "_nullify_payment_source": true });
    let reply = app.patch_order(&customer, KLARNA_ORDER, nullify).await;
    assert_eq!(reply.status, 200, "the shopper does not wait for it");
    assert_eq!(app.operations().await.len(), 1);

    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert_eq!(released(&app).len(), 4);
    assert_eq!(released(&app)[3], approval);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_deleted_entry_is_cancelled_at_klarna_and_gone_from_orders() {
    let app = App::start().await;
    let (entry, token) = app.saved_with_klarna("first-order").await;
    let customer = app.customer();
    let order = app.second_klarna_order().await;
    assert_eq!(app.reuse(&customer, order, &entry).await.status, 200);

    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&customer, &path).await.status, 204);
    assert_eq!(app.klarna_token(&token).await["status"], "CANCELLED");
    let told = app.heard_by_klarna("PATCH", TOKENS);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].path, format!("{TOKENS}{token}/status"));
    assert_eq!(told[0].body, json!({ "status": "CANCELLED" }));
    let seen = app.order(&customer, order).await;
    let source = &seen.body["data"]["relationships"]["payment_source"]["data"];
    assert_eq!(*source, Value::Null);
    assert!(seen.wallet().is_empty());
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_that_was_cancelled_before_is_forgotten() {
    let app = App::start().await;
    let (entry, token) = app.saved_with_klarna("first-order").await;
    app.cancel_at_klarna(&token).await;
    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&app.customer(), &path).await.status, 204);
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_that_klarna_did_not_hear_of_is_cancelled_by_the_sweeper() {
    let (app, clock) = App::start_timeless().await;
    let (entry, token) = app.saved_with_klarna("first-order").await;
    let path = format!("{TOKENS}*");
    app.fault_at_klarna(Fault::DropAfter, 3, ("PATCH", &path));
    let customer = app.customer();
    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&customer, &path).await.status, 204);
    assert_eq!(app.get(&customer, &path).await.status, 404, "at once");

    clock.pass(Duration::from_secs(61));
    app.sweep().await;
    assert_eq!(app.klarna_token(&token).await["status"], "CANCELLED");
    assert_eq!(app.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_token_that_cannot_be_used_any_more_does_not_come_onto_an_order() {
    for name in ["cancelled", "suspended-1"] {
        let app = App::start().await;
        let (entry, token) = app.saved_with_klarna(name).await;
        if name == "cancelled" {
            app.cancel_at_klarna(&token).await;
        }
        let customer = app.customer();
        let order = app.second_klarna_order().await;
        let (former, _) = app.approved_in_browser(&customer, order).await;
        let reply = app.reuse(&customer, order, &entry).await;
        let pointer = "/data/attributes/_customer_payment_source_id";
        assert_eq!(
            is(&reply),
            (422, "PAYMENT_SOURCE_NOT_REUSABLE", pointer),
            "{}",
            reply.body
        );
        let seen = app.order(&customer, order).await;
        assert_eq!(seen.payment_source()["id"], former.id(), "nothing removed");
        assert_eq!(seen.wallet(), [entry]);
        assert!(released(&app).is_empty());
    }
}
