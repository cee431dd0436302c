//! The four gateways, as a table: what holds at each of them is tested at each of them.

use std::collections::{BTreeMap, BTreeSet};

use domain::record::Place;
use domain::record::{Identifier, Record};
use domain::{CustomerId, Mode, ResourceType, Tenant};
use sandbox::{FaultOrder, Received};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::app::{App, Reply};
use crate::at_checkout_com;

/// A gateway: its demo order, its payment method, its type of payment source.
pub struct Way {
    pub order: &'static str,
    pub method: &'static str,
    pub kind: &'static str,
    pub last_digits: &'static str,
    /// What opens a payment there; none where nothing is opened.
    pub opens: Option<(&'static str, &'static str)>,
    /// What tells it to forget a saved source; none where it is not told.
    pub forgets: Option<(&'static str, &'static str)>,
}

pub const STRIPE: Way = Way {
    order: "qaMAhZkZvd",
    method: "WmOodsVPmQ",
    kind: "stripe_payments",
    last_digits: "4242",
    opens: Some(("POST", "/v1/payment_intents")),
    forgets: Some(("POST", "/v1/payment_methods/*")),
};

pub const CHECKOUT_COM: Way = Way {
    order: "bkPlhXmQzc",
    method: "ZqXcVbNmLk",
    kind: "checkout_com_payments",
    last_digits: "4242",
    opens: Some(("POST", "/payment-sessions")),
    forgets: Some(("DELETE", "/instruments/*")),
};

pub const KLARNA: Way = Way {
    order: "dRWnfTqVjs",
    method: "TyUiOpAsDf",
    kind: "klarna_payments",
    last_digits: "1234",
    opens: Some(("POST", "/payments/v1/sessions")),
    forgets: Some(("PATCH", "/customer-token/v1/tokens/*")),
};

pub const EXTERNAL: Way = Way {
    order: "gYzLhKcMxp",
    method: "HgFdSaPoIu",
    kind: "external_payments",
    last_digits: "4242",
    opens: None,
    forgets: None,
};

pub const EVERY: [&Way; 4] = [&STRIPE, &CHECKOUT_COM, &KLARNA, &EXTERNAL];

/// Requests that hold or take money, by the end of their path; `POST /payments` is whole.
const MOVES_MONEY: &[&str] = &["/confirm", "/capture", "/captures", "/order"];

impl Way {
    /// The attributes with which its payment source is made.
    pub fn attributes(&self, card: usize) -> Value {
        match self.kind {
            "stripe_payments" => json!({ "options": {
                "id": "pm_card_visa",
                "setup_future_usage": "off_session",
                "note": card,
            } }),
            "checkout_com_payments" => at_checkout_com::return_urls(),
            "external_payments" => json!({ "payment_source_token": format!("source-{card}") }),
            _ => json!({}),
        }
    }

    /// Makes a payment source for an order; it need not be one that can be saved yet.
    pub async fn create(&self, app: &App, caller: &str, order: &str) -> Reply {
        app.create_source(caller, self.kind, order, self.attributes(1))
            .await
    }

    /// Pays an order, so far that it can be saved, and gives the payment source's id. `card` tells
    /// what the shopper's browser brings apart, the card is the same.
    pub async fn pay(&self, app: &App, order: &str, card: usize) -> String {
        let caller = app.customer();
        let created = app
            .create_source(&caller, self.kind, order, self.attributes(card))
            .await;
        assert_eq!(created.status, 201, "{}: {}", self.kind, created.body);
        let paid = match self.kind {
            "checkout_com_payments" => {
                let token = at_checkout_com::token("visa", card);
                app.authorize(&caller, &created.id(), &token).await
            }
            "klarna_payments" => {
                let approval = app.approve_in_browser(&created).await;
                app.approve(&caller, &created.id(), &approval).await
            }
            _ => return created.id(),
        };
        assert_eq!(paid.status, 200, "{}: {}", self.kind, paid.body);
        created.id()
    }

    /// Pays the demo order of this gateway and saves it; gives the entry.
    pub async fn saved(&self, app: &App) -> Saved {
        self.pay(app, self.order, 1).await;
        let reply = app.save(&app.customer(), self.order).await;
        assert_eq!(reply.status, 200, "{}: {}", self.kind, reply.body);
        let id = reply.wallet().pop().unwrap();
        Saved {
            token: token_of(reply.included(&id)),
            id,
        }
    }

    /// Whether the gateway has forgotten a saved source. One that is not told has nothing to forget.
    pub async fn has_forgotten(&self, app: &App, token: &str) -> bool {
        match self.kind {
            "stripe_payments" => {
                let method = app.stripe_object("payment_methods", &json!(token)).await;
                assert_eq!(method["id"], token);
                method["customer"].is_null()
            }
            "checkout_com_payments" => {
                let path = format!("/instruments/{token}");
                let instrument = app.checkout_com_object(&path).await;
                instrument["id"] != token
            }
            "klarna_payments" => {
                let found = app.klarna_token(token).await;
                match found["status"].as_str().unwrap() {
                    "ACTIVE" => false,
                    "CANCELLED" => true,
                    status => panic!("{status}"),
                }
            }
            _ => true,
        }
    }

    /// What was asked of this gateway, in order.
    pub fn asked(&self, app: &App) -> Vec<String> {
        match self.kind {
            "stripe_payments" => app.asked_of_stripe(),
            "checkout_com_payments" => app.asked_of_checkout_com(),
            "klarna_payments" => app.asked_of_klarna(),
            _ => app.asked_of_external(),
        }
    }

    /// What reached this gateway, in order.
    pub fn requests(&self, app: &App) -> Vec<Received> {
        match self.kind {
            "stripe_payments" => app.stripe().stand_in.requests(),
            "checkout_com_payments" => app.checkout_com().stand_in.requests(),
            "klarna_payments" => app.klarna().stand_in.requests(),
            _ => app.external().stand_in.requests(),
        }
    }

    /// Orders the gateway to misbehave.
    pub fn order_fault(&self, app: &App, order: FaultOrder) {
        let ordered = match self.kind {
            "stripe_payments" => app.stripe().stand_in.order_fault(order),
            "checkout_com_payments" => app.checkout_com().stand_in.order_fault(order),
            "klarna_payments" => app.klarna().stand_in.order_fault(order),
            _ => app.external().stand_in.order_fault(order),
        };
        ordered.unwrap();
    }

    pub fn withdraw_faults(&self, app: &App) {
        match self.kind {
            "stripe_payments" => app.stripe().stand_in.withdraw_faults(),
            "checkout_com_payments" => app.checkout_com().stand_in.withdraw_faults(),
            "klarna_payments" => app.klarna().stand_in.withdraw_faults(),
            _ => app.external().stand_in.withdraw_faults(),
        }
    }
}

/// A wallet entry: its id, and the gateway's reference of what it keeps.
pub struct Saved {
    pub id: String,
    pub token: String,
}

impl Saved {
    pub fn path(&self) -> String {
        format!("/api/customer_payment_sources/{}", self.id)
    }
}

/// The gateway's reference of what an entry keeps.
pub fn token_of(entry: &Value) -> String {
    let token = &entry["attributes"]["payment_source_token"];
    token.as_str().unwrap().to_owned()
}

/// Every request so far, at any gateway, that held or took money.
pub fn money_moved(app: &App) -> Vec<String> {
    let moves = |it: &Received| {
        let ends = MOVES_MONEY.iter().any(|end| it.path.ends_with(end));
        ends || it.path == "/payments" || it.path == "/authorize"
    };
    let requests = EVERY.iter().flat_map(|way| way.requests(app));
    let moving = requests.filter(moves);
    moving
        .map(|it| format!("{} {}", it.method, it.path))
        .collect()
}

/// The keys of what differs from an earlier look at the table.
pub async fn changed_since(app: &App, before: &BTreeMap<String, Value>) -> Vec<String> {
    let after = app.table().await;
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differs = |key: &&&String| before.get(**key) != after.get(**key);
    keys.iter()
        .filter(differs)
        .map(|key| (*key).clone())
        .collect()
}

impl App {
    /// Selects a payment method of an order's, or none; the answer includes method and source.
    pub async fn select(&self, caller: &str, order: &str, method: Option<&str>) -> Reply {
        let data = method.map(|id| json!({ "type": "payment_methods", "id": id }));
        let body = json!({ "data": {
            "type": "orders",
            "id": order,
            "relationships": { "payment_method": { "data": data } },
        } });
        let path = format!("/api/orders/{order}?include=payment_method,payment_source");
        self.patch(caller, &path, &body).await
    }

    /// An order with this payment method on it.
    pub async fn selected(&self, order: &str, method: &str) {
        let reply = self.select(&self.integration(), order, Some(method)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    /// An order with its payment source and the wallet entries that may pay it.
    pub async fn order(&self, caller: &str, order: &str) -> Reply {
        let include = "payment_source,available_customer_payment_sources";
        let path = format!("/api/orders/{order}?include={include}");
        let reply = self.get(caller, &path).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }

    /// Makes an order like this one for another customer, or in another mode.
    pub async fn copy_order(&self, order: &str, id: &str, customer: CustomerId, mode: Mode) {
        let customer = Identifier {
            kind: ResourceType::Customers,
            id: customer.into(),
        };
        let change = |record: &mut Record| record.relate("customer", Some(customer));
        self.make_order_like(order, id, mode, change).await;
    }

    /// Makes an order like this one, but for what is changed of it.
    pub async fn make_order_like(
        &self,
        order: &str,
        id: &str,
        mode: Mode,
        change: impl FnOnce(&mut Record),
    ) {
        let store = &self.running.context.store;
        let tenant = billfold::demo::tenant();
        let read = store.order(tenant, order.parse().unwrap(), false).await;
        let mut record: Record = read.unwrap().unwrap().order.to_record();
        record.id = id.parse().unwrap();
        record.version = 0;
        record.set("number", id);
        change(&mut record);
        let tenant = Tenant { mode, ..tenant };
        store
            .create(billfold::demo::OPERATOR, tenant, Place::Order, &record)
            .await
            .unwrap();
    }

    /// Writes an attribute of a record of the catalogue into the table, as nobody may over the API.
    pub async fn set_in_catalog(&self, id: &str, attribute: &str, value: AttributeValue) {
        let (client, table) = self.running.table();
        let items = self.table().await;
        let end = format!("#{id}");
        let found = items.values().find(|item| {
            let key = |name: &str| item[name].as_str().unwrap();
            let is_record = item.get("attributes").is_some();
            is_record && key("pk").ends_with("#catalog") && key("sk").ends_with(&end)
        });
        let item = found.unwrap();
        let key = |name: &str| AttributeValue::S(item[name].as_str().unwrap().to_owned());
        client
            .update_item()
            .table_name(table)
            .key("pk", key("pk"))
            .key("sk", key("sk"))
            .update_expression("SET #attributes.#name = :value")
            .expression_attribute_names("#attributes", "attributes")
            .expression_attribute_names("#name", attribute)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .unwrap();
    }

    /// The steps that are owed to gateways, or under way.
    pub async fn operations(&self) -> Vec<String> {
        let mut items = self.table().await;
        items.retain(|key, it| key.contains(" operation#") && it["watches"] != true);
        items.into_keys().collect()
    }

    /// How many payment sources an order has, or had.
    pub async fn sources_of(&self, order: &str) -> usize {
        let partition = format!("#order#{order} ");
        let keys = self.table().await.into_keys();
        let is_source = |key: &String| {
            key.contains(&partition) && (key.ends_with(" source") || key.contains("_payments#"))
        };
        keys.filter(is_source).count()
    }
}
