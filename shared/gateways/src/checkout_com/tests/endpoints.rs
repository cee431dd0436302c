//! Every request that goes to Checkout.com, against what Checkout.com publishes of its API.

use published::Api;

use super::*;
use crate::checkout_com::endpoint::Endpoint;
use crate::published_requests::{is_published, json_problems};
use crate::testing::Sent;

const BASE: &str = "https://api.sandbox.checkout.com";

#[tokio::test]
async fn every_endpoint_is_used_and_every_request_is_one_that_is_described() {
    let sent = every_request().await;
    let used: Vec<_> = sent.iter().map(endpoint_of).collect();
    for endpoint in Endpoint::ALL {
        let is_it = |it: &&Endpoint| {
            (it.method(), it.template()) == (endpoint.method(), endpoint.template())
        };
        assert!(used.iter().any(|it| is_it(&it)), "{endpoint:?}");
    }
    let api = Api::checkout_com();
    for (sent, endpoint) in sent.iter().zip(used) {
        assert!(is_published(&api, BASE, sent), "{endpoint:?}");
        let problems = json_problems(&api, BASE, sent);
        assert_eq!(problems, [] as [String; 0], "{endpoint:?}");
    }
}

#[tokio::test]
async fn the_check_finds_what_is_wrong_with_a_payment() {
    let world = world();
    world.answer(201, payment("Authorized"));
    perform(&world, authorize(with_saved()))
        .await
        .unwrap()
        .unwrap();
    let fine = world.sent().remove(0);
    let api = Api::checkout_com();
    assert_eq!(json_problems(&api, BASE, &fine), [] as [String; 0]);
    for (pointer, wrong) in [
        ("/source/id", json!("src_short")),
        ("/source/type", json!("card")),
        ("/currency", json!("euro")),
        ("/customer/id", json!("pay_1")),
        ("/reference", json!("x".repeat(51))),
        ("/3ds/enabled", json!("yes")),
    ] {
        let mut body = fine.json();
        *body.pointer_mut(pointer).unwrap() = wrong;
        let sent = Sent {
            body: body.to_string(),
            ..fine.clone()
        };
        assert!(!json_problems(&api, BASE, &sent).is_empty(), "{pointer}");
    }
}

/// Each call of the rules, by all the ways that send something.
async fn every_request() -> Vec<Sent> {
    let ours = json!({"billfold_customer": "eqRZMSaNqM", "billfold_organization": "enWoxFMOnp"});
    let customer = json!({"id": CUSTOMER, "email": "joan@example.com", "metadata": ours});
    let refused = error(&["customer_email_already_exists"]);
    let ways = [
        (
            create_customer(Some("joan@example.com")),
            vec![(422, refused), (200, customer)],
        ),
        (create(new_payment()), vec![(201, session())]),
        (create(with_saved()), vec![(200, instrument())]),
        (authorize(with_token()), vec![(201, payment("Authorized"))]),
        (authorize(by_guest(with_token())), vec![(202, pending())]),
        (authorize(with_saved()), vec![(201, payment("Authorized"))]),
        (read_payment(PAYMENT), vec![(200, payment("Authorized"))]),
        (
            make_reusable(),
            vec![(200, payment("Authorized")), (200, instrument())],
        ),
        (
            release(),
            vec![(200, payment("Authorized")), (202, json!({}))],
        ),
        (forget(), vec![(204, Value::Null)]),
        (ask(Moving::Capture, 500), vec![(202, accepted())]),
        (ask(Moving::Void, 500), vec![(202, accepted())]),
        (ask(Moving::Refund, 500), vec![(202, accepted())]),
        (
            read_moved(Moving::Refund, Some(ACTION)),
            vec![(200, json!([])), (200, payment("Captured"))],
        ),
        (watch(), vec![(200, json!({"total_count": 0, "data": []}))]),
    ];
    let mut sent = Vec::new();
    for (request, answers) in ways {
        let world = world();
        for (status, answer) in answers {
            world.answer(status, answer);
        }
        perform(&world, request).await.unwrap().unwrap();
        assert_eq!(world.left(), 0);
        sent.extend(world.sent());
    }
    sent
}

fn endpoint_of(sent: &Sent) -> Endpoint {
    let without_query = |target: &'static str| target.split('?').next().unwrap();
    let path = sent.target.strip_prefix(BASE).unwrap();
    let path = path.split('?').next().unwrap();
    let is = |endpoint: &Endpoint| {
        let template = without_query(endpoint.template()).split('/');
        endpoint.method().as_str() == sent.method
            && template.clone().count() == path.split('/').count()
            && template
                .zip(path.split('/'))
                .all(|(expected, part)| expected == "{id}" || expected == part)
    };
    Endpoint::ALL.into_iter().find(is).unwrap()
}
