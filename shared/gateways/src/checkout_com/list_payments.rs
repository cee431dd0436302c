use domain::OrderId;
use domain::gateway::GatewayAnswer;
use outbound::redact;
use serde::Deserialize;
use serde_json::Value;

use super::answers::PaymentAnswer;
use super::client::CheckoutComClient;
use super::endpoint::{Endpoint, MOST_LISTED};
use super::errors::ANSWERS;
use crate::failure::CallFailure;
use crate::not_done::NotDone;

/// Payments that have an order's number as their reference.
#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(default)]
    total_count: usize,
    #[serde(default)]
    data: Vec<Value>,
}

/// The payments that were made for a payment source, whoever asked for them: a payment that the browser
/// makes has the metadata of its session. The newest come first, so that of a great many the oldest are
/// not looked at.
pub(super) async fn list_payments(
    client: &CheckoutComClient<'_>,
    order: OrderId,
) -> Result<GatewayAnswer, NotDone> {
    let order = order.to_string();
    let response = client.send(Endpoint::ListPayments, &order, None).await?;
    let listed: Listed = ANSWERS.read(&response)?;
    if listed.total_count > MOST_LISTED {
        tracing::warn!(order, "only the newest payments are looked at");
    }
    let source = client.exchange.asked.subject;
    let is_of_source = |it: &&Value| it["metadata"]["billfold_payment_source"] == source.as_str();
    let mut payments = Vec::new();
    for listed in listed.data.iter().filter(is_of_source) {
        let answer: PaymentAnswer = serde_json::from_value(listed.clone())
            .map_err(|error| CallFailure::NotUnderstood(redact(&error.to_string())))?;
        if answer.facts.may_be_of(&client.exchange.asked.table) {
            payments.push(answer.payment(client.public_key(), None)?);
        }
    }
    Ok(GatewayAnswer::Payments(payments))
}
