use domain::gateway::GatewayRefusal;

use super::client::{KlarnaClient, Reference};
use super::endpoint::Endpoint;
use super::errors::ANSWERS;
use super::order::Order;
use crate::not_done::NotDone;
use crate::refusals::invalid;

/// The order, unless Klarna knows none of that id, or it is another table's.
pub(super) async fn read_order(
    client: &KlarnaClient<'_>,
    order: Reference<'_>,
) -> Result<Option<Order>, NotDone> {
    let response = client.ask(Endpoint::ReadOrder, order).await?;
    let order: Option<Order> = ANSWERS.read_found(&response)?;
    Ok(order.filter(|it| it.may_be_of(&client.exchange.asked.table)))
}

/// The refusal to do anything with an order that Klarna does not know.
pub(super) fn unknown_order() -> GatewayRefusal {
    invalid("The order is not known at Klarna.")
}
