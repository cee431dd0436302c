use domain::gateway::GatewayAnswer;

use super::answers::PaymentAnswer;
use super::client::CheckoutComClient;
use super::endpoint::{Endpoint, segment};
use super::errors::{ANSWERS, is_unfit};
use crate::not_done::NotDone;
use crate::refusals::unknown;

/// `pay_` or `sid_`, and 26 characters.
const PUBLISHED_LENGTH: usize = 30;

/// By its id, or by the session that the shopper comes back from the bank with (`sid_…`).
pub(super) async fn read_payment(
    client: &CheckoutComClient<'_>,
    payment: &str,
) -> Result<GatewayAnswer, NotDone> {
    let found = find_payment(client, payment).await?;
    let found = found.ok_or_else(unknown)?;
    let payment = found.payment(client.public_key(), None)?;
    Ok(GatewayAnswer::Payment(payment))
}

/// The payment as the vendor has it, where it has one of this id or session that no other table's mark is
/// on.
pub(super) async fn find_payment(
    client: &CheckoutComClient<'_>,
    payment: &str,
) -> Result<Option<PaymentAnswer>, NotDone> {
    let id = segment(payment, &["pay_", "sid_"])?;
    let response = client.send(Endpoint::ReadPayment, id, None).await?;
    // A caller may name a payment by a text that only looks like an id.
    if is_unfit(&response) && id.len() != PUBLISHED_LENGTH {
        return Ok(None);
    }
    let found: Option<PaymentAnswer> = ANSWERS.read_found(&response)?;
    let table = &client.exchange.asked.table;
    Ok(found.filter(|it| it.facts.may_be_of(table)))
}
