use domain::gateway::{
    Books, GatewayAnswer, GatewayCall, NewPayment, NotedRequest, Payment, Progress,
};
use domain::money::Amount;

use super::create_payment::unpaid;
use super::requests::{self, Endpoint};
use super::transaction::{Told, Transaction};
use crate::exchange::Exchange;
use crate::not_done::NotDone;

/// Asks the gateway to hold the amount. It may hold another, and says so.
pub(super) async fn authorize_payment(
    exchange: &Exchange<'_>,
    new: &NewPayment,
) -> Result<GatewayAnswer, NotDone> {
    let document = new.document.as_ref();
    let told = requests::tell(exchange, Endpoint::Authorize, new.order.as_str(), document).await?;
    Ok(GatewayAnswer::Payment(payment(new.amount, told)))
}

/// The request, as it is noted before it is sent.
pub(super) fn written(asked: &GatewayCall, new: &NewPayment) -> Option<NotedRequest> {
    let document = new.document.as_ref()?;
    requests::noted_whole(asked, Endpoint::Authorize, new.order.as_str(), document)
}

fn payment(asked: Amount, told: Told) -> Payment {
    let held = |transaction: &Transaction| Amount {
        cents: transaction.cents.unwrap_or(asked.cents),
        ..asked
    };
    match told {
        Told::Done(transaction) => {
            let amount = held(&transaction);
            Payment {
                books: books(amount.cents),
                reference: transaction.token,
                metadata: transaction.metadata,
                progress: Progress::Authorized,
                ..unpaid(amount)
            }
        }
        Told::Pending(action, transaction) => Payment {
            books: books(0),
            reference: Some(action),
            progress: Progress::Authorized,
            metadata: transaction.metadata,
            ..unpaid(asked)
        },
        // There is nothing to refer to: what was declined needs no letting go.
        Told::Declined(decline, transaction) => Payment {
            progress: Progress::Declined,
            decline: Some(decline),
            metadata: transaction.metadata,
            ..unpaid(asked)
        },
    }
}

fn books(held: i64) -> Option<Books> {
    Some(Books {
        held,
        ..Books::default()
    })
}
