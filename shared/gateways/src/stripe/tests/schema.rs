//! Every form that goes to Stripe, against what Stripe publishes of its API: path, method, names of
//! fields at depth, types, allowed values, required fields.

use published::Api;
use serde_json::{Value, json};

use super::super::endpoint::Endpoint;
use super::*;
use crate::published_requests::form_problems;
use crate::testing::{Sent, World, create_customer};

const BASE: &str = "https://api.stripe.com";

#[tokio::test]
async fn every_request_is_one_that_stripe_describes() {
    let api = Api::stripe();
    for sent in every_request().await {
        let problems = form_problems(&api, BASE, &sent);
        let request = format!("{} {}", sent.method, sent.target);
        assert_eq!(problems, [] as [String; 0], "{request}");
    }
}

#[tokio::test]
async fn every_endpoint_is_among_the_requests_that_are_checked() {
    let sent = every_request().await;
    for endpoint in Endpoint::ALL {
        let template = endpoint.template().split('?').next().unwrap();
        let path = format!("https://api.stripe.com{template}");
        let (before, after) = path.split_once("{id}").unwrap_or((&path, ""));
        let is_it = |it: &Sent| {
            let target = it.target.split('?').next().unwrap();
            let id = target
                .strip_prefix(before)
                .and_then(|it| it.strip_suffix(after));
            it.method == endpoint.method().as_str() && id.is_some_and(|id| !id.contains('/'))
        };
        assert!(sent.iter().any(is_it), "{endpoint:?}");
    }
}

#[tokio::test]
async fn the_check_finds_what_is_wrong_with_a_payment() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.perform(create_payment()).await.unwrap().unwrap();
    let fine = world.sent().remove(0);
    let without = |name: &str| {
        let fields = fine.fields();
        let kept = fields.iter().filter(|(field, _)| field != name);
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .finish()
    };
    let api = Api::stripe();
    for (name, wrong) in [
        ("amount", ""),
        ("currency", ""),
        ("amount", "&amount=1.5"),
        ("capture_method", "&capture_method=never"),
        (
            "metadata[order]",
            &format!("&metadata[order]={}", "x".repeat(501)),
        ),
        ("", "&confirmed=true"),
        ("", "&payment_method_options[card][setup]=on_session"),
    ] {
        let sent = Sent {
            body: without(name) + wrong,
            ..fine.clone()
        };
        assert_eq!(form_problems(&api, BASE, &sent).len(), 1, "{name} {wrong}");
    }
    let elsewhere = Sent {
        target: format!("{BASE}/v1/things"),
        ..fine.clone()
    };
    assert_eq!(form_problems(&api, BASE, &elsewhere).len(), 1);
}

/// Each step of the adapter once, and the GETs that settle one.
async fn every_request() -> Vec<Sent> {
    let mut sent = Vec::new();
    let saved = GatewayRequest::CreatePayment(NewPayment {
        saved: Some("pm_1".to_owned()),
        ..new_payment()
    });
    let with_saved = NewPayment {
        saved: Some("pm_1".to_owned()),
        ..new_payment()
    };
    let listed = json!({"data": [refund("succeeded")], "has_more": false});
    let update = update_payment(Some(amount(5, "ISK")), Some(json!({"id": "pm_2"})));
    let open = || intent("requires_confirmation");
    let attached = || method("pm_1", json!("cus_1"));
    let cases = [
        (create_customer(), vec![(200, json!({"id": "cus_1"}))]),
        (create_payment(), vec![(200, open())]),
        (saved, vec![(200, open())]),
        (read_payment(), vec![(200, open())]),
        (update, vec![(200, open())]),
        (
            make_reusable(),
            vec![(200, open()), (400, invalid("")), (200, attached())],
        ),
        (
            release(),
            vec![(400, invalid("")), (200, intent("canceled"))],
        ),
        (
            authorize(new_payment()),
            vec![(200, open()), (200, intent("requires_capture"))],
        ),
        (
            authorize(with_saved),
            vec![(200, open()), (200, intent("requires_capture"))],
        ),
        (
            GatewayRequest::Move(moving(Moving::Capture, 500)),
            vec![(200, intent("succeeded"))],
        ),
        (
            GatewayRequest::Move(moving(Moving::Void, 500)),
            vec![(200, intent("canceled"))],
        ),
        (
            GatewayRequest::Move(moving(Moving::Refund, 500)),
            vec![(400, invalid("")), (200, listed)],
        ),
        (
            read_moved(Moving::Refund, Some("re_1")),
            vec![(200, refund("pending"))],
        ),
        (
            read_kept(KeptThere::Customer("cus_1".to_owned())),
            vec![(200, json!({"id": "cus_1"}))],
        ),
        (
            forget(),
            vec![(400, invalid("")), (200, method("pm_1", Value::Null))],
        ),
    ];
    for (request, answers) in cases {
        let world = World::default();
        for (status, body) in answers {
            world.answer(status, body);
        }
        world.perform(request).await.unwrap().unwrap();
        sent.extend(world.sent());
    }
    sent
}
