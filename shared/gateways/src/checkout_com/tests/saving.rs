use domain::gateway::{Expiry, Reusable};

use super::*;

fn reusable_of(performed: Performed) -> Reusable {
    match performed {
        Ok(Ok(GatewayAnswer::Reusable(reusable))) => reusable,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_paid_is_kept_where_it_was_stored_for_the_customer() {
    for status in ["Authorized", "Captured"] {
        let world = world();
        world.answer(200, payment(status)).answer(200, instrument());
        let reusable = reusable_of(perform(&world, make_reusable()).await);
        assert_eq!(reusable.customer_token, CUSTOMER);
        assert_eq!(reusable.payment_source_token, SOURCE);
        assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
        let expiry = Expiry {
            year: 2030,
            month: 8,
        };
        assert_eq!(reusable.expiry, Some(expiry));
        let fingerprint = reusable.fingerprint.unwrap();
        assert!(fingerprint.starts_with("payment:f31828e2"), "{fingerprint}");
        let methods: Vec<_> = world.sent().into_iter().map(|it| it.method).collect();
        assert_eq!(methods, ["GET", "GET"]);
    }
}

#[tokio::test]
async fn the_payment_decides_whether_it_can_be_kept_and_the_refusal_says_what_to_do() {
    use Code::{PaymentSourceNotReady, PaymentSourceNotReusable};

    let other = json!({"id": "cus_other"});
    let mut without_source = payment("Authorized");
    without_source["source"] = Value::Null;
    let cases = [
        (pending(), PaymentSourceNotReady, "still has to"),
        (declined(), PaymentSourceNotReusable, "declined"),
        (
            payment("Voided"),
            PaymentSourceNotReusable,
            "new payment source",
        ),
        (
            of(payment("Authorized"), other.clone()),
            PaymentSourceNotReusable,
            "another customer",
        ),
        (
            of(payment("Authorized"), Value::Null),
            PaymentSourceNotReusable,
            "order's customer",
        ),
        (
            of(pending(), Value::Null),
            PaymentSourceNotReusable,
            "order's customer",
        ),
        (
            of(payment("Captured"), other),
            PaymentSourceNotReusable,
            "another customer",
        ),
        (without_source, PaymentSourceNotReusable, "does not keep"),
    ];
    for (answer, expected, part) in cases {
        let world = world();
        world.answer(200, answer);
        let (code, detail) = refusal_of(perform(&world, make_reusable()).await);
        assert_eq!(code, expected, "{detail}");
        assert!(detail.contains(part), "{detail}");
    }
}

#[tokio::test]
async fn a_card_that_was_not_stored_or_not_for_this_customer_cannot_be_kept() {
    for answer in [None, Some(of(instrument(), json!({"id": "cus_other"})))] {
        let world = world();
        world.answer(200, payment("Authorized"));
        match answer {
            Some(answer) => drop(world.answer(200, answer)),
            None => missing(&world),
        }
        let (code, _) = refusal_of(perform(&world, make_reusable()).await);
        assert_eq!(code, Code::PaymentSourceNotReusable);
    }
}

#[tokio::test]
async fn a_source_that_nothing_was_paid_with_is_not_ready() {
    let world = world();
    let keep = ToKeep {
        payment: None,
        ..to_keep()
    };
    let (code, detail) = refusal_of(perform(&world, GatewayRequest::MakeReusable(keep)).await);
    assert_eq!(code, Code::PaymentSourceNotReady);
    assert!(detail.contains("_authorize"), "{detail}");
    assert_eq!(world.sent(), []);
}
