//! What was moved out of another table, written here: sealed with this table's key, found by hashes of its lookup
//! key, and only where nothing stands.

use aws_sdk_dynamodb::types::TransactWriteItem;
use decisions::{OrderLine, Permit, Unique};
use domain::record::{Place, Placed};
use domain::resources::{PAYMENT_SOURCES, ResourceType, TRANSACTIONS};
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::wallet::Entry;
use domain::{CustomerId, Id, Tenant};

use crate::item::from_raw;
use crate::keys::{Key, Keys};
use crate::read::{LocatorItem, read_head};
use crate::reseal::typed;
use crate::transaction::{Condition, PAYMENT, TOKEN};
use crate::write::{head_item, locating};
use crate::{Moved, Store, StoreError};

/// How often it is tried to write what another import, or a request, writes at the same time.
const MOST_TRIES: u32 = 4;

/// What became of something that was moved, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// It was not there, and is now.
    Made,
    /// It is there already.
    Same,
    /// Something else stands in its place, or has what it alone may have: the text says what.
    Differs(&'static str),
    /// It is not written: what is owed is carried on by the table that owes it.
    Left,
}

/// What stands in the table in a place.
enum Standing {
    Nothing,
    Same,
    Another,
}

/// An item beside a record, by which the record is found, or has something to itself.
struct Reference {
    key: Key,
    kind: &'static str,
    owner: Id,
    of_customer: bool,
    /// Whether several records of the owner's may rest on it.
    is_shared: bool,
}

impl Store {
    /// Writes something that was moved, with all by which it is found, unless it is there: in one transaction, so
    /// that an import that was cut short is begun again. A `rehearsal` writes nothing and says what would come of
    /// it. Two round trips at most, unless others write the same.
    ///
    /// # Errors
    /// The table does not answer; what was moved does not read, or is too large.
    pub async fn import(
        &self,
        _: &Permit,
        tenant: Tenant,
        moved: Moved,
        rehearsal: bool,
    ) -> Result<Import, StoreError> {
        let keys = Keys::of(tenant);
        let moved = match moved {
            Moved::Record(it) => Moved::Record(Box::new(Placed {
                record: typed(it.record)?,
                place: it.place,
            })),
            Moved::Operation(_) => return Ok(Import::Left),
            Moved::OrderNumber(number) => {
                return self.import_number(tenant, number, rehearsal).await;
            }
            moved => moved,
        };
        let beside = self.references(&keys, &moved)?;
        for tries in 0..MOST_TRIES {
            match self.standing(tenant, &keys, &moved).await? {
                Standing::Same => return Ok(Import::Same),
                Standing::Another => return Ok(Import::Differs("another version stands there")),
                Standing::Nothing => {}
            }
            if (rehearsal || tries > 0) && self.is_taken(&beside).await? {
                return Ok(Import::Differs(
                    "another record has its id, or what it alone may have",
                ));
            }
            if rehearsal {
                return Ok(Import::Made);
            }
            let mut writes = vec![self.put_moved(tenant, &keys, &moved)?];
            for it in &beside {
                let condition = match it.is_shared {
                    true => Condition::AbsentOrOwnedBy(it.owner),
                    false => Condition::Absent,
                };
                let key = it.key.clone();
                writes.push(self.reference(key, it.kind, it.owner, it.of_customer, condition)?);
            }
            match self.transact(writes).await {
                Ok(()) => {
                    self.catalogs.forget(tenant);
                    return Ok(Import::Made);
                }
                Err(StoreError::Conflict | StoreError::PaymentTaken | StoreError::TokenTaken) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    async fn import_number(
        &self,
        tenant: Tenant,
        number: u64,
        rehearsal: bool,
    ) -> Result<Import, StoreError> {
        if self.order_number(tenant).await? >= Some(number) {
            return Ok(Import::Same);
        }
        if !rehearsal {
            self.raise_order_number(tenant, number).await?;
        }
        Ok(Import::Made)
    }

    async fn standing(
        &self,
        tenant: Tenant,
        keys: &Keys,
        moved: &Moved,
    ) -> Result<Standing, StoreError> {
        let Some(item) = self.item(moved.key(keys)).await? else {
            return Ok(Standing::Nothing);
        };
        let is_same = match moved {
            Moved::Record(it) => typed(self.to_record(tenant, item)?)? == it.record,
            Moved::GatewayCustomer { customer, made } => {
                self.gateway_customer(tenant, *customer, item)? == *made
            }
            Moved::Head { head, .. } => read_head(item)? == *head,
            Moved::Operation(_) | Moved::OrderNumber(_) => true,
        };
        Ok(match is_same {
            true => Standing::Same,
            false => Standing::Another,
        })
    }

    fn put_moved(
        &self,
        tenant: Tenant,
        keys: &Keys,
        moved: &Moved,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = match moved {
            Moved::Record(it) => {
                self.to_item_of(tenant, moved.key(keys), &it.record, it.record.version)?
            }
            Moved::GatewayCustomer { customer, made } => {
                self.gateway_customer_item(tenant, *customer, made, made.version)?
            }
            Moved::Head { customer, head } => head_item(keys, *customer, head, head.version)?,
            Moved::Operation(_) | Moved::OrderNumber(_) => {
                return Err(StoreError::Unavailable("it is no item".to_owned()));
            }
        };
        self.put(item, Condition::Absent)
    }

    /// Whether somebody else has one of these.
    async fn is_taken(&self, beside: &[Reference]) -> Result<bool, StoreError> {
        let keys = beside.iter().map(|it| it.key.clone()).collect();
        for item in self.items(keys).await? {
            let found: LocatorItem = from_raw(item)?;
            let is_it = |it: &&Reference| it.key.pk == found.pk && it.key.sk == found.sk;
            let wanted = beside.iter().find(is_it);
            if wanted.is_some_and(|it| !it.is_shared || it.owner != found.owner) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every item beside a record that its own commit would have written.
    fn references(&self, keys: &Keys, moved: &Moved) -> Result<Vec<Reference>, StoreError> {
        let Moved::Record(placed) = moved else {
            return Ok(Vec::new());
        };
        let Placed { record, place } = placed.as_ref();
        let mut found: Vec<Reference> = Vec::new();
        let mut add = |key, kind, owner: Id, of_customer| {
            if !found.iter().any(|it| it.key == key) {
                found.push(Reference {
                    key,
                    kind,
                    owner,
                    of_customer,
                    is_shared: [PAYMENT, TOKEN].contains(&kind),
                });
            }
        };
        if let Some((owner, of_customer)) = locating(*place) {
            let key = keys.locator(record.kind, record.id);
            add(key, "locator", owner, of_customer);
        }
        if let Some(unique) = Unique::of(record) {
            add(self.unique_key(keys, &unique), "unique", record.id, false);
        }
        match (record.kind, place) {
            (ResourceType::Orders, _) => {
                if let Some(customer) = record.related("customer").map(CustomerId::new) {
                    let line = OrderLine::of(record);
                    let key = keys.order_of_customer(customer, line.created_at, line.order);
                    add(key, "orders", record.id, false);
                }
            }
            (ResourceType::CustomerPaymentSources, Place::Wallet(customer)) => {
                let entry = Entry::parse(record.clone())?;
                for token in entry.tokens() {
                    let key = self.token_key(keys, entry.state.gateway, token);
                    add(key, TOKEN, (*customer).into(), true);
                }
            }
            (kind, _) if PAYMENT_SOURCES.contains(&kind) => {
                let source = PaymentSource::parse(record.clone())?;
                if let Some(payment) = &source.state.payment {
                    let key = self.payment_key(keys, source.state.gateway, payment);
                    add(key, PAYMENT, source.state.order.into(), false);
                }
            }
            (kind, _) if TRANSACTIONS.contains(&kind) => {
                let transaction = Transaction::parse(record.clone())?;
                for payment in payments_of(&transaction) {
                    let key = self.payment_key(keys, transaction.state.gateway, payment);
                    add(key, PAYMENT, transaction.state.order.into(), false);
                }
            }
            _ => {}
        }
        Ok(found)
    }
}

/// What a transaction is known by to those who tell of it: its payment, and where nobody can read that, what the
/// gateway calls the transaction.
fn payments_of(transaction: &Transaction) -> Vec<&str> {
    let Some(payment) = transaction.state.payment.as_deref() else {
        return Vec::new();
    };
    let rules = transaction.state.gateway_kind.source_type().payment_rules();
    let own = transaction.record.text("gateway_transaction_id");
    let own = own.filter(|it| *it != payment && !rules.is_some_and(|it| it.is_read));
    [Some(payment), own].into_iter().flatten().collect()
}

impl Moved {
    fn key(&self, keys: &Keys) -> Key {
        match self {
            Self::Record(it) => keys.at(it.record.kind, it.record.id, it.place),
            Self::GatewayCustomer { customer, made } => {
                keys.gateway_customer(*customer, made.gateway)
            }
            Self::Head { customer, .. } => keys.wallet_head(*customer),
            Self::Operation(record) => keys.own(record.kind, record.id),
            Self::OrderNumber(_) => keys.counter("orders"),
        }
    }
}
