use domain::Timestamp;
use domain::gateway::{Books, Expiry, GatewayAnswer, KeptThere, Progress};
use domain::refusal::Code;
use serde_json::{Value, json};

use super::*;
use crate::testing::World;

#[tokio::test]
async fn a_payment_is_told_in_our_words() {
    let world = World::default();
    let mut intent = intent("requires_capture");
    intent["latest_charge"] = json!("ch_1");
    intent["receipt_email"] = json!("joan@example.com");
    world.answer(200, intent);
    let payment = payment_of(world.perform(read_payment()).await);

    let target = "https://api.stripe.com/v1/payment_intents/pi_1?expand%5B%5D=payment_method&expand%5B%5D=latest_charge";
    let sent = &world.sent()[0];
    assert_eq!(
        (sent.method.as_str(), sent.target.as_str()),
        ("GET", target)
    );
    assert_eq!((&sent.key, sent.body.as_str()), (&None, ""));
    assert_eq!(payment.reference.as_deref(), Some("pi_1"));
    assert_eq!(payment.amount, amount(12_900, "EUR"));
    assert_eq!(payment.customer_token.as_deref(), Some("cus_1"));
    assert_eq!(payment.progress, Progress::Authorized);
    let card = json!({
        "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030, "funding": "credit",
    });
    assert_eq!(
        Value::Object(payment.attributes),
        json!({
            "stripe_id": "pi_1", "client_secret": "pi_1_secret_hush", "charge_id": "ch_1",
            "publishable_key": "pk_test_1", "receipt_email": "joan@example.com",
            "payment_method": {"id": "pm_1", "type": "card", "card": card},
            "payment_instrument": {
                "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
                "card_expiry_month": "08", "card_expiry_year": "2030",
            },
        })
    );
    assert_eq!(
        payment.details,
        json!({
            "type": "stripe_payment", "payment_method_id": "pm_1", "payment_method_type": "card",
            "payment_method_details": card,
        })
    );
}

#[tokio::test]
async fn what_a_payment_has_not_is_null_so_that_nothing_older_stays() {
    let world = World::default();
    let bare = json!({
        "id": "pi_1", "amount": 500, "currency": "jpy", "status": "requires_payment_method",
    });
    world.answer(200, bare);
    let payment = payment_of(world.perform(read_payment()).await);
    assert_eq!(payment.amount, amount(500, "JPY"));
    for name in [
        "charge_id",
        "payment_method",
        "payment_instrument",
        "receipt_email",
    ] {
        assert_eq!(payment.attributes[name], Value::Null, "{name}");
    }
    assert_eq!(payment.details, json!({"type": "stripe_payment"}));
}

#[tokio::test]
async fn an_update_sends_what_changed_and_nothing_else() {
    let cases = [
        (
            update_payment(Some(amount(500, "JPY")), None),
            pairs(&[
                ("amount", "500"),
                ("currency", "jpy"),
                ("expand[]", "payment_method"),
            ]),
        ),
        (
            update_payment(
                None,
                Some(json!({"id": "pm_2", "setup_future_usage": "off_session"})),
            ),
            pairs(&[("payment_method", "pm_2"), ("expand[]", "payment_method")]),
        ),
    ];
    for (request, expected) in cases {
        let world = World::default();
        world.answer(200, intent("requires_confirmation"));
        payment_of(world.perform(request).await);
        let sent = &world.sent()[0];
        assert_eq!(
            sent.target,
            "https://api.stripe.com/v1/payment_intents/pi_1"
        );
        assert_eq!(sent.fields(), expected);
    }
}

#[tokio::test]
async fn an_update_of_nothing_that_stripe_hears_of_reads() {
    let world = World::default();
    world.answer(200, intent("requires_confirmation"));
    let request = update_payment(
        None,
        Some(json!({"return_url": "https://shop.example.com"})),
    );
    payment_of(world.perform(request).await);
    assert_eq!(world.sent()[0].method, "GET");
}

#[tokio::test]
async fn a_card_number_in_an_answer_goes_no_further() {
    let world = World::default();
    let mut intent = intent("requires_confirmation");
    let number = "4242".repeat(4);
    intent["payment_method"]["card"]["last4"] = json!(number);
    world.answer(200, intent);
    let payment = payment_of(world.perform(read_payment()).await);
    let text = format!("{payment:?}");
    assert!(!text.contains(&number), "{text}");
}

#[tokio::test]
async fn what_is_held_captured_and_refunded_is_told_in_the_orders_own_units() {
    let day = 24 * 60 * 60;
    let books = async |mut intent: Value, charge: Value| {
        intent["latest_charge"] = charge;
        let world = World::default();
        world.answer(200, intent);
        payment_of(world.perform(read_payment()).await).books
    };
    let mut held = intent("requires_capture");
    held["amount_capturable"] = json!(12_900);
    let charge = json!({
        "id": "ch_1", "captured": false, "amount_refunded": 0,
        "payment_method_details": {"type": "card", "card": {"capture_before": 7 * day}},
    });
    let told = books(held, charge.clone()).await.unwrap();
    assert_eq!((told.held, told.captured, told.refunded), (12_900, 0, 0));
    let ends = Timestamp::from_unix_millis(7 * day * 1_000);
    assert_eq!(told.holds_until, Some(ends));

    let mut taken = intent("succeeded");
    taken["currency"] = json!("isk");
    taken["amount"] = json!(12_900);
    taken["amount_received"] = json!(10_000);
    let mut captured = charge.clone();
    captured["captured"] = json!(true);
    captured["amount_refunded"] = json!(2_500);
    captured["disputed"] = json!(true);
    let told = books(taken.clone(), captured).await.unwrap();
    assert_eq!((told.held, told.captured, told.refunded), (0, 100, 25));
    assert_eq!(told.holds_until, None);
    assert!(told.is_disputed);
    assert_eq!(books(taken, json!("ch_1")).await, None);

    // Of what was not captured nothing was refunded, whatever older versions counted there.
    let mut let_go = charge;
    let_go["amount_refunded"] = json!(12_900);
    let told = books(intent("canceled"), let_go).await.unwrap();
    assert_eq!(told, Books::default());
    assert_eq!(
        books(intent("requires_confirmation"), Value::Null).await,
        Some(Books::default())
    );
}

#[tokio::test]
async fn a_hold_that_ran_out_is_told_from_one_that_was_let_go_of() {
    for (reason, code) in [
        ("expired", Some("expired")),
        ("automatic", Some("expired")),
        ("abandoned", None),
    ] {
        let mut over = intent("canceled");
        over["cancellation_reason"] = json!(reason);
        let world = World::default();
        world.answer(200, over);
        let payment = payment_of(world.perform(read_payment()).await);
        assert_eq!(payment.progress, Progress::Released);
        let found = payment.decline.and_then(|it| it.code);
        assert_eq!(found.as_deref(), code, "{reason}");
    }
}

fn source() -> GatewayRequest {
    read_kept(KeptThere::Source("pm_1".to_owned()))
}

fn customer() -> GatewayRequest {
    read_kept(KeptThere::Customer("cus_1".to_owned()))
}

#[tokio::test]
async fn what_is_kept_is_told_as_it_is_shown_now() {
    let world = World::default();
    let mut renewed = method("pm_1", json!("cus_1"));
    renewed["card"]["exp_year"] = json!(2034);
    renewed["card"]["last4"] = json!("5556");
    world.answer(200, renewed);
    let answer = world.perform(source()).await.unwrap().unwrap();
    let GatewayAnswer::Reusable(shown) = answer else {
        panic!("{answer:?}");
    };
    let expiry = Expiry {
        year: 2034,
        month: 8,
    };
    assert_eq!(shown.customer_token, "cus_1");
    assert_eq!(shown.payment_source_token, "pm_1");
    assert_eq!(shown.name, "XXXX-XXXX-XXXX-5556");
    assert_eq!(shown.expiry, Some(expiry));
    let sent = &world.sent()[0];
    let target = "https://api.stripe.com/v1/payment_methods/pm_1";
    assert_eq!(
        (sent.method.as_str(), sent.target.as_str()),
        ("GET", target)
    );

    world.answer(200, json!({"id": "cus_1", "object": "customer"}));
    let answer = world.perform(customer()).await.unwrap().unwrap();
    assert_eq!(answer, GatewayAnswer::Customer("cus_1".to_owned()));
    assert_eq!(
        world.sent()[1].target,
        "https://api.stripe.com/v1/customers/cus_1"
    );
}

#[tokio::test]
async fn what_was_detached_or_deleted_is_lost_and_what_was_never_there_is_not() {
    let deleted = json!({"id": "cus_1", "object": "customer", "deleted": true});
    for (request, body) in [
        (source(), method("pm_1", Value::Null)),
        (customer(), deleted),
    ] {
        let world = World::default();
        world.answer(200, body);
        let answer = world.perform(request).await.unwrap().unwrap();
        assert!(
            matches!(&answer, GatewayAnswer::Lost(why) if why.contains("enter the card again")),
            "{answer:?}"
        );
    }
    for (request, code) in [
        (source(), Code::ValidationError),
        (customer(), Code::GatewayCustomerUnknown),
    ] {
        let world = World::default();
        world.answer(404, invalid("resource_missing"));
        let refusal = world.perform(request).await.unwrap().unwrap_err();
        assert_eq!(refusal.code, code);
    }
    // A 404 of somebody else's says nothing.
    let world = World::default();
    world.answer(404, json!("not found"));
    failure_of(world.perform(source()).await);
}
