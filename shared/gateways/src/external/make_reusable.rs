use domain::gateway::{GatewayAnswer, ToKeep};

use super::requests::{self, Endpoint};
use super::{answers, circuit};
use crate::exchange::{Destination, Exchange};
use crate::failure::CallFailure;
use crate::not_done::NotDone;

pub(super) async fn make_reusable(
    exchange: &Exchange<'_>,
    keep: &ToKeep,
) -> Result<GatewayAnswer, NotDone> {
    let document = keep.document.as_ref().ok_or_else(|| {
        CallFailure::NotWritable("there is no document to ask the gateway with".to_owned())
    })?;
    let request = requests::write(exchange, Endpoint::Token, keep.customer, document)?;
    let reusable = circuit::around(exchange, async {
        let (to, step) = (Destination::UserUrl, Endpoint::Token.step());
        let response = exchange.send(to, step, &request, requests::rule).await?;
        answers::read(&response)
    });
    reusable.await.map(GatewayAnswer::Reusable)
}
