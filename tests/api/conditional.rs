//! Conditional requests (RFC 9110, section 13): what a caller has is not sent again, and a change is
//! made to the state that its caller has seen, or not at all.

use bytes::Bytes;
use futures_util::future::join_all;
use http::{HeaderMap, Method, Request};
use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply, SECOND_ORDER};

impl App {
    /// Sends a request with one more header.
    pub async fn send_with(
        &self,
        method: Method,
        token: &str,
        path: &str,
        (name, value): (&str, &str),
        body: Option<&Value>,
    ) -> Reply {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.running.url))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/vnd.api+json")
            .header(name, value);
        self.request(request.body(bytes).unwrap()).await
    }

    async fn read_unless(&self, token: &str, path: &str, known: &str) -> Reply {
        let known = ("if-none-match", known);
        self.send_with(Method::GET, token, path, known, None).await
    }

    /// Changes the record at this path, if it is in the state of this tag.
    async fn patch_if(&self, token: &str, path: &str, tag: &str, attributes: Value) -> Reply {
        let mut segments = path.split(['/', '?']).skip(2);
        let (kind, id) = (segments.next(), segments.next());
        let body = json!({ "data": { "type": kind, "id": id, "attributes": attributes } });
        let demanded = ("if-match", tag);
        self.send_with(Method::PATCH, token, path, demanded, Some(&body))
            .await
    }

    async fn delete_if(&self, token: &str, path: &str, tag: &str) -> Reply {
        let demanded = ("if-match", tag);
        self.send_with(Method::DELETE, token, path, demanded, None)
            .await
    }

    async fn tag_of(&self, token: &str, path: &str) -> String {
        let reply = self.get(token, path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        tag(&reply)
    }
}

fn tag(reply: &Reply) -> String {
    let tag = reply.headers["etag"].to_str().unwrap();
    assert!(
        tag.starts_with('"') && tag.ends_with('"'),
        "{tag} is strong"
    );
    tag.to_owned()
}

fn validators(headers: &HeaderMap) -> Vec<String> {
    let names = ["etag", "cache-control", "vary"];
    names
        .iter()
        .map(|it| format!("{:?}", headers.get_all(*it).iter().collect::<Vec<_>>()))
        .collect()
}

/// The records of a saved card: order, payment source, wallet entry.
struct Records {
    order: String,
    source: String,
    entry: String,
}

impl Records {
    async fn of(app: &App) -> Self {
        let entry = app.saved_card("pm_card_visa").await;
        let order = format!("/api/orders/{ORDER}");
        let path = format!("{order}?include=payment_source");
        let reply = app.get(&app.customer(), &path).await;
        let source = reply.payment_source()["id"].as_str().unwrap();
        Self {
            order,
            source: format!("/api/stripe_payments/{source}"),
            entry: format!("/api/customer_payment_sources/{entry}"),
        }
    }
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let app = App::start().await;
    let customer = app.customer();
    let records = Records::of(&app).await;
    let include = "payment_source,available_customer_payment_sources,line_items";
    for path in [
        records.order.clone(),
        format!("{}?include={include}", records.order),
        format!("{}/market", records.order),
        format!("{}/relationships/payment_source", records.order),
        format!("{}/available_customer_payment_sources", records.order),
        records.source.clone(),
        records.entry.clone(),
        "/api/customer_payment_sources?page[size]=5".to_owned(),
        "/api/payment_methods".to_owned(),
    ] {
        let first = app.get(&customer, &path).await;
        assert_eq!(first.status, 200, "{path}: {}", first.body);
        let cache = &first.headers["cache-control"];
        assert_eq!(cache, "max-age=0, private, must-revalidate");
        let vary = first.headers.get_all("vary").iter();
        let vary: Vec<_> = vary.map(|it| it.to_str().unwrap().to_lowercase()).collect();
        assert!(vary.join(",").contains("authorization"), "{vary:?}");

        let tag = tag(&first);
        for known in [&tag, &format!("\"x\", W/{tag}"), "*"] {
            let again = app.read_unless(&customer, &path, known).await;
            assert_eq!(again.status, 304, "{path} {known}");
            assert_eq!(again.body, Value::Null);
            assert!(!again.headers.contains_key("content-type"));
            assert_eq!(validators(&again.headers), validators(&first.headers));
        }
        let other = app.read_unless(&customer, &path, "\"x\"").await;
        assert_eq!((other.status, other.body), (200, first.body), "{path}");
    }
}

#[tokio::test]
async fn a_tag_stands_for_what_is_shown() {
    let app = App::start().await;
    let customer = app.customer();
    let order = format!("/api/orders/{ORDER}");
    let narrow = format!("{order}?fields[orders]=status");
    let (whole, status) = (
        app.tag_of(&customer, &order).await,
        app.tag_of(&customer, &narrow).await,
    );
    assert_ne!(whole, status);
    app.set_order(ORDER, json!({ "reference": "A-1" })).await;
    let changed = app.read_unless(&customer, &order, &whole).await;
    assert_eq!(changed.status, 200);
    let unchanged = app.read_unless(&customer, &narrow, &status).await;
    assert_eq!(unchanged.status, 304);
}

#[tokio::test]
async fn a_refusal_and_what_is_made_or_deleted_are_not_kept() {
    let app = App::start().await;
    let customer = app.customer();
    let missing = app.get(&customer, "/api/orders/aaaaaaaaaa").await;
    let made = app.create_payment(&customer, ORDER, json!({})).await;
    let source = format!("/api/stripe_payments/{}", made.id());
    let deleted = app.delete(&customer, &source).await;
    for (reply, status) in [(missing, 404), (made, 201), (deleted, 204)] {
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert!(!reply.headers.contains_key("etag"));
    }
}

#[tokio::test]
async fn a_change_answers_the_tag_that_reading_gives() {
    let app = App::start().await;
    let (customer, shop) = (app.customer(), app.integration());
    let records = Records::of(&app).await;
    let include = "payment_source,available_customer_payment_sources,payment_method";
    for (token, path, attributes) in [
        (
            &customer,
            records.order.clone(),
            json!({ "_refresh": true }),
        ),
        (
            &customer,
            format!("{}?include={include}", records.order),
            json!({ "_refresh": true }),
        ),
        (
            &shop,
            format!("{}?include=customer,line_items", records.order),
            json!({ "reference": "A-1" }),
        ),
        (
            &customer,
            format!("{}?include=order.payment_method", records.source),
            json!({ "reference": "A-1" }),
        ),
        (
            &customer,
            format!("{}?include=customer,payment_source", records.entry),
            json!({ "reference": "A-1" }),
        ),
        (
            &shop,
            "/api/payment_methods/WmOodsVPmQ".to_owned(),
            json!({ "name": "Card" }),
        ),
    ] {
        let changed = app.patch_if(token, &path, "*", attributes).await;
        assert_eq!(changed.status, 200, "{path}: {}", changed.body);
        assert_eq!(changed.headers["cache-control"], "no-store");
        assert_eq!(tag(&changed), app.tag_of(token, &path).await, "{path}");
    }
}

#[tokio::test]
async fn a_change_is_made_to_the_state_that_was_read_or_not_at_all() {
    let app = App::start().await;
    let (customer, shop) = (app.customer(), app.integration());
    let records = Records::of(&app).await;
    let order = format!("{}?include=payment_source", records.order);
    let reference = json!({ "reference": "A-1" });
    let nullify = json!({ "_nullify_payment_source": true });

    let before = app.table().await;
    let asked = app.asked_of_stripe().len();
    let stale = format!("\"stale\", W/{}", app.tag_of(&customer, &order).await);
    for refused in [
        app.patch_if(&customer, &order, &stale, nullify.clone())
            .await,
        app.patch_if(&customer, &records.source, &stale, reference.clone())
            .await,
        app.delete_if(&customer, &records.source, &stale).await,
        app.patch_if(&customer, &records.entry, &stale, reference.clone())
            .await,
        app.delete_if(&customer, &records.entry, &stale).await,
        app.delete_if(&shop, &records.entry, &stale).await,
    ] {
        assert_eq!(refused.status, 412, "{}", refused.body);
        assert_eq!(refused.code(), "PRECONDITION_FAILED");
        let source = &refused.body["errors"][0]["source"];
        assert_eq!(*source, json!({ "header": "If-Match" }));
    }
    assert_eq!(app.table().await, before, "nothing is written");
    assert_eq!(app.asked_of_stripe().len(), asked, "no gateway is asked");

    for (path, attributes) in [
        (&records.source, reference.clone()),
        (&records.entry, reference),
        (&order, nullify),
    ] {
        let seen = app.tag_of(&customer, path).await;
        let changed = app
            .patch_if(&customer, path, &seen, attributes.clone())
            .await;
        assert_eq!(changed.status, 200, "{path}: {}", changed.body);
        let again = app.patch_if(&customer, path, &seen, attributes).await;
        assert_eq!(again.status, 412, "{path} has changed");
    }
    for path in [&records.source, &records.entry] {
        let seen = app.tag_of(&customer, path).await;
        let deleted = app.delete_if(&customer, path, &seen).await;
        assert_eq!(deleted.status, 204, "{path}: {}", deleted.body);
        let gone = app.delete_if(&customer, path, &seen).await;
        assert_eq!(gone.status, 404, "what is gone is not there to differ");
    }
}

#[tokio::test]
async fn a_change_that_must_make_a_record_is_refused_where_there_is_one() {
    let app = App::start().await;
    let body =
        json!({ "data": { "type": "orders", "id": ORDER, "attributes": { "_refresh": true } } });
    let unless = ("if-none-match", "*");
    let path = format!("/api/orders/{ORDER}");
    let refused = app
        .send_with(Method::PATCH, &app.customer(), &path, unless, Some(&body))
        .await;
    assert_eq!(refused.status, 412, "{}", refused.body);
    let source = &refused.body["errors"][0]["source"];
    assert_eq!(*source, json!({ "header": "If-None-Match" }));
}

#[tokio::test]
async fn of_changes_at_once_to_one_state_one_is_made() {
    let app = App::start().await;
    let customer = app.customer();
    let records = Records::of(&app).await;
    for (token, path) in [
        (app.integration(), &records.order),
        (customer.clone(), &records.source),
        (customer, &records.entry),
    ] {
        let seen = app.tag_of(&token, path).await;
        let changes = (0..6).map(|number| {
            let reference = json!({ "reference": number.to_string() });
            app.patch_if(&token, path, &seen, reference)
        });
        let mut statuses: Vec<_> = join_all(changes).await.iter().map(|it| it.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412], "{path}");
    }
}

/// Saving changes the wallet and leaves the order alone: it holds for the order all the same.
#[tokio::test]
async fn a_change_while_the_gateway_is_asked_is_noticed() {
    let app = App::start().await;
    let customer = app.customer();
    app.create_reusable(&customer, SECOND_ORDER, "pm_card_visa")
        .await;
    let path = format!("/api/orders/{SECOND_ORDER}");
    let seen = app.tag_of(&customer, &path).await;
    let asked = app.asked_of_stripe().len();
    let late = FaultOrder::next(Fault::Delay).delay_ms(600);
    app.order_fault(late.on("GET", "/v1/payment_intents/*"));

    let save = json!({ "_save_payment_source_to_customer_wallet": true });
    let saving = app.patch_if(&customer, &path, &seen, save);
    let meanwhile = async {
        while app.asked_of_stripe().len() == asked {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let changed = json!({ "reference": "A-1" });
        app.patch_if(&app.integration(), &path, "*", changed).await
    };
    let (saved, changed) = futures_util::future::join(saving, meanwhile).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(saved.status, 412, "{}", saved.body);
    let wallet = app.get(&customer, "/api/customer_payment_sources").await;
    assert_eq!(wallet.body["meta"]["record_count"], 0);
}
