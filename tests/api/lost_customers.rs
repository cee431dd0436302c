//! A gateway does not know its record of the customer any more: it was deleted there, or the gateway's
//! keys are another account's by now. The shopper pays and saves all the same; what was kept with the
//! former record is entered again.

use serde_json::json;

use crate::app::{App, ORDER, SECOND_ORDER};
use crate::at_checkout_com::{CHECKOUT_COM_METHOD, token};
use crate::refusals::is;

const REUSE: &str = "/data/attributes/_customer_payment_source_id";

#[tokio::test]
async fn a_customer_who_was_deleted_at_stripe_pays_and_saves_anew() {
    let app = App::start().await;
    let customer = app.customer();
    let entry = app.saved_card("pm_card_visa").await;
    let saved = app.order(&customer, ORDER).await;
    let former = saved.included(&entry)["attributes"]["customer_token"].clone();
    app.delete_customer_at_stripe(&former).await;

    let reused = app.reuse(&customer, SECOND_ORDER, &entry).await;
    let refused = (422, "PAYMENT_SOURCE_NOT_REUSABLE", REUSE);
    assert_eq!(is(&reused), refused, "{}", reused.body);

    app.create_reusable(&customer, SECOND_ORDER, "pm_card_mastercard")
        .await;
    let anew = app.save(&customer, SECOND_ORDER).await;
    assert_eq!(anew.status, 200, "{}", anew.body);
    let newest = anew.wallet().pop().unwrap();
    assert_ne!(newest, entry);
    let made = &anew.included(&newest)["attributes"]["customer_token"];
    assert_ne!(*made, former);
    let replaced = app.stripe_object("customers", made).await;
    assert_eq!(replaced["metadata"]["billfold_replaces"], former);

    app.create_reusable(&customer, ORDER, "pm_card_mastercard")
        .await;
    assert_eq!(app.customers_at_stripe().await, 1, "made once");
}

#[tokio::test]
async fn another_accounts_keys_lock_nobody_out_of_checkout_com() {
    let app = App::start().await;
    let customer = app.customer();
    app.selected(ORDER, CHECKOUT_COM_METHOD).await;
    app.paid_with_checkout_com(&customer, ORDER, &token("visa", 1))
        .await;
    let saved = app.save(&customer, ORDER).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let path = "/api/checkout_com_gateways/RkDmYhQqNl";
    let keys = json!({ "data": {
        "type": "checkout_com_gateways",
        "id": "RkDmYhQqNl",
        "attributes": { "secret_key": "sk_sbox_other", "public_key": "pk_sbox_other" },
    } });
    let changed = app.patch(&app.integration(), path, &keys).await;
    assert_eq!(changed.status, 200, "{}", changed.body);

    app.selected(SECOND_ORDER, CHECKOUT_COM_METHOD).await;
    let source = app.create_checkout_com(&customer, SECOND_ORDER).await.id();
    let paid = app.authorize(&customer, &source, &token("visa", 1)).await;
    assert_eq!(paid.status, 200, "{}", paid.body);
    assert_eq!(paid.attribute("payment_response")["status"], "Authorized");
    assert_eq!(app.operations().await, [""; 0]);
}
