use domain::gateway::Progress;

use super::*;

#[tokio::test]
async fn a_payment_is_read_by_its_id_or_by_the_session_at_the_bank() {
    for id in [PAYMENT, "sid_y3oqhf46pyzuxjbcn2giaqnb44"] {
        let world = world();
        world.answer(200, payment("Authorized"));
        let read = payment_of(perform(&world, read_payment(id)).await);
        let target = &world.sent()[0].target;
        assert!(target.ends_with(&format!("/payments/{id}")), "{target}");
        assert_eq!(read.reference.as_deref(), Some(PAYMENT));
        assert_eq!(read.order, Some("qaMAhZkZvd".parse().unwrap()));
        assert_eq!(read.progress, Progress::Authorized);
        assert_eq!(read.instrument.as_deref(), Some(SOURCE));
        assert_eq!(read.attributes.get("payment_session"), None);
    }
}

#[tokio::test]
async fn a_payment_of_some_other_order_is_nobodys() {
    for reference in [json!("ORD-5023-4E89"), Value::Null] {
        let world = world();
        let mut answer = payment("Authorized");
        answer["reference"] = reference;
        world.answer(200, answer);
        let read = payment_of(perform(&world, read_payment(PAYMENT)).await);
        assert_eq!(read.order, None);
    }
}

#[tokio::test]
async fn only_the_vendors_own_404_says_that_there_is_no_such_payment() {
    let world = world();
    missing(&world);
    let (code, _) = refusal_of(perform(&world, read_payment(PAYMENT)).await);
    assert_eq!(code, Code::ValidationError);

    for (status, headers, body) in [
        (404, vec![], "<html>nginx</html>".to_owned()),
        (404, vec![], String::new()),
        (422, vec![OWN], error(&["payment_id_invalid"]).to_string()),
    ] {
        let world = super::world();
        world.answer_with(status, &headers, &body);
        let failure = failure_of(perform(&world, read_payment(PAYMENT)).await);
        assert!(
            matches!(failure, CallFailure::NotUnderstood(_)),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn a_text_that_only_looks_like_an_id_is_no_payment_whatever_the_vendor_calls_that() {
    for status in [400, 404, 422] {
        let world = world();
        let answer = error(&["payment_id_invalid"]).to_string();
        world.answer_with(status, &[OWN], &answer);
        let (code, _) = refusal_of(perform(&world, read_payment("pay_1")).await);
        assert_eq!(code, Code::ValidationError);
    }
}

#[tokio::test]
async fn a_reference_that_is_none_never_becomes_another_path() {
    for reference in [
        "",
        "pay_",
        "pay_1/voids",
        "../customers",
        "pay_1?a=b",
        "cus_1",
        "pay_ü",
    ] {
        let world = world();
        let (code, _) = refusal_of(perform(&world, read_payment(reference)).await);
        assert_eq!(code, Code::ValidationError);
        let forget = GatewayRequest::Forget {
            payment_source_token: reference.to_owned(),
        };
        refusal_of(perform(&world, forget).await);
        assert_eq!(world.sent(), [], "{reference}");
    }
}
