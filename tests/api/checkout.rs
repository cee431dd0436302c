//! A checkout as Commerce Layer's own components ask for it, request by request: with the components of the
//! hosted checkout and with the current ones, from a cart to the thank-you page and the wallet.

use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::at_checkout_com;
use crate::orders_in::{MARKET, address, created, related};
use crate::ways::{CHECKOUT_COM, EVERY, EXTERNAL, KLARNA, STRIPE, Way};

const CART: &str = "kVtRwZbQna";
const GUESTS_CART: &str = "mLhGpXcYuE";

/// What the page asks for before the components do.
const BEGUN: &str = "billing_address,shipping_address,shipments.shipping_method,customer.customer_addresses.address";

/// What a version of the components includes.
pub struct Components {
    /// Of an order, at each step.
    pub order: &'static str,
    /// Besides, of a customer's.
    pub wallet: &'static str,
    /// Once more, where a step asks for something else.
    besides: &'static [&'static str],
}

pub const HOSTED: Components = Components {
    order: "available_payment_methods,payment_source,payment_method,\
            line_items.line_item_options.sku_option,line_items.item,shipping_address,billing_address,\
            shipments.available_shipping_methods,shipments.stock_line_items.line_item,\
            shipments.shipping_method,shipments.stock_transfers.line_item,shipments.stock_location",
    wallet: "available_customer_payment_sources.payment_source,\
             available_customer_payment_sources.payment_method",
    besides: &[
        "include=available_payment_methods,payment_source,payment_method,\
         line_items.line_item_options.sku_option,line_items.item,shipments.available_shipping_methods,\
         shipments.stock_line_items.line_item,shipments.shipping_method,\
         shipments.stock_transfers.line_item,shipments.stock_location,shipments.parcels.parcel_line_items",
        "include=shipping_address,billing_address,shipments&fields[orders]=id,status,placed_at,number,\
         guest,shipping_address,billing_address,shipments",
    ],
};

const CURRENT: Components = Components {
    order: "billing_address,shipments.available_shipping_methods,\
            shipments.stock_line_items.line_item,shipments.shipping_method,\
            shipments.stock_transfers.line_item,shipments.stock_location,shipping_address,\
            available_payment_methods,payment_source,payment_method,\
            line_items.line_item_options.sku_option,line_items.item",
    wallet: HOSTED.wallet,
    besides: &[
        "include=shipments.available_shipping_methods,shipments.stock_line_items.line_item,\
         shipments.shipping_method,shipments.stock_transfers.line_item,shipments.stock_location,\
         shipments.parcels.parcel_line_items&fields[orders]=shipments",
    ],
};

/// A shopper at a cart.
struct Shopper<'a> {
    app: &'a App,
    components: &'a Components,
    token: String,
    /// A guest has none.
    email: Option<&'a str>,
    order: String,
}

impl Shopper<'_> {
    async fn gets(&self, path: &str) -> Reply {
        let reply = self.app.get(&self.token, path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply
    }

    async fn patches(&self, kind: &str, id: &str, query: &str, data: Value) -> Reply {
        let mut data = data;
        data["type"] = kind.into();
        data["id"] = id.into();
        let path = format!("/api/{kind}/{id}{query}");
        let body = json!({ "data": data });
        let reply = self.app.patch(&self.token, &path, &body).await;
        assert_eq!(reply.status, 200, "{path} {body}: {}", reply.body);
        reply
    }

    fn query(&self) -> String {
        let include = self.components.order;
        match self.email {
            Some(_) => format!("?include={include},{}", self.components.wallet),
            None => format!("?include={include}"),
        }
    }

    async fn reads(&self) -> Reply {
        let (order, query) = (&self.order, self.query());
        self.gets(&format!("/api/orders/{order}{query}")).await
    }

    async fn changes(&self, data: Value) -> Reply {
        self.patches("orders", &self.order, &self.query(), data)
            .await
    }

    async fn begins(&self) {
        self.gets("/api/organization?fields[organizations]=id,config")
            .await;
        self.gets(&format!("/api/orders/{}?include={BEGUN}", self.order))
            .await;
        if self.email.is_some() {
            let customer = billfold::demo::customer();
            self.gets(&format!("/api/customers/{customer}")).await;
            self.gets("/api/customer_addresses?include=address&page[size]=10&page[number]=1")
                .await;
        } else {
            let said = json!({ "attributes": { "customer_email": "new.guest@example.com" } });
            self.patches("orders", &self.order, "", said).await;
        }
        self.reads().await;
    }

    async fn says_where_to(&self, address: Value) {
        let data = json!({ "data": { "type": "addresses", "attributes": address } });
        let made = self.app.post(&self.token, "/api/addresses", &data).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let email = self.email.unwrap_or("new.guest@example.com");
        self.changes(json!({
            "attributes": { "customer_email": email, "_shipping_address_same_as_billing": true },
            "relationships": { "billing_address": related("addresses", &made.id()) },
        }))
        .await;
    }

    async fn says_how(&self) {
        let order = self.reads().await;
        self.gets("/api/delivery_lead_times?include=shipping_method,stock_location&page[number]=1")
            .await;
        for besides in self.components.besides {
            self.gets(&format!("/api/orders/{}?{besides}", self.order))
                .await;
        }
        let shipment = first(&order, "shipments");
        let method = first(&order, "shipping_methods");
        let chosen = json!({ "relationships": {
            "shipping_method": related("shipping_methods", &method),
        } });
        self.patches("shipments", &shipment, "", chosen).await;
    }

    /// Chooses the method and pays with it, as the vendor's script does.
    async fn pays_anew(&self, way: &Way) {
        let method = related("payment_methods", way.method);
        self.changes(json!({ "relationships": { "payment_method": method } }))
            .await;
        self.reads().await;
        let page = format!("https://shop.example.com/{}?paymentReturn=true", self.order);
        let attributes = match way.kind {
            "checkout_com_payments" => json!({ "success_url": page, "failure_url": page }),
            "external_payments" => json!({ "payment_source_token": "any-token" }),
            _ => json!({}),
        };
        let (app, token) = (self.app, self.token.as_str());
        let source = app
            .create_source(token, way.kind, &self.order, attributes)
            .await;
        assert_eq!(source.status, 201, "{}", source.body);
        self.reads().await;
        let id = source.id();
        match way.kind {
            "stripe_payments" => {
                app.confirm_with(&source, "pm_card_visa").await;
                let back = json!({ "attributes": { "options": { "return_url": page } } });
                self.patches(way.kind, &id, "", back).await;
            }
            "checkout_com_payments" => {
                let number = self.order.bytes().map(usize::from).sum();
                let card = at_checkout_com::token("visa", number);
                assert_eq!(app.authorize(token, &id, &card).await.status, 200);
                let details = json!({ "attributes": { "_details": 1 } });
                self.patches(way.kind, &id, "", details).await;
            }
            "klarna_payments" => {
                let approval = app.approve_in_browser(&source).await;
                assert_eq!(app.approve(token, &id, &approval).await.status, 200);
            }
            _ => {}
        }
        self.gets(&format!("/api/{}/{id}", way.kind)).await;
    }

    async fn places(&self) {
        let order = &self.order;
        let state = "include=payment_source&fields[orders]=status,payment_status,payment_source";
        self.gets(&format!("/api/orders/{order}?{state}")).await;
        self.gets(&format!("/api/orders/{order}?fields[orders]=status"))
            .await;
        let placed = self
            .changes(json!({ "attributes": { "_place": true } }))
            .await;
        let attributes = ["status", "payment_status"].map(|it| placed.attribute(it));
        assert_eq!(attributes, ["placed", "authorized"]);
    }

    /// What the thank-you page shows of what paid.
    async fn is_thanked(&self, way: &Way) {
        let order = self.reads().await;
        let source = order.payment_source();
        let shown = &source["attributes"]["payment_instrument"];
        match way.kind {
            "stripe_payments" => assert_eq!(shown["card_last_digits"], "4242", "{source}"),
            "checkout_com_payments" => {
                let card = &source["attributes"]["payment_response"]["source"];
                assert_eq!(card["last4"], "4242", "{source}");
            }
            "klarna_payments" => assert_ne!(shown["issuer_type"], Value::Null, "{source}"),
            _ => {}
        }
    }

    async fn buys(&self, way: &Way) {
        self.goes_to_payment(way).await;
        self.pays_anew(way).await;
        self.places().await;
        self.is_thanked(way).await;
    }

    async fn goes_to_payment(&self, way: &Way) {
        self.begins().await;
        self.says_where_to(address_for(way)).await;
        self.says_how().await;
    }

    async fn wallet(&self) -> Reply {
        self.gets(
            "/api/customer_payment_sources?include=payment_source&sort=-updated_at&page[number]=1&page[size]=10",
        )
        .await
    }
}

/// Klarna makes no tokens for Italy.
fn address_for(way: &Way) -> Value {
    let mut address = address("Roma");
    if way.kind == "klarna_payments" {
        address["country_code"] = "DE".into();
    }
    address
}

/// The id of the first of this type that is included.
fn first(reply: &Reply, kind: &str) -> String {
    let included = reply.body["included"].as_array().unwrap();
    let first = included.iter().find(|it| it["type"] == kind);
    let first = first.unwrap_or_else(|| panic!("no {kind}: {}", reply.body));
    first["id"].as_str().unwrap().to_owned()
}

/// A cart as the shop's own system makes one; without a customer it is a guest's.
async fn cart(app: &App, customer: Option<&str>) -> String {
    let attributes = json!({
        "currency_code": "EUR", "guest": customer.is_none(), "language_code": "en",
        "subtotal_amount_cents": 12900, "shipping_amount_cents": 0,
        "total_amount_cents": 12900, "total_amount_with_taxes_cents": 12900,
    });
    let mut relationships = json!({ "market": related("markets", MARKET) });
    if let Some(customer) = customer {
        relationships["customer"] = related("customers", customer);
    }
    let order = created(app, "orders", attributes, relationships).await.id();
    let line = json!({
        "sku_code": "TSHIRT-WHITE-M", "item_type": "skus", "quantity": 1,
        "unit_amount_cents": 12900, "total_amount_cents": 12900,
    });
    let of_order = json!({ "order": related("orders", &order) });
    created(app, "line_items", line, of_order).await;
    order
}

#[tokio::test]
async fn the_demos_carts_are_bought() {
    let app = App::start().await;
    let customer = Shopper {
        app: &app,
        components: &HOSTED,
        token: app.customer(),
        email: Some("customer@example.com"),
        order: CART.to_owned(),
    };
    let cart = customer.reads().await;
    assert_eq!(cart.attribute("status"), "pending");
    assert_eq!(cart.attribute("shipments_count"), 0);
    customer.buys(&STRIPE).await;

    let guest = Shopper {
        token: app.guest(),
        email: None,
        order: GUESTS_CART.to_owned(),
        ..customer
    };
    let cart = guest.reads().await;
    assert_eq!(cart.attribute("status"), "draft");
    assert_eq!(cart.attribute("customer_email"), &Value::Null);
    guest.buys(&STRIPE).await;
}

#[tokio::test]
async fn guests_buy_at_every_gateway() {
    let app = App::start().await;
    for components in [&HOSTED, &CURRENT] {
        for way in EVERY {
            let guest = Shopper {
                app: &app,
                components,
                token: app.guest(),
                email: None,
                order: cart(&app, None).await,
            };
            guest.buys(way).await;
        }
    }
}

#[tokio::test]
async fn customers_buy_keep_what_paid_and_pay_with_it_again() {
    for components in [&HOSTED, &CURRENT] {
        let app = App::start().await;
        app.keeps("always").await;
        let id = billfold::demo::customer().to_string();
        for way in [&STRIPE, &CHECKOUT_COM, &KLARNA, &EXTERNAL] {
            let shopper = |order| Shopper {
                app: &app,
                components,
                token: app.customer(),
                email: Some("customer@example.com"),
                order,
            };
            let first = shopper(cart(&app, Some(&id)).await);
            first.buys(way).await;
            let keep = json!({ "attributes": { "_save_payment_source_to_customer_wallet": true } });
            first.patches("orders", &first.order, "", keep).await;
            let wallet = first.wallet().await;
            let entry = wallet.body["data"][0]["id"].as_str().unwrap();

            let second = shopper(cart(&app, Some(&id)).await);
            second.goes_to_payment(way).await;
            let method = related("payment_methods", way.method);
            let relationships = json!({ "payment_method": method });
            second
                .changes(json!({ "relationships": relationships }))
                .await;
            second
                .changes(json!({ "attributes": { "_customer_payment_source_id": entry } }))
                .await;
            second.places().await;
            second.is_thanked(way).await;

            let path = format!("/api/customer_payment_sources/{entry}");
            let deleted = app.delete(&second.token, &path).await;
            assert_eq!(deleted.status, 204, "{}", deleted.body);
            assert_eq!(second.wallet().await.body["data"], json!([]));
        }
    }
}

#[tokio::test]
async fn the_hosted_checkout_and_account_app_read_what_they_show() {
    let app = App::start().await;
    let (token, customer) = (app.customer(), billfold::demo::customer());
    let order = format!("/api/orders/{CART}");
    for path in [
        format!(
            "{order}?include=line_items,line_items.item,customer&fields[orders]=id,autorefresh,status,number,\
             guest,token,language_code,terms_url,privacy_url,line_items,expires_at,expiration_info,\
             customer,payment_status&fields[line_items]=item_type,item"
        ),
        format!(
            "{order}?include=shipping_address,billing_address,shipments,shipments.shipping_method,\
             shipments.available_shipping_methods,payment_method,payment_source,customer,\
             customer.customer_addresses,customer.customer_addresses.address,line_items\
             &fields[orders]=id,number,coupon_code,currency_code,shipping_amount_float,\
             total_tax_amount_float,guest,shipping_country_code_lock,customer_email,status,return_url,\
             cart_url,tax_included,requires_billing_info,total_amount_with_taxes_float,language_code,\
             subscription_created_at,shipping_address,billing_address,shipments,payment_method,\
             payment_source,customer,line_items,payment_status\
             &fields[shipments]=shipping_method,available_shipping_methods\
             &fields[customers]=customer_addresses&fields[customer_addresses]=address\
             &fields[line_items]=frequency"
        ),
        "/api/organization?fields[organizations]=id,logo_url,name,primary_color,favicon_url,gtm_id,\
         gtm_id_test,support_email,support_phone,config"
            .to_owned(),
        format!("/api/customers/{customer}?fields[customers]=email,has_password"),
        format!(
            "/api/customers/{customer}/orders?sort=-placed_at&page[number]=1&page[size]=15\
             &filter[q][status_not_in]=draft,pending"
        ),
        format!(
            "/api/customers/{customer}/order_subscriptions?sort=-starts_at&page[number]=1&page[size]=15"
        ),
    ] {
        let reply = app.get(&token, &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
    }

    // A customer with one address is not asked for it.
    let book = app
        .get(&token, "/api/customer_addresses?include=address")
        .await;
    let address = first(&book, "addresses");
    let entry = book.body["data"][0]["id"].as_str().unwrap();
    let data = json!({ "type": "addresses", "id": address, "attributes": { "reference": entry } });
    let named = app
        .patch(
            &token,
            &format!("/api/addresses/{address}"),
            &json!({ "data": data }),
        )
        .await;
    assert_eq!(named.status, 200, "{}", named.body);
    let copied = json!({ "data": { "type": "orders", "id": CART, "attributes": {
        "_billing_address_clone_id": address, "_shipping_address_clone_id": address,
    } } });
    let include = "billing_address,shipping_address,shipments.shipping_method";
    let answer = app
        .patch(&token, &format!("{order}?include={include}"), &copied)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    first(&answer, "shipments");
}
