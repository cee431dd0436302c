//! What is particular to gateways: their credentials, and what depends on them.

use billfold::demo;
use secrecy::ExposeSecret;
use secrets::{SecretError, Secrets, credentials_name};
use serde_json::{Value, json};

use super::{
    STRIPE_GATEWAY, STRIPE_METHOD, change, create, create_method, delete, listed, stripe_keys,
};
use crate::app::{App, ORDER};
use crate::refusals::is;

/// Each type, what is kept of it with the secrets, and what is shown.
fn gateways() -> [(&'static str, Value, Value); 4] {
    [
        (
            "stripe_gateways",
            json!({ "login": "sk_test_hush-a", "publishable_key": "pk_test_hush-b" }),
            json!({ "name": "Stripe", "connected_account": "acct_1", "auto_payments": true }),
        ),
        (
            "checkout_com_gateways",
            json!({ "secret_key": "sk_sbox_hush-c", "public_key": "pk_sbox_hush-d" }),
            json!({
                "name": "Checkout.com",
                "account_prefix": "vkuhvk4v",
                "processing_channel_id": format!("pc_{}", "a".repeat(26)),
            }),
        ),
        (
            "klarna_gateways",
            json!({ "country_code": "EU", "api_key": "hush-e", "api_secret": "hush-f" }),
            json!({ "name": "Klarna", "force_payments": true }),
        ),
        (
            "external_gateways",
            json!({}),
            json!({
                "name": "Own",
                "authorize_url": "https://shop.example.com/authorize",
                "token_url": "https://shop.example.com/token",
                "external_includes": ["order.line_items", "order.customer"],
            }),
        ),
    ]
}

fn merged(mut into: Value, from: &Value) -> Value {
    for (name, value) in from.as_object().unwrap() {
        into[name] = value.clone();
    }
    into
}

async fn secret(app: &App, gateway: &str) -> Result<Value, SecretError> {
    let name = credentials_name(demo::tenant(), gateway.parse().unwrap());
    let secrets: &dyn Secrets = app.running.secrets.as_ref();
    let secret = secrets.get(&name).await?;
    Ok(serde_json::from_str(secret.expose_secret()).unwrap())
}

#[tokio::test]
async fn how_fast_a_sweep_calls_a_gateway_is_said_for_each() {
    let app = App::start().await;
    for (kind, credentials, shown) in gateways() {
        let made = create(&app, kind, merged(shown, &credentials), json!({})).await;
        let rate = |calls: Value| json!({ "sweep_calls_per_second": calls });
        for calls in [json!(25), json!(1), json!(100), json!(null)] {
            let changed = change(&app, kind, &made.id(), rate(calls.clone())).await;
            assert_eq!(
                changed.attribute("sweep_calls_per_second"),
                &calls,
                "{kind}"
            );
        }
        for calls in [0, 101, -1] {
            let refused = change(&app, kind, &made.id(), rate(json!(calls))).await;
            let pointer = "/data/attributes/sweep_calls_per_second";
            assert_eq!(is(&refused), (422, "VALIDATION_ERROR", pointer), "{kind}");
        }
    }
}

#[tokio::test]
async fn credentials_are_kept_with_the_secrets_and_shown_nowhere() {
    let app = App::start().await;
    let integration = app.integration();
    for (kind, credentials, shown) in gateways() {
        let made = create(&app, kind, merged(shown.clone(), &credentials), json!({})).await;
        assert_eq!(made.status, 201, "{kind}: {}", made.body);
        for (name, value) in shown.as_object().unwrap() {
            assert_eq!(made.attribute(name), value, "{kind}");
        }
        for name in credentials.as_object().unwrap().keys() {
            let attributes = made.body["data"]["attributes"].as_object().unwrap();
            assert!(!attributes.contains_key(name), "{kind} shows {name}");
        }
        let path = format!("/api/{kind}/{}", made.id());
        assert_eq!(app.get(&integration, &path).await.body, made.body);

        let renamed = change(&app, kind, &made.id(), json!({ "name": "N" })).await;
        assert_eq!(renamed.attribute("name"), "N", "{kind}");
        let kept = secret(&app, &made.id()).await;
        match credentials.as_object().unwrap().is_empty() {
            true => assert!(matches!(kept, Err(SecretError::Missing(_)))),
            false => assert_eq!(kept.unwrap(), credentials, "{kind}"),
        }
        let list = app.get(&integration, &format!("/api/{kind}")).await;
        for told in [&made, &renamed, &list] {
            assert!(!told.body.to_string().contains("hush"), "{}", told.body);
        }
        let deleted = delete(&app, kind, &made.id()).await;
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        let gone = secret(&app, &made.id()).await;
        assert!(matches!(gone, Err(SecretError::Missing(_))), "{kind}");
    }
}

#[tokio::test]
async fn an_account_at_stripe_needs_no_key_for_browsers() {
    let app = App::start().await;
    let attributes = json!({ "name": "Restricted", "login": "rk_test_1" });
    let made = create(&app, "stripe_gateways", attributes, json!({})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let kept = secret(&app, &made.id()).await.unwrap();
    assert_eq!(kept["login"], "rk_test_1");
    assert_eq!(kept.get("publishable_key"), None);
}

#[tokio::test]
async fn neither_credentials_nor_the_shared_secret_stand_in_the_table() {
    let app = App::start().await;
    for (kind, credentials, shown) in gateways() {
        let made = create(&app, kind, merged(shown, &credentials), json!({})).await;
        let secret = made.attribute("shared_secret").as_str().unwrap_or("hush");
        let table = json!(app.table().await).to_string();
        assert!(table.contains(&made.id()), "{kind}");
        assert!(!table.contains("hush") && !table.contains(secret), "{kind}");
    }
}

#[tokio::test]
async fn a_changed_key_leaves_the_others_as_they_are() {
    let app = App::start().await;
    let (kind, credentials, shown) = gateways()[2].clone();
    let made = create(&app, kind, merged(shown, &credentials), json!({})).await;
    let changed = change(&app, kind, &made.id(), json!({ "api_secret": "anew" })).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let expected = merged(credentials, &json!({ "api_secret": "anew" }));
    assert_eq!(secret(&app, &made.id()).await.unwrap(), expected);

    for blank in [json!(null), json!("")] {
        let refused = change(&app, kind, &made.id(), json!({ "api_key": blank })).await;
        let pointer = "/data/attributes/api_key";
        assert_eq!(is(&refused), (422, "VALIDATION_ERROR", pointer));
    }
    assert_eq!(secret(&app, &made.id()).await.unwrap(), expected);
}

#[tokio::test]
async fn wrong_parts_of_a_gateway_are_told_without_what_was_given() {
    let app = App::start().await;
    let all = gateways();
    for (index, wrong, status) in [
        (0, json!({ "login": "sk_live_hush" }), 422),
        (0, json!({ "publishable_key": "pk_live_hush" }), 422),
        (0, json!({ "login": "hush hush" }), 422),
        (0, json!({ "name": "" }), 422),
        (0, json!({ "webhook_endpoint_id": "hush" }), 400),
        (1, json!({ "secret_key": null }), 422),
        (1, json!({ "account_prefix": "evil.example/" }), 422),
        (1, json!({ "processing_channel_id": "pc_1" }), 422),
        (2, json!({ "country_code": "IT" }), 422),
        (2, json!({ "api_key": 7 }), 422),
        (
            3,
            json!({ "token_url": "http://shop.example.com/token" }),
            422,
        ),
        (
            3,
            json!({ "refund_url": "https://user:hush@shop.example.com" }),
            422,
        ),
        (3, json!({ "external_includes": ["order.unicorn"] }), 422),
        (3, json!({ "external_includes": "order" }), 422),
        (3, json!({ "shared_secret": "hush" }), 400),
        (3, json!({ "circuit_state": "closed" }), 400),
    ] {
        let (kind, credentials, shown) = all[index].clone();
        let before = app.table().await;
        let attributes = merged(merged(shown, &credentials), &wrong);
        let reply = create(&app, kind, attributes, json!({})).await;
        let (name, _) = wrong.as_object().unwrap().iter().next().unwrap();
        assert_eq!(reply.status, status, "{wrong}: {}", reply.body);
        assert_eq!(reply.pointer(), format!("/data/attributes/{name}"));
        assert!(!reply.body.to_string().contains("hush"), "{}", reply.body);
        assert_eq!(app.table().await, before, "{wrong}");
    }
    let fixed = change(&app, "stripe_gateways", STRIPE_GATEWAY, stripe_keys()).await;
    assert_eq!(fixed.status, 400, "Stripe's keys are given once");
    assert_eq!(fixed.pointer(), "/data/attributes/login");
}

#[tokio::test]
async fn a_shared_secret_is_for_integrations_and_made_anew_when_asked() {
    let app = App::start().await;
    let (kind, _, shown) = gateways()[3].clone();
    let made = create(&app, kind, shown, json!({})).await;
    let first = made.attribute("shared_secret").as_str().unwrap();
    assert_eq!(first.len(), 32);
    assert!(first.bytes().all(|it| it.is_ascii_hexdigit()));
    let path = format!("/api/{kind}/{}", made.id());
    let denied = app.get(&app.customer(), &path).await;
    assert_eq!(is(&denied), (401, "UNAUTHORIZED", ""));
    let in_common = format!("/api/payment_gateways/{}", made.id());
    let in_common = app.get(&app.integration(), &in_common).await;
    assert!(!in_common.body.to_string().contains(first));

    let anew = json!({ "_regenerate_shared_secret": true });
    let changed = change(&app, kind, &made.id(), anew).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let second = changed.attribute("shared_secret");
    assert_ne!(second, first);
    let read = app.get(&app.integration(), &path).await;
    assert_eq!(read.attribute("shared_secret"), second);
}

#[tokio::test]
async fn what_is_disabled_is_not_offered_until_it_is_enabled() {
    let app = App::start().await;
    let path = format!("/api/orders/{ORDER}/available_payment_methods");
    let offered = async || {
        let reply = app.get(&app.customer(), &path).await;
        reply.body["meta"]["record_count"].as_u64().unwrap()
    };
    assert_eq!(offered().await, 4);
    let disable = json!({ "_disable": true });
    let gateway = change(&app, "stripe_gateways", STRIPE_GATEWAY, disable.clone()).await;
    assert!(gateway.attribute("disabled_at").is_string());
    assert_eq!(offered().await, 3);
    let method = change(&app, "payment_methods", "TyUiOpAsDf", disable).await;
    assert!(method.attribute("disabled_at").is_string());
    assert_eq!(offered().await, 2);

    let enable = json!({ "_enable": true });
    let gateway = change(&app, "stripe_gateways", STRIPE_GATEWAY, enable.clone()).await;
    assert_eq!(*gateway.attribute("disabled_at"), Value::Null);
    change(&app, "payment_methods", "TyUiOpAsDf", enable).await;
    assert_eq!(offered().await, 4);
}

#[tokio::test]
async fn a_gateway_with_methods_is_locked_and_an_order_may_lose_its_method() {
    let app = App::start().await;
    let locked = delete(&app, "stripe_gateways", STRIPE_GATEWAY).await;
    assert_eq!(is(&locked), (423, "LOCKED", ""));
    assert!(locked.detail().contains("WmOodsVPmQ"), "{}", locked.body);

    let deleted = delete(&app, "payment_methods", "WmOodsVPmQ").await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    let path = format!("/api/orders/{ORDER}?include=payment_method");
    let order = app.get(&app.customer(), &path).await;
    let method = &order.body["data"]["relationships"]["payment_method"]["data"];
    assert_eq!((order.status, method), (200, &Value::Null));
    let source = app.create_payment(&app.customer(), ORDER, json!({})).await;
    let pointer = "/data/relationships/order";
    assert_eq!(is(&source), (422, "VALIDATION_ERROR", pointer));

    let deleted = delete(&app, "stripe_gateways", STRIPE_GATEWAY).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
}

/// A held payment is let go of, and a saved card forgotten, though their gateway was deleted meanwhile.
#[tokio::test]
async fn what_is_held_at_a_deleted_gateway_is_released_and_the_gateway_is_gone_for_readers() {
    let app = App::start().await;
    let (customer, integration) = (app.customer(), app.integration());
    let source = app.create_reusable(&customer, ORDER, "pm_card_visa").await;
    assert_eq!(app.confirm(&source).await["status"], "requires_capture");
    let entry = app.save(&customer, ORDER).await.wallet()[0].clone();

    for (kind, id) in [
        ("payment_methods", STRIPE_METHOD),
        ("stripe_gateways", STRIPE_GATEWAY),
    ] {
        let deleted = delete(&app, kind, id).await;
        assert_eq!(deleted.status, 204, "{}", deleted.body);
    }
    for kind in ["stripe_gateways", "payment_gateways"] {
        let path = format!("/api/{kind}/{STRIPE_GATEWAY}");
        assert_eq!(app.get(&integration, &path).await.status, 404, "{kind}");
        let all = listed(&app, &integration, &format!("/api/{kind}")).await;
        assert!(!all.contains(&STRIPE_GATEWAY.to_owned()), "{kind}");
    }
    let again = delete(&app, "stripe_gateways", STRIPE_GATEWAY).await;
    let changed = change(&app, "stripe_gateways", STRIPE_GATEWAY, json!({})).await;
    let named = create_method(&app, STRIPE_GATEWAY, json!({})).await;
    assert_eq!(
        [again.status, changed.status, named.status],
        [404, 404, 404]
    );

    let path = format!("/api/stripe_payments/{}", source.id());
    let dropped = app.delete(&customer, &path).await;
    assert_eq!(dropped.status, 204, "{}", dropped.body);
    let path = format!("/api/customer_payment_sources/{entry}");
    assert_eq!(app.delete(&customer, &path).await.status, 204);
    assert_eq!(app.operations().await, [""; 0]);
    let intent = source.attribute("stripe_id");
    let intent = app.stripe_object("payment_intents", intent).await;
    assert_eq!(intent["status"], "canceled");
}

/// Whichever comes first, no method is left without its gateway.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_is_not_deleted_while_a_method_of_it_is_being_made() {
    let app = App::start().await;
    for _ in 0..10 {
        let gateway = create(&app, "stripe_gateways", stripe_keys(), json!({})).await;
        let gateway = gateway.id();
        let (method, deleted) = tokio::join!(
            create_method(&app, &gateway, json!({})),
            delete(&app, "stripe_gateways", &gateway),
        );
        let ended = (method.status, deleted.status);
        assert!(matches!(ended, (201, 423) | (404, 204)), "{ended:?}");
    }
}
