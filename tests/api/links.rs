//! Every link that a document prints answers.

use std::collections::BTreeSet;

use domain::ResourceType;
use domain::resource::Partition;
use serde_json::Value;

use crate::app::{App, GUEST_ORDER, ORDER, SECOND_ORDER};
use crate::ways::EVERY;

fn links_of(document: &Value, links: &mut BTreeSet<String>) {
    match document {
        Value::String(text) if text.contains("/api/") => {
            links.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|it| links_of(it, links)),
        Value::Object(members) => members.values().for_each(|it| links_of(it, links)),
        _ => {}
    }
}

/// Follows all links from these paths on, and tells how many there were.
async fn crawl(app: &App, token: &str, from: &[String]) -> usize {
    let mut seen = BTreeSet::new();
    let mut ahead: Vec<String> = from.to_vec();
    while let Some(path) = ahead.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let reply = app.get(token, &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert!(reply.body.get("data").is_some(), "{path}");
        let mut links = BTreeSet::new();
        links_of(&reply.body, &mut links);
        for link in links {
            let path = link.strip_prefix(&app.running.url);
            ahead.push(
                path.unwrap_or_else(|| panic!("{link} leads elsewhere"))
                    .to_owned(),
            );
        }
    }
    seen.len()
}

#[tokio::test]
async fn every_link_answers_those_who_were_shown_it() {
    let app = App::start().await;
    let entry = app.saved_card("pm_card_visa").await;
    app.reuse(&app.customer(), SECOND_ORDER, &entry).await;
    let orders = [ORDER, SECOND_ORDER].map(|order| format!("/api/orders/{order}"));
    let wallet = "/api/customer_payment_sources".to_owned();
    let from = [orders.as_slice(), &[wallet]].concat();
    assert!(crawl(&app, &app.customer(), &from).await > 80);
    assert!(crawl(&app, &app.integration(), &from).await > 100);
    let lists = ["payment_methods", "payment_gateways", "external_gateways"];
    let lists = lists.map(|kind| format!("/api/{kind}?page[size]=2"));
    assert!(crawl(&app, &app.customer(), &lists[..1]).await > 10);
    assert!(crawl(&app, &app.integration(), &lists).await > 40);
    let guests = [format!("/api/orders/{GUEST_ORDER}")];
    assert!(crawl(&app, &app.guest(), &guests).await > 20);
}

/// Every list of the API.
fn lists() -> Vec<String> {
    let has_list = |it: &&ResourceType| it.declaration().partition != Partition::Token;
    let lists = ResourceType::ALL.iter().filter(has_list);
    lists.map(|it| format!("/api/{it}?page[size]=5")).collect()
}

#[tokio::test]
async fn every_link_of_every_record_answers() {
    let app = App::start().await;
    app.saved_card("pm_card_visa").await;
    let mut from = lists();
    from.extend([
        "/api/organization".to_owned(),
        "/api/application".to_owned(),
    ]);
    let links = crawl(&app, &app.integration(), &from).await;
    println!("{links} links crawled");
    assert!(links > 500, "{links}");
    let chosen = [
        "orders",
        "customer_addresses",
        "customer_payment_sources",
        "skus",
        "markets",
    ];
    let own: Vec<_> = chosen.iter().map(|it| format!("/api/{it}")).collect();
    assert!(crawl(&app, &app.customer(), &own).await > 200);
}

#[tokio::test]
async fn every_link_answers_after_paying_at_any_gateway() {
    let app = App::start().await;
    let customer = app.customer();
    let mut from = vec!["/api/customer_payment_sources".to_owned()];
    for way in EVERY {
        let entry = way.saved(&app).await;
        app.selected(SECOND_ORDER, way.method).await;
        let reused = app.reuse(&customer, SECOND_ORDER, &entry.id).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        // The next way's method drops this one: a superseded source still answers.
        let source = reused.payment_source()["links"]["self"].as_str().unwrap();
        let source = source.strip_prefix(&app.running.url).unwrap();
        let include = "order,payment_gateway";
        let shown = app.get(&customer, source).await;
        assert_eq!(shown.status, 200, "{}: {}", way.kind, shown.body);
        let gateway = app
            .get(&app.integration(), &format!("{source}?include={include}"))
            .await;
        assert_eq!(gateway.status, 200, "{}: {}", way.kind, gateway.body);
        from.extend([
            source.to_owned(),
            format!("/api/orders/{}?include=payment_source", way.order),
            format!(
                "{}?include=payment_source.order,payment_method,customer",
                entry.path()
            ),
        ]);
    }
    assert!(crawl(&app, &customer, &from).await > 180);
    assert!(crawl(&app, &app.integration(), &from).await > 200);
}

#[tokio::test]
async fn identifiers_take_no_parameters() {
    let app = App::start().await;
    let path = format!("/api/orders/{ORDER}/relationships/market");
    for query in [
        "include=order",
        "fields[markets]=name",
        "page[size]=5",
        "unicorn=1",
    ] {
        let reply = app.get(&app.customer(), &format!("{path}?{query}")).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "PARAM_NOT_ALLOWED"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_not_held_is_empty_for_those_who_see_what_leads_there() {
    let app = App::start().await;
    let (customer, guest) = (app.customer(), app.guest());
    let own = format!("/api/customers/{}", billfold::demo::customer());
    let asked = "order_subscriptions?sort=-starts_at&page[number]=1&page[size]=15";
    let list = app.get(&customer, &format!("{own}/{asked}")).await;
    assert_eq!(list.status, 200, "{}", list.body);
    assert_eq!(list.body["data"], serde_json::json!([]));
    assert_eq!(list.body["meta"]["record_count"], 0);
    let none = app.get(&customer, &format!("{own}/customer_group")).await;
    assert_eq!((none.status, &none.body["data"]), (200, &Value::Null));

    for (token, path, status) in [
        (&guest, format!("{own}/{asked}"), 401),
        (&guest, format!("/api/orders/{ORDER}/returns"), 404),
        (&customer, format!("{own}/unicorns"), 404),
        (&customer, format!("{own}/relationships/returns"), 404),
        (&customer, format!("{own}/returns?page[size]=26"), 400),
        (&customer, format!("{own}/returns?unicorn=1"), 400),
    ] {
        let refused = app.get(token, &path).await;
        assert_eq!(refused.status, status, "{path}: {}", refused.body);
    }
}
