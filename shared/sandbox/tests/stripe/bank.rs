//! The bank's page, where `next_action` leads the shopper's browser.

use http::Method;
use serde_json::json;

use crate::shop::{Reply, Shop, id};

const RETURN_URL: &str = "https://shop.example/return?order=1";
const BROWSER: [(&str, &str); 1] = [("accept", "text/html,*/*;q=0.8")];

/// A payment that the bank asks about: its id, its `client_secret`, and where the browser is led.
async fn asked(shop: &Shop) -> (String, String, String) {
    let form = [
        ("payment_method", "pm_card_authenticationRequired"),
        ("confirm", "true"),
        ("return_url", RETURN_URL),
    ];
    let intent = shop.intent(&form).await.ok();
    let url = &intent["next_action"]["redirect_to_url"]["url"];
    let path = url.as_str().unwrap().replace("http://localhost", "");
    let secret = intent["client_secret"].as_str().unwrap().to_owned();
    (id(&intent), secret, path)
}

async fn visit(shop: &Shop, method: Method, path: &str, form: &[(&str, &str)]) -> Reply {
    let browser = shop.with_key("");
    let request = browser.request(method, path, form, &BROWSER);
    browser.send(request).await.unwrap()
}

#[tokio::test]
async fn the_bank_asks_on_a_page_and_sends_the_shopper_back() {
    for (answer, told, status) in [
        ("true", "succeeded", "requires_capture"),
        ("false", "failed", "requires_payment_method"),
    ] {
        let shop = Shop::open();
        let (intent, secret, path) = asked(&shop).await;
        let page = visit(&shop, Method::GET, &path, &[]).await;
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        let text = String::from_utf8(page.text.to_vec()).unwrap();
        assert!(
            text.contains("129.00 EUR") && text.contains(&secret),
            "{text}"
        );

        let (action, _) = path.split_once('?').unwrap();
        let form = [("client_secret", secret.as_str()), ("success", answer)];
        let back = visit(&shop, Method::POST, action, &form).await;
        assert_eq!(back.status, 303);
        let url = format!(
            "{RETURN_URL}&payment_intent={intent}&payment_intent_client_secret={secret}&redirect_status={told}"
        );
        assert_eq!(back.header("location"), Some(url.as_str()));
        assert_eq!(shop.read(&intent).await["status"], json!(status));

        let over = visit(&shop, Method::GET, &path, &[]).await;
        let text = String::from_utf8(over.text.to_vec()).unwrap();
        assert!(text.contains("Nothing is asked"), "{text}");
    }
}

#[tokio::test]
async fn who_has_not_the_secret_sees_no_page() {
    let shop = Shop::open();
    let (intent, ..) = asked(&shop).await;
    let path = format!("/v1/payment_intents/{intent}/_authenticate?client_secret=another");
    visit(&shop, Method::GET, &path, &[]).await.error(400);
}
