use domain::Mode;
use domain::gateway::{GatewayAnswer, GatewayRequest, NewPayment};
use domain::refusal::Code;
use serde_json::json;

use super::*;
use crate::testing::{BUDGET, World, call, create_customer};

fn fields(world: &World) -> Vec<(String, String)> {
    world.sent().pop().unwrap().fields()
}

#[tokio::test]
async fn a_customer_carries_our_ids_for_people_who_read_the_dashboard() {
    let world = World::default();
    world.answer(200, json!({"id": "cus_1", "object": "customer"}));
    let answer = world.perform(create_customer()).await.unwrap().unwrap();
    assert_eq!(answer, GatewayAnswer::Customer("cus_1".to_owned()));

    let sent = &world.sent()[0];
    assert_eq!(sent.method, "POST");
    assert_eq!(sent.target, "https://api.stripe.com/v1/customers");
    assert_eq!(sent.authorization, "Bearer sk_test_hush");
    assert_eq!(sent.version, "2026-10-28.endive");
    assert_eq!(sent.key.as_ref().map(String::len), Some(64));
    assert_eq!(
        sent.fields(),
        pairs(&[
            ("email", "joan@example.com"),
            ("metadata[billfold_customer]", "eqRZMSaNqM"),
            ("metadata[billfold_organization]", "enWoxFMOnp"),
        ])
    );
}

#[tokio::test]
async fn a_payment_is_authorised_only_and_left_for_the_browser_to_confirm() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    world.perform(create_payment()).await.unwrap().unwrap();
    assert_eq!(
        fields(&world),
        pairs(&[
            ("amount", "12900"),
            ("currency", "eur"),
            ("capture_method", "manual"),
            ("automatic_payment_methods[enabled]", "true"),
            ("customer", "cus_1"),
            ("payment_method", "pm_1"),
            ("setup_future_usage", "off_session"),
            ("receipt_email", "joan@example.com"),
            ("description", "Order 1234"),
            ("metadata[billfold_order]", "qaMAhZkZvd"),
            ("metadata[billfold_payment_source]", "eqRZMSaNqM"),
            ("expand[]", "payment_method"),
        ])
    );
}

#[tokio::test]
async fn a_saved_source_pays_without_being_set_up_again() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    let request = GatewayRequest::CreatePayment(NewPayment {
        saved: Some("pm_saved".to_owned()),
        order_number: None,
        given: Map::new(),
        ..new_payment()
    });
    world.perform(request).await.unwrap().unwrap();
    let fields = fields(&world);
    assert!(fields.contains(&("payment_method".to_owned(), "pm_saved".to_owned())));
    assert!(fields.contains(&("description".to_owned(), "Order qaMAhZkZvd".to_owned())));
    for (name, _) in fields {
        let unwanted = [
            "setup_future_usage",
            "off_session",
            "confirm",
            "receipt_email",
        ];
        assert!(!unwanted.contains(&name.as_str()), "{name}");
    }
}

#[tokio::test]
async fn callers_options_reach_stripe_only_as_far_as_they_may() {
    let world = World::default();
    world.answer(200, intent("requires_payment_method"));
    let request = GatewayRequest::CreatePayment(NewPayment {
        customer_token: None,
        given: object(json!({"options": {
            "customer": "cus_other", "confirm": true, "off_session": true, "amount": 1,
            "capture_method": "automatic", "on_behalf_of": "acct_1", "transfer_data": {"a": 1},
            "return_url": "https://shop.example.com", "payment_method": "pm_2", "id": null,
        }})),
        ..new_payment()
    });
    world.perform(request).await.unwrap().unwrap();
    let names: Vec<_> = fields(&world).into_iter().map(|(name, _)| name).collect();
    for name in [
        "customer",
        "confirm",
        "off_session",
        "on_behalf_of",
        "return_url",
    ] {
        assert!(!names.iter().any(|it| it == name), "{name}");
    }
    let sent = &world.sent()[0];
    assert!(sent.body.contains("capture_method=manual"));
    assert!(sent.body.contains("payment_method=pm_2"));
}

#[tokio::test]
async fn options_that_stripe_would_stumble_over_are_refused_before_it_is_asked() {
    let cases = [
        (json!({"id": "pi_1"}), "options.id"),
        (json!({"id": 7}), "options.id"),
        (json!({"id": "pm_1/../../customers"}), "options.id"),
        (
            json!({"payment_method": {"id": "pm_1"}}),
            "options.payment_method",
        ),
        (
            json!({"id": "pm_1", "payment_method": "pm_2"}),
            "different payment methods",
        ),
        (
            json!({"setup_future_usage": "sometimes"}),
            "setup_future_usage",
        ),
        (json!({"setup_future_usage": true}), "setup_future_usage"),
    ];
    for (options, part) in cases {
        let world = World::default();
        let request = GatewayRequest::CreatePayment(NewPayment {
            given: object(json!({"options": options})),
            ..new_payment()
        });
        let (code, detail) = refusal_of(world.perform(request).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{options}: {detail}");
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn a_key_of_the_other_mode_is_never_used() {
    let live = json!({"login": "sk_live_hush"});
    let test = json!({"login": "rk_test_hush"});
    for (mode, credentials) in [(Mode::Test, live), (Mode::Live, test)] {
        let world = World::default();
        world.credentials(credentials);
        let mut call = call(create_payment());
        call.tenant.mode = mode;
        let failure = failure_of(world.perform_call(&call, BUDGET).await);
        assert!(failure.to_string().contains("other mode"), "{failure}");
        assert!(!failure.to_string().contains("hush"), "{failure}");
        assert_eq!(world.sent(), []);
    }
}
