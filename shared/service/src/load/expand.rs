//! Reading on, as far as a document goes.

use domain::graph::{Graph, Part};
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Record};
use domain::wallet::Wallet;
use domain::{CustomerId, OrderId};
use futures_util::future;
use json_api::Include;

use crate::{Actor, Failure};

/// Reads what is missing before `records` can be shown with `include`, depth by depth.
///
/// # Errors
/// The table does not answer.
pub async fn expand(
    actor: &Actor<'_>,
    mut graph: Graph,
    records: &[Record],
    include: &Include,
) -> Result<Graph, Failure> {
    loop {
        let mut missing = include.missing(&graph, records);
        missing.extend(records.iter().filter_map(|it| graph.needed_by(it)));
        if missing.is_empty() {
            return Ok(graph);
        }
        let parts = missing.into_iter().map(|part| read_part(actor, part));
        for read in future::try_join_all(parts).await? {
            match read {
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

enum ReadPart {
    Order(OrderId, Box<Option<OrderPartition>>),
    Wallet(Box<Wallet>),
    AddressBook(CustomerId, Vec<Record>),
    OrdersOf(CustomerId, Vec<OrderPartition>),
    Other(Identifier, Box<Option<Record>>),
}

async fn read_part(actor: &Actor<'_>, part: Part) -> Result<ReadPart, Failure> {
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
            let orders = store.orders_of(tenant, customer).await?;
            ReadPart::OrdersOf(customer, orders)
        }
        Part::Other(identifier) => {
            let placed = store.placed(tenant, identifier).await?;
            ReadPart::Other(identifier, Box::new(placed.map(|it| it.record)))
        }
    })
}
