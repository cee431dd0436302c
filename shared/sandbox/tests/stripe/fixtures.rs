//! Objects have the members that Stripe's own examples have.

use published::Api;
use serde_json::Value;

use crate::shop::Shop;

fn members(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn objects_have_the_members_of_stripes_examples() {
    let api = Api::stripe();
    let shop = Shop::open();
    let customer = shop.customer().await;
    let customer = shop.get(&format!("/v1/customers/{customer}")).await.ok();
    let intent = shop
        .intent(&[("payment_method", "pm_card_visa")])
        .await
        .ok();
    let method = shop.get("/v1/payment_methods/pm_card_visa").await.ok();
    let paid = shop.captured("pm_card_visa").await;
    let refund = shop.refund(&paid, &[]).await.ok();
    let charge = shop.read(&paid).await["latest_charge"].clone();
    for (object, example) in [
        (&customer, "customer"),
        (&intent, "payment_intent"),
        (&method, "payment_method"),
        (&charge, "charge"),
        (&refund, "refund"),
        (&method["card"], "card"),
        (&method["billing_details"], "billing_details"),
    ] {
        assert_eq!(members(object), api.members(example));
        assert_eq!(api.object_problems(example, object), [""; 0]);
    }
}
