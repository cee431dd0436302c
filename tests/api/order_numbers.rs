//! An order's number is unique within the organization; one that gives none gets the next.

use std::collections::BTreeSet;

use domain::Mode;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::app::{App, ORDER, Reply, SECOND_ORDER};
use crate::orders_in::MARKET;
use crate::refusals::is;

const AT_NUMBER: &str = "/data/attributes/number";

async fn create(app: &App, attributes: Value) -> Reply {
    let market = json!({ "data": { "type": "markets", "id": MARKET } });
    let body = json!({ "data": {
        "type": "orders",
        "attributes": attributes,
        "relationships": { "market": market },
    } });
    app.post(&app.integration(), "/api/orders", &body).await
}

async fn renumber(app: &App, order: &str, number: Value) -> Reply {
    let attributes = json!({ "number": number });
    app.patch_order(&app.integration(), order, attributes).await
}

#[tokio::test]
async fn ten_orders_of_one_number_at_once_are_one_order() {
    let app = App::start().await;
    let made = join_all((0..10).map(|_| create(&app, json!({ "number": "A-17" })))).await;
    let statuses: Vec<_> = made.iter().map(|it| it.status).collect();
    assert_eq!(statuses.iter().filter(|it| **it == 201).count(), 1);
    for reply in made.iter().filter(|it| it.status != 201) {
        assert_eq!(is(reply), (422, "VALIDATION_ERROR", AT_NUMBER));
        assert_eq!(reply.detail(), "number - has already been taken");
    }
}

#[tokio::test]
async fn orders_without_a_number_get_the_next_that_is_free() {
    let app = App::start().await;
    // The demo's orders have the first numbers.
    let made = join_all((0..8).map(|index| {
        let attributes = match index % 3 {
            0 => json!({}),
            1 => json!({ "number": null }),
            _ => json!({ "number": "" }),
        };
        create(&app, attributes)
    }))
    .await;
    let numbers: BTreeSet<u64> = made
        .iter()
        .map(|it| {
            assert_eq!(it.status, 201, "{}", it.body);
            it.attribute("number").as_str().unwrap().parse().unwrap()
        })
        .collect();
    assert_eq!(numbers.len(), 8);
    let taken = app
        .get(&app.integration(), &format!("/api/orders/{ORDER}"))
        .await;
    let taken: u64 = taken.attribute("number").as_str().unwrap().parse().unwrap();
    assert!(!numbers.contains(&taken));
}

#[tokio::test]
async fn a_number_is_changed_to_one_that_is_free_and_given_back() {
    let app = App::start().await;
    assert_eq!(renumber(&app, ORDER, json!("A-1")).await.status, 200);
    assert_eq!(renumber(&app, ORDER, json!("A-1")).await.status, 200);
    let taken = renumber(&app, SECOND_ORDER, json!("A-1")).await;
    assert_eq!(is(&taken), (422, "VALIDATION_ERROR", AT_NUMBER));

    assert_eq!(renumber(&app, ORDER, json!("A-2")).await.status, 200);
    assert_eq!(renumber(&app, SECOND_ORDER, json!("A-1")).await.status, 200);
    assert_eq!(renumber(&app, SECOND_ORDER, Value::Null).await.status, 200);

    let made = create(&app, json!({ "number": "A-1" })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/api/orders/{}", made.id());
    assert_eq!(app.delete(&app.integration(), &path).await.status, 204);
    assert_eq!(create(&app, json!({ "number": "A-1" })).await.status, 201);
}

#[tokio::test]
async fn a_number_that_an_earlier_version_wrote_is_taken_too() {
    let app = App::start().await;
    let (client, table) = app.running.table();
    app.make_order_like(ORDER, "earlierOne", Mode::Test, |order| {
        order.set("number", "earlier");
    })
    .await;
    for (pk, item) in app.table().await {
        if pk.contains("#key#orders#") && item["owner"] == "earlierOne" {
            let key = |name: &str| {
                let text = item[name].as_str().unwrap().to_owned();
                store::aws_sdk_dynamodb::types::AttributeValue::S(text)
            };
            let deleted = client.delete_item().table_name(table);
            let deleted = deleted.key("pk", key("pk")).key("sk", key("sk"));
            deleted.send().await.unwrap();
        }
    }
    let made = create(&app, json!({ "number": "earlier" })).await;
    assert_eq!(is(&made), (422, "VALIDATION_ERROR", AT_NUMBER));
    // Two that have the same number from then on are read, changed and paid.
    let changed = app
        .patch_order(
            &app.integration(),
            "earlierOne",
            json!({ "number": "earlier", "reference": "r" }),
        )
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}
