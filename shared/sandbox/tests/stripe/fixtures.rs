//! Objects have the members that Stripe's own examples have. The examples are not part of this
//! repository: the test passes without a look where they are missing.

use std::path::Path;

use serde_json::Value;

use crate::shop::Shop;

const EXAMPLES: &str = "../../../shared/data/stripe-fixtures3.2026-08-21.json";

fn examples() -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLES);
    let Ok(text) = std::fs::read(path) else {
        println!("skipped: Stripe's examples are not here");
        return None;
    };
    let examples: Value = serde_json::from_slice(&text).expect("examples are JSON");
    Some(examples["resources"].clone())
}

fn members(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn objects_have_the_members_of_stripes_examples() {
    let Some(examples) = examples() else { return };
    let shop = Shop::open();
    let customer = shop.customer().await;
    let customer = shop.get(&format!("/v1/customers/{customer}")).await.ok();
    let intent = shop
        .intent(&[("payment_method", "pm_card_visa")])
        .await
        .ok();
    let method = shop.get("/v1/payment_methods/pm_card_visa").await.ok();
    for (object, example) in [
        (&customer, &examples["customer"]),
        (&intent, &examples["payment_intent"]),
        (&method, &examples["payment_method"]),
        (&method["card"], &examples["payment_method"]["card"]),
        (
            &method["billing_details"],
            &examples["payment_method"]["billing_details"],
        ),
    ] {
        assert_eq!(members(object), members(example));
    }
}
