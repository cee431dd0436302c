//! How much one request reads: what it includes has a limit, a few parts are read at a time, and a request
//! that is refused reads no further.

use std::sync::Arc;

use billfold::Options;
use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply};
use crate::budgets::Budgets;
use crate::calls::{Calls, Event, round_trips};
use crate::refusals::is;

fn path_of_customer() -> String {
    format!("/api/customers/{}", billfold::demo::customer())
}

fn parameter(reply: &Reply) -> &str {
    let source = &reply.body["errors"][0]["source"];
    source["parameter"].as_str().unwrap_or_default()
}

const MARKET: &str = "dlQbPhNNop";

/// The calls that carry a request out.
fn reads(calls: &Calls) -> Vec<Event> {
    let mut events = calls.take_events();
    events.retain(|it| !it.counts);
    events
}

fn most_at_once(events: &[Event]) -> usize {
    let (mut under_way, mut most) = (0_usize, 0);
    for event in events {
        under_way = match event.began {
            true => under_way + 1,
            false => under_way - 1,
        };
        most = most.max(under_way);
    }
    most
}

impl App {
    async fn make_orders_of_customer(&self, many: usize) {
        let token = self.integration();
        for _ in 0..many {
            let order = json!({ "data": {
                "type": "orders",
                "attributes": { "currency_code": "EUR" },
                "relationships": {
                    "customer": { "data": {
                        "type": "customers", "id": billfold::demo::customer(),
                    } },
                    "market": { "data": { "type": "markets", "id": MARKET } },
                },
            } });
            let made = self.post(&token, "/api/orders", &order).await;
            assert_eq!(made.status, 201, "{}", made.body);
        }
    }

    /// Puts copies of a line item of the demo order beside it.
    async fn put_line_items(&self, many: usize) {
        let items = self.table().await;
        let is_line = |key: &&String| key.contains(ORDER) && key.contains(" line_items#");
        let line = &items[items.keys().find(is_line).unwrap()];
        let (client, table) = self.running.table();
        for number in 0..many {
            let letter = |it: u32| char::from_u32(u32::from('a') + it).unwrap();
            let digits = format!("{number:010}");
            let id: String = digits
                .chars()
                .map(|it| letter(it.to_digit(10).unwrap()))
                .collect();
            let mut copy = line.clone();
            copy["sk"] = format!("line_items#{id}").into();
            copy["id"] = Value::String(id);
            let item = serde_dynamo::aws_sdk_dynamodb_1::to_item(copy).unwrap();
            let put = client.put_item().table_name(table).set_item(Some(item));
            put.send().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_refused_request_reads_no_further() {
    let calls = Calls::default();
    let interceptor = calls.clone();
    let app = App::start_with(Options {
        environment: |name| matches!(name, "RATE_LIMIT").then(|| "3".to_owned()),
        engine_client: Arc::new(move |builder| builder.interceptor(interceptor.clone())),
        ..Options::in_memory(0)
    })
    .await;
    let customer = app.customer();
    let path = format!("/api/orders/{ORDER}?include=customer.orders.line_items");
    let mut taken = Vec::new();
    for _ in 0..6 {
        calls.take_events();
        let reply = app.get(&customer, &path).await;
        let events = reads(&calls);
        taken.push((reply.status, round_trips(&events)));
    }
    let (let_in, refused) = taken.split_at(3);
    let is_whole = |it: &(u16, usize)| it.0 == 200 && it.1 >= 3;
    assert!(let_in.iter().all(is_whole), "{taken:?}");
    let is_bounded = |it: &(u16, usize)| it.0 == 429 && it.1 <= 1;
    assert!(refused.iter().all(is_bounded), "{taken:?}");
}

#[tokio::test]
async fn parts_are_read_a_few_at_a_time() {
    let budgets = Budgets::start().await;
    let (app, calls) = (&budgets.app, &budgets.calls);
    app.make_orders_of_customer(30).await;
    let path = format!("{}?include=orders.line_items", path_of_customer());
    calls.take_events();
    let reply = app.get(&app.integration(), &path).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let events = reads(calls);
    assert!(events.len() > 2 * 30, "each order's parts are read");
    assert_eq!(most_at_once(&events), 8);
}

#[tokio::test]
async fn a_page_of_a_customers_orders_reads_that_page() {
    let budgets = Budgets::start().await;
    let (app, calls) = (&budgets.app, &budgets.calls);
    app.make_orders_of_customer(120).await;
    calls.take_events();
    let reply = app.get(&app.customer(), "/api/orders?page[size]=1").await;
    assert_eq!(reply.body["meta"]["record_count"], 126);
    let events = reads(calls);
    // The line, then the order beside how many there are.
    assert_eq!(events.iter().filter(|it| it.began).count(), 3, "{events:?}");
    assert_eq!(round_trips(&events), 2);
}

#[tokio::test]
async fn an_answer_that_is_too_large_to_be_sent_is_refused_and_what_was_changed_is_told_without_it()
{
    let app = App::start().await;
    let token = app.integration();
    let order = format!("/api/orders/{ORDER}");
    let read = app
        .get(&token, &format!("{order}?include=line_items"))
        .await;
    let notes = json!({ "metadata": { "note": "n".repeat(32_000) } });
    for line in read.body["included"].as_array().unwrap() {
        let id = line["id"].as_str().unwrap();
        let body = json!({ "data": { "type": "line_items", "id": id, "attributes": notes } });
        let path = format!("/api/line_items/{id}");
        assert_eq!(app.patch(&token, &path, &body).await.status, 200);
    }
    app.put_line_items(100).await;
    let path = format!("{order}?include=line_items");
    let refused = app.get(&token, &path).await;
    assert_eq!(is(&refused), (413, "PAYLOAD_TOO_LARGE", ""));
    let few = format!("{path}&fields[line_items]=name");
    assert_eq!(app.get(&token, &few).await.status, 200);

    let change = json!({ "customer_email": "changed@example.com" });
    let body = json!({ "data": { "type": "orders", "id": ORDER, "attributes": change } });
    let changed = app.patch(&token, &path, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.attribute("customer_email"), "changed@example.com");
    assert!(changed.body.get("included").is_none());
}

#[tokio::test]
async fn included_records_have_a_limit_that_is_told() {
    let app = App::start().await;
    app.put_line_items(1_000).await;
    let token = app.integration();
    let path = format!("/api/orders/{ORDER}?include=line_items");
    let refused = app.get(&token, &path).await;
    assert_eq!(is(&refused), (422, "VALIDATION_ERROR", ""));
    assert_eq!(parameter(&refused), "include");
    assert!(refused.detail().contains("1000"), "{}", refused.detail());
    let listed = format!("/api/orders/{ORDER}/line_items?include=order");
    let listed = app.get(&token, &listed).await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert_eq!(listed.body["included"].as_array().unwrap().len(), 1);

    // A change that is made is told as one.
    let body =
        json!({ "data": { "type": "orders", "id": ORDER, "attributes": { "reference": "A-1" } } });
    let changed = app.patch(&token, &path, &body).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.attribute("reference"), "A-1");
}

#[tokio::test]
async fn a_change_is_refused_before_it_is_made_where_its_answer_may_be_of_any_length() {
    let app = App::start().await;
    let before = app.table().await;
    let path = path_of_customer();
    let id = path.rsplit('/').next().unwrap();
    let body =
        json!({ "data": { "type": "customers", "id": id, "attributes": { "reference": "A-1" } } });
    let path = format!("{path}?include=orders");
    let refused = app.patch(&app.integration(), &path, &body).await;
    assert_eq!(is(&refused), (422, "VALIDATION_ERROR", ""));
    assert_eq!(parameter(&refused), "include");
    assert_eq!(app.table().await, before);
}
