//! What Stripe keeps for a wallet changes there: a bank renews a card, somebody detaches it in the dashboard, or
//! deletes the customer. Stripe tells of it, it is read, and the wallet takes what is read.

use sandbox::Disorder;
use serde_json::Value;

use crate::app::{App, ORDER, Reply, SECOND_ORDER};
use crate::refusals::is;

const REUSE: &str = "/data/attributes/_customer_payment_source_id";

const TWICE_AND_BACKWARDS: Disorder = Disorder {
    newest_first: true,
    copies: 2,
};

impl App {
    /// The wallet entry with what it shows of the card.
    async fn entry(&self, id: &str) -> Reply {
        let path = format!("/api/customer_payment_sources/{id}?include=payment_source");
        let entry = self.get(&self.customer(), &path).await;
        assert_eq!(entry.status, 200, "{}", entry.body);
        entry
    }

    /// Its payment method, in the shop's dashboard.
    async fn method_of(&self, entry: &Reply, step: &str, form: &str) -> Value {
        let token = entry.attribute("payment_source_token").as_str().unwrap();
        let path = format!("/v1/payment_methods/{token}{step}");
        self.at_stripe(&path, form).await
    }
}

/// What was read at Stripe of what is kept, since that was forgotten.
fn read_at_stripe(app: &App) -> usize {
    let asked = app.asked_of_stripe();
    let is_kept = |it: &&String| {
        it.starts_with("GET /v1/payment_methods/") || it.starts_with("GET /v1/customers/")
    };
    asked.iter().filter(is_kept).count()
}

#[tokio::test]
async fn a_card_that_its_bank_renews_shows_its_new_digits_and_expiry() {
    let app = App::start().await;
    let id = app.saved_card("pm_card_visa").await;
    app.hear().await;
    let before = app.entry(&id).await;
    let form = "exp_month=3&exp_year=2041&last4=5556";
    app.method_of(&before, "/_renew", form).await;
    app.hear_in(TWICE_AND_BACKWARDS).await;
    let after = app.entry(&id).await;
    assert_eq!(after.attribute("name"), "XXXX-XXXX-XXXX-5556");
    let instrument = &after.body["included"][0]["attributes"]["payment_instrument"];
    assert_eq!(instrument["card_last_digits"], "5556");
    assert_eq!(instrument["card_expiry_month"], "03");
    assert_eq!(instrument["card_expiry_year"], "2041");
    assert_ne!(after.headers["etag"], before.headers["etag"]);
    assert_eq!(read_at_stripe(&app), 2, "each time that it was told");

    // Told once more, nothing is written.
    let table = app.table().await;
    app.method_of(&after, "", "metadata[note]=blue").await;
    app.hear().await;
    assert_eq!(app.table().await, table);
    let reused = app.reuse(&app.customer(), SECOND_ORDER, &id).await;
    assert_eq!(reused.status, 200, "{}", reused.body);
    let shown = &reused.payment_source()["attributes"]["payment_instrument"];
    assert_eq!(shown["card_last_digits"], "5556");
}

#[tokio::test]
async fn a_card_that_was_detached_in_the_dashboard_is_not_available_and_says_why() {
    let app = App::start().await;
    let customer = app.customer();
    let id = app.saved_card("pm_card_visa").await;
    let entry = app.entry(&id).await;
    app.method_of(&entry, "/detach", "").await;
    app.hear_in(TWICE_AND_BACKWARDS).await;
    assert_eq!(app.order(&customer, SECOND_ORDER).await.wallet(), [""; 0]);
    let reused = app.reuse(&customer, SECOND_ORDER, &id).await;
    let refused = (422, "PAYMENT_SOURCE_NOT_REUSABLE", REUSE);
    assert_eq!(is(&reused), refused, "{}", reused.body);
    assert!(reused.detail().contains("enter the card again"));
    assert_eq!(app.entry(&id).await.id(), id, "it stays in the wallet");

    // The same card entered anew is the same entry, which pays again.
    app.create_reusable(&customer, SECOND_ORDER, "pm_card_visa")
        .await;
    let anew = app.save(&customer, SECOND_ORDER).await;
    assert_eq!(anew.wallet(), [id.as_str()], "{}", anew.body);
    app.hear().await;
    let reused = app.reuse(&customer, ORDER, &id).await;
    assert_eq!(reused.status, 200, "{}", reused.body);

    let path = format!("/api/customer_payment_sources/{id}");
    assert_eq!(app.delete(&customer, &path).await.status, 204);
    app.hear().await;
    assert_eq!(app.operations().await, [""; 0]);
}

#[tokio::test]
async fn a_customer_who_was_deleted_in_the_dashboard_takes_all_cards_along() {
    for disorder in [Disorder::NONE, TWICE_AND_BACKWARDS] {
        let app = App::start().await;
        let customer = app.customer();
        app.saved_card("pm_card_visa").await;
        let id = app.saved_card("pm_card_mastercard").await;
        let entry = app.entry(&id).await;
        let kept = entry.attribute("customer_token").clone();
        app.delete_customer_at_stripe(&kept).await;
        app.hear_in(disorder).await;
        assert_eq!(app.order(&customer, SECOND_ORDER).await.wallet(), [""; 0]);
        let reused = app.reuse(&customer, SECOND_ORDER, &id).await;
        let refused = (422, "PAYMENT_SOURCE_NOT_REUSABLE", REUSE);
        assert_eq!(is(&reused), refused, "{}", reused.body);

        app.create_reusable(&customer, SECOND_ORDER, "pm_card_amex")
            .await;
        let anew = app.save(&customer, SECOND_ORDER).await;
        assert_eq!(anew.wallet().len(), 1, "{}", anew.body);
    }
}

#[tokio::test]
async fn cards_that_are_in_no_wallet_are_not_read() {
    let app = App::start().await;
    app.saved_card("pm_card_visa").await;
    app.hear().await;
    let [customer, card] = app.card_kept_at_stripe().await;
    let path = format!("/v1/payment_methods/{}", card.as_str().unwrap());
    app.at_stripe(&format!("{path}/_renew"), "").await;
    app.at_stripe(&format!("{path}/detach"), "").await;
    app.delete_customer_at_stripe(&customer).await;
    let table = app.table().await;
    app.hear().await;
    assert_eq!(app.table().await, table);
    assert_eq!(read_at_stripe(&app), 0);
}
