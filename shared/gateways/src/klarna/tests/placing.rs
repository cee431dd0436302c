use domain::gateway::{Books, Decline, Progress};

use super::*;

fn placed(fraud_status: &str) -> Value {
    json!({
        "order_id": ORDER, "fraud_status": fraud_status,
        "redirect_url": "https://credit.klarna.com/v1/sessions/x/redirect",
    })
}

fn step_up() -> Value {
    let mut error = error("STEP_UP_REQUIRED", "The shopper has to approve this");
    error["step_up_id"] = json!("step-up-1");
    error
}

fn books(held: i64) -> Option<Books> {
    Some(Books {
        held,
        ..Books::default()
    })
}

fn code(decline: Option<Decline>) -> String {
    decline.unwrap().code.unwrap_or_default()
}

#[tokio::test]
async fn an_order_is_placed_as_the_session_says_it_and_not_captured() {
    let opening = world();
    opening.answer(200, new_session());
    payment_of(perform(&opening, create_payment()).await);
    let mut session = opening.sent()[0].json();
    for only_there in ["intent", "merchant_urls"] {
        session.as_object_mut().unwrap().remove(only_there);
    }

    let world = world();
    world.answer(200, placed("ACCEPTED"));
    let payment = payment_of(perform(&world, authorize()).await);
    let sent = &world.sent()[0];
    assert_eq!(
        sent.target,
        format!(
            "https://api.playground.klarna.com/payments/v1/authorizations/{AUTHORIZATION}/order"
        )
    );
    let mut order = sent.json();
    let auto_capture = order.as_object_mut().unwrap().remove("auto_capture");
    assert_eq!(auto_capture, Some(json!(false)));
    assert_eq!(order, session);

    assert_eq!(payment.reference, Some(order_reference()));
    assert_eq!(payment.progress, Progress::Authorized);
    assert_eq!(payment.amount, amount(12_900, "EUR"));
    assert_eq!(payment.books, books(12_900));
    assert!(!payment.is_undecided());
}

#[tokio::test]
async fn how_the_shopper_pays_klarna_is_shown_and_of_a_saved_source_what_was() {
    let shown = async |request, method: Value| {
        let mut answer = placed("ACCEPTED");
        answer["authorized_payment_method"] = method;
        let world = world();
        world.answer(200, answer);
        let payment = payment_of(perform(&world, request).await);
        payment.attributes.get("payment_instrument").cloned()
    };
    let issuer_type = |text: &str| Some(json!({ "issuer_type": text }));
    let invoice = json!({ "type": "invoice", "number_of_days": 30 });
    assert_eq!(
        shown(authorize(), invoice.clone()).await,
        issuer_type("invoice")
    );
    assert_eq!(
        shown(authorize(), json!({ "type": "" })).await,
        issuer_type("klarna")
    );
    assert_eq!(shown(authorize(), Value::Null).await, None);
    assert_eq!(shown(authorize_saved(), invoice).await, None);
}

#[tokio::test]
async fn a_pending_order_is_not_decided_on_and_a_rejected_one_is_declined() {
    for request in [authorize(), authorize_saved()] {
        let world = world();
        world.answer(200, placed("PENDING"));
        let payment = payment_of(perform(&world, request.clone()).await);
        assert_eq!(payment.reference, Some(order_reference()));
        assert_eq!(payment.progress, Progress::Authorized);
        assert!(payment.is_undecided());

        world.answer(200, placed("REJECTED"));
        let payment = payment_of(perform(&world, request.clone()).await);
        assert_eq!(payment.progress, Progress::Declined);
        assert_eq!(code(payment.decline), "REJECTED");

        world.answer(403, error("REJECTED", "The purchase was rejected"));
        let payment = payment_of(perform(&world, request).await);
        assert_eq!(payment.progress, Progress::Declined);
        assert_eq!((payment.reference, payment.books), (None, None));
        assert_eq!(code(payment.decline), "REJECTED");
    }
}

#[tokio::test]
async fn a_saved_source_orders_with_step_up_supported() {
    let world = world();
    world.answer(200, placed("ACCEPTED"));
    let payment = payment_of(perform(&world, authorize_saved()).await);
    assert_eq!(payment.reference, Some(order_reference()));
    let sent = &world.sent()[0];
    assert_eq!(
        sent.target,
        format!("https://api.playground.klarna.com/customer-token/v1/tokens/{TOKEN}/order")
    );
    let body = sent.json();
    assert_eq!(body["step_up"], "SUPPORTED");
    assert_eq!(body["auto_capture"], false);
    assert_eq!(body["merchant_reference1"], "qaMAhZkZvd");
    assert_eq!(body.get("purchase_country"), None);
    assert_eq!(body.get("locale"), None);
    assert!(sent.header("klarna-idempotency-key").is_some());
}

#[tokio::test]
async fn a_step_up_opens_a_session_in_which_the_shopper_goes_on() {
    let world = world();
    world.answer(403, step_up());
    world.answer(200, new_session());
    let payment = payment_of(perform(&world, authorize_saved()).await);
    assert_eq!(payment.progress, Progress::Open);
    assert_eq!((payment.failed, payment.decline), (false, None));
    assert_eq!(payment.reference.as_deref(), Some(SESSION));
    let shown = Value::Object(payment.attributes);
    assert_eq!(shown["session_id"], SESSION);
    assert_eq!(shown["client_token"], "eyJ.client.hush");
    assert_eq!(shown["payment_methods"][0]["identifier"], "klarna");
    assert_eq!(shown.get("payment_instrument"), None, "stays as it is");
    let session = world.sent()[1].json();
    assert_eq!(session["step_up_id"], "step-up-1");
    assert_eq!(session["intent"], "buy");

    let approved = NewPayment {
        shopper_token: Some(AUTHORIZATION.to_owned()),
        saved: Some(TOKEN.to_owned()),
        payment: Some(SESSION.to_owned()),
        ..new_payment()
    };
    world.answer(200, placed("ACCEPTED"));
    let request = GatewayRequest::AuthorizePayment(approved);
    let payment = payment_of(perform(&world, request).await);
    assert_eq!(payment.progress, Progress::Authorized);
    assert!(world.sent()[2].target.contains(AUTHORIZATION));
}

#[tokio::test]
async fn what_a_saved_source_does_not_pay_the_shopper_may_pay_in_a_session() {
    for (status, of_token) in [
        (403, "TOKEN_SUSPENDED"),
        (403, "TOKEN_CANCELLED"),
        (403, "TOKEN_FORBIDDEN"),
        (403, "UNAVAILABLE_PAYMENT_METHOD"),
        (403, "PAYMENT_METHOD_CURRENCY_MISMATCH"),
        (403, "PAYMENT_METHOD_FAILED"),
        (404, "TOKEN_NOT_FOUND"),
    ] {
        let world = world();
        world.answer(status, error(of_token, "no"));
        world.answer(200, new_session());
        let payment = payment_of(perform(&world, authorize_saved()).await);
        assert_eq!(payment.progress, Progress::Open);
        assert!(payment.failed);
        assert_eq!(code(payment.decline), of_token);
        assert_eq!(world.sent()[1].json().get("step_up_id"), None);

        world.answer(status, error(of_token, "no"));
        world.answer(400, error("BAD_VALUE", "Bad value: purchase_currency"));
        let payment = payment_of(perform(&world, authorize_saved()).await);
        assert_eq!(payment.progress, Progress::Declined);
        assert_eq!(code(payment.decline), of_token);
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_order_is_no_decline() {
    for request in [authorize(), authorize_saved()] {
        let world = world();
        world.answer(400, error("BAD_VALUE", "Bad value: order_lines"));
        let (code, detail) = refusal_of(perform(&world, request).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains("line items"), "{detail}");
    }
}

#[tokio::test]
async fn an_approval_that_is_over_has_to_be_given_again() {
    for (status, body) in [
        (404, error("NOT_FOUND", "Invalid authorization token")),
        (
            403,
            error("INVALID_OPERATION", "Authorization token already consumed"),
        ),
    ] {
        let world = world();
        world.answer(status, body);
        world.answer(200, session("incomplete"));
        let (_, detail) = refusal_of(perform(&world, authorize()).await);
        assert!(detail.contains("approve the payment again"), "{detail}");
    }
    let world = world();
    world.answer(
        409,
        error("BAD_VALUE", "Not matching fields: [order_lines]"),
    );
    let (_, detail) = refusal_of(perform(&world, authorize()).await);
    assert!(detail.contains("not what the shopper approved"), "{detail}");
}

#[tokio::test]
async fn an_order_that_may_have_been_placed_is_never_refused() {
    let other_body = "The order has been already completed with different request body";
    for (status, body, reads) in [
        (404, error("NOT_FOUND", "Invalid authorization token"), true),
        (
            404,
            error("SESSION_COMPLETED", "The session is completed"),
            true,
        ),
        (409, error("BAD_VALUE", other_body), false),
    ] {
        let world = world();
        world.answer(status, body);
        if reads {
            world.answer(200, session("complete"));
        }
        let failure = failure_of(perform(&world, authorize()).await);
        let is_unknown = matches!(&failure, CallFailure::NotUnderstood(it) if it.contains("order"));
        assert!(is_unknown, "{failure}");
    }
}

#[tokio::test]
async fn nothing_is_asked_without_what_the_shopper_approved() {
    let world = world();
    let (code, _) =
        refusal_of(perform(&world, GatewayRequest::AuthorizePayment(new_payment())).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn a_noted_order_is_placed_again_with_the_same_key_and_bytes() {
    for request in [authorize(), authorize_saved()] {
        let mut call = call(request.clone());
        call.noted = crate::klarna::written(&call);
        let noted = call.noted.clone().unwrap();
        // What the order is by now does not matter.
        let GatewayRequest::AuthorizePayment(new) = &mut call.request else {
            panic!("{request:?}");
        };
        new.basket = None;
        new.order_number = Some("5678".to_owned());
        let world = world();
        world.answer(200, placed("ACCEPTED"));
        payment_of(world.perform_call(&call, BUDGET).await);
        let sent = &world.sent()[0];
        assert_eq!(Some(&sent.body), noted.body.as_ref());
        if let Some(key) = sent.header("klarna-idempotency-key") {
            assert_eq!(key, noted.key);
        }

        let unnoted = super::world();
        unnoted.answer(200, placed("ACCEPTED"));
        payment_of(perform(&unnoted, request).await);
        assert_eq!(unnoted.sent()[0].body, sent.body);
        assert_eq!(unnoted.sent()[0].headers, sent.headers);
    }
}

#[tokio::test]
async fn a_fault_that_klarna_keeps_may_hide_an_order_and_is_no_answer() {
    let world = world();
    for _ in 0..3 {
        world.answer(500, error("INTERNAL_SERVER_ERROR", "a fault"));
    }
    let failure = failure_of(perform(&world, authorize_saved()).await);
    assert_eq!(failure, CallFailure::Unavailable(500));
    assert_eq!(world.left(), 0);
}

#[tokio::test]
async fn an_answer_without_an_order_is_none() {
    for body in [
        json!({}),
        json!({"order_id": "a/b", "fraud_status": "ACCEPTED"}),
        json!("x"),
    ] {
        let world = world();
        world.answer(200, body);
        let failure = failure_of(perform(&world, authorize()).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{failure}"
        );
    }
}
