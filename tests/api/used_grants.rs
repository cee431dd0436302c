//! Every grant of the table is there for something that a function does: here all of them are used.

use std::sync::Arc;
use std::time::Duration;

use billfold::router::{FUNCTIONS, SWEEP, Services, dispatch, run_as};
use billfold::{Options, demo};
use bytes::Bytes;
use domain::Tenant;
use http::{Method, Request};
use sandbox::Fault;
use serde_json::{Value, json};
use service::Context;
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::app::{App, GUEST_ORDER, ORDER, Reply, SECOND_ORDER};
use crate::faults::TestClock;
use crate::orders_in::{MARKET, address, change, created, related};
use crate::till::id;
use crate::ways::{EXTERNAL, KLARNA, STRIPE};

/// A limit this low has every request counted in the table.
const LIMIT: &str = "100";

/// Takes every function through what it does.
struct Walk {
    app: App,
    clock: Arc<TestClock>,
    shop: String,
    customer: String,
}

#[tokio::test]
async fn every_grant_of_the_table_is_used() {
    let walk = Walk::start().await;
    walk.processes_start().await;
    walk.customers_sign_in().await;
    walk.the_shop_is_filled().await;
    walk.an_order_is_bought().await;
    walk.cards_are_saved_and_forgotten().await;
    walk.money_moves().await;
    walk.records_are_read().await;
    let unused = walk.app.roles.unused();
    assert!(
        unused.is_empty(),
        "used by nothing here: take them out of template.yaml, or have the walk do what they are for: {unused:#?}"
    );
}

impl Walk {
    async fn start() -> Self {
        let clock = Arc::new(TestClock::default());
        let app = App::start_with(Options {
            clock: clock.clone(),
            environment: |name| name.ends_with("RATE_LIMIT").then(|| LIMIT.to_owned()),
            ..Options::in_memory(0)
        });
        let app = app.await;
        Self {
            shop: app.integration(),
            customer: app.customer(),
            app,
            clock,
        }
    }

    /// A function's process begins with the table's mark, and so does a sweep.
    async fn processes_start(&self) {
        let (client, table) = self.app.running.table();
        let called = FUNCTIONS.iter().map(|it| it.name);
        for name in called.filter(|it| *it != "get-openapi").chain([SWEEP]) {
            let mark = run_as(name, store::connect(&client, table)).await;
            assert!(mark.is_some(), "{name}");
        }
        self.app.sweep().await;
    }

    /// Takes an item out of the table.
    async fn lose(&self, pk: &str, sk: &str) {
        let (client, table) = self.app.running.table();
        let text = |it: &str| AttributeValue::S(it.to_owned());
        let delete = client.delete_item().table_name(table);
        let delete = delete.key("pk", text(pk)).key("sk", text(sk));
        delete.send().await.unwrap();
    }

    /// Has a request answered by a new process, the first over this table that needs its mark.
    async fn first_of_all(&self, token: &str, kind: &str, id: &str, attributes: Value) {
        self.lose("table", "at").await;
        let running = &self.app.running;
        let context = Context {
            store: running.context.store.afresh(),
            ..running.context.clone()
        };
        let services = Services {
            context: &context,
            gateways: running.gateways.as_ref(),
            events: running.gateways.as_ref(),
            secrets: running.secrets.as_ref(),
            issuing: &running.issuing,
        };
        let body = json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
        let request = Request::patch(format!("/api/{kind}/{id}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/vnd.api+json")
            .body(Bytes::from(body.to_string()));
        let answer = dispatch(services, request.unwrap()).await;
        assert_eq!(answer.status(), 200, "{:?}", answer.body());
    }

    async fn get(&self, token: &str, path: &str) -> Reply {
        ok(self.app.get(token, path).await, path)
    }

    async fn change(&self, kind: &str, id: &str, attributes: Value) -> Reply {
        ok(change(&self.app, kind, id, attributes, json!({})).await, id)
    }

    /// A request that is carried out once.
    async fn once(&self, method: Method, path: &str, body: Value) -> Reply {
        let (app, key) = (&self.app, ("idempotency-key", path));
        let body = json!({ "data": body });
        ok(
            app.send_with(method, &self.shop, path, key, Some(&body))
                .await,
            path,
        )
    }

    async fn delete(&self, path: &str) {
        ok(self.app.delete(&self.shop, path).await, path);
    }

    async fn customers_sign_in(&self) {
        let app = &self.app;
        let sign_in = json!({
            "grant_type": "password", "client_id": "demo-sales-channel",
            "username": demo::CUSTOMER_EMAIL, "password": demo::CUSTOMER_PASSWORD,
        });
        let signed_in = ok(app.oauth("/oauth/token", &sign_in).await, "sign in");
        let token = &signed_in.body["refresh_token"];
        let renewed = ok(app.refresh("demo-sales-channel", token).await, "renew");
        let token = &renewed.body["refresh_token"];
        let revoke = json!({ "client_id": "demo-sales-channel", "token": token });
        ok(app.oauth("/oauth/revoke", &revoke).await, "revoke");
        let unsigned = app.get("none", &format!("/api/orders/{ORDER}")).await;
        assert_eq!(unsigned.status, 401, "counted by its address");
    }

    async fn the_shop_is_filled(&self) {
        let (app, none) = (&self.app, json!({}));
        let sku = json!({ "type": "skus", "attributes": { "code": "MUG", "name": "Mug" } });
        let sku = self.once(Method::POST, "/api/skus", sku).await.id();
        let found = json!({ "email": "found@example.com" });
        let customer = created(app, "customers", found, none.clone()).await.id();
        let of_customer = json!({
            "customer": related("customers", &customer), "market": related("markets", MARKET),
        });
        let order = json!({ "currency_code": "EUR" });
        let order = created(app, "orders", order, of_customer).await.id();
        let of_order = json!({ "order": related("orders", &order), "item": related("skus", &sku) });
        let line = json!({ "quantity": 1 });
        let line = created(app, "line_items", line, of_order).await.id();
        let home = created(app, "addresses", address("Genova"), none.clone()).await;
        let of_book = json!({
            "customer": related("customers", &customer), "address": related("addresses", &home.id()),
        });
        created(app, "customer_addresses", none.clone(), of_book).await;

        self.change("line_items", &line, json!({ "reference": "A-1" }))
            .await;
        self.change("customers", &customer, json!({ "reference": "A-1" }))
            .await;
        for list in ["orders", "customers", "skus", "addresses"] {
            self.get(&self.shop, &format!("/api/{list}")).await;
        }
        let method =
            json!({ "name": "Express", "currency_code": "EUR", "price_amount_cents": 990 });
        let market = json!({ "market": related("markets", MARKET) });
        let method = created(app, "shipping_methods", method, market).await.id();

        self.clock.pass(Duration::from_secs(61));
        self.first_of_all(&self.shop, "skus", &sku, json!({ "name": "Cup" }))
            .await;
        for path in [
            format!("line_items/{line}"),
            format!("orders/{order}"),
            format!("customers/{customer}"),
            format!("skus/{sku}"),
            format!("shipping_methods/{method}"),
        ] {
            self.delete(&format!("/api/{path}")).await;
        }
    }

    /// By a customer who has nothing yet, from an address to an order that is paid.
    async fn an_order_is_bought(&self) {
        let app = &self.app;
        let order = json!({ "currency_code": "EUR", "total_amount_with_taxes_cents": 5000 });
        let of_customer = json!({
            "customer": related("customers", &demo::customer().to_string()),
            "market": related("markets", MARKET),
        });
        let order = created(app, "orders", order, of_customer).await.id();
        let line = json!({ "quantity": 1, "name": "Mug", "total_amount_cents": 5000 });
        let of_order = json!({ "order": related("orders", &order) });
        created(app, "line_items", line, of_order).await;
        let home = json!({ "data": { "type": "addresses", "attributes": address("Genova") } });
        let home = app.post(&self.customer, "/api/addresses", &home).await.id();
        let data = json!({ "type": "orders", "id": order, "relationships": {
            "billing_address": related("addresses", &home),
        }, "attributes": {
            "_shipping_address_same_as_billing": true,
            "_save_billing_address_to_customer_address_book": true,
        } });
        let path = format!("/api/orders/{order}");
        let body = json!({ "data": data });
        ok(app.patch(&self.customer, &path, &body).await, "address");
        let numbered = json!({ "type": "orders", "id": order, "attributes": { "number": "B-1" } });
        self.once(Method::PATCH, &path, numbered).await;
        let renamed = json!({ "number": "B-2", "customer_email": "another@example.com" });
        self.change("orders", &order, renamed).await;
    }

    async fn cards_are_saved_and_forgotten(&self) {
        let app = &self.app;
        app.saved_card("pm_card_visa").await;
        let nullify = json!({ "_nullify_payment_source": true });
        let source = app.create_payment(&self.customer, SECOND_ORDER, json!({}));
        let source = ok(source.await, "another source").id();
        let noted = json!({ "metadata": { "note": "kept" } });
        self.change("stripe_payments", &source, noted).await;
        ok(
            app.patch_order(&self.customer, SECOND_ORDER, nullify).await,
            "dropped",
        );
        self.delete(&format!("/api/stripe_payments/{source}")).await;

        self.clock.pass(Duration::from_secs(61));
        let wallet = "/api/customer_payment_sources";
        let listed = self.get(&self.shop, wallet).await;
        let entry = id(&listed.body["data"][0]).to_owned();
        for filter in ["id_in", "payment_source_token_eq"] {
            let filtered = format!("{wallet}?filter[q][{filter}]={entry}");
            self.get(&self.shop, &filtered).await;
        }
        let path = format!("{wallet}/{entry}");
        self.get(&self.shop, &path).await;
        let kind = "customer_payment_sources";
        let token = json!({ "payment_source_token": "pm_another" });
        let token = json!({ "type": kind, "id": entry, "attributes": token });
        self.once(Method::PATCH, &path, token).await;
        // A wallet that has lost its head gets another, under a customer who is there.
        let Tenant { organization, mode } = demo::tenant();
        let mode = mode.as_str();
        let owner = format!("{organization}#{mode}#customer#{}", demo::customer());
        self.lose(&owner, "wallet").await;
        let reference = json!({ "reference": "A-1" });
        self.first_of_all(&self.shop, kind, &entry, reference).await;
        self.delete(&path).await;
    }

    async fn money_moves(&self) {
        let app = &self.app;
        app.approved(&STRIPE).await;
        app.placed(&KLARNA).await;
        self.clock.pass(Duration::from_secs(61));
        let authorization = self.only(STRIPE.order, "authorizations").await;
        self.change(
            "authorizations",
            &authorization,
            json!({ "_capture": true }),
        )
        .await;
        self.carry_on().await;
        let capture = self.only(STRIPE.order, "captures").await;
        self.change("captures", &capture, json!({ "_refund": true }))
            .await;
        let authorization = self.only(KLARNA.order, "authorizations").await;
        self.change("authorizations", &authorization, json!({ "_void": true }))
            .await;
        self.carry_on().await;
        for (order, kind) in [(STRIPE.order, "refunds"), (KLARNA.order, "voids")] {
            let moved = self.only(order, kind).await;
            self.change(kind, &moved, json!({ "reference": "A-1" }))
                .await;
        }
        // A gateway of the shop's own, whose failures are counted.
        EXTERNAL.pay(app, EXTERNAL.order, 1).await;
        app.fault_at_external(Fault::Status500, 1);
        app.save(&self.customer, EXTERNAL.order).await;
        app.hear().await;
    }

    async fn only(&self, order: &str, kind: &str) -> String {
        let books = self.app.books(order).await;
        id(books.only(kind)).to_owned()
    }

    async fn carry_on(&self) {
        self.clock.pass(Duration::from_secs(61));
        self.app.sweep().await;
    }

    async fn records_are_read(&self) {
        let app = &self.app;
        let include = "line_items.item,available_customer_payment_sources";
        let order = self
            .get(
                &self.customer,
                &format!("/api/orders/{ORDER}?include={include}"),
            )
            .await;
        let included = order.body["included"].as_array().unwrap();
        let of_type = |kind: &str| included.iter().find(|it| it["type"] == kind).unwrap();
        for kind in ["line_items", "skus"] {
            let path = format!("/api/{kind}/{}", id(of_type(kind)));
            self.get(&self.shop, &path).await;
        }
        self.get(&self.shop, "/api/application").await;
        let guest = app.guest();
        let source = app.create_payment(&guest, GUEST_ORDER, json!({}));
        let source = ok(source.await, "a guest's source").id();
        self.get(&self.shop, &format!("/api/stripe_payments/{source}"))
            .await;
        let owed = app.get(&self.shop, "/api/operations/AbCdEfGhIj").await;
        assert_eq!(owed.status, 404);
    }
}

fn ok(reply: Reply, what: &str) -> Reply {
    assert!(
        reply.status < 300,
        "{what}: {} {}",
        reply.status,
        reply.body
    );
    reply
}
