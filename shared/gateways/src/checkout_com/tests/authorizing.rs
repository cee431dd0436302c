use domain::gateway::Progress;

use super::*;

#[tokio::test]
async fn a_token_is_authorised_and_never_captured() {
    let world = world();
    world.answer(201, payment("Authorized"));
    let held = payment_of(perform(&world, authorize(with_token())).await);
    let sent = &world.sent()[0];
    assert_eq!(sent.target, "https://api.sandbox.checkout.com/payments");
    assert_eq!(sent.header("cko-idempotency-key").unwrap().len(), 64);
    assert_eq!(
        sent.json(),
        json!({
            "amount": 12_900, "currency": "EUR", "capture": false, "payment_type": "Regular",
            "reference": "qaMAhZkZvd", "description": "Order 1234",
            "3ds": {"enabled": true, "challenge_indicator": "challenge_requested_mandate"},
            "metadata": {"billfold_payment_source": "eqRZMSaNqM"}, "customer": {"id": CUSTOMER},
            "source": {"type": "token", "token": TOKEN, "store_for_future_use": true},
            "merchant_initiated": false,
            "success_url": "https://shop.test/paid", "failure_url": "https://shop.test/not-paid",
        })
    );
    assert_eq!(held.reference.as_deref(), Some(PAYMENT));
    assert_eq!(held.progress, Progress::Authorized);
    assert_eq!(held.amount, euros(12_900));
    assert_eq!(held.order, Some("qaMAhZkZvd".parse().unwrap()));
    assert_eq!(held.customer_token.as_deref(), Some(CUSTOMER));
    assert_eq!(held.instrument.as_deref(), Some(SOURCE));
}

#[tokio::test]
async fn what_is_shown_of_a_payment_has_no_address_no_mail_and_leaves_the_session_alone() {
    let world = world();
    world.answer(201, payment("Authorized"));
    let held = payment_of(perform(&world, authorize(with_token())).await);
    let names: Vec<_> = held.attributes.keys().collect();
    assert_eq!(
        names,
        [
            "public_key",
            "source_id",
            "customer_token",
            "redirect_uri",
            "payment_response",
            "payment_instrument"
        ]
    );
    let source = json!({
        "id": SOURCE, "type": "card", "scheme": "Visa", "last4": "4242", "bin": "424242",
        "expiry_month": 8, "expiry_year": 2030,
        "fingerprint": "F31828E2BDABAE63EB694903825CDD36041CC6ED461440B81415895855502832",
    });
    assert_eq!(
        held.attributes["payment_response"],
        json!({
            "id": PAYMENT, "action_id": "act_mbabizu24mvu3mela5njyhpit4", "amount": 12_900,
            "currency": "EUR", "approved": true, "status": "Authorized",
            "response_code": "10000", "response_summary": "Approved",
            "3ds": {"downgraded": false, "enrolled": "N"}, "source": source,
            "customer": {"id": CUSTOMER}, "processed_on": "2026-09-10T10:11:12Z",
            "reference": "qaMAhZkZvd",
        })
    );
    assert_eq!(held.attributes["source_id"], SOURCE);
    assert_eq!(held.attributes["redirect_uri"], Value::Null);
    let instrument = &held.attributes["payment_instrument"];
    assert_eq!(instrument["issuer_type"], "credit card");
    assert_eq!(instrument["card_type"], "visa");
    assert_eq!(
        held.details,
        json!({
            "type": "checkout_com_payment", "payment_method_id": PAYMENT,
            "payment_method_details": source,
        })
    );
}

#[tokio::test]
async fn a_guests_card_is_not_stored() {
    let world = world();
    let mut answer = payment("Authorized");
    answer.as_object_mut().unwrap().remove("customer");
    world.answer(201, answer);
    let held = payment_of(perform(&world, authorize(by_guest(with_token()))).await);
    let body = world.sent()[0].json();
    assert_eq!(body["source"]["store_for_future_use"], json!(false));
    assert_eq!(body.get("customer"), None);
    assert_eq!((held.instrument, held.customer_token), (None, None));
}

#[tokio::test]
async fn a_saved_card_pays_by_its_id_while_the_shopper_is_there() {
    let world = world();
    world.answer(201, payment("Authorized"));
    payment_of(perform(&world, authorize(with_saved())).await);
    let body = world.sent()[0].json();
    assert_eq!(body["source"], json!({"type": "id", "id": SOURCE}));
    assert_eq!(body["merchant_initiated"], json!(false));
    assert_eq!(body["payment_type"], "Regular");
    assert_eq!(body.get("success_url"), None);
}

#[tokio::test]
async fn a_decline_is_an_answer_that_keeps_no_card() {
    let world = world();
    world.answer(201, declined());
    let payment = payment_of(perform(&world, authorize(with_token())).await);
    assert_eq!(payment.progress, Progress::Declined);
    assert_eq!(payment.instrument, None);
    assert_eq!(payment.attributes["source_id"], Value::Null);
    let response = &payment.attributes["payment_response"];
    assert_eq!(response["status"], "Declined");
    assert_eq!(response["approved"], false);
    assert_eq!(response["response_summary"], "Insufficient Funds");
}

#[tokio::test]
async fn a_bank_that_asks_its_customer_leaves_the_payment_open() {
    let world = world();
    world.answer(202, pending());
    let open = payment_of(perform(&world, authorize(with_token())).await);
    assert_eq!(open.progress, Progress::Open);
    assert_eq!(open.reference.as_deref(), Some(PAYMENT));
    assert_eq!(open.amount, euros(12_900));
    let redirect = "https://3ds2-sandbox.ckotech.co/interceptor/sid_1";
    assert_eq!(open.attributes["redirect_uri"], redirect);
    assert_eq!(open.attributes["payment_response"]["status"], "Pending");
    assert_eq!(open.attributes["payment_instrument"], Value::Null);
    assert_eq!(open.instrument, None);
}

#[tokio::test]
async fn what_cannot_be_paid_with_is_refused_before_anything_is_sent() {
    let with = |token: Option<&str>, saved: Option<&str>| NewPayment {
        shopper_token: token.map(str::to_owned),
        saved: saved.map(str::to_owned),
        ..with_token()
    };
    let cases = [
        (with(None, None), Code::ValidationError),
        (with(Some("tok_"), None), Code::ValidationError),
        (with(Some("src_1"), None), Code::ValidationError),
        (with(Some("tok_a/b"), None), Code::ValidationError),
        (with(None, Some("tok_1")), Code::PaymentSourceNotReusable),
    ];
    for (payment, expected) in cases {
        let world = world();
        let (code, _) = refusal_of(perform(&world, authorize(payment)).await);
        assert_eq!(code, expected);
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn another_attempt_card_or_amount_has_another_key() {
    let key = async |payment: NewPayment, attempt: u32| {
        let world = world();
        world.answer(201, super::payment("Authorized"));
        let mut call = call(authorize(payment));
        call.attempt = attempt;
        payment_of(perform_call(&world, &call).await);
        world.sent()[0]
            .header("cko-idempotency-key")
            .unwrap()
            .to_owned()
    };
    let other_token = NewPayment {
        shopper_token: Some("tok_other".to_owned()),
        ..with_token()
    };
    let other_amount = NewPayment {
        amount: euros(5),
        ..with_token()
    };
    let first = key(with_token(), 0).await;
    assert_eq!(key(with_token(), 0).await, first);
    assert_ne!(key(with_token(), 1).await, first);
    assert_ne!(key(other_token, 0).await, first);
    assert_ne!(key(other_amount, 0).await, first);
}
