//! Reading on, as far as a document goes.

use domain::graph::{Graph, Part};
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Record};
use domain::refusal::Code;
use domain::wallet::Wallet;
use domain::{CustomerId, OrderId, Refusal};
use futures_util::{StreamExt, TryStreamExt, stream};
use json_api::Include;

use crate::{Actor, Failure};

/// The most records that an answer to a reading request includes.
const MOST_INCLUDED: usize = 1_000;

/// The most records that are read for them.
const MOST_READ: usize = 5_000;

/// How many parts of the table are read at the same time.
const READS_AT_ONCE: usize = 8;

/// Reads what is missing before `records` can be shown with `include`, depth by depth, once the request is
/// let in, and a few parts at a time. What follows a change is not limited: the change is made by then.
///
/// # Errors
/// A reading request includes too many records (422); the caller makes too many requests (429); the table
/// does not answer.
pub async fn expand(
    actor: &Actor<'_>,
    graph: Graph,
    records: &[Record],
    include: &Include,
) -> Result<Graph, Failure> {
    let limit = actor.only_reads.then_some(MOST_INCLUDED);
    expand_to(actor, graph, records, include, limit).await
}

/// As [`expand`], where the step to a relationship of one record is taken, whose records are the answer
/// itself. Orders of a customer may be any number and have the limit.
///
/// # Errors
/// As [`expand`].
pub async fn step(
    actor: &Actor<'_>,
    graph: Graph,
    record: &Record,
    relationship: &str,
) -> Result<Graph, Failure> {
    let step = Include::parse(relationship, &[record.kind])?;
    let limit = step.names("orders").then_some(MOST_INCLUDED);
    expand_to(actor, graph, std::slice::from_ref(record), &step, limit).await
}

async fn expand_to(
    actor: &Actor<'_>,
    mut graph: Graph,
    records: &[Record],
    include: &Include,
    limit: Option<usize>,
) -> Result<Graph, Failure> {
    let mut read = 0;
    loop {
        let reach = include.reach(&graph, records);
        if limit.is_some_and(|most| reach.included.len() > most) {
            return Err(too_many().into());
        }
        let mut missing = reach.missing;
        missing.extend(records.iter().filter_map(|it| graph.needed_by(it)));
        if missing.is_empty() {
            return Ok(graph);
        }
        actor.permit().await?;
        let parts: Vec<_> = missing
            .into_iter()
            .map(|it| read_part(actor, it, limit))
            .collect();
        let mut parts = stream::iter(parts).buffer_unordered(READS_AT_ONCE);
        while let Some(part) = parts.try_next().await? {
            read += part.records();
            if limit.is_some() && read > MOST_READ {
                return Err(too_many().into());
            }
            match part {
                ReadPart::Order(id, partition) => graph.add_order(id, *partition),
                ReadPart::Wallet(wallet) => graph.add_wallet(*wallet),
                ReadPart::AddressBook(customer, records) => {
                    graph.add_address_book(customer, records);
                }
                ReadPart::OrdersOf(customer, orders) => graph.add_orders_of(customer, orders),
                ReadPart::Other(identifier, record) => graph.add_other(identifier, *record),
            }
        }
    }
}

fn too_many() -> Refusal {
    let detail = format!(
        "More than {MOST_INCLUDED} records would have to be included. Include less, ask for a smaller page, or list them by pages at the URL of their relationship."
    );
    Refusal::new(Code::ValidationError, detail).at_parameter("include")
}

enum ReadPart {
    Order(OrderId, Box<Option<OrderPartition>>),
    Wallet(Box<Wallet>),
    AddressBook(CustomerId, Vec<Record>),
    OrdersOf(CustomerId, Vec<OrderPartition>),
    Other(Identifier, Box<Option<Record>>),
}

impl ReadPart {
    /// How many records it has.
    fn records(&self) -> usize {
        match self {
            Self::Order(_, partition) => partition.as_ref().as_ref().map_or(0, |it| {
                1 + it.superseded.len() + it.children.as_ref().map_or(0, Vec::len)
            }),
            Self::Wallet(wallet) => 1 + wallet.entries.len(),
            Self::AddressBook(_, records) => records.len(),
            Self::OrdersOf(_, orders) => orders.len(),
            Self::Other(..) => 1,
        }
    }
}

async fn read_part(
    actor: &Actor<'_>,
    part: Part,
    limit: Option<usize>,
) -> Result<ReadPart, Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    Ok(match part {
        Part::Order { id, children } => {
            let partition = store.order(tenant, id, children).await?;
            ReadPart::Order(id, Box::new(partition))
        }
        Part::Wallet(customer) => ReadPart::Wallet(Box::new(store.wallet(tenant, customer).await?)),
        Part::AddressBook(customer) => {
            let book = store.address_book(tenant, customer).await?;
            ReadPart::AddressBook(customer, book)
        }
        Part::OrdersOf(customer) => {
            let most = limit.unwrap_or(usize::MAX);
            let orders = store.orders_of(tenant, customer, most).await?;
            ReadPart::OrdersOf(customer, orders.ok_or_else(too_many)?)
        }
        Part::Other(identifier) => {
            let placed = store.placed(tenant, identifier).await?;
            ReadPart::Other(identifier, Box::new(placed.map(|it| it.record)))
        }
    })
}
