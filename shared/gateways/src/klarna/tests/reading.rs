use domain::gateway::Progress;

use super::*;

#[tokio::test]
async fn a_session_shows_its_amount_its_order_and_how_far_it_is() {
    let cases = [
        ("incomplete", Progress::Open),
        ("complete", Progress::Authorized),
    ];
    for (status, progress) in cases {
        let world = world();
        world.answer(200, session(status));
        let payment = payment_of(perform(&world, read_payment()).await);
        assert_eq!(payment.reference.as_deref(), Some(SESSION));
        assert_eq!(payment.amount, amount(12_900, "EUR"));
        assert_eq!(payment.order, Some("qaMAhZkZvd".parse().unwrap()));
        assert_eq!(payment.progress, progress);
        assert_eq!(
            Value::Object(payment.attributes),
            json!({"session_id": SESSION, "payment_instrument": null}),
            "what the session does not say stays as it was"
        );
    }
}

#[tokio::test]
async fn a_session_of_the_shops_own_is_down_for_no_order() {
    let world = world();
    let mut own = session("incomplete");
    own["merchant_reference1"] = json!("PO 4711");
    own["client_token"] = json!("eyJ.new.hush");
    own["payment_method_categories"] = json!([{"identifier": "pay_later"}]);
    world.answer(200, own);
    let payment = payment_of(perform(&world, read_payment()).await);
    assert_eq!(payment.order, None);
    assert_eq!(payment.attributes["client_token"], "eyJ.new.hush");
    let shown = &payment.attributes["payment_methods"];
    assert_eq!(*shown, json!([{"identifier": "pay_later"}]));
}

#[tokio::test]
async fn only_klarna_says_that_a_session_is_gone() {
    let gone = error("NOT_FOUND", "Invalid session id").to_string();
    let signed: &[(&str, &str)] = &[("Klarna-Correlation-Id", "6a9a5c2b")];
    for (headers, body) in [(&[] as &[_], gone.as_str()), (signed, "")] {
        let world = world();
        world.answer_with(404, headers, body);
        let (code, detail) = refusal_of(perform(&world, read_payment()).await);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains("Create a new payment source"), "{detail}");
    }
    for (headers, body) in [(&[] as &[_], ""), (&[], "<h1>404</h1>"), (signed, "<h1>")] {
        let world = world();
        world.answer_with(404, headers, body);
        let failure = failure_of(perform(&world, read_payment()).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn any_other_refusal_to_read_is_a_failure() {
    for status in [400, 403, 409] {
        let world = world();
        world.answer(status, error("BAD_VALUE", "no"));
        let failure = failure_of(perform(&world, read_payment()).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn what_is_no_session_is_refused_without_asking() {
    for payment in ["..", "a/b", "a?b=c", "", "a b"] {
        let world = world();
        let request = GatewayRequest::ReadPayment {
            payment: payment.to_owned(),
        };
        refusal_of(perform(&world, request).await);
        assert_eq!(world.sent(), []);
    }
}

#[tokio::test]
async fn a_session_takes_another_amount_and_is_read_again() {
    let world = world();
    let mut changed = session("incomplete");
    changed["order_amount"] = json!(9_900);
    world.answer_with(204, &[], "");
    world.answer(200, changed);
    let to = NewPayment {
        amount: amount(9_900, "EUR"),
        ..new_payment()
    };
    let payment = payment_of(perform(&world, update_payment(Some(to))).await);
    assert_eq!(payment.amount, amount(9_900, "EUR"));

    let [update, read] = [0, 1].map(|place| world.sent()[place].clone());
    assert_eq!(update.method, "POST");
    assert!(update.target.ends_with(&format!("/sessions/{SESSION}")));
    let body = update.json();
    assert_eq!(body["order_amount"], 9_900);
    assert_eq!(body["order_lines"][2]["type"], "discount");
    assert_eq!(body.get("intent"), None, "it cannot change");
    assert_eq!(read.method, "GET");
    assert_eq!(read.target, update.target);
}

#[tokio::test]
async fn a_session_that_is_over_does_not_change() {
    let cases = [
        ("NOT_FOUND", "Create a new payment source"),
        ("SESSION_COMPLETED", "An order was placed"),
    ];
    for (code, part) in cases {
        let world = world();
        world.answer(404, error(code, "Klarna's own words"));
        let updated = perform(&world, update_payment(Some(new_payment()))).await;
        let (code, detail) = refusal_of(updated);
        assert_eq!(code, Code::ValidationError);
        assert!(detail.contains(part), "{detail}");
    }
}

#[tokio::test]
async fn a_change_that_klarna_hears_nothing_of_only_reads() {
    let world = world();
    world.answer(200, session("incomplete"));
    payment_of(perform(&world, update_payment(None)).await);
    assert_eq!(world.sent()[0].method, "GET");
}
