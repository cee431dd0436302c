use domain::gateway::Progress;
use domain::record::Record;
use domain::{Mode, Timestamp};

use super::*;

#[tokio::test]
async fn a_session_is_opened_for_the_order_and_holds_nothing() {
    let world = world();
    world.answer(201, session());
    let payment = payment_of(perform(&world, create(new_payment())).await);
    let sent = &world.sent()[0];
    assert_eq!(
        sent.target,
        "https://api.sandbox.checkout.com/payment-sessions"
    );
    assert_eq!(sent.authorization, "Bearer sk_sbox_hush");
    assert_eq!(sent.header("cko-idempotency-key"), None);
    let mut body = sent.json();
    let ends = body.as_object_mut().unwrap().remove("expires_on");
    assert!(ends.unwrap().is_string());
    assert_eq!(
        body,
        json!({
            "amount": 12_900, "currency": "EUR", "capture": false, "payment_type": "Regular",
            "reference": "qaMAhZkZvd", "description": "Order 1234",
            "3ds": {"enabled": true, "challenge_indicator": "challenge_requested_mandate"},
            "metadata": {"billfold_payment_source": "eqRZMSaNqM"},
            "customer": {"id": CUSTOMER, "email": "joan@example.com"},
            "billing": {"address": {"country": "IT"}},
            "payment_method_configuration": {"card": {"store_payment_details": "collect_consent"}},
            "success_url": "https://shop.test/paid", "failure_url": "https://shop.test/not-paid",
        })
    );
    assert_eq!(payment.reference, None);
    assert_eq!(payment.progress, Progress::Open);
    assert_eq!(payment.amount, euros(12_900));
    assert_eq!(
        Value::Object(payment.attributes),
        json!({
            "public_key": "pk_sbox_1", "payment_session": session(), "source_id": null,
            "customer_token": CUSTOMER, "redirect_uri": null, "payment_response": null,
            "payment_instrument": null,
        })
    );
    assert_eq!(payment.details, json!({"type": "checkout_com_payment"}));
}

#[tokio::test]
async fn a_guests_session_stores_no_card_and_has_no_customer() {
    let world = world();
    world.answer(201, session());
    let payment = payment_of(perform(&world, create(by_guest(new_payment()))).await);
    let body = world.sent()[0].json();
    assert_eq!(body.get("customer"), None);
    let configuration = &body["payment_method_configuration"]["card"];
    assert_eq!(configuration["store_payment_details"], "disabled");
    assert_eq!(payment.customer_token, None);
    assert_eq!(payment.attributes["customer_token"], Value::Null);
}

#[tokio::test]
async fn what_a_session_lacks_is_refused_by_name_before_anything_is_sent() {
    let without_basket = NewPayment {
        basket: None,
        ..new_payment()
    };
    let mut odd_country = new_payment();
    let buyer = &mut odd_country.basket.as_mut().unwrap().buyer;
    buyer.billing.as_mut().unwrap().country_code = Some("Italy".to_owned());
    let with_url = |name: &str, url: Value| {
        let mut payment = new_payment();
        payment.given.insert(name.to_owned(), url);
        payment
    };
    let long = format!("https://shop.test/{}", "a".repeat(255));
    let cases = [
        (without_basket, "billing address with a country"),
        (odd_country, "billing address with a country"),
        (
            with_url("success_url", json!("javascript:x")),
            "success_url must",
        ),
        (
            with_url("failure_url", json!("shop.test/a")),
            "failure_url must",
        ),
        (with_url("failure_url", json!(long)), "failure_url must"),
        (with_url("success_url", Value::Null), "success_url - can't"),
        (
            NewPayment {
                amount: euros(0),
                ..new_payment()
            },
            "amounts from 1",
        ),
    ];
    for (payment, part) in cases {
        let world = world();
        let (code, detail) = refusal_of(perform(&world, create(payment)).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{detail}");
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn a_saved_card_is_looked_at_and_not_paid_with() {
    let world = world();
    world.answer(200, instrument());
    let payment = payment_of(perform(&world, create(with_saved())).await);
    let sent = &world.sent()[0];
    assert_eq!(sent.method, "GET");
    assert!(sent.target.ends_with(&format!("/instruments/{SOURCE}")));
    assert_eq!(world.sent().len(), 1);
    assert_eq!(payment.reference, None);
    assert_eq!(payment.instrument, None);
    let response = &payment.attributes["payment_response"];
    assert_eq!(
        *response,
        json!({"source": {
            "id": SOURCE, "type": "card", "scheme": "Visa", "last4": "4242", "bin": "424242",
            "expiry_month": 8, "expiry_year": 2030,
        }})
    );
    assert_eq!(payment.attributes["source_id"], SOURCE);
    assert_eq!(payment.attributes["payment_session"], Value::Null);
    let instrument = &payment.attributes["payment_instrument"];
    assert_eq!(instrument["card_last_digits"], "4242");
}

#[tokio::test]
async fn a_saved_card_that_is_gone_expired_or_somebody_elses_cannot_be_used() {
    let mut expired = instrument();
    expired["expiry_year"] = json!(1969);
    let cases = [
        (None, "does not keep"),
        (
            Some(of(instrument(), json!({"id": "cus_other"}))),
            "another customer",
        ),
        (Some(of(instrument(), Value::Null)), "another customer"),
        (Some(expired), "expired"),
    ];
    for (answer, part) in cases {
        let world = world();
        match answer {
            Some(answer) => drop(world.answer(200, answer)),
            None => missing(&world),
        }
        let (code, detail) = refusal_of(perform(&world, create(with_saved())).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
        assert!(detail.contains(part), "{detail}");
    }
    let world = world();
    world.answer(200, instrument());
    let guests = create(by_guest(with_saved()));
    let (code, _) = refusal_of(perform(&world, guests).await);
    assert_eq!(code, Code::PaymentSourceNotReusable);
}

#[tokio::test]
async fn a_customer_is_made_with_their_email() {
    let world = world();
    world.answer(201, json!({"id": CUSTOMER}));
    let made = perform(&world, create_customer(Some("joan@example.com"))).await;
    assert_eq!(made, Ok(Ok(GatewayAnswer::Customer(CUSTOMER.to_owned()))));
    let sent = &world.sent()[0];
    assert_eq!(sent.target, "https://api.sandbox.checkout.com/customers");
    assert_eq!(sent.header("cko-idempotency-key"), None);
    assert_eq!(
        sent.json(),
        json!({
            "email": "joan@example.com",
            "metadata": {"billfold_customer": "eqRZMSaNqM", "billfold_organization": "enWoxFMOnp"},
        })
    );
}

#[tokio::test]
async fn a_customer_who_is_there_already_is_taken() {
    let world = world();
    world.answer(422, error(&["customer_email_already_exists"]));
    let ours = json!({
        "billfold_customer": "eqRZMSaNqM", "billfold_organization": "enWoxFMOnp", "crm": "7",
    });
    world.answer(
        200,
        json!({"id": CUSTOMER, "email": "Joan+1@example.com", "metadata": ours}),
    );
    let made = perform(&world, create_customer(Some("joan+1@example.com"))).await;
    assert_eq!(made, Ok(Ok(GatewayAnswer::Customer(CUSTOMER.to_owned()))));
    let target = &world.sent()[1].target;
    assert!(
        target.ends_with("/customers/joan%2B1%40example.com"),
        "{target}"
    );
}

#[tokio::test]
async fn a_customer_who_is_somebody_elses_is_not_taken() {
    for metadata in [
        json!(null),
        json!({}),
        json!({"billfold_customer": "anotherOne", "billfold_organization": "enWoxFMOnp"}),
        json!({"billfold_customer": "eqRZMSaNqM", "billfold_organization": "anotherOrg"}),
    ] {
        let world = world();
        world.answer(422, error(&["customer_email_already_exists"]));
        let theirs = "cus_aaaaaaaaaaaaaaaaaaaaaaaaaa";
        world.answer(
            200,
            json!({"id": theirs, "email": "joan@example.com", "metadata": metadata}),
        );
        world.answer(201, json!({"id": CUSTOMER}));
        let made = perform(&world, create_customer(Some("joan@example.com"))).await;
        assert_eq!(made, Ok(Ok(GatewayAnswer::Customer(CUSTOMER.to_owned()))));
        let own = &world.sent()[2].json()["email"];
        assert_eq!(own, "joan+eqRZMSaNqM@example.com");
    }
}

#[tokio::test]
async fn a_customer_of_another_email_is_never_taken() {
    for answer in [
        json!({"id": CUSTOMER, "email": "other@example.com"}),
        json!({"id": CUSTOMER}),
    ] {
        let world = world();
        world.answer(422, error(&["customer_email_already_exists"]));
        world.answer(200, answer);
        let failure = failure_of(perform(&world, create_customer(Some("joan@example.com"))).await);
        assert!(matches!(failure, CallFailure::NotUnderstood(_)));
    }
}

#[tokio::test]
async fn a_customer_without_an_email_is_refused_and_nobody_elses_id_is_looked_up() {
    for email in [None, Some(""), Some(CUSTOMER)] {
        let world = world();
        let (code, detail) = refusal_of(perform(&world, create_customer(email)).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains("needs an e-mail"), "{detail}");
        assert_eq!(world.sent(), []);
    }
    for status in [404, 422] {
        let world = world();
        world.answer(422, error(&["something_new"]));
        world.answer_with(status, &[OWN], &error(&["something_new"]).to_string());
        let (_, detail) = refusal_of(perform(&world, create_customer(Some("a@b@c"))).await);
        assert!(detail.contains("e-mail address"), "{detail}");
    }
}

#[tokio::test]
async fn the_gateways_settings_name_the_accounts_host_and_channel() {
    let mut gateway = Record::new(
        GatewayKind::CheckoutCom.resource_type(),
        "WmOodsVPmQ".parse().unwrap(),
        Timestamp::from_unix_millis(0),
    );
    gateway.set("account_prefix", json!("vkuhvk4v"));
    gateway.set(
        "processing_channel_id",
        json!("pc_hpswyyx23geezflc2ocz3exn4y"),
    );
    let mut call = call(create(new_payment()));
    call.settings = Settings::of(Some(&gateway));
    let world = world();
    world.answer(201, session());
    payment_of(perform_call(&world, &call).await);
    let sent = &world.sent()[0];
    let host = "https://vkuhvk4v.api.sandbox.checkout.com/";
    assert!(sent.target.starts_with(host), "{}", sent.target);
    let channel = "pc_hpswyyx23geezflc2ocz3exn4y";
    assert_eq!(sent.json()["processing_channel_id"], channel);

    gateway.set("account_prefix", json!("evil.test/"));
    call.settings = Settings::of(Some(&gateway));
    let failure = failure_of(perform_call(&world, &call).await);
    assert!(failure.to_string().contains("account_prefix"), "{failure}");
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn keys_of_the_other_mode_reach_nothing() {
    let cases = [
        (Mode::Test, "sk_live", None),
        (Mode::Test, "sk_sbox_hush", Some("pk_live")),
        (Mode::Live, "sk_sbox_hush", None),
        (Mode::Live, "sk_live", Some("pk_sbox_1")),
        (Mode::Test, "pk_sbox_1", None),
    ];
    for (mode, secret_key, public_key) in cases {
        let world = world();
        world.credentials(json!({"secret_key": secret_key, "public_key": public_key}));
        let mut call = call(create(new_payment()));
        call.tenant.mode = mode;
        let failure = failure_of(perform_call(&world, &call).await);
        assert!(matches!(failure, CallFailure::CredentialsUnusable { .. }));
        assert!(!failure.to_string().contains("hush"), "{failure}");
        assert_eq!(world.sent(), []);
    }
    let world = world();
    world.credentials(json!({"secret_key": "sk_1", "public_key": "pk_1"}));
    world.answer(201, session());
    let mut call = call(create(new_payment()));
    call.tenant.mode = Mode::Live;
    payment_of(perform_call(&world, &call).await);
    assert!(
        world.sent()[0]
            .target
            .starts_with("https://api.checkout.com/")
    );
}
