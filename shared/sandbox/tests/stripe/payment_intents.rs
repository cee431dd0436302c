use serde_json::{Value, json};

use crate::shop::{NOW, Shop, id};

async fn act(shop: &Shop, intent: &str, action: &str, form: &[(&str, &str)]) -> crate::shop::Reply {
    shop.post(&format!("/v1/payment_intents/{intent}/{action}"), form)
        .await
}

#[tokio::test]
async fn a_new_intent_waits_for_a_payment_method() {
    let shop = Shop::open();
    let intent = shop.intent(&[("metadata[order]", "abc")]).await.ok();
    assert_eq!(intent["object"], "payment_intent");
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["amount"], 12900);
    assert_eq!(intent["created"], NOW);
    assert_eq!(intent["capture_method"], "manual");
    let secret = intent["client_secret"].as_str().unwrap();
    assert!(secret.starts_with(&format!("{}_secret_", id(&intent))));
    let path = format!("/v1/payment_intents/{}", id(&intent));
    assert_eq!(shop.get(&path).await.ok(), intent);
}

#[tokio::test]
async fn with_a_payment_method_it_waits_for_confirmation() {
    let shop = Shop::open();
    let intent = shop
        .intent(&[("payment_method", "pm_card_visa")])
        .await
        .ok();
    assert_eq!(intent["status"], "requires_confirmation");
    assert!(
        intent["payment_method"]
            .as_str()
            .unwrap()
            .starts_with("pm_1")
    );
    let confirmed = act(&shop, &id(&intent), "confirm", &[]).await.ok();
    assert_eq!(confirmed["status"], "requires_capture");
    assert_eq!(confirmed["amount_capturable"], 12900);
    assert!(
        confirmed["latest_charge"]
            .as_str()
            .unwrap()
            .starts_with("ch_")
    );
}

#[tokio::test]
async fn automatic_capture_succeeds_at_once() {
    let shop = Shop::open();
    let form = [
        ("amount", "500"),
        ("currency", "usd"),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
        ("return_url", "https://shop.example/done"),
    ];
    let intent = shop.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 500);
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let shop = Shop::open();
    for (form, code, param) in [
        (vec![("amount", "100")], "parameter_missing", "currency"),
        (vec![("currency", "eur")], "parameter_missing", "amount"),
        (
            vec![("amount", "1.5"), ("currency", "eur")],
            "parameter_invalid_integer",
            "amount",
        ),
        (
            vec![("amount", "0"), ("currency", "eur")],
            "parameter_invalid_integer",
            "amount",
        ),
        (
            vec![("amount", "49"), ("currency", "eur")],
            "amount_too_small",
            "amount",
        ),
        (
            vec![("amount", "100000000"), ("currency", "eur")],
            "amount_too_large",
            "amount",
        ),
        (
            vec![("amount", "100"), ("currency", "eur"), ("x", "1")],
            "parameter_unknown",
            "x",
        ),
        (
            vec![
                ("amount", "100"),
                ("currency", "eur"),
                ("customer", "cus_x"),
            ],
            "resource_missing",
            "customer",
        ),
        (
            vec![
                ("amount", "100"),
                ("currency", "eur"),
                ("payment_method", "pm_missing"),
            ],
            "resource_missing",
            "payment_method",
        ),
    ] {
        let error = shop.post("/v1/payment_intents", &form).await.error(400);
        assert_eq!(
            (&error["code"], &error["param"]),
            (&json!(code), &json!(param)),
            "{form:?}"
        );
        assert_eq!(error["type"], "invalid_request_error");
    }
    for (name, value) in [
        ("currency", "EUR"),
        ("currency", "xyz"),
        ("setup_future_usage", "always"),
        ("capture_method", "later"),
        ("off_session", "true"),
        ("return_url", "https://shop.example"),
        ("payment_method_types[]", "nonsense"),
        ("expand[]", "application"),
    ] {
        let form = [("amount", "100"), ("currency", "eur"), (name, value)];
        shop.post("/v1/payment_intents", &form).await.error(400);
    }
    assert_eq!(
        shop.get("/v1/payment_intents").await.ok()["data"],
        json!([])
    );
}

#[tokio::test]
async fn objects_are_expanded_on_request() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_visa"),
    ];
    let intent = id(&shop.intent(&form).await.ok());
    act(&shop, &intent, "confirm", &[]).await.ok();
    let query = "expand[]=payment_method&expand[]=latest_charge&expand[]=customer";
    let path = format!("/v1/payment_intents/{intent}?{query}");
    let intent = shop.get(&path).await.ok();
    assert_eq!(intent["payment_method"]["card"]["last4"], "4242");
    assert_eq!(intent["latest_charge"]["payment_intent"], intent["id"]);
    assert_eq!(intent["customer"]["email"], "customer@example.com");
    let list = format!("/v1/payment_intents?customer={customer}&expand[]=data.payment_method");
    let list = shop.get(&list).await.ok();
    assert_eq!(
        list["data"][0]["payment_method"]["object"],
        "payment_method"
    );
}

#[tokio::test]
async fn a_declined_card_puts_the_intent_back_to_its_beginning() {
    let shop = Shop::open();
    let form = [("payment_method", "pm_card_chargeDeclined")];
    let intent = shop.intent(&form).await.ok();
    let error = act(&shop, &id(&intent), "confirm", &[]).await.error(402);
    assert_eq!(error["type"], "card_error");
    assert_eq!(error["code"], "card_declined");
    assert_eq!(error["decline_code"], "generic_decline");
    assert_eq!(error["payment_intent"]["id"], intent["id"]);
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    assert_eq!(error["payment_method"]["card"]["last4"], "0002");
    let path = format!("/v1/payment_intents/{}", id(&intent));
    let intent = shop.get(&path).await.ok();
    assert_eq!(intent["last_payment_error"]["code"], "card_declined");
    assert_eq!(intent["payment_method"], json!(null));
    let other_card = [("payment_method", "pm_card_visa")];
    let intent = act(&shop, &id(&intent), "confirm", &other_card).await.ok();
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!(intent["last_payment_error"], json!(null));
}

#[tokio::test]
async fn without_the_shopper_a_card_that_needs_authentication_is_declined() {
    let shop = Shop::open();
    let (customer, method) = shop
        .customer_with_card("pm_card_authenticationRequired")
        .await;
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", &method),
        ("confirm", "true"),
        ("off_session", "true"),
    ];
    let error = shop.intent(&form).await.error(402);
    assert_eq!(error["code"], "authentication_required");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    assert_eq!(error["payment_method"]["id"], method);
    let kept = shop
        .get(&format!("/v1/payment_methods/{method}"))
        .await
        .ok();
    assert_eq!(kept["customer"], customer);
}

#[tokio::test]
async fn capture_collects_all_or_a_part_once() {
    let shop = Shop::open();
    let form = [("payment_method", "pm_card_visa"), ("confirm", "true")];
    let intent = id(&shop.intent(&form).await.ok());
    let too_much = [("amount_to_capture", "12901")];
    let error = act(&shop, &intent, "capture", &too_much).await.error(400);
    assert_eq!(error["code"], "amount_too_large");
    let captured = act(&shop, &intent, "capture", &[("amount_to_capture", "100")])
        .await
        .ok();
    assert_eq!(captured["status"], "succeeded");
    assert_eq!(
        (&captured["amount_received"], &captured["amount_capturable"]),
        (&json!(100), &json!(0))
    );
    let error = act(&shop, &intent, "capture", &[]).await.error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");
}

#[tokio::test]
async fn what_is_not_authorised_cannot_be_captured() {
    let shop = Shop::open();
    let intent = id(&shop.intent(&[]).await.ok());
    let error = act(&shop, &intent, "capture", &[]).await.error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
}

#[tokio::test]
async fn an_open_intent_can_be_cancelled_once() {
    let shop = Shop::open();
    let form = [("payment_method", "pm_card_visa"), ("confirm", "true")];
    let intent = id(&shop.intent(&form).await.ok());
    let reason = [("cancellation_reason", "abandoned")];
    let canceled = act(&shop, &intent, "cancel", &reason).await.ok();
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(canceled["canceled_at"], NOW);
    assert_eq!(canceled["cancellation_reason"], "abandoned");
    assert_eq!(canceled["amount_capturable"], 0);
    let error = act(&shop, &intent, "cancel", &[]).await.error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");
    assert_eq!(error["payment_intent"]["status"], "canceled");
    act(&shop, &intent, "confirm", &[]).await.error(400);
}

#[tokio::test]
async fn a_captured_payment_cannot_be_cancelled() {
    let shop = Shop::open();
    let form = [("payment_method", "pm_card_visa"), ("confirm", "true")];
    let intent = id(&shop.intent(&form).await.ok());
    act(&shop, &intent, "capture", &[]).await.ok();
    let error = act(&shop, &intent, "cancel", &[]).await.error(400);
    assert_eq!(error["payment_intent"]["status"], "succeeded");
}

#[tokio::test]
async fn an_open_intent_can_be_changed() {
    let shop = Shop::open();
    let customer = shop.customer().await;
    let intent = id(&shop
        .intent(&[("metadata[a]", "1"), ("metadata[b]", "2")])
        .await
        .ok());
    let path = format!("/v1/payment_intents/{intent}");
    let form = [
        ("amount", "5000"),
        ("currency", "usd"),
        ("customer", &customer),
        ("payment_method", "pm_card_visa"),
        ("setup_future_usage", "off_session"),
        ("metadata[a]", ""),
    ];
    let changed = shop.post(&path, &form).await.ok();
    assert_eq!(changed["amount"], 5000);
    assert_eq!(changed["status"], "requires_confirmation");
    assert_eq!(changed["metadata"], json!({"b": "2"}));
    assert_eq!(changed["setup_future_usage"], "off_session");
    let other = shop.customer().await;
    let error = shop.post(&path, &[("customer", &other)]).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("You cannot modify `customer`")
    );
    assert_eq!(
        shop.post(&path, &[("setup_future_usage", "")]).await.ok()["setup_future_usage"],
        Value::Null
    );
}

#[tokio::test]
async fn once_money_is_held_only_descriptions_change() {
    let shop = Shop::open();
    let form = [("payment_method", "pm_card_visa"), ("confirm", "true")];
    let intent = id(&shop.intent(&form).await.ok());
    let path = format!("/v1/payment_intents/{intent}");
    for change in [
        ("amount", "100"),
        ("payment_method", "pm_card_visa"),
        ("setup_future_usage", "off_session"),
    ] {
        let error = shop.post(&path, &[change]).await.error(400);
        assert_eq!(
            error["code"], "payment_intent_unexpected_state",
            "{change:?}"
        );
        assert_eq!(error["param"], change.0);
    }
    let changed = shop
        .post(&path, &[("description", "paid"), ("metadata[a]", "b")])
        .await
        .ok();
    assert_eq!(changed["description"], "paid");
}

#[tokio::test]
async fn an_intent_without_a_payment_method_cannot_be_confirmed() {
    let shop = Shop::open();
    let intent = id(&shop.intent(&[]).await.ok());
    let error = act(&shop, &intent, "confirm", &[]).await.error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("missing a payment method")
    );
}

#[tokio::test]
async fn an_intent_for_other_methods_takes_no_card() {
    let shop = Shop::open();
    let form = [
        ("payment_method_types[]", "klarna"),
        ("payment_method", "pm_card_visa"),
    ];
    let error = shop.intent(&form).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("(card) is not allowed")
    );
}

#[tokio::test]
async fn an_intent_is_captured_at_once_and_takes_all_methods_where_nothing_else_is_said() {
    let shop = Shop::open();
    let form = [("amount", "100"), ("currency", "eur")];
    let intent = shop.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["capture_method"], "automatic_async");
    let all = json!({"allow_redirects": "always", "enabled": true});
    assert_eq!(intent["automatic_payment_methods"], all);
}

#[tokio::test]
async fn where_the_shopper_may_be_sent_away_it_is_said_where_they_come_back_to() {
    let shop = Shop::open();
    let redirects = [
        ("automatic_payment_methods[enabled]", "true"),
        ("payment_method", "pm_card_visa"),
    ];
    let intent = id(&shop.intent(&redirects).await.ok());
    let error = act(&shop, &intent, "confirm", &[]).await.error(400);
    assert!(
        error["message"].as_str().unwrap().contains("return_url"),
        "{error}"
    );
    let back = [("return_url", "https://shop.example.com/back")];
    let confirmed = act(&shop, &intent, "confirm", &back).await.ok();
    assert_eq!(confirmed["status"], "requires_capture");

    // In a page Stripe.js knows where it is; a server that asks for it says so as well.
    let intent = shop.intent(&redirects).await.ok();
    let by_script = [("use_stripe_sdk", "true")];
    act(&shop, &id(&intent), "confirm", &by_script)
        .await
        .error(400);
    let secret = intent["client_secret"].as_str().unwrap();
    let in_page = [("use_stripe_sdk", "true"), ("client_secret", secret)];
    let page = shop.with_key("pk_test_shop");
    act(&page, &id(&intent), "confirm", &in_page).await.ok();
}

#[tokio::test]
async fn amounts_are_whole_where_the_currency_is() {
    let shop = Shop::open();
    for (currency, amount, is_taken) in [
        ("isk", "12900", true),
        ("isk", "12950", false),
        ("ugx", "100050", false),
        ("kwd", "12900", true),
        ("kwd", "12905", false),
        ("idr", "100000000", true),
        ("eur", "100000000", false),
    ] {
        let form = [("amount", amount), ("currency", currency)];
        let reply = shop.post("/v1/payment_intents", &form).await;
        assert_eq!(reply.status.is_success(), is_taken, "{currency} {amount}");
    }
}
