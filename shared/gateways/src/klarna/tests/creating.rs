use domain::gateway::Progress;

use super::*;

#[tokio::test]
async fn a_session_is_opened_with_what_the_order_says() {
    let world = world();
    world.answer(200, new_session());
    let payment = payment_of(perform(&world, create_payment()).await);

    let sent = &world.sent()[0];
    assert_eq!(sent.method, "POST");
    assert_eq!(
        sent.target,
        "https://api.playground.klarna.com/payments/v1/sessions"
    );
    // base64 of klarna_test_api_shop:hush
    assert_eq!(
        sent.authorization,
        "Basic a2xhcm5hX3Rlc3RfYXBpX3Nob3A6aHVzaA=="
    );
    assert_eq!(sent.header("klarna-idempotency-key"), None);
    let mut body = sent.json();
    let lines = body["order_lines"].take();
    assert_eq!(lines.as_array().map(Vec::len), Some(2));
    let told_at = body["merchant_urls"]["notification"].take();
    let told_at = told_at.as_str().unwrap();
    let secret = told_at
        .strip_prefix("https://billfold.test/hooks/")
        .unwrap();
    assert_eq!(secret.split('/').next_back().map(str::len), Some(64));
    assert_eq!(
        body,
        json!({
            "intent": "buy_and_tokenize", "locale": "de-DE",
            "purchase_country": "DE", "purchase_currency": "EUR",
            "order_amount": 12_900, "order_tax_amount": 2_060, "order_lines": null,
            "merchant_reference1": "qaMAhZkZvd", "merchant_reference2": "1234",
            "merchant_urls": {"notification": null},
        })
    );

    assert_eq!(payment.reference.as_deref(), Some(SESSION));
    assert_eq!(payment.amount, amount(12_900, "EUR"));
    assert_eq!(payment.progress, Progress::Open);
    assert_eq!(payment.details, json!({"type": "klarna_payment"}));
    assert_eq!(
        Value::Object(payment.attributes),
        json!({
            "session_id": SESSION, "client_token": "eyJ.client.hush", "payment_instrument": null,
            "payment_methods": new_session()["payment_method_categories"],
        })
    );
}

#[tokio::test]
async fn a_guest_is_asked_for_nothing_to_keep() {
    let world = world();
    world.answer(200, new_session());
    let guests = NewPayment {
        customer: None,
        ..new_payment()
    };
    payment_of(perform(&world, GatewayRequest::CreatePayment(guests)).await);
    assert_eq!(world.sent()[0].json()["intent"], "buy");
}

#[tokio::test]
async fn where_klarna_makes_no_tokens_a_customer_pays_all_the_same() {
    let world = world();
    world.answer(400, tokens_refused());
    world.answer(200, new_session());
    payment_of(perform(&world, create_payment()).await);
    let [first, second] = [0, 1].map(|place| world.sent()[place].json());
    assert_eq!(first["intent"], "buy_and_tokenize");
    assert_eq!(second["intent"], "buy");
    assert_eq!(first["order_lines"], second["order_lines"]);
}

#[tokio::test]
async fn another_refusal_is_not_asked_again() {
    let cases = [
        ("Bad value: purchase_currency", "currency"),
        ("Bad value: billing_address.postal_code", "addresses"),
        ("Bad value: order_lines[0].total_amount", "line items"),
        ("Bad value: hologram", "Check the order's"),
    ];
    for (message, part) in cases {
        let world = world();
        world.answer(400, error("BAD_VALUE", message));
        let (code, detail) = refusal_of(perform(&world, create_payment()).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{detail}");
        assert_eq!(world.sent().len(), 1);
    }
}

#[tokio::test]
async fn an_order_that_klarna_cannot_take_is_refused_without_asking() {
    let nowhere = {
        let mut payment = new_payment();
        payment.basket.as_mut().unwrap().buyer.billing = None;
        payment
    };
    let in_yen = NewPayment {
        amount: amount(12_900, "JPY"),
        ..new_payment()
    };
    let too_much = NewPayment {
        amount: amount(i64::MAX, "EUR"),
        ..new_payment()
    };
    let cases = [
        (nowhere, "billing address with a country"),
        (in_yen, "no payments in JPY"),
        (too_much, "100000000 minor units"),
    ];
    for (payment, part) in cases {
        let world = world();
        let request = GatewayRequest::CreatePayment(payment);
        let (code, detail) = refusal_of(perform(&world, request).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{detail}");
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn a_payment_without_its_basket_is_a_defect_of_ours() {
    let world = world();
    let request = GatewayRequest::CreatePayment(NewPayment {
        basket: None,
        ..new_payment()
    });
    let failure = failure_of(perform(&world, request).await);
    assert!(matches!(failure, CallFailure::NotWritable(_)), "{failure}");
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn nothing_that_callers_give_the_source_reaches_klarna() {
    let world = world();
    world.answer(200, new_session());
    let given = json!({"order_amount": 1, "options": {"intent": "tokenize"}, "metadata": {"a": 1}});
    let request = GatewayRequest::CreatePayment(NewPayment {
        given: given.as_object().unwrap().clone(),
        ..new_payment()
    });
    payment_of(perform(&world, request).await);
    let body = world.sent()[0].json();
    assert_eq!(body["order_amount"], 12_900);
    assert_eq!(body.get("options"), None);
    assert_eq!(body.get("metadata"), None);
}
