//! Deleting records.

use std::sync::Arc;

use decisions::manage::{self, Credentials, Decision};
use decisions::{Answers, Change, Commit, Input, Permit, State, Step};
use domain::catalog::Catalog;
use domain::purchase::OrderPartition;
use domain::record::{Identifier, Place, Placed, Record};
use domain::resource::Partition;
use domain::wallet::Wallet;
use domain::{CustomerId, OrderId, Refusal, ResourceType};
use json_api::{Query, QueryFor};
use secrets::WritableSecrets;
use service::{Action, Actor, Body, Call, Failure, Task, load};

use crate::write::require_own;
use crate::written::{Written, keep_credentials, require_precondition};

pub async fn delete(
    call: &Call<'_>,
    secrets: &dyn WritableSecrets,
    kind: ResourceType,
) -> Result<Body, Failure> {
    call.require(deleting(kind))?;
    let id = call.id()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let task = DeleteTask {
        call,
        secrets,
        identifier: Identifier { kind, id },
        query: &query,
    };
    service::run(call, None, &task).await?;
    Ok(Body::Nothing)
}

/// What a caller asks for who deletes a record of this type.
fn deleting(kind: ResourceType) -> Action {
    match kind.declaration().partition {
        Partition::AddressBook | Partition::Customer => Action::DeleteOwnRecord,
        Partition::Own if kind == ResourceType::Addresses => Action::DeleteAddress,
        _ => Action::DeleteRecord,
    }
}

/// A record is to be deleted.
struct DeleteTask<'a, 'c> {
    call: &'a Call<'c>,
    secrets: &'a dyn WritableSecrets,
    identifier: Identifier,
    query: &'a Query,
}

/// The record as it was read, with what goes with it or keeps it.
struct Doomed {
    record: Record,
    catalog: Arc<Catalog>,
    with: With,
}

/// What goes with a record that is deleted, or keeps it.
enum With {
    /// Whatever of the catalogue names it.
    Catalog(Place),
    /// The order that it is.
    Order(Box<OrderPartition>),
    /// The order that it is part of.
    PartOf(Box<OrderPartition>),
    /// The customer that it is.
    Customer(Box<Wallet>, Vec<Record>),
    /// The address book that it is part of.
    Book(Place, Vec<Record>),
}

impl State for Doomed {
    fn checks(&self) -> Vec<Change> {
        match &self.with {
            With::Order(partition) | With::PartOf(partition) => partition.checks(),
            With::Customer(wallet, _) => wallet.checks(),
            // What is deleted depends on its own version.
            With::Catalog(_) | With::Book(..) => Vec::new(),
        }
    }
}

impl Task for DeleteTask<'_, '_> {
    type State = Doomed;
    type Answer = Written;

    async fn read(&self, _: &Actor<'_>) -> Result<Doomed, Failure> {
        let (call, kind) = (self.call, self.identifier.kind);
        let partition = kind.declaration().partition;
        let catalog = match partition {
            Partition::Catalog => load::reread_catalog(call).await?,
            _ => load::catalog(call).await?,
        };
        let (record, with) = match partition {
            Partition::Catalog => {
                let record = catalog.get(kind, self.identifier.id).cloned();
                let record = record.ok_or_else(Refusal::not_found)?;
                (record, With::Catalog(Place::Catalog))
            }
            Partition::Order => {
                let partition = order(call, OrderId::new(self.identifier.id)).await?;
                (partition.order.to_record(), With::Order(partition))
            }
            Partition::Customer => customer(call, CustomerId::new(self.identifier.id)).await?,
            _ => placed(call, self.identifier).await?,
        };
        Ok(Doomed {
            record,
            catalog,
            with,
        })
    }

    async fn check(&self, _: &Actor<'_>, doomed: &Doomed) -> Result<(), Failure> {
        require_precondition(self.call, &doomed.record, self.query).await
    }

    fn decide(&self, doomed: &Doomed, _: &Answers, _: Input<'_>) -> Step<Written> {
        match decide(doomed) {
            Ok(decision) => Written::step(decision, &doomed.catalog),
            Err(refusal) => refusal.into(),
        }
    }

    async fn after_commit(
        &self,
        _: &Actor<'_>,
        permit: &Permit,
        commit: &Commit<Written>,
    ) -> Result<(), Failure> {
        if let ResourceType::Customers = self.identifier.kind {
            let customer = CustomerId::new(self.identifier.id);
            return delete_late_addresses(self.call, permit, customer).await;
        }
        keep_credentials(self.call, self.secrets, commit).await
    }
}

/// What came into an address book after it was read goes with its customer too; from their deletion on
/// nothing comes into it any more.
async fn delete_late_addresses(
    call: &Call<'_>,
    permit: &Permit,
    customer: CustomerId,
) -> Result<(), Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let late = store.address_book(tenant, customer).await?;
    let place = Place::OfCustomer(customer);
    let changes: Vec<_> = late.iter().map(|it| Change::delete(it, place)).collect();
    match changes.is_empty() {
        true => Ok(()),
        false => Ok(store.commit(permit, tenant, &changes).await?),
    }
}

fn decide(doomed: &Doomed) -> Result<Decision, Refusal> {
    let record = doomed.record.clone();
    let changes = match &doomed.with {
        With::Catalog(place) => {
            let place = *place;
            return manage::delete(Placed { record, place }, &doomed.catalog);
        }
        With::Order(partition) => manage::delete_order(partition)?,
        With::PartOf(partition) => manage::delete_of_order(&record, partition)?,
        With::Customer(wallet, book) => manage::delete_customer(wallet, book)?,
        With::Book(place, book) => {
            manage::require_unnamed(record.identifier(), book)?;
            vec![Change::delete(&record, *place)]
        }
    };
    Ok(Decision {
        record,
        changes,
        credentials: Credentials::Unchanged,
    })
}

async fn order(call: &Call<'_>, id: OrderId) -> Result<Box<OrderPartition>, Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let partition = store.order(tenant, id, true).await?;
    let partition = partition.filter(|it| call.caller.sees(&it.order));
    Ok(Box::new(partition.ok_or_else(Refusal::not_found)?))
}

async fn customer(call: &Call<'_>, id: CustomerId) -> Result<(Record, With), Failure> {
    if load::own_or(call, id)? != id {
        return Err(Refusal::not_found().into());
    }
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let wallet = store.wallet(tenant, id).await?;
    let profile = wallet.profile.clone().ok_or_else(Refusal::not_found)?;
    let mut book = store.address_book(tenant, id).await?;
    book.retain(|it| it.kind != ResourceType::Customers);
    Ok((profile, With::Customer(Box::new(wallet), book)))
}

/// A record that stands by itself, with an order, or in an address book.
async fn placed(call: &Call<'_>, identifier: Identifier) -> Result<(Record, With), Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let placed = store.placed(tenant, identifier).await?;
    let placed = placed.ok_or_else(Refusal::not_found)?;
    require_own(&call.caller, &placed)?;
    let Placed { record, place } = placed;
    let with = match place {
        Place::OfOrder(id) => With::PartOf(order(call, id).await?),
        Place::OfCustomer(customer) => {
            With::Book(place, store.address_book(tenant, customer).await?)
        }
        _ => With::Catalog(place),
    };
    Ok((record, with))
}
