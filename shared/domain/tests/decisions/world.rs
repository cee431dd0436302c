//! An order, its customer, a catalogue, a table in memory that keeps conditions as the store does,
//! and the driver that carries out commands as the service does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use domain::catalog::Catalog;
use domain::commands::{
    Change, Command, Commit, CreateSource, DeleteSource, Given, PatchOrder, PatchSource, Step,
};
use domain::gateway::{Answers, GatewayRequest};
use domain::lookup::LookupKey;
use domain::operation::Operation;
use domain::order::Order;
use domain::purchase::{OrderPartition, Purchase};
use domain::record::{Identifier, Record};
use domain::refusal::{Code, Place};
use domain::source::PaymentSource;
use domain::wallet::Wallet;
use domain::{Caller, Id, Mode, Refusal, ResourceType, Role, Tenant, Timestamp};
use serde_json::{Value, json};

use crate::gateway::Gateway;

/// The id of that name.
pub fn id(name: &str) -> Id {
    Id::derived(&[name])
}

pub fn identifier(kind: ResourceType, name: &str) -> Identifier {
    Identifier { kind, id: id(name) }
}

pub fn tenant() -> Tenant {
    Tenant {
        organization: id("organization"),
        mode: Mode::Test,
    }
}

pub fn caller(role: Role) -> Caller {
    Caller {
        tenant: tenant(),
        slug: "shop".to_owned(),
        client_id: "client".to_owned(),
        role,
        markets: Vec::new(),
    }
}

/// How a command ended otherwise than well.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    Refused(Refusal),
    Unanswered,
    Contended,
}

/// What is in the table, at the gateway, and who asks when.
#[derive(Clone)]
pub struct World {
    pub now: Timestamp,
    pub caller: Caller,
    pub order: Order,
    pub source: Option<PaymentSource>,
    pub superseded: Vec<PaymentSource>,
    pub wallets: BTreeMap<Id, Wallet>,
    pub catalog: BTreeMap<Identifier, Record>,
    pub owed: BTreeMap<Id, Operation>,
    pub gateway: Gateway,
    /// What was written, commit by commit.
    pub commits: Vec<Vec<Change>>,
    claimed: BTreeSet<Id>,
    fresh: usize,
}

/// A command, and the payment source that has to be read for it.
pub trait Asked: Command {
    fn source(&self) -> Option<Id> {
        None
    }
}

impl Asked for CreateSource {}
impl Asked for PatchOrder {}
impl Asked for PatchSource {
    fn source(&self) -> Option<Id> {
        Some(self.id)
    }
}
impl Asked for DeleteSource {
    fn source(&self) -> Option<Id> {
        Some(self.id)
    }
}

impl World {
    /// A customer's pending order of 129.00 EUR, to be paid by card.
    pub fn new() -> Self {
        let now = "2026-03-01T12:00:00.000Z".parse().unwrap();
        let mut order = Record::new(ResourceType::Orders, id("order"), now);
        order.version = 1;
        for (name, value) in [
            ("status", json!("pending")),
            ("currency_code", json!("EUR")),
            ("total_amount_with_taxes_cents", json!(12_900)),
            ("customer_email", json!("customer@example.com")),
        ] {
            order.set(name, value);
        }
        for (relationship, kind, name) in [
            ("market", ResourceType::Markets, "market"),
            ("customer", ResourceType::Customers, "customer"),
            ("payment_method", ResourceType::PaymentMethods, "card"),
        ] {
            order.relate(relationship, Some(identifier(kind, name)));
        }
        let mut world = Self {
            now,
            caller: caller(Role::Customer(id("customer"))),
            order: Order::parse(order).unwrap(),
            source: None,
            superseded: Vec::new(),
            wallets: BTreeMap::new(),
            catalog: BTreeMap::new(),
            owed: BTreeMap::new(),
            gateway: Gateway::default(),
            commits: Vec::new(),
            claimed: BTreeSet::new(),
            fresh: 0,
        };
        world.add_gateway(ResourceType::StripeGateways, "stripe");
        world.add_gateway(ResourceType::StripeGateways, "other stripe");
        world.add_method("card", "stripe", "stripe_payments");
        world.add_method("second card", "stripe", "stripe_payments");
        world.add_method("other card", "other stripe", "stripe_payments");
        world
    }

    /// The same as seen by somebody else.
    pub fn with_role(mut self, role: Role) -> Self {
        self.caller = caller(role);
        self
    }

    pub fn add_gateway(&mut self, kind: ResourceType, name: &str) {
        let record = Record::new(kind, id(name), self.now);
        self.catalog.insert(record.identifier(), record);
    }

    pub fn add_method(&mut self, name: &str, gateway: &str, source_type: &str) {
        let made_at = self
            .now
            .plus(Duration::from_secs(self.catalog.len() as u64));
        let mut method = Record::new(ResourceType::PaymentMethods, id(name), made_at);
        method.set("payment_source_type", source_type);
        let gateway = self.catalog.keys().find(|it| it.id == id(gateway)).copied();
        method.relate("payment_gateway", gateway);
        self.catalog.insert(method.identifier(), method);
    }

    /// A record of the catalogue.
    pub fn catalogued(&mut self, kind: ResourceType, name: &str) -> &mut Record {
        self.catalog.get_mut(&identifier(kind, name)).unwrap()
    }

    pub fn method(&mut self, name: &str) -> &mut Record {
        self.catalogued(ResourceType::PaymentMethods, name)
    }

    /// Sets an attribute of the order.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let mut record = self.order.to_record();
        record.set(name, value);
        self.order = Order::parse(record).unwrap();
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    /// The customer's wallet.
    pub fn wallet(&self) -> &Wallet {
        &self.wallets[&id("customer")]
    }

    /// The order and those around it, as the service reads them for this caller.
    pub fn read(&self, source: Option<Id>) -> Purchase {
        let superseded = self.superseded.iter();
        let opened = self.caller.opens_wallet_of(&self.order);
        let stored = |customer: Id| self.wallets.get(&customer).cloned();
        Purchase {
            tenant: tenant(),
            partition: OrderPartition {
                order: self.order.clone(),
                source: self.source.clone(),
                superseded: superseded
                    .filter(|it| Some(it.id()) == source)
                    .cloned()
                    .collect(),
                children: None,
            },
            wallet: opened.map(|it| stored(it).unwrap_or_else(|| Wallet::new(it))),
            catalog: Arc::new(Catalog::from_iter(self.catalog.values().cloned())),
        }
    }

    /// Carries out a command.
    pub fn run(&mut self, command: &impl Asked) -> Result<Purchase, Ended> {
        self.run_while(command, |_| {})
    }

    /// Carries out a command; `meanwhile` happens before its first commit.
    pub fn run_while(
        &mut self,
        command: &impl Asked,
        meanwhile: impl FnOnce(&mut Self),
    ) -> Result<Purchase, Ended> {
        self.fresh += 1;
        let fresh = id(&format!("fresh {}", self.fresh));
        let mut meanwhile = Some(meanwhile);
        for _ in 0..4 {
            let read = self.read(command.source());
            let commit = match self.decide(command, &read, fresh)? {
                Step::Answer(purchase) => return Ok(*purchase),
                Step::Commit(commit) => commit,
                Step::Refuse(refusal) if refusal.code == Code::Conflict => continue,
                Step::Refuse(refusal) => return Err(Ended::Refused(refusal)),
                Step::Call(_) => unreachable!("calls are made in `decide`"),
            };
            if let Some(meanwhile) = meanwhile.take() {
                meanwhile(self);
            }
            if self.commit(&commit) {
                return commit.answer.map(|it| *it).map_err(Ended::Refused);
            }
        }
        Err(Ended::Contended)
    }

    fn decide(
        &mut self,
        command: &impl Command,
        read: &Purchase,
        fresh: Id,
    ) -> Result<Step, Ended> {
        let caller = self.caller.clone();
        let given = Given {
            caller: &caller,
            now: self.now,
            lookup: &LookupKey::new([7; 32]),
            fresh,
        };
        let mut answers = Answers::default();
        for _ in 0..8 {
            match command.next(read, &answers, given) {
                Step::Call(call) => {
                    let answer = self.gateway.perform(&call);
                    answers.keep(call.request, answer.map_err(|_| Ended::Unanswered)?);
                }
                step => return Ok(step),
            }
        }
        panic!("eight calls and no end")
    }

    /// Writes all changes or none, on the store's conditions.
    fn commit(&mut self, commit: &Commit) -> bool {
        let holds = commit.changes.iter().all(|change| match change {
            Change::PutOrder(order) => order.record.version == self.order.record.version,
            Change::PutSource { source, is_new } => !is_new || !self.claimed.contains(&source.id()),
            Change::PutEntry(_, entry) => {
                entry.record.version > 0 || !self.claimed.contains(&entry.id())
            }
            Change::PutHead(customer, head) => {
                let stored = self.wallets.get(customer);
                head.version == stored.map_or(0, |it| it.head.version)
            }
            Change::CheckHead(customer, version) => {
                let stored = self.wallets.get(customer);
                *version == stored.map_or(0, |it| it.head.version)
            }
            Change::PutGatewayCustomer(customer, made) => {
                let stored = self.wallets.get(customer);
                stored.is_none_or(|it| it.gateway_customer(made.gateway).is_none())
            }
            _ => true,
        });
        if holds {
            commit.changes.iter().for_each(|change| self.write(change));
            self.commits.push(commit.changes.clone());
        }
        holds
    }

    fn write(&mut self, change: &Change) {
        let mut wallet = |customer: &Id| {
            let wallet = self.wallets.entry(*customer);
            wallet.or_insert_with(|| Wallet::new(*customer)).clone()
        };
        match change {
            Change::PutOrder(order) => {
                let mut record = order.to_record();
                record.version += 1;
                self.order = Order::parse(record).unwrap();
            }
            Change::PutSource { source, .. } => {
                self.claimed.insert(source.id());
                self.source = Some(PaymentSource::parse(source.to_record()).unwrap());
            }
            Change::PutSuperseded(source) => {
                self.superseded.retain(|it| it.id() != source.id());
                self.superseded.push(source.clone());
            }
            Change::EmptySlot(_) => self.source = None,
            Change::DeleteSource {
                source,
                was_current,
            } => match was_current {
                true => self.source = None,
                false => self.superseded.retain(|it| it.id() != source.id()),
            },
            Change::PutHead(customer, head) => {
                let mut changed = wallet(customer);
                changed.head = head.clone();
                changed.head.version += 1;
                self.wallets.insert(*customer, changed);
            }
            Change::CheckHead(..) => {}
            Change::PutEntry(customer, entry) => {
                let mut changed = wallet(customer);
                changed.entries.retain(|it| it.id() != entry.id());
                let mut entry = entry.clone();
                entry.record.version += 1;
                self.claimed.insert(entry.id());
                changed.entries.push(entry);
                self.wallets.insert(*customer, changed);
            }
            Change::PutGatewayCustomer(customer, made) => {
                let mut changed = wallet(customer);
                changed.gateway_customers.push(made.clone());
                self.wallets.insert(*customer, changed);
            }
            Change::Owe(operation) => {
                self.owed.insert(operation.id, operation.clone());
            }
        }
    }

    /// The requests that were made of the gateway, by name.
    pub fn asked(&self) -> Vec<&'static str> {
        let name = |request: &GatewayRequest| match request {
            GatewayRequest::CreateCustomer { .. } => "create customer",
            GatewayRequest::CreatePayment(_) => "create payment",
            GatewayRequest::ReadPayment { .. } => "read payment",
            GatewayRequest::UpdatePayment { .. } => "update payment",
            GatewayRequest::MakeReusable { .. } => "make reusable",
            GatewayRequest::Release { .. } => "release",
            GatewayRequest::Forget { .. } => "forget",
        };
        let calls = self.gateway.calls.iter();
        calls.map(|call| name(&call.request)).collect()
    }

    /// The requests of `command` alone, by name.
    pub fn asked_by(&mut self, command: &impl Asked) -> Vec<&'static str> {
        let before = self.gateway.calls.len();
        self.run(command).unwrap();
        self.asked().split_off(before)
    }

    /// Runs a command that is refused, and tells with which code and where. Nothing was written, and
    /// the gateway was not asked.
    pub fn refuses(&mut self, command: &impl Asked) -> (Code, String) {
        let (commits, calls) = (self.commits.len(), self.gateway.calls.len());
        let refusal = refusal(self.run(command));
        assert_eq!(self.commits.len(), commits, "written: {refusal:?}");
        assert_eq!(self.gateway.calls.len(), calls, "asked: {refusal:?}");
        refusal
    }
}

/// Code and pointer of a refusal.
pub fn refusal(ended: Result<Purchase, Ended>) -> (Code, String) {
    match ended {
        Err(Ended::Refused(refusal)) => match refusal.place {
            Some(Place::Pointer(pointer)) => (refusal.code, pointer),
            _ => (refusal.code, String::new()),
        },
        other => panic!("not refused: {other:?}"),
    }
}
