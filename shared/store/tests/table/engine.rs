//! A table of its own for each test, and what stands in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use decisions::{Change, Permit, PermittedTo};
use domain::gateway::{GatewayKind, GatewayRequest, Progress};
use domain::lookup::LookupKey;
use domain::money::Amount;
use domain::operation::{Operation, Owner};
use domain::order::Order;
use domain::record::Place;
use domain::record::{Identifier, Record};
use domain::source::{PaymentSource, SourceState};
use domain::wallet::{Entry, new_entry};
use domain::{
    CustomerId, EntryId, GatewayId, Id, Mode, OperationId, OrderId, Period, Random, ResourceType,
    SourceId, Tenant, Timestamp, Token,
};
use dynoxide::Database;
use serde_json::json;
use store::aws_sdk_dynamodb::Client;
use store::aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
};
use store::aws_sdk_dynamodb::types::AttributeValue;
use store::{Direction, Key, Listing, Sealer, SealingKey, Store, table};
use system::SystemRandom;
use tokio::net::TcpListener;

pub const NAME: &str = "test";

pub type Item = HashMap<String, AttributeValue>;

/// The embedded engine, running. Where DYNAMODB_TEST_ENDPOINT names another, that is taken instead: who
/// has another access key has tables of their own there.
async fn embedded() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_with_shutdown(
        listener,
        Database::memory().unwrap(),
        std::future::pending(),
    ));
    url
}

/// A running engine with an empty table.
pub struct Table {
    pub store: Store,
    pub client: Client,
}

impl Table {
    pub async fn start() -> Self {
        let (url, access_key) = match std::env::var("DYNAMODB_TEST_ENDPOINT") {
            Ok(url) => (url, (&SystemRandom as &dyn Random).hex()),
            Err(_) => (embedded().await, "local".to_owned()),
        };
        let configuration = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(url)
            .region(Region::new("local"))
            .credentials_provider(Credentials::new(access_key, "local", None, None, "local"))
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::disabled());
        let client = Client::from_conf(configuration.build());
        table::create(&client, NAME).await.unwrap();
        Self {
            store: store(&client, LookupKey::new([7; 32])),
            client,
        }
    }

    /// A running engine with a customer of each of these, under whom something can be written.
    pub async fn with_customers(tenants: &[Tenant]) -> Self {
        let table = Self::start().await;
        let mut customer = Record::new(ResourceType::Customers, id("customer"), at(0));
        customer.set("email", "customer@example.com");
        for tenant in tenants {
            let created = table
                .store
                .create(PERMIT, *tenant, Place::Customer, &customer);
            created.await.unwrap();
        }
        table
    }

    /// As [`Self::with_customers`], of [`tenant`] alone.
    pub async fn with_customer() -> Self {
        Self::with_customers(&[tenant()]).await
    }

    /// The table as another process uses it: nothing is in its memory.
    pub fn other_process(&self) -> Store {
        store(&self.client, LookupKey::new([7; 32]))
    }

    /// Every item, by key.
    pub async fn items(&self) -> BTreeMap<(String, String), Item> {
        let scanned = self.client.scan().table_name(NAME).send().await.unwrap();
        assert!(scanned.last_evaluated_key.is_none());
        let items = scanned.items.unwrap_or_default().into_iter();
        items
            .map(|item| ((text(&item, "pk"), text(&item, "sk")), item))
            .collect()
    }

    /// The keys of all records of a type, as they were created.
    pub async fn listed(&self, tenant: Tenant, kind: ResourceType) -> Vec<Key> {
        let all = Listing::of_type(tenant, kind, Period::default(), Direction::OldestFirst);
        let stretch = self.store.stretch(&all, None, 1_000).await.unwrap();
        assert_eq!(stretch.next, None);
        stretch.keys
    }

    /// Writes an item as no code of ours would.
    pub async fn put(&self, item: Item) {
        self.client
            .put_item()
            .table_name(NAME)
            .set_item(Some(item))
            .send()
            .await
            .unwrap();
    }

    /// Changes one member of the item under this key.
    pub async fn spoil(&self, key: (&str, &str), name: &str, value: AttributeValue) {
        let key = [("pk", key.0), ("sk", key.1)];
        let key = key.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
        let get = self
            .client
            .get_item()
            .table_name(NAME)
            .consistent_read(true);
        let read = get.set_key(Some(HashMap::from(key))).send().await.unwrap();
        let mut item = read.item.unwrap();
        item.insert(name.to_owned(), value);
        self.put(item).await;
    }

    pub async fn commit(&self, changes: &[Change]) {
        self.store.commit(PERMIT, tenant(), changes).await.unwrap();
    }

    /// A stored order, as it is read.
    pub async fn order(&self) -> Order {
        let record = order_record();
        self.store
            .create(PERMIT, tenant(), Place::Order, &record)
            .await
            .unwrap();
        self.read_order().await
    }

    pub async fn read_order(&self) -> Order {
        let read = self
            .store
            .order(tenant(), OrderId::new(id("order")), false)
            .await;
        read.unwrap().unwrap().order
    }
}

fn store(client: &Client, lookup: LookupKey) -> Store {
    let random = Arc::new(SystemRandom);
    let key = SealingKey {
        id: "k1".to_owned(),
        key: [3; 32],
    };
    let sealer = Sealer::new(Arc::new(vec![key]), random.clone());
    Store::new(client.clone(), NAME, sealer, lookup, random)
}

pub fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

/// Leave to write, as the tests' operator.
pub const PERMIT: &Permit = &Permit::grant(PermittedTo::Operator);

/// The order as it is, written again.
pub fn put_order(order: &Order) -> Change {
    Change::put(order.to_record(), Place::Order)
}

pub fn put_entry(entry: &Entry) -> Change {
    Change::put(
        entry.to_record(),
        Place::Wallet(CustomerId::new(id("customer"))),
    )
}

/// The id of that name.
pub fn id(name: &str) -> Id {
    Id::derived(&[name])
}

pub fn tenant() -> Tenant {
    Tenant {
        organization: id("organization"),
        mode: Mode::Test,
    }
}

pub fn live() -> Tenant {
    Tenant {
        mode: Mode::Live,
        ..tenant()
    }
}

pub fn other_organization() -> Tenant {
    Tenant {
        organization: id("other organization"),
        ..tenant()
    }
}

/// `seconds` into the tests' day.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(1_772_366_400_000 + seconds * 1000)
}

pub fn order_record() -> Record {
    let mut order = Record::new(ResourceType::Orders, id("order"), at(0));
    order.set("status", "pending");
    order.set("currency_code", "EUR");
    order.set("total_amount_with_taxes_cents", 12_900);
    let customer = Identifier {
        kind: ResourceType::Customers,
        id: id("customer"),
    };
    order.relate("customer", Some(customer));
    order
}

pub fn payment_source(name: &str) -> PaymentSource {
    let state = SourceState {
        order: OrderId::new(id("order")),
        gateway: GatewayId::new(id("gateway")),
        gateway_kind: GatewayKind::Stripe,
        customer: Some(CustomerId::new(id("customer"))),
        amount: Amount {
            cents: 12_900,
            currency: "EUR".parse().unwrap(),
        },
        payment: Some(format!("pi_{name}")),
        progress: Progress::Open,
        entry: None,
        request: "digest".to_owned(),
        changes_of_card: 0,
        instrument: Some(Token::new("hush-instrument")),
        authorized_with: None,
        kept: None,
        kept_until: None,
    };
    let mut source = PaymentSource::new(
        ResourceType::StripePayments,
        SourceId::new(id(name)),
        state,
        at(0),
    );
    source.record.set("client_secret", "hush-client-secret");
    source.record.set("options", json!({ "id": "pm" }));
    source
}

/// A new wallet entry; the token names it.
pub fn entry(name: &str) -> Entry {
    let mut entry = new_entry(
        EntryId::new(id(name)),
        CustomerId::new(id("customer")),
        GatewayId::new(id("gateway")),
        None,
        at(0),
    );
    entry.record.set("customer_token", "hush-customer");
    entry
        .record
        .set("payment_source_token", format!("hush-{name}"));
    entry.state.superseded_tokens = ["hush-superseded", "hush-older"].map(Token::new).to_vec();
    entry
}

pub fn release(name: &str, due_at: Timestamp) -> Operation {
    Operation {
        id: OperationId::new(id(name)),
        owner: Owner::Order(OrderId::new(id("order"))),
        gateway: GatewayId::new(id("gateway")),
        gateway_kind: GatewayKind::Stripe,
        subject: id("source"),
        attempt: 0,
        tries: 0,
        due_at,
        noted: None,
        since: None,
        stuck: None,
        request: GatewayRequest::Release {
            payment: Some("hush-payment".to_owned()),
            shopper_token: None,
        },
    }
}

/// The partition key of the order, and of the customer, of [`tenant`].
pub fn order_pk() -> String {
    format!("{}#test#order#{}", id("organization"), id("order"))
}

pub fn customer_pk() -> String {
    format!("{}#test#customer#{}", id("organization"), id("customer"))
}
