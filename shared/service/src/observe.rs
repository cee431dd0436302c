//! Reading what may have changed at its gateway by itself, a payment or what is kept for a wallet, and taking its
//! state.

use decisions::commands::{Hear, Observe, ObserveKept, asked_again};
use decisions::{CallGateway, Permit};
use domain::gateway::{GatewayRequest, KeptThere};
use domain::operation::{Operation, Owner};
use domain::record::Record;
use domain::till::Till;
use domain::transaction::{CAPTURE, Status, Transaction};
use domain::{CustomerId, GatewayId, Id, OrderId};

use crate::load::{self, Wanted};
use crate::operations::settle;
use crate::run::run;
use crate::tasks::{OrderOf, OrderTask, WalletTask};
use crate::{Actor, Failure, Precondition, resume};

/// Reads a payment of an order at its gateway: first what is under way of it, the transaction that is named,
/// and what failed for not being there; then the payment itself.
///
/// # Errors
/// The order is not there; the gateway gives no definitive answer; the table does not answer.
pub async fn observe(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    order: OrderId,
    command: Observe,
    named: Option<Id>,
) -> Result<(), Failure> {
    let permit = &actor.permit().await?;
    let wanted = Wanted::of_parts().to_decide();
    let purchase = load::purchase(actor, order, wanted).await?;
    let till = Till::of(purchase.partition.children.as_deref().unwrap_or_default())?;
    let of_payment = |it: &&Transaction| {
        let is_of_it = it.state.payment.as_ref() == Some(&command.payment);
        is_of_it && it.state.gateway == command.gateway
    };
    for transaction in till.transactions.iter().filter(of_payment) {
        if transaction.state.status == Status::Pending {
            read_undecided(actor, gateways, permit, transaction).await?;
        } else if named == Some(transaction.record.id) || transaction.was_never_seen() {
            let capture = transaction.record.related(CAPTURE);
            let capture = capture.and_then(|it| till.get(it));
            if let Some(request) = asked_again(transaction, capture) {
                let operation = Operation::about(transaction, request, actor.now);
                resume::resume(actor, gateways, permit, order, &operation).await?;
            }
        }
    }
    let task = OrderTask {
        order: OrderOf::Id(order),
        wanted,
        command,
        precondition: Precondition::NONE,
    };
    run(actor, Some(gateways), &task).await?;
    Ok(())
}

/// Takes what a gateway that nobody can ask says of a transaction.
///
/// # Errors
/// The order is not there; the table does not answer.
pub async fn hear(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    order: OrderId,
    command: Hear,
) -> Result<(), Failure> {
    let task = OrderTask {
        order: OrderOf::Id(order),
        wanted: Wanted::of_parts().to_decide(),
        command,
        precondition: Precondition::NONE,
    };
    run(actor, Some(gateways), &task).await?;
    Ok(())
}

/// Reads what a gateway keeps for a wallet, and has the entries that stand on it take what is read. `customer` is whom
/// the gateway has its record of a customer down for. What is in no wallet costs a read, and what names nobody
/// nothing.
///
/// # Errors
/// The gateway gives no definitive answer; the table does not answer.
pub async fn observe_kept(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    gateway: &Record,
    kept: KeptThere,
    customer: Option<CustomerId>,
) -> Result<(), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let customer = match &kept {
        KeptThere::Source(token) => {
            let of = GatewayId::new(gateway.id);
            store.customer_of_token(tenant, of, token).await?
        }
        KeptThere::Customer(_) => customer,
    };
    let Some(customer) = customer else {
        return Ok(());
    };
    let command = ObserveKept {
        tenant,
        gateway: gateway.clone(),
        kept,
    };
    let task = WalletTask {
        customer,
        command,
        precondition: Precondition::NONE,
    };
    run(actor, Some(gateways), &task).await
}

/// A hold was to end by now, or it is not known until when it lasts: its payment is read. False where it is held still,
/// so that it is to be read again. A hold whose gateway does not say when it ends is left to what is told of it.
///
/// # Errors
/// As [`observe`].
pub async fn after_hold(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    order: OrderId,
    operation: &Operation,
) -> Result<bool, Failure> {
    let hold = operation.subject;
    if till(actor, order).await?.is_open(hold)
        && let GatewayRequest::ReadPayment { payment } = &operation.request
    {
        let command = Observe {
            gateway: operation.gateway,
            payment: payment.clone(),
            is_disputed: false,
        };
        observe(actor, gateways, order, command, None).await?;
        if till(actor, order).await?.is_read_again(hold) {
            return Ok(false);
        }
    }
    settle(actor, permit, operation).await?;
    Ok(true)
}

async fn till(actor: &Actor<'_>, order: OrderId) -> Result<Till, Failure> {
    let wanted = Wanted::of_parts().to_decide_without_wallet();
    let purchase = load::purchase(actor, order, wanted).await?;
    let children = purchase.partition.children.as_deref();
    Ok(Till::of(children.unwrap_or_default())?)
}

/// A transaction that the gateway has taken on, or was asked for, may be decided by now.
async fn read_undecided(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    permit: &Permit,
    transaction: &Transaction,
) -> Result<(), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let order = transaction.state.order;
    for id in Operation::deciding(transaction.record.id) {
        if let Some(owed) = store.operation(tenant, Owner::Order(order), id).await? {
            resume::resume(actor, gateways, permit, order, &owed.operation).await?;
        }
    }
    Ok(())
}

/// The order that a gateway's payment is of; none where no order has claimed it.
///
/// # Errors
/// The table does not answer.
pub async fn order_of_payment(
    actor: &Actor<'_>,
    gateway: GatewayId,
    payment: &str,
) -> Result<Option<OrderId>, Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    Ok(store.order_of_payment(tenant, gateway, payment).await?)
}
