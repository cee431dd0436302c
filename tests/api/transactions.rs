//! Transactions of all kinds, read and listed as one.

use serde_json::Value;

use crate::app::{App, Reply};
use crate::refusals::is;
use crate::till::{settled, start};
use crate::ways::{CHECKOUT_COM, EXTERNAL, KLARNA, STRIPE};

fn listed(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let records = reply.body["data"].as_array().unwrap().iter();
    records
        .map(|it| (text(&it["type"]), text(&it["id"])))
        .collect()
}

/// An order whose money was taken and given back, one whose was let go of, and two that are held.
async fn moved() -> App {
    let (app, clock) = start().await;
    app.captured(&CHECKOUT_COM).await;
    settled(&app, &clock).await;
    app.moved_on(CHECKOUT_COM.order, "_refund").await;
    settled(&app, &clock).await;
    app.placed(&KLARNA).await;
    app.moved_on(KLARNA.order, "_cancel").await;
    settled(&app, &clock).await;
    app.placed(&EXTERNAL).await;
    app
}

#[tokio::test]
async fn they_are_listed_in_order_of_creation_as_what_each_is() {
    let app = moved().await;
    let shop = app.integration();
    let all = app.get(&shop, "/api/transactions?include=order").await;
    assert_eq!(all.body["meta"]["record_count"], 6, "{}", all.body);
    let all = listed(&all);
    let kinds: Vec<_> = all.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "authorizations",
            "captures",
            "refunds",
            "authorizations",
            "voids",
            "authorizations"
        ]
    );
    let newest = app.get(&shop, "/api/transactions?sort=-created_at").await;
    let newest = listed(&newest);
    assert!(newest.iter().eq(all.iter().rev()), "{newest:?}");

    let mut paged = Vec::new();
    for page in 1..=3 {
        let path = format!("/api/transactions?page[size]=2&page[number]={page}");
        let page = app.get(&shop, &path).await;
        assert_eq!(page.body["meta"]["record_count"], 6);
        assert_eq!(page.body["meta"]["page_count"], 3);
        paged.extend(listed(&page));
    }
    assert_eq!(paged, all);
    let beyond = app
        .get(&shop, "/api/transactions?page[size]=2&page[number]=4")
        .await;
    assert_eq!(listed(&beyond), []);
}

#[tokio::test]
async fn they_are_filtered_sorted_and_shown_by_what_they_have_in_common() {
    let app = moved().await;
    let shop = app.integration();
    let list = |query: &str| {
        let path = format!("/api/transactions?{query}");
        let (app, shop) = (&app, &shop);
        async move { app.get(shop, &path).await }
    };
    let all = listed(&list("").await);
    let ids: Vec<_> = [1, 4].map(|at: usize| all[at].1.as_str()).into();
    let both = list(&format!("filter[q][id_in]={}", ids.join(","))).await;
    assert_eq!(listed(&both), [all[1].clone(), all[4].clone()]);
    let succeeded = list("filter[q][succeeded_true]=true").await;
    assert_eq!(listed(&succeeded).len(), 6);
    let none = list("filter[q][amount_cents_gt]=12900").await;
    assert_eq!(listed(&none), []);
    for (sort, is_falling) in [
        ("number", false),
        ("-number", true),
        ("-amount_cents,number", false),
    ] {
        let sorted = list(&format!("sort={sort}")).await;
        let records = sorted.body["data"].as_array().unwrap().iter();
        let numbers: Vec<_> = records
            .map(|it| it["attributes"]["number"].as_str().unwrap())
            .collect();
        assert_eq!(numbers.len(), all.len());
        assert!(numbers.is_sorted_by(|one, other| (one < other) != is_falling));
    }
    for (query, code) in [
        (
            "filter[q][capture_balance_cents_gt]=0",
            "FILTER_NOT_ALLOWED",
        ),
        ("include=captures", "INVALID_INCLUDE"),
        ("sort=horn", "INVALID_SORT_CRITERIA"),
        ("fields[transactions]=horn", "INVALID_FIELD"),
    ] {
        let reply = list(query).await;
        assert_eq!(is(&reply).1, code, "{query}: {}", reply.body);
    }
    let few = list("fields[transactions]=number,order&include=order&fields[orders]=status").await;
    for record in few.body["data"].as_array().unwrap() {
        let members = |of: &str| -> Vec<String> {
            let members = record[of].as_object().unwrap();
            members.keys().cloned().collect()
        };
        assert_eq!(members("attributes"), ["number"], "{record}");
        assert_eq!(members("relationships"), ["order"], "{record}");
    }
    assert_eq!(few.body["included"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn one_is_read_by_its_id_and_changed_as_what_it_is() {
    let app = moved().await;
    let shop = app.integration();
    let all = listed(&app.get(&shop, "/api/transactions").await);
    for (kind, id) in &all {
        let path = format!("/api/transactions/{id}");
        let as_one = app.get(&shop, &path).await;
        let as_itself = app.get(&shop, &format!("/api/{kind}/{id}")).await;
        assert_eq!(as_one.body, as_itself.body);
        let order = app.get(&shop, &format!("{path}/order")).await;
        assert_eq!(order.body["data"]["type"], "orders", "{}", order.body);
        let body = serde_json::json!({ "data": { "type": "transactions", "id": id, "attributes": {
            "_forward": true,
        } } });
        assert_eq!(app.patch(&shop, &path, &body).await.status, 405);
    }
    let missing = app.get(&shop, "/api/transactions/aaaaaaaaaa").await;
    assert_eq!(missing.status, 404, "{}", missing.body);
    for caller in [app.customer(), app.guest()] {
        for path in [
            "/api/transactions",
            &format!("/api/transactions/{}", all[0].1),
        ] {
            assert_eq!(app.get(&caller, path).await.status, 401);
        }
    }
}

#[tokio::test]
async fn an_order_leads_to_the_same() {
    let app = App::start().await;
    app.captured(&STRIPE).await;
    let shop = app.integration();
    let of_order = format!("/api/orders/{}/transactions", STRIPE.order);
    let of_order = listed(&app.get(&shop, &of_order).await);
    assert_eq!(of_order, listed(&app.get(&shop, "/api/transactions").await));
}
