use domain::gateway::{GatewayAnswer, ToKeep};

use super::requests::{self, Endpoint};
use super::{answers, circuit};
use crate::exchange::{Destination, Exchange};
use crate::not_done::NotDone;

pub(super) async fn make_reusable(
    exchange: &Exchange<'_>,
    keep: &ToKeep,
) -> Result<GatewayAnswer, NotDone> {
    let (customer, document) = (keep.customer.as_str(), keep.document.as_ref());
    let request = requests::write(exchange, Endpoint::Token, customer, document)?;
    let reusable = circuit::around(exchange, async {
        let (to, step) = (Destination::UserUrl, Endpoint::Token.step());
        let response = exchange.send(to, step, &request, requests::rule).await?;
        answers::read(&response)
    });
    reusable.await.map(GatewayAnswer::Reusable)
}
