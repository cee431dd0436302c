//! What pays or opens something at a gateway stands sealed in the table, wherever it is kept.

use crate::app::{App, ORDER, SECOND_ORDER};

#[tokio::test]
async fn no_reference_of_stripes_is_in_the_table_in_clear() {
    let app = App::start().await;
    let token = app.customer();
    let source = app.create_reusable(&token, ORDER, "pm_card_visa").await;
    app.confirm(&source).await;
    let saved = app.save(&token, ORDER).await;
    let entry = saved.wallet()[0].clone();
    app.reuse(&token, SECOND_ORDER, &entry).await;
    let superseding = app
        .create_reusable(&token, SECOND_ORDER, "pm_card_mastercard")
        .await;
    assert_eq!(superseding.status, 201, "{}", superseding.body);
    let shown = &superseding.body["data"]["attributes"];
    assert!(shown["stripe_id"].as_str().unwrap().starts_with("pi_"));
    assert_eq!(shown["options"]["id"], "pm_card_mastercard");

    // A value begins after a quotation mark; what is sealed may have the letters anywhere.
    let references = ["\"pm_", "\"pi_", "\"cus_"];
    let leaks: Vec<_> = app
        .table()
        .await
        .into_iter()
        .filter(|(_, item)| references.iter().any(|it| item.to_string().contains(it)))
        .map(|(key, _)| key)
        .collect();
    assert_eq!(leaks, [""; 0]);
}
