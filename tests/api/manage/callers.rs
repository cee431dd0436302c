//! Who may keep gateways and payment methods, and who may read which.

use access::{ApplicationClaim, Grant, OrganizationClaim};
use billfold::demo;
use domain::record::Place;
use domain::record::Record;
use domain::{Id, MarketId, Mode, ResourceType};
use serde_json::json;

use super::{
    KLARNA_METHOD, MARKET, STRIPE_GATEWAY, STRIPE_METHOD, body, change, create, create_method,
    gateway_of, listed,
};
use crate::app::App;
use crate::refusals::is;

#[tokio::test]
async fn sales_channels_read_the_methods_that_they_may_offer_and_nothing_else() {
    let app = App::start().await;
    let methods = "/api/payment_methods";
    let market = Record::new(ResourceType::Markets, id("OtherMarke"), app.now());
    let store = &app.running.context.store;
    let stored = store.create(demo::OPERATOR, demo::tenant(), Place::Catalog, &market);
    stored.await.unwrap();
    let elsewhere = json!({
        "payment_gateway": gateway_of(STRIPE_GATEWAY)["payment_gateway"],
        "market": { "data": { "type": "markets", "id": "OtherMarke" } },
    });
    let attributes = json!({ "payment_source_type": "stripe_payments", "price_amount_cents": 0 });
    let elsewhere = create(&app, "payment_methods", attributes, elsewhere).await;
    assert_eq!(elsewhere.status, 201, "{}", elsewhere.body);
    let everywhere = create_method(&app, STRIPE_GATEWAY, json!({})).await;
    let disable = json!({ "_disable": true });
    let disabled = change(&app, "payment_methods", KLARNA_METHOD, disable).await;
    assert_eq!(disabled.status, 200, "{}", disabled.body);

    let european = in_market(&app, MARKET);
    for token in [&european, &app.guest(), &app.customer()] {
        let shown = listed(&app, token, methods).await;
        assert!(shown.contains(&STRIPE_METHOD.to_owned()));
        assert!(shown.contains(&everywhere.id()));
        assert!(!shown.contains(&KLARNA_METHOD.to_owned()));
        assert_eq!(shown.contains(&elsewhere.id()), token != &european);
        let included = app
            .get(token, &format!("{methods}?include=payment_gateway"))
            .await;
        assert_eq!(included.body["included"], json!([]), "no gateways");
    }
    let read = async |id: &str| app.get(&european, &format!("{methods}/{id}")).await.status;
    assert_eq!(read(&everywhere.id()).await, 200);
    assert_eq!(read(&elsewhere.id()).await, 404);
    assert_eq!(read(KLARNA_METHOD).await, 404);
    let all = listed(&app, &app.integration(), methods).await;
    assert_eq!(all.len(), 6);

    for token in [app.guest(), app.customer()] {
        let stripe = format!("/api/stripe_gateways/{STRIPE_GATEWAY}");
        let record = body("payment_methods", None, json!({}), json!({}));
        let changed = body("payment_methods", Some(STRIPE_METHOD), json!({}), json!({}));
        let path = format!("{methods}/{STRIPE_METHOD}");
        for reply in [
            app.get(&token, "/api/payment_gateways").await,
            app.get(&token, &format!("/api/payment_gateways/{STRIPE_GATEWAY}"))
                .await,
            app.get(&token, "/api/external_gateways").await,
            app.get(&token, &stripe).await,
            app.post(&token, methods, &record).await,
            app.patch(&token, &path, &changed).await,
            app.delete(&token, &path).await,
            app.delete(&token, &stripe).await,
        ] {
            assert_eq!(is(&reply), (401, "UNAUTHORIZED", ""), "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn records_of_another_organization_or_mode_are_not_there() {
    let app = App::start().await;
    let other = id("AnOtHeRoRg");
    for token in [
        app.token_for(other, "integration", None, Mode::Test),
        app.token("integration", None, Mode::Live),
    ] {
        for path in ["/api/payment_methods", "/api/payment_gateways"] {
            let reply = app.get(&token, path).await;
            assert_eq!(reply.body["meta"]["record_count"], 0);
        }
        let path = format!("/api/stripe_gateways/{STRIPE_GATEWAY}");
        let change = body(
            "stripe_gateways",
            Some(STRIPE_GATEWAY),
            json!({}),
            json!({}),
        );
        let method = body(
            "payment_methods",
            None,
            json!({
                "payment_source_type": "stripe_payments",
                "currency_code": "EUR",
                "price_amount_cents": 0,
            }),
            gateway_of(STRIPE_GATEWAY),
        );
        let before = app.table().await;
        for (reply, pointer) in [
            (app.get(&token, &path).await, ""),
            (app.patch(&token, &path, &change).await, ""),
            (app.delete(&token, &path).await, ""),
            (
                app.post(&token, "/api/payment_methods", &method).await,
                "/data/relationships/payment_gateway",
            ),
        ] {
            assert_eq!(is(&reply), (404, "RECORD_NOT_FOUND", pointer));
        }
        assert_eq!(app.table().await, before);
    }
}

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

/// A guest's token that is held to a market.
fn in_market(app: &App, market: &str) -> String {
    let grant = Grant {
        organization: OrganizationClaim {
            id: demo::tenant().organization,
            slug: demo::SLUG.to_owned(),
            enterprise: false,
            region: String::new(),
        },
        mode: Mode::Test,
        application: ApplicationClaim {
            id: "test".to_owned(),
            client_id: "test".to_owned(),
            kind: "sales_channel".to_owned(),
            public: true,
            confidential: false,
        },
        owner: None,
        markets: vec![MarketId::new(id(market))],
        scope: "market:code:europe".to_owned(),
    };
    let issuing = &app.running.issuing;
    let issued = issuing
        .signer
        .current()
        .issue(grant, app.now(), issuing.random.as_ref());
    issued.unwrap()
}
