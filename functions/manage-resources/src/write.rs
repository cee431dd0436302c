//! Creating and changing records: what is read before it is decided, and what is decided.

use std::sync::Arc;

use decisions::manage::{self, Basis, Decision, Named};
use decisions::{Answers, Change, Commit, Input, Permit, State, Step, Unique};
use domain::catalog::Catalog;
use domain::order::Order;
use domain::record::{Identifier, Place, Placed};
use domain::refusal::Refusals;
use domain::resource::Partition;
use domain::{Caller, CustomerId, Id, Refusal, ResourceType, Role, Write};
use json_api::{Query, RequestDocument};
use secrets::WritableSecrets;
use serde_json::Value;
use service::load::Wanted;
use service::{Actor, Call, Failure, Fresh, Task, load};

use crate::written::{Written, keep_credentials, keep_new_credentials, require_precondition};

/// A record is to be made or changed.
pub struct WriteTask<'a, 'c> {
    /// The request.
    pub call: &'a Call<'c>,
    /// Where credentials are kept.
    pub secrets: &'a dyn WritableSecrets,
    /// The record's type.
    pub kind: ResourceType,
    /// The record; none where it is to be made.
    pub id: Option<Id>,
    /// The request's body.
    pub document: RequestDocument,
    /// The query, by which the answer shows the record.
    pub query: &'a Query,
}

/// What was read before it is decided.
pub struct Around {
    /// The record as it was read; none where it is to be made.
    placed: Option<Placed>,
    /// What is to be written, with the records that it names by something else than their ids.
    write: Write,
    password_hash: Option<String>,
    catalog: Arc<Catalog>,
    named: Named,
    /// The e-mail address of a customer who is made with the order that names them by it.
    new_customer: Option<String>,
    /// The order that the address is with.
    order: Option<Order>,
}

impl State for Around {
    /// What is changed depends on its own version, and on the others by what the decision says of each.
    fn checks(&self) -> Vec<Change> {
        Vec::new()
    }
}

impl Task for WriteTask<'_, '_> {
    type State = Around;
    type Answer = Written;

    async fn read(&self, actor: &Actor<'_>) -> Result<Around, Failure> {
        let call = self.call;
        let (placed, catalog) = match self.id {
            Some(id) => {
                let (placed, catalog) = read(call, self.kind, id).await?;
                require_own(&call.caller, &placed)?;
                (Some(placed), catalog)
            }
            None => (None, None),
        };
        let order = match &placed {
            Some(placed) => order_of_address(call, placed).await?,
            None => None,
        };
        let write = self.document.write(&call.caller)?;
        let mut around = Around {
            placed,
            password_hash: None,
            catalog: match catalog {
                Some(catalog) => catalog,
                None => self.catalog(&write).await?,
            },
            named: Named::new(),
            new_customer: None,
            order,
            write,
        };
        load::require_unique(call, self.kind, self.id, &around.write).await?;
        if let Some(password) = text(&around.write, "password") {
            around.password_hash = Some(call.hash_password(password).await?);
        }
        match self.kind {
            ResourceType::Orders => self.find_customer_of_order(&mut around).await?,
            ResourceType::CustomerAddresses => self.find_customer_of_address(&mut around).await?,
            ResourceType::CustomerPasswordResets if self.id.is_none() => {
                self.find_customer_of_reset(&mut around).await?;
            }
            _ => {}
        }
        let identifiers = around.write.relationships.iter().filter_map(|(_, to)| *to);
        around.named = load::named(call, identifiers).await?;
        if self.kind == ResourceType::CustomerAddresses {
            around.named.retain(|_, it| may_keep(&call.caller, it));
        }
        if self.kind == ResourceType::Orders {
            self.number_order(actor, &mut around).await?;
        }
        Ok(around)
    }

    async fn check(&self, _: &Actor<'_>, around: &Around) -> Result<(), Failure> {
        match &around.placed {
            Some(placed) => require_precondition(self.call, &placed.record, self.query).await,
            None => Ok(()),
        }
    }

    fn decide(&self, around: &Around, _: &Answers, input: Input<'_>) -> Step<Written> {
        match self.decision(around, input) {
            Ok(decision) => Written::step(decision, &around.catalog),
            Err(refusals) => Step::Refuse(refusals),
        }
    }

    async fn before_commit(
        &self,
        _: &Actor<'_>,
        _: &Permit,
        _: &Around,
        commit: &Commit<Written>,
    ) -> Result<(), Failure> {
        keep_new_credentials(self.call, self.secrets, commit).await
    }

    async fn after_commit(
        &self,
        _: &Actor<'_>,
        _: &Permit,
        commit: &Commit<Written>,
    ) -> Result<(), Failure> {
        keep_credentials(self.call, self.secrets, commit).await
    }
}

impl WriteTask<'_, '_> {
    fn decision(&self, around: &Around, input: Input<'_>) -> Result<Decision, Refusals> {
        let basis = Basis {
            input,
            catalog: &around.catalog,
            named: &around.named,
            password_hash: around.password_hash.as_deref(),
            order: around.order.as_ref(),
        };
        let decided = match (&around.placed, &around.new_customer) {
            (Some(placed), _) => manage::change(placed.clone(), &around.write, basis),
            (None, None) => manage::create(self.kind, &around.write, basis),
            (None, Some(email)) => return order_of_new_customer(&around.write, basis, email),
        };
        decided.map_err(Refusals::from)
    }

    /// What changes the catalogue goes by the catalogue as it is in the table; others by the one in
    /// memory, unless that lacks what they name.
    async fn catalog(&self, write: &Write) -> Result<Arc<Catalog>, Failure> {
        let call = self.call;
        if matches!(
            self.kind.declaration().partition,
            Partition::Catalog | Partition::Token
        ) {
            return load::reread_catalog(call).await;
        }
        let catalog = load::catalog(call).await?;
        let mut named = write.relationships.iter().filter_map(|(_, to)| *to);
        let is_missing = |it: Identifier| {
            let is_catalogued = it.kind.declaration().partition == Partition::Catalog;
            is_catalogued && catalog.get(it.kind, it.id).is_none()
        };
        match named.any(is_missing) {
            true => load::reread_catalog(call).await,
            false => Ok(catalog),
        }
    }

    /// An order that gives no number gets the next one (Commerce Layer, orders, `number`); one that is
    /// refused takes none.
    async fn number_order(&self, actor: &Actor<'_>, around: &mut Around) -> Result<(), Failure> {
        let given = text(&around.write, "number").is_some_and(|it| !it.trim().is_empty());
        let fresh = Fresh::of(actor).await?;
        if self.id.is_some() || given || self.decision(around, actor.input(&fresh)).is_err() {
            return Ok(());
        }
        let permit = self.call.permit().await?;
        let (store, tenant) = (&self.call.context.store, self.call.caller.tenant);
        let number = store.next_order_number(&permit, tenant).await?;
        let attributes = &mut around.write.attributes;
        attributes.insert("number".to_owned(), number.into());
        Ok(())
    }

    /// An order that gives an e-mail address and no customer is its customer's, who is made where there
    /// is none (Commerce Layer, orders, `customer_email`). A guest's is nobody's.
    async fn find_customer_of_order(&self, around: &mut Around) -> Result<(), Failure> {
        let write = &mut around.write;
        let is_guest = write.attributes.get("guest") == Some(&Value::Bool(true));
        let is_named = write.relationship("customer").is_some();
        let email = text(write, "customer_email").filter(|_| !is_guest && !is_named);
        let Some(email) = email.map(str::to_owned) else {
            return Ok(());
        };
        match self.owner_of(&of_email(&email)).await? {
            Some(id) => write.relationships.push(("customer", Some(customer(id)))),
            None => around.new_customer = Some(email),
        }
        Ok(())
    }

    /// An address is kept for a customer who may be named by e-mail address; by customers for themselves.
    async fn find_customer_of_address(&self, around: &mut Around) -> Result<(), Failure> {
        let write = &mut around.write;
        let caller = self.call.caller.owner();
        let named = write.relationship("customer").flatten();
        if let (Some(caller), Some(named)) = (caller, named)
            && caller != CustomerId::new(named.id)
        {
            return Err(Refusal::not_found().at_relationship("customer").into());
        }
        let is_named = write.relationship("customer").is_some();
        let id = match text(write, "customer_email").filter(|_| !is_named) {
            Some(email) => {
                let found = self.owner_of(&of_email(email)).await?;
                let found = found.filter(|it| caller.is_none_or(|caller| caller == *it));
                Some(found.ok_or_else(|| {
                    let refusal = Refusal::invalid("There is no customer of this e-mail address.");
                    refusal.at_attribute("customer_email")
                })?)
            }
            None => caller.filter(|_| self.id.is_none() && !is_named),
        };
        let customer = id.map(|id| ("customer", Some(customer(id))));
        write.relationships.extend(customer);
        Ok(())
    }

    /// Somebody may ask for another password who is no customer: that is told to nobody.
    async fn find_customer_of_reset(&self, around: &mut Around) -> Result<(), Failure> {
        let write = &mut around.write;
        if let Some(email) = text(write, "customer_email") {
            let found = self.owner_of(&of_email(email)).await?;
            let named = found.map(|id| ("customer", Some(customer(id))));
            write.relationships.extend(named);
        }
        Ok(())
    }

    async fn owner_of(&self, unique: &Unique) -> Result<Option<CustomerId>, Failure> {
        let (store, tenant) = (&self.call.context.store, self.call.caller.tenant);
        let owner = store.owner_of_unique(tenant, unique).await?;
        Ok(owner.map(CustomerId::new))
    }
}

/// A record as it is in the table, and where it stands; and the catalogue, where that is what was read.
async fn read(
    call: &Call<'_>,
    kind: ResourceType,
    id: Id,
) -> Result<(Placed, Option<Arc<Catalog>>), Failure> {
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let (record, catalog) = match kind.declaration().partition {
        Partition::Catalog => {
            let catalog = load::reread_catalog(call).await?;
            (catalog.get(kind, id).cloned(), Some(catalog))
        }
        Partition::Token => {
            let catalog = load::reread_catalog(call).await?;
            let (record, _) = load::of_token(call, kind).await?;
            (Some(record), Some(catalog))
        }
        _ => {
            let placed = store.placed(tenant, Identifier { kind, id }).await?;
            return Ok((placed.ok_or_else(Refusal::not_found)?, None));
        }
    };
    let record = record.ok_or_else(Refusal::not_found)?;
    let place = Place::Catalog;
    Ok((Placed { record, place }, catalog))
}

/// What is not the caller's own is not there for them. Whose an address of an order is the order says.
pub fn require_own(caller: &Caller, placed: &Placed) -> Result<(), Refusal> {
    let is_own = |customer: CustomerId| caller.owner() == Some(customer);
    let may = match (caller.role, placed.place) {
        (Role::Integration, _) => true,
        (_, Place::Customer) => is_own(CustomerId::new(placed.record.id)),
        (_, Place::OfCustomer(customer)) => is_own(customer),
        (_, Place::Own) => caller.has_made(&placed.record),
        (_, Place::OfOrder(_)) => placed.record.kind == ResourceType::Addresses,
        _ => false,
    };
    match may {
        true => Ok(()),
        false => Err(Refusal::not_found()),
    }
}

/// Whether an entry of the caller's address book may name the record: what is with an order stays there.
fn may_keep(caller: &Caller, placed: &Placed) -> bool {
    let is_of_order = matches!(placed.place, Place::OfOrder(_));
    caller.role == Role::Integration || !is_of_order && require_own(caller, placed).is_ok()
}

/// The order that an address is with, where the caller may see it.
async fn order_of_address(call: &Call<'_>, placed: &Placed) -> Result<Option<Order>, Failure> {
    match placed.place {
        Place::OfOrder(order) if placed.record.kind == ResourceType::Addresses => {
            let purchase = load::purchase(call, order, Wanted::default()).await?;
            Ok(Some(purchase.partition.order))
        }
        _ => Ok(None),
    }
}

/// The order, and the customer whom it names by an e-mail address that nobody has yet.
fn order_of_new_customer(
    write: &Write,
    basis: Basis<'_>,
    email: &str,
) -> Result<Decision, Refusals> {
    let made = manage::customer_of_email(email, basis);
    let made = made.map_err(|refusals| Refusals::from(refusals).at_attribute("customer_email"))?;

    let identifier = made.record.identifier();
    let mut named = basis.named.clone();
    let placed = Placed {
        record: made.record,
        place: Place::Customer,
    };
    named.insert(identifier, placed);
    let mut write = write.clone();
    write.relationships.push(("customer", Some(identifier)));
    let basis = Basis {
        named: &named,
        ..basis
    };
    let mut order = manage::create(ResourceType::Orders, &write, basis)?;
    // The customer is made in the same transaction, so that nothing else is required of them.
    order.changes.retain(|it| !it.is_of(identifier));
    order.changes.extend(made.changes);
    Ok(order)
}

fn text<'a>(write: &'a Write, attribute: &str) -> Option<&'a str> {
    write.attributes.get(attribute).and_then(Value::as_str)
}

fn customer(id: CustomerId) -> Identifier {
    Identifier {
        kind: ResourceType::Customers,
        id: id.into(),
    }
}

fn of_email(email: &str) -> Unique {
    Unique::new(ResourceType::Customers, email)
}
