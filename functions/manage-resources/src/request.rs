//! What a request asks for, and what is read around it before it is decided.

use std::sync::Arc;

use access::hash_password;
use domain::catalog::Catalog;
use domain::manage::{self, Change, Decision, Given, Named, Unique};
use domain::record::{Identifier, Place, Placed};
use domain::resource::Home;
use domain::{Id, Refusal, ResourceType, Write};
use effects::Random;
use serde_json::Value;
use service::{Call, Failure, load};

use crate::commit::Concluded;

/// What is asked for, and what only this request knows: the same, however often it is decided anew.
pub struct Asked {
    kind: ResourceType,
    write: Write,
    password_hash: Option<String>,
    fresh: Id,
    fresh_customer: Id,
    secret: String,
}

/// What was read around a request.
pub struct Around {
    /// What is to be written, with the records that it names by something else than their ids.
    pub write: Write,
    catalog: Arc<Catalog>,
    named: Named,
    /// The changes that make the customer whom an order names by a new e-mail address.
    customer: Option<(Identifier, Vec<Change>)>,
}

impl Asked {
    pub fn of(call: &Call<'_>, kind: ResourceType, write: Write) -> Result<Self, Failure> {
        let random: &dyn Random = call.context.random.as_ref();
        let password = write.attributes.get("password").and_then(Value::as_str);
        let hashed = password.map(|it| hash_password(it, random)).transpose();
        Ok(Self {
            kind,
            password_hash: hashed.map_err(|error| Failure::Hash(error.to_string()))?,
            write,
            fresh: random.id(),
            fresh_customer: random.id(),
            secret: random.hex(),
        })
    }

    /// Reads what the request names, and who has the e-mail address that it gives. `id` is the record
    /// that is changed, `catalog` the catalogue where it was just read.
    pub async fn look_around(
        &self,
        call: &Call<'_>,
        id: Option<Id>,
        catalog: Option<Arc<Catalog>>,
    ) -> Result<Around, Failure> {
        let mut around = Around {
            write: self.write.clone(),
            catalog: match catalog {
                Some(catalog) => catalog,
                None => self.catalog(call).await?,
            },
            named: Named::new(),
            customer: None,
        };
        self.check_unique(call, id).await?;
        match self.kind {
            ResourceType::Orders => self.find_or_make_customer(call, &mut around).await?,
            ResourceType::CustomerAddresses => self.find_customer(call, &mut around).await?,
            _ => {}
        }
        let identifiers = around.write.relationships.iter().filter_map(|(_, to)| *to);
        let named = load::named(call, identifiers).await?;
        around.named.extend(named);
        Ok(around)
    }

    pub fn given<'a>(&'a self, call: &'a Call<'_>, around: &'a Around) -> Given<'a> {
        self.given_as(call, around, self.fresh)
    }

    fn given_as<'a>(&'a self, call: &'a Call<'_>, around: &'a Around, fresh: Id) -> Given<'a> {
        Given {
            catalog: &around.catalog,
            named: &around.named,
            caller: &call.caller,
            now: call.now,
            fresh,
            secret: &self.secret,
            password_hash: self.password_hash.as_deref(),
            trusted_origins: &call.context.configuration.trusted_origins,
        }
    }

    /// What changes the catalogue goes by the catalogue as it is in the table; others by the one in
    /// memory, unless that lacks what they name.
    async fn catalog(&self, call: &Call<'_>) -> Result<Arc<Catalog>, Failure> {
        if matches!(self.kind.declaration().home, Home::Catalog | Home::Token) {
            return load::reread_catalog(call).await;
        }
        let catalog = load::catalog(call).await?;
        let mut named = self.write.relationships.iter().filter_map(|(_, to)| *to);
        let is_missing = |it: Identifier| {
            let is_catalogued = it.kind.declaration().home == Home::Catalog;
            is_catalogued && catalog.get(it.kind, it.id).is_none()
        };
        match named.any(is_missing) {
            true => load::reread_catalog(call).await,
            false => Ok(catalog),
        }
    }

    fn text(&self, attribute: &str) -> Option<&str> {
        self.write.attributes.get(attribute).and_then(Value::as_str)
    }

    /// A value that one record alone may have is not another's.
    async fn check_unique(&self, call: &Call<'_>, id: Option<Id>) -> Result<(), Failure> {
        let name = Unique::attribute(self.kind);
        let Some((name, value)) = name.and_then(|it| Some((it, self.text(it)?))) else {
            return Ok(());
        };
        let (store, tenant) = (&call.context.store, call.caller.tenant);
        let unique = Unique::new(self.kind, value);
        match store.owner_of_unique(tenant, &unique).await? {
            Some(other) if Some(other) != id => Err(Refusal::taken(name).at_attribute(name).into()),
            _ => Ok(()),
        }
    }

    /// An order that gives an e-mail address and no customer is its customer's, who is made where there
    /// is none (Commerce Layer, orders, `customer_email`). A guest's is nobody's.
    async fn find_or_make_customer(
        &self,
        call: &Call<'_>,
        around: &mut Around,
    ) -> Result<(), Failure> {
        let is_guest = self.write.attributes.get("guest") == Some(&Value::Bool(true));
        let is_named = self.write.relationship("customer").is_some();
        let Some(email) = self
            .text("customer_email")
            .filter(|_| !is_guest && !is_named)
        else {
            return Ok(());
        };
        let (store, tenant) = (&call.context.store, call.caller.tenant);
        let id = store.owner_of_unique(tenant, &of_email(email)).await?;
        let customer = Identifier {
            kind: ResourceType::Customers,
            id: id.unwrap_or(self.fresh_customer),
        };
        if id.is_none() {
            let mut write = Write::default();
            write.attributes.insert("email".to_owned(), email.into());
            let given = self.given_as(call, around, customer.id);
            let made = manage::create(customer.kind, &write, given).map_err(|refusals| {
                let refusals = refusals.into_iter();
                let placed = refusals.map(|it| it.at_attribute("customer_email"));
                Failure::Refused(placed.collect::<Vec<_>>().into())
            })?;
            let placed = Placed {
                record: made.record,
                place: Place::Customer,
            };
            around.named.insert(customer, placed);
            around.customer = Some((customer, made.changes));
        }
        around
            .write
            .relationships
            .push(("customer", Some(customer)));
        Ok(())
    }

    /// An address is kept for a customer who may be named by e-mail address.
    async fn find_customer(&self, call: &Call<'_>, around: &mut Around) -> Result<(), Failure> {
        let is_named = self.write.relationship("customer").is_some();
        let Some(email) = self.text("customer_email").filter(|_| !is_named) else {
            return Ok(());
        };
        let (store, tenant) = (&call.context.store, call.caller.tenant);
        let id = store
            .owner_of_unique(tenant, &of_email(email))
            .await?
            .ok_or_else(|| {
                let refusal = Refusal::invalid("There is no customer of this e-mail address.");
                refusal.at_attribute("customer_email")
            })?;
        let kind = ResourceType::Customers;
        let customer = Some(Identifier { kind, id });
        around.write.relationships.push(("customer", customer));
        Ok(())
    }
}

fn of_email(email: &str) -> Unique {
    Unique::new(ResourceType::Customers, email)
}

impl Around {
    /// What is to be written, with what makes a customer whom it names and who is made with it.
    pub fn conclude(self, decision: Result<Decision, Vec<Refusal>>) -> Result<Concluded, Failure> {
        let mut decision = decision.map_err(|refusals| Failure::Refused(refusals.into()))?;
        if let Some((customer, made)) = self.customer {
            let requires = |it: &Change| matches!(it, Change::Require(it, _) if *it == customer);
            decision.changes.retain(|it| !requires(it));
            decision.changes.extend(made);
        }
        Ok(Concluded {
            decision,
            catalog: self.catalog,
        })
    }
}
