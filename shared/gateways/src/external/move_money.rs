use domain::gateway::{GatewayAnswer, GatewayCall, Move, Moved, Moving, NotedRequest, Outcome};

use super::requests::{self, Endpoint};
use super::transaction::{Told, Transaction};
use crate::exchange::Exchange;
use crate::not_done::NotDone;

pub(super) async fn move_money(
    exchange: &Exchange<'_>,
    asked: &Move,
) -> Result<GatewayAnswer, NotDone> {
    let document = asked.document.as_ref();
    let told = requests::tell(exchange, endpoint(asked.kind), &asked.payment, document).await?;
    let moved = match told {
        Told::Done(transaction) => {
            warn_of_amount(asked, &transaction);
            moved(Outcome::Succeeded, transaction.token.clone(), transaction)
        }
        Told::Pending(action, transaction) => moved(Outcome::Pending, Some(action), transaction),
        Told::Declined(decline, transaction) => moved(
            Outcome::Failed(decline),
            transaction.token.clone(),
            transaction,
        ),
    };
    Ok(GatewayAnswer::Moved(moved))
}

/// Shops have no endpoint to be asked at: what they decide later they say by themselves.
pub(super) fn read_moved(reference: Option<&str>) -> GatewayAnswer {
    GatewayAnswer::Moved(Moved::new(Outcome::Pending, reference.map(str::to_owned)))
}

/// The request, as it is noted before it is sent.
pub(super) fn written(asked: &GatewayCall, moving: &Move) -> Option<NotedRequest> {
    let document = moving.document.as_ref()?;
    requests::noted_whole(asked, endpoint(moving.kind), &moving.payment, document)
}

const fn endpoint(kind: Moving) -> Endpoint {
    match kind {
        Moving::Capture => Endpoint::Capture,
        Moving::Void => Endpoint::Void,
        Moving::Refund => Endpoint::Refund,
    }
}

fn moved(outcome: Outcome, reference: Option<String>, transaction: Transaction) -> Moved {
    Moved {
        outcome,
        reference,
        released: None,
        metadata: transaction.metadata,
    }
}

/// What was done is not asked for again because the gateway says another amount.
fn warn_of_amount(asked: &Move, transaction: &Transaction) {
    let (step, cents) = (endpoint(asked.kind).step(), asked.amount.cents);
    if let Some(told) = transaction.cents.filter(|told| *told != cents) {
        tracing::warn!(step, cents, told, "external gateway says another amount");
    }
}
