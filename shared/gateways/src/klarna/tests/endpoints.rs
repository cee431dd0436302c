//! Every request that the adapter can make, against what Klarna publishes of its API.

use published::Api;

use super::*;
use crate::klarna::endpoint::Endpoint;
use crate::published_requests::{is_published, json_problems};
use crate::testing::Sent;

const BASE: &str = "https://api.playground.klarna.com";

#[tokio::test]
async fn every_endpoint_is_asked_and_as_klarna_describes_it() {
    let sent = every_request().await;
    let api = Api::klarna();
    for endpoint in Endpoint::ALL {
        let requests: Vec<_> = sent.iter().filter(|it| is_to(it, *endpoint)).collect();
        assert!(!requests.is_empty(), "{endpoint:?} is never asked");
        for sent in requests {
            assert!(is_published(&api, BASE, sent), "{endpoint:?}");
            let problems = json_problems(&api, BASE, sent);
            assert_eq!(problems, [""; 0], "{endpoint:?} {}", sent.body);
            let key = sent.header("klarna-idempotency-key");
            assert_eq!(key.is_some(), endpoint.takes_key(), "{endpoint:?}");
        }
    }
    for sent in &sent {
        let endpoints = Endpoint::ALL.iter().filter(|it| is_to(sent, **it));
        assert_eq!(endpoints.count(), 1, "{} {}", sent.method, sent.target);
    }
}

fn is_to(sent: &Sent, endpoint: Endpoint) -> bool {
    let path = sent.target.strip_prefix(BASE).unwrap();
    let (template, path) = (endpoint.template().split('/'), path.split('/'));
    sent.method == endpoint.method().as_str()
        && template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(expected, part)| expected == "{id}" || expected == part)
}

/// Each step of the adapter, with all that a body may hold.
async fn every_request() -> Vec<Sent> {
    let mut whole = new_payment();
    let basket = whole.basket.as_mut().unwrap();
    basket.taxes_on_top = Some(500);
    basket.lines[0].quantity = 7;
    basket.lines[0].name = "x".repeat(300);
    basket.lines[0].sku_code = Some("y".repeat(300));
    basket.buyer.shipping = Some(PostalAddress {
        first_name: Some("z".repeat(200)),
        line_2: Some("c/o Doe".to_owned()),
        state_code: Some("BE".to_owned()),
        phone: Some("112".to_owned()),
        zip_code: Some("1".repeat(20)),
        country_code: Some("Germany".to_owned()),
        ..PostalAddress::default()
    });
    whole.order_number = Some("n".repeat(300));
    let minted = json!({"token_id": TOKEN});
    let placed = json!({"order_id": ORDER, "fraud_status": "ACCEPTED"});
    let mut step_up = error("STEP_UP_REQUIRED", "the shopper");
    step_up["step_up_id"] = json!("step-up-1");
    let authorize_whole = |saved: bool| {
        GatewayRequest::AuthorizePayment(NewPayment {
            shopper_token: (!saved).then(|| AUTHORIZATION.to_owned()),
            saved: saved.then(|| TOKEN.to_owned()),
            ..whole.clone()
        })
    };
    let cases = [
        (
            create_payment(),
            vec![(400, tokens_refused()), (200, new_session())],
        ),
        (
            GatewayRequest::CreatePayment(whole.clone()),
            vec![(200, new_session())],
        ),
        (reuse(TOKEN), vec![(200, token("ACTIVE"))]),
        (read_payment(), vec![(200, session("incomplete"))]),
        (
            update_payment(Some(whole.clone())),
            vec![(204, Value::Null), (200, session("incomplete"))],
        ),
        (make_reusable(), vec![(200, minted), (200, token("ACTIVE"))]),
        (release(Some(AUTHORIZATION)), vec![(204, Value::Null)]),
        (forget(), vec![(202, Value::Null)]),
        (authorize_whole(false), vec![(200, placed.clone())]),
        (authorize_whole(true), vec![(200, placed)]),
        (
            authorize_saved(),
            vec![(403, step_up), (200, new_session())],
        ),
        (
            move_money(Moving::Capture),
            vec![(201, Value::Null), (200, order(json!({})))],
        ),
        (
            move_money(Moving::Refund),
            vec![(201, Value::Null), (200, order(json!({})))],
        ),
        (
            move_money(Moving::Void),
            vec![(200, order(json!({}))), (204, Value::Null)],
        ),
        (
            move_money(Moving::Void),
            vec![
                (200, order(json!({"captured_amount": 1}))),
                (204, Value::Null),
            ],
        ),
    ];
    let mut sent = Vec::new();
    for (request, answers) in cases {
        let world = world();
        for (status, body) in answers {
            world.answer(status, body);
        }
        world
            .perform_call(&call(request), BUDGET)
            .await
            .unwrap()
            .unwrap();
        sent.extend(world.sent());
    }
    sent
}
