//! Comparing the books with the gateways: every payment is read where it was made, and what differs is told.
//! Nothing is changed unless the gateways' word is to be taken, which then happens as it does for their events.

use std::collections::BTreeSet;

use decisions::commands::{Observe, asked_again};
use decisions::{Answers, CallGateway, Change, Step};
use domain::gateway::{GatewayAnswer, GatewayRefusal, GatewayRequest, Outcome};

use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::record::Record;
use domain::source::PaymentSource;
use domain::till::Till;
use domain::transaction::{CAPTURE, Transaction};
use domain::{GatewayId, Id, OrderId, Period, ResourceType, Tenant, Timestamp};
use store::{Direction, Listing, StoreError};

use crate::load::Wanted;
use crate::run::{Fresh, MOST_CALLS, Task};
use crate::tasks::{OrderOf, OrderTask};
use crate::{Actor, Context, Failure, Precondition, observe};

/// How many payment sources are read at a time.
const AT_A_TIME: usize = 25;

/// A payment of which the books say something else than its gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The order.
    pub order: OrderId,
    /// The gateway's record.
    pub gateway: GatewayId,
    /// The gateway's reference of the payment.
    pub payment: String,
    /// What differs, sentences for people.
    pub what: Vec<String>,
    /// Whether the gateway's word was taken: the books say it now.
    pub is_taken: bool,
}

/// What came of reading one payment.
#[derive(Debug)]
pub enum Read {
    /// The books say what the gateway says.
    Same,
    /// They do not.
    Differs(Difference),
    /// It cannot be told.
    Unknown {
        /// The order.
        order: OrderId,
        /// Why.
        failure: Failure,
    },
}

/// Reads every payment of a tenant's payment sources that were made since `from` at its gateway, one after the
/// other, and tells what came of each. Where `is_applied`, the gateway's word is taken once it differs.
///
/// Payments at external gateways cannot be read: they are not among them.
///
/// # Errors
/// The table does not answer. What a single payment fails of is told, and the next is read.
pub async fn reconcile(
    context: &Context,
    gateways: &dyn CallGateway,
    tenant: Tenant,
    from: Timestamp,
    is_applied: bool,
    mut tell: impl FnMut(Read),
) -> Result<(), Failure> {
    let created = Period {
        from: Some(from),
        to: None,
    };
    let mut seen = BTreeSet::new();
    for kind in ResourceType::ALL.iter().copied().filter(|it| is_read(*it)) {
        let listing = Listing::of_type(tenant, kind, created, Direction::OldestFirst);
        let mut bookmark = None;
        loop {
            let stretch = context.store.stretch(&listing, bookmark, AT_A_TIME).await?;
            for record in context.store.records(tenant, stretch.keys).await? {
                let source = PaymentSource::parse(record)?;
                let Some(payment) = source.readable_payment() else {
                    continue;
                };
                let command = Observe {
                    gateway: source.state.gateway,
                    payment: payment.to_owned(),
                    is_disputed: false,
                };
                if seen.insert((source.state.gateway, payment.to_owned())) {
                    let order = source.state.order;
                    let actor = Actor::of_operator(context, tenant);
                    let read = compare(&actor, gateways, order, command, is_applied).await;
                    tell(read.unwrap_or_else(|failure| Read::Unknown { order, failure }));
                }
            }
            bookmark = stretch.next;
            if bookmark.is_none() {
                break;
            }
        }
    }
    Ok(())
}

fn is_read(kind: ResourceType) -> bool {
    kind.payment_rules().is_some_and(|it| it.is_read)
}

async fn compare(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    order: OrderId,
    command: Observe,
    is_applied: bool,
) -> Result<Read, Failure> {
    let task = OrderTask {
        order: OrderOf::Id(order),
        wanted: Wanted::of_parts().to_decide(),
        command,
        precondition: Precondition::NONE,
    };
    let Differing { what, failed } = differing(actor, gateways, &task).await?;
    if what.is_empty() {
        return Ok(Read::Same);
    }
    let command = &task.command;
    if is_applied {
        let named: Vec<_> = match failed.is_empty() {
            true => vec![None],
            false => failed.into_iter().map(Some).collect(),
        };
        for transaction in named {
            observe(actor, gateways, order, command.clone(), transaction).await?;
        }
    }
    // Not all that differs can be taken: a payment that the gateway does not know stays in the books.
    let is_taken = is_applied && differing(actor, gateways, &task).await?.what.is_empty();
    Ok(Read::Differs(Difference {
        order,
        gateway: command.gateway,
        payment: command.payment.clone(),
        what,
        is_taken,
    }))
}

/// What differs of a payment, and the transactions that had succeeded and have failed since.
struct Differing {
    what: Vec<String>,
    failed: Vec<Id>,
}

async fn differing(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    task: &OrderTask<'_, Observe>,
) -> Result<Differing, Failure> {
    let purchase = task.read(actor).await?;
    let mut what = unlike(actor, gateways, task, &purchase).await?;
    let failed = failed_since(actor, gateways, &purchase, &task.command).await?;
    what.extend(failed.iter().map(|it| {
        let (kind, amount) = (it.record.kind.name(), it.state.amount);
        format!(
            "{kind} {} of {amount} failed after it had succeeded",
            it.record.id
        )
    }));
    let failed = failed.into_iter().map(|it| it.record.id).collect();
    Ok(Differing { what, failed })
}

/// What taking the payment's state would change. Nothing is asked of the gateway but to be read.
async fn unlike(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    task: &OrderTask<'_, Observe>,
    purchase: &Purchase,
) -> Result<Vec<String>, Failure> {
    let permit = actor.permit().await?;
    let fresh = Fresh::of(actor).await?;
    let mut answers = Answers::default();
    for _ in 0..=MOST_CALLS {
        match task.decide(purchase, &answers, actor.input(&fresh)) {
            Step::Ask(ask) => {
                if !matches!(ask.call.request, GatewayRequest::ReadPayment { .. }) {
                    return Ok(vec!["the order would be placed by itself".to_owned()]);
                }
                let answer = gateways.call(&permit, &ask.call, actor.deadline).await?;
                if let Err(refusal) = &answer
                    && is_in_books(purchase, &task.command)?
                {
                    return Ok(vec![unknown(refusal)]);
                }
                answers.keep(ask.call.request, answer);
            }
            Step::Commit(decided) => return Ok(told(purchase, &decided.changes)),
            Step::Answer(_) => return Ok(Vec::new()),
            Step::Refuse(refusals) => return Err(refusals.into()),
            Step::ReadAgain => return Err(StoreError::Conflict.into()),
        }
    }
    Err(Failure::Endless)
}

fn unknown(refusal: &GatewayRefusal) -> String {
    format!("the gateway does not tell of it: {}", refusal.detail)
}

/// Whether the books have money moved of a payment: one that was opened and never paid may be gone by now.
fn is_in_books(purchase: &Purchase, command: &Observe) -> Result<bool, Failure> {
    Ok(till(purchase)?.knows(&command.payment))
}

fn till(purchase: &Purchase) -> Result<Till, Failure> {
    Ok(Till::of(
        purchase.partition.children.as_deref().unwrap_or_default(),
    )?)
}

/// The transactions of a payment that had succeeded and have failed since.
async fn failed_since(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    purchase: &Purchase,
    command: &Observe,
) -> Result<Vec<Transaction>, Failure> {
    let permit = actor.permit().await?;
    let table = actor.context.store.mark().await?;
    let till = till(purchase)?;
    let of_payment = |it: &&Transaction| {
        let is_of_it = it.state.payment.as_ref() == Some(&command.payment);
        is_of_it && it.state.gateway == command.gateway && it.has_succeeded()
    };
    let mut failed = Vec::new();
    for transaction in till.transactions.iter().filter(of_payment) {
        let capture = transaction.record.related(CAPTURE);
        let capture = capture.and_then(|it: Id| till.get(it));
        let Some(request) = asked_again(transaction, capture) else {
            continue;
        };
        let operation = Operation::about(transaction, request, actor.now);
        let call = operation.call(actor.caller.tenant, &table, &purchase.catalog);
        let answer = gateways.call(&permit, &call, actor.deadline).await?;
        if let Ok(GatewayAnswer::Moved(moved)) = answer
            && matches!(moved.outcome, Outcome::Failed(_))
        {
            failed.push(transaction.clone());
        }
    }
    Ok(failed)
}

/// What these changes would change in the books. That the payment source remembers its payment as it was read last
/// is none of it.
fn told(purchase: &Purchase, changes: &[Change]) -> Vec<String> {
    let records = changes.iter().filter_map(|change| match change {
        Change::Put { record, .. } => Some(record),
        _ => None,
    });
    records.filter_map(|it| told_of(purchase, it)).collect()
}

fn told_of(purchase: &Purchase, record: &Record) -> Option<String> {
    if record.kind == ResourceType::Orders {
        let (was, is) = (status(&purchase.order().to_record()), status(record));
        return (was != is).then(|| format!("the order is {was}, and would be {is}"));
    }
    let transaction = Transaction::parse(record.clone()).ok()?;
    let kind = record.kind.name();
    (record.version == 0).then(|| {
        format!(
            "{kind} of {} are not in the books",
            transaction.state.amount
        )
    })
}

fn status(order: &Record) -> String {
    let text = |name| order.text(name).unwrap_or("nothing");
    format!("{} and {}", text("status"), text("payment_status"))
}
