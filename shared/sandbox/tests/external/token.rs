use serde_json::{Value, json};

use crate::caller::{SECRET, document, gateway, post, save};

const CUSTOMER: &str = "DXWkhvJpnq";

fn tokens(answer: &Value) -> (&str, &str) {
    let token = |name: &str| answer[name].as_str().filter(|token| !token.is_empty());
    (
        token("customer_token").expect("a customer_token"),
        token("payment_source_token").expect("a payment_source_token"),
    )
}

#[tokio::test]
async fn saving_answers_tokens_and_the_card() {
    let answer = save(&gateway(SECRET), CUSTOMER, "tok_1").await;
    assert_eq!(answer["success"], true);
    let data = &answer["data"];
    let (customer, source) = tokens(data);
    assert!(customer.starts_with("cus_"), "{customer}");
    assert!(source.starts_with("src_"), "{source}");
    assert_eq!(data["metadata"]["external_payment_id"], "WeLxKcMpQz");
    assert_eq!(
        data["payment_instrument"],
        json!({
            "issuer_type": "credit card",
            "card_type": "visa",
            "card_last_digits": "4242",
            "card_expiry_month": "12",
            "card_expiry_year": "2029",
        })
    );
    assert_eq!(data["fingerprint"].as_str().unwrap().len(), 16);
}

#[tokio::test]
async fn saving_twice_answers_the_same() {
    let gateway = gateway(SECRET);
    let first = save(&gateway, CUSTOMER, "tok_1").await;
    assert_eq!(save(&gateway, CUSTOMER, "tok_1").await, first);
}

#[tokio::test]
async fn tokens_differ_by_source_customer_and_shop() {
    let shop = gateway(SECRET);
    let first = save(&shop, CUSTOMER, "tok_1").await;
    let (customer, source) = tokens(&first["data"]);

    let second = save(&shop, CUSTOMER, "tok_2").await;
    assert_eq!(tokens(&second["data"]).0, customer);
    assert_ne!(tokens(&second["data"]).1, source);
    assert_eq!(second["data"]["fingerprint"], first["data"]["fingerprint"]);

    let of_another = save(&shop, "QgDXpwsqDx", "tok_1").await;
    assert_ne!(tokens(&of_another["data"]).0, customer);
    assert_ne!(tokens(&of_another["data"]).1, source);
}

#[tokio::test]
async fn a_declined_card_is_an_answer() {
    let answer = save(&gateway(SECRET), CUSTOMER, "declined-1").await;
    assert_eq!(
        answer,
        json!({"success": false, "data": {"error": {
            "code": "CARD_DECLINED",
            "message": "The card was declined.",
        }}})
    );
}

#[tokio::test]
async fn tokens_can_stand_beside_success() {
    let answer = save(&gateway(SECRET), CUSTOMER, "toplevel-1").await;
    assert_eq!(answer["success"], true);
    assert_eq!(answer.get("data"), None);
    tokens(&answer);
}

#[tokio::test]
async fn another_card_has_another_fingerprint() {
    let gateway = gateway(SECRET);
    let card = save(&gateway, CUSTOMER, "tok_1").await;
    let other = save(&gateway, CUSTOMER, "other-card-1").await;
    assert_eq!(
        other["data"]["payment_instrument"]["card_type"],
        "mastercard"
    );
    assert_ne!(other["data"]["fingerprint"], card["data"]["fingerprint"]);
}

#[tokio::test]
async fn what_is_no_card_has_tokens_only() {
    let answer = save(&gateway(SECRET), CUSTOMER, "no-card-1").await;
    tokens(&answer["data"]);
    assert_eq!(answer["data"].get("payment_instrument"), None);
    assert_eq!(answer["data"].get("fingerprint"), None);
}

#[tokio::test]
async fn what_cannot_be_saved_is_refused() {
    let mut without_token = document(CUSTOMER, "tok_1");
    without_token["data"]["attributes"] = json!({});
    let mut with_a_number = document(CUSTOMER, "tok_1");
    with_a_number["data"]["attributes"]["payment_source_token"] = json!(1);
    let mut of_a_guest = document(CUSTOMER, "tok_1");
    of_a_guest["included"].as_array_mut().unwrap().pop();
    for (body, status, code) in [
        (without_token.to_string(), 422, "NO_PAYMENT_SOURCE_TOKEN"),
        (with_a_number.to_string(), 422, "NO_PAYMENT_SOURCE_TOKEN"),
        (
            document(CUSTOMER, "").to_string(),
            422,
            "NO_PAYMENT_SOURCE_TOKEN",
        ),
        (of_a_guest.to_string(), 422, "NO_CUSTOMER"),
        ("[]".to_owned(), 422, "NO_PAYMENT_SOURCE_TOKEN"),
        ("{".to_owned(), 400, "INVALID_JSON"),
        (String::new(), 400, "INVALID_JSON"),
    ] {
        let (answered, answer) = post(&gateway(SECRET), &body).await;
        assert_eq!(answered, status, "{body}");
        assert_eq!(answer["success"], false);
        assert_eq!(answer["error"]["code"], code, "{body}");
    }
}
