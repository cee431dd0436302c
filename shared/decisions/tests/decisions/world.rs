//! An order, its customer, a catalogue, and what is in the table and at the gateways around them.

mod asked;
mod driver;
mod sweeping;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use decisions::Change;
use domain::catalog::Catalog;
use domain::gateway::{GatewayRequest, Moving};
use domain::operation::Operation;
use domain::order::Order;
use domain::purchase::{OrderPartition, Purchase};
use domain::record::{Identifier, Record};
use domain::refusal::{Code, ErrorSource};
use domain::source::PaymentSource;
use domain::wallet::{Entry, Wallet};
use domain::{
    Caller, CustomerId, Id, Mode, OperationId, OrderId, Refusal, ResourceType, Role, SourceId,
    Tenant, Timestamp,
};
use serde_json::{Value, json};

use crate::gateway::Gateway;

pub use asked::Asked;
pub use driver::lookup;

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
        token: id("token"),
    }
}

/// How a command ended otherwise than well.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    Refused(Refusal),
    /// For several reasons.
    RefusedFor(Vec<Refusal>),
    Unanswered,
    Contended,
}

/// What stands in an order's partition.
#[derive(Clone)]
struct Partition {
    order: Order,
    source: Option<PaymentSource>,
    superseded: Vec<PaymentSource>,
    transactions: Vec<Record>,
}

/// What is in the table, at the gateways, and who asks when.
#[derive(Clone)]
pub struct World {
    pub now: Timestamp,
    pub caller: Caller,
    /// The order that commands are about.
    pub order: Order,
    pub source: Option<PaymentSource>,
    pub superseded: Vec<PaymentSource>,
    /// The order's transactions.
    pub transactions: Vec<Record>,
    /// Line items and addresses of any order.
    pub children: Vec<Record>,
    pub wallets: BTreeMap<CustomerId, Wallet>,
    pub catalog: BTreeMap<Identifier, Record>,
    /// Operations: what is owed, and what is under way.
    pub owed: BTreeMap<OperationId, Operation>,
    /// Those that only watch.
    pub watched: BTreeMap<OperationId, Operation>,
    pub gateway: Gateway,
    /// What was written, commit by commit.
    pub commits: Vec<Vec<Change>>,
    others: BTreeMap<OrderId, Partition>,
    claimed: BTreeSet<Id>,
    fresh: usize,
}

impl World {
    /// A customer's pending order of 129.00 EUR, to be paid by card at Stripe.
    pub fn new() -> Self {
        let now = "2026-03-01T12:00:00.000Z".parse().unwrap();
        let mut world = Self {
            now,
            caller: caller(Role::Customer(CustomerId::new(id("customer")))),
            order: order("order", now),
            source: None,
            superseded: Vec::new(),
            transactions: Vec::new(),
            children: children(now),
            wallets: BTreeMap::new(),
            catalog: BTreeMap::new(),
            owed: BTreeMap::new(),
            watched: BTreeMap::new(),
            gateway: Gateway::default(),
            commits: Vec::new(),
            others: BTreeMap::new(),
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

    /// The same order, to be paid through Checkout.com.
    pub fn with_checkout() -> Self {
        Self::new().paid_through(ResourceType::CheckoutComPayments, "checkout")
    }

    /// The same order, to be paid through Klarna.
    pub fn with_klarna() -> Self {
        Self::new().paid_through(ResourceType::KlarnaPayments, "klarna")
    }

    /// The same order, to be paid through the shop's own gateway.
    pub fn with_external() -> Self {
        let mut world = Self::new().paid_through(ResourceType::ExternalPayments, "external");
        let gateway = world.catalogued(ResourceType::ExternalGateways, "external");
        for name in ["token", "authorize", "capture", "void", "refund"] {
            let url = format!("https://shop.example.com/{name}");
            gateway.set(&format!("{name}_url"), url);
        }
        world
    }

    fn paid_through(mut self, kind: ResourceType, name: &str) -> Self {
        self.add_gateway(kind.gateway_kind().unwrap(), name);
        self.add_method(name, name, kind.name());
        let method = identifier(ResourceType::PaymentMethods, name);
        self.order.record.relate("payment_method", Some(method));
        self
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
        let is_gateway = |it: &&Identifier| {
            it.id == id(gateway) && domain::resources::PAYMENT_GATEWAYS.contains(&it.kind)
        };
        let gateway = self.catalog.keys().find(is_gateway).copied();
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

    /// What is made from now on is numbered from here.
    pub const fn number_from(&mut self, number: usize) {
        self.fresh = number;
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    /// From now on commands are about this order of the same customer and method.
    pub fn turn_to(&mut self, name: &str) {
        if self.order.id() == id(name) {
            return;
        }
        let mut other = order(name, self.now);
        let method = self.order.record.relationships.get("payment_method");
        other.record.relate("payment_method", method.copied());
        self.others.entry(other.id()).or_insert(Partition {
            order: other,
            source: None,
            superseded: Vec::new(),
            transactions: Vec::new(),
        });
        self.visit(OrderId::new(id(name)));
    }

    pub fn visit(&mut self, order: OrderId) {
        let Some(other) = self.others.remove(&order) else {
            return;
        };
        let left = Partition {
            order: std::mem::replace(&mut self.order, other.order),
            source: std::mem::replace(&mut self.source, other.source),
            superseded: std::mem::replace(&mut self.superseded, other.superseded),
            transactions: std::mem::replace(&mut self.transactions, other.transactions),
        };
        self.others.insert(left.order.id(), left);
    }

    /// The customer's wallet.
    pub fn wallet(&self) -> &Wallet {
        &self.wallets[&CustomerId::new(id("customer"))]
    }

    /// The customer's one saved source.
    pub fn entry(&self) -> &Entry {
        match &self.wallet().entries[..] {
            [entry] => entry,
            other => panic!("not one entry: {other:?}"),
        }
    }

    /// The order's payment source.
    pub fn paid_with(&self) -> &PaymentSource {
        self.source.as_ref().expect("the order has a source")
    }

    /// The payment sources that orders are paid with.
    pub fn current_sources(&self) -> Vec<&PaymentSource> {
        let others = self.others.values().map(|it| &it.source);
        others.chain([&self.source]).flatten().collect()
    }

    /// Each order, what it is paid with, and its transactions.
    pub fn orders(&self) -> Vec<(&Order, Option<&PaymentSource>, &[Record])> {
        let others = self.others.values();
        let others = others.map(|it| (&it.order, it.source.as_ref(), &it.transactions[..]));
        let here = (&self.order, self.source.as_ref(), &self.transactions[..]);
        others.chain([here]).collect()
    }

    /// The order and those around it, as the service reads them for this caller.
    pub fn read(&self, source: Option<SourceId>) -> Purchase {
        let superseded = self.superseded.iter();
        let opened = self.caller.opens_wallet_of(&self.order);
        let stored = |customer: CustomerId| self.wallets.get(&customer).cloned();
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
                elsewhere: BTreeSet::new(),
            },
            wallet: opened.map(|it| stored(it).unwrap_or_else(|| Wallet::new(it))),
            address_book: None,
            catalog: Arc::new(Catalog::from_iter(self.catalog.values().cloned())),
        }
    }

    /// The requests that were made of the gateways, by name.
    pub fn asked(&self) -> Vec<&'static str> {
        let calls = self.gateway.calls.iter();
        calls.map(|call| step_name(&call.request)).collect()
    }

    /// What is owed or under way, by name.
    pub fn owes(&self) -> Vec<&'static str> {
        let operations = self.owed.values();
        let mut names: Vec<_> = operations.map(|it| step_name(&it.request)).collect();
        names.sort_unstable();
        names
    }

    /// What is owed or under way and due soon, by name: what nobody has saved is forgotten a day later.
    pub fn owes_now(&self) -> Vec<&'static str> {
        let soon = self.now.plus(Duration::from_secs(3600));
        let due = self.owed.values().filter(|it| it.due_at <= soon);
        let mut names: Vec<_> = due.map(|it| step_name(&it.request)).collect();
        names.sort_unstable();
        names
    }

    /// The saved sources that are to be forgotten.
    pub fn to_be_forgotten(&self) -> BTreeSet<String> {
        let requests = self.owed.values().map(|it| &it.request);
        let tokens = requests.filter_map(|request| match request {
            GatewayRequest::Forget {
                payment_source_token,
            } => Some(payment_source_token.clone()),
            _ => None,
        });
        tokens.collect()
    }

    /// The payments and approvals that are to be released.
    pub fn to_be_released(&self) -> BTreeSet<(Option<String>, Option<String>)> {
        let requests = self.owed.values().map(|it| &it.request);
        let released = requests.filter_map(|request| match request {
            GatewayRequest::Release {
                payment,
                shopper_token,
            } => Some((payment.clone(), shopper_token.clone())),
            GatewayRequest::Move(asked) | GatewayRequest::ReadMoved { asked, .. }
                if asked.kind == Moving::Void =>
            {
                Some((Some(asked.payment.clone()), None))
            }
            _ => None,
        });
        released.collect()
    }
}

fn step_name(request: &GatewayRequest) -> &'static str {
    match request {
        GatewayRequest::CreateCustomer { .. } => "create customer",
        GatewayRequest::CreatePayment(_) => "create payment",
        GatewayRequest::AuthorizePayment(_) => "authorize payment",
        GatewayRequest::Move(asked) => match asked.kind {
            Moving::Capture => "capture",
            Moving::Void => "void",
            Moving::Refund => "refund",
        },
        GatewayRequest::ReadMoved { .. } => "read transaction",
        GatewayRequest::ReadPayment { .. } => "read payment",
        GatewayRequest::ReadKept { .. } => "read kept",
        GatewayRequest::UpdatePayment { .. } => "update payment",
        GatewayRequest::MakeReusable(_) => "make reusable",
        GatewayRequest::Release { .. } => "release",
        GatewayRequest::Watch { .. } => "watch",
        GatewayRequest::Forget { .. } => "forget",
    }
}

fn order(name: &str, now: Timestamp) -> Order {
    let mut order = Record::new(ResourceType::Orders, id(name), now);
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
        ("billing_address", ResourceType::Addresses, "address"),
        ("shipping_address", ResourceType::Addresses, "address"),
    ] {
        order.relate(relationship, Some(identifier(kind, name)));
    }
    Order::parse(order).unwrap()
}

fn children(now: Timestamp) -> Vec<Record> {
    let mut line = Record::new(ResourceType::LineItems, id("line"), now);
    line.set("sku_code", "TSHIRT");
    line.set("total_amount_cents", 12_900);
    let mut address = Record::new(ResourceType::Addresses, id("address"), now);
    address.set("first_name", "Ada");
    address.set("country_code", "DE");
    vec![line, address]
}

/// Code and pointer of a refusal.
pub fn refusal(ended: Result<Purchase, Ended>) -> (Code, String) {
    match ended {
        Err(Ended::Refused(refusal)) => match refusal.error_source {
            Some(ErrorSource::Pointer(pointer)) => (refusal.code, pointer),
            _ => (refusal.code, String::new()),
        },
        other => panic!("not refused: {other:?}"),
    }
}
