//! Lists of many records: what their pages cost, how far they are counted, filtered and sorted, and what is
//! said beyond that.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use billfold::Options;
use domain::record::{Place, Record};
use domain::{Id, ResourceType, Timestamp};
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use store::aws_sdk_dynamodb::error::BoxError;
use store::aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use store::aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

use crate::app::{App, Reply};
use crate::budgets::Budgets;
use crate::calls::round_trips;
use crate::faults::TestClock;
use crate::refusals::is;

const SKUS: &str = "/api/skus";

/// When the sku of this number was made: so many hours after the year began.
fn made_at(number: usize) -> Timestamp {
    let begin: Timestamp = "2020-01-01T00:00:00.000Z".parse().unwrap();
    begin.plus(Duration::from_secs(3600 * u64::try_from(number).unwrap()))
}

fn id_of(number: usize) -> Id {
    let letter =
        |digit: char| char::from(b'a' + u8::try_from(digit.to_digit(10).unwrap()).unwrap());
    let letters: String = format!("{number:010}").chars().map(letter).collect();
    letters.parse().unwrap()
}

/// Puts skus into the table that are named by their numbers.
async fn put_skus(app: &App, numbers: Range<usize>) {
    let store = &app.running.context.store;
    let tenant = billfold::demo::tenant();
    let mut first = Record::new(
        ResourceType::Skus,
        id_of(numbers.start),
        made_at(numbers.start),
    );
    first.set("name", format!("number {}", numbers.start));
    first.set("code", format!("CODE-{}", numbers.start));
    store
        .create(billfold::demo::OPERATOR, tenant, Place::Own, &first)
        .await
        .unwrap();
    let items = app.table().await;
    let is_first = |it: &&Value| it["id"] == first.id.as_str();
    let made = items.values().find(is_first).unwrap().clone();
    let (client, table) = app.running.table();
    let pk = made["pk"].as_str().unwrap();
    for chunk in numbers.skip(1).collect::<Vec<_>>().chunks(25) {
        let puts = chunk.iter().map(|number| {
            let (id, at) = (id_of(*number), made_at(*number));
            let mut item = made.clone();
            item["pk"] = pk.replace(first.id.as_str(), id.as_str()).into();
            item["id"] = id.as_str().into();
            item["created_at"] = at.to_string().into();
            item["by_type_at"] = format!("{at}#{id}").into();
            item["attributes"]["name"] = format!("number {number}").into();
            let item = serde_dynamo::aws_sdk_dynamodb_1::to_item(item).unwrap();
            let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let request = HashMap::from([(table.to_owned(), puts.collect())]);
        let written = client.batch_write_item().set_request_items(Some(request));
        let written = written.send().await.unwrap();
        assert!(written.unprocessed_items.unwrap_or_default().is_empty());
    }
}

/// A list with these skus and none of the demo's.
fn of_2020(query: &str) -> String {
    format!("{SKUS}?filter[q][created_at_lt]=2026-01-01{query}")
}

fn names(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let data = reply.body["data"].as_array().unwrap().iter();
    data.map(|it| it["attributes"]["name"].as_str().unwrap().to_owned())
        .collect()
}

fn numbers(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers
        .into_iter()
        .map(|it| format!("number {it}"))
        .collect()
}

fn parameter(reply: &Reply) -> &str {
    let source = &reply.body["errors"][0]["source"];
    source["parameter"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_page_is_found_from_either_end_and_within_a_time() {
    let app = App::start().await;
    put_skus(&app, 0..60).await;
    let token = app.integration();
    let get = async |query: &str| app.get(&token, &of_2020(query)).await;

    let reply = get("&page[size]=4&page[number]=3").await;
    assert_eq!(names(&reply), numbers(8..12));
    let meta = json!({ "record_count": 60, "page_count": 15 });
    assert_eq!(reply.body["meta"], meta);
    let newest = get("&page[size]=4&page[number]=3&sort=-created_at").await;
    assert_eq!(names(&newest), numbers((48..52).rev()));
    assert_eq!(newest.body["meta"], meta);
    let last = get("&page[size]=25&page[number]=3").await;
    assert_eq!(names(&last), numbers(50..60));
    assert!(last.body["links"].get("next").is_none());
    let beyond = get("&page[size]=25&page[number]=9").await;
    assert_eq!(
        (names(&beyond), &beyond.body["meta"]["record_count"]),
        (vec![], &json!(60))
    );

    let day = "filter[q][created_at_gteq]=2020-01-02T00:00:00Z&filter[q][created_at_lteq]=2020-01-02T05:00:00Z";
    let reply = app
        .get(&token, &format!("{SKUS}?{day}&sort=created_at"))
        .await;
    assert_eq!(names(&reply), numbers(24..30));
    assert_eq!(reply.body["meta"]["record_count"], 6);
    let of_day = [3, 25, 29].map(|it| id_of(it).to_string()).join(",");
    let narrowed = format!("{SKUS}?{day}&filter[q][id_in]={of_day}");
    assert_eq!(names(&app.get(&token, &narrowed).await), numbers([25, 29]));
    let none = format!("{SKUS}?{day}&filter[q][created_at_gt]=2020-02-01");
    assert_eq!(names(&app.get(&token, &none).await), [""; 0]);
}

#[tokio::test]
async fn a_page_costs_the_same_however_many_records_there_are() {
    let mut budgets = Budgets::start().await;
    let token = budgets.app.integration();
    let mut calls_of_pages = Vec::new();
    for more in [0..50, 50..2_500] {
        put_skus(&budgets.app, more).await;
        for (page, budget) in [("", 2), ("&page[number]=4", 3)] {
            budgets.get(&token, &of_2020(page), budget).await;
        }
        budgets.calls.take_events();
        budgets.app.get(&token, &of_2020("&sort=-created_at")).await;
        let events = budgets.calls.take_events();
        assert_eq!(round_trips(&events), 2, "{events:?}");
        calls_of_pages.push(events.iter().filter(|it| it.began && !it.counts).count());
    }
    assert!(budgets.over.is_empty(), "{:#?}", budgets.over);
    // The second counts whether there are more.
    assert_eq!(calls_of_pages, [3, 3]);
}

#[tokio::test]
async fn more_than_a_thousand_records_are_not_counted_and_more_than_ten_thousand_are_listed() {
    let app = App::start().await;
    put_skus(&app, 0..10_050).await;
    let token = app.integration();
    let get = async |query: &str| app.get(&token, &of_2020(query)).await;

    let first = get("").await;
    assert_eq!(names(&first), numbers(0..10));
    let meta = json!({ "record_count": 1000, "page_count": 100, "record_count_relation": "gte" });
    assert_eq!(first.body["meta"], meta);
    assert!(first.body["links"].get("last").is_none());
    // Whoever turns pages as long as there are more gets there.
    let hundredth = get("&page[number]=100").await;
    assert_eq!(names(&hundredth), numbers(990..1000));
    assert_eq!(hundredth.body["meta"]["page_count"], 101);
    assert!(hundredth.body["links"]["next"].is_string());

    let deepest = get("&page[size]=25&page[number]=400").await;
    assert_eq!(names(&deepest), numbers(9_975..10_000));
    let deeper = get("&page[size]=25&page[number]=401").await;
    assert_eq!(is(&deeper), (422, "VALIDATION_ERROR", ""));
    assert_eq!(parameter(&deeper), "page[number]");
    assert!(
        deeper.detail().contains("created_at"),
        "{}",
        deeper.detail()
    );
    let from = made_at(10_000);
    let on =
        format!("{SKUS}?filter[q][created_at_gteq]={from}&filter[q][created_at_lt]=2026-01-01");
    let on = app.get(&token, &on).await;
    assert_eq!(names(&on), numbers(10_000..10_010));
    assert_eq!(
        on.body["meta"],
        json!({ "record_count": 50, "page_count": 5 })
    );

    // A filter that finds a page soon, and one that finds nothing within what is looked through.
    let some = get("&filter[q][name_end]=7&page[number]=2&page[size]=3").await;
    assert_eq!(names(&some), numbers([37, 47, 57]));
    assert_eq!(some.body["meta"]["record_count"], 100);
    assert_eq!(some.body["meta"]["record_count_relation"], "gte");
    let none = get("&filter[q][name_eq]=none").await;
    assert_eq!(is(&none), (422, "VALIDATION_ERROR", ""));
    assert_eq!(parameter(&none), "filter");
    assert!(
        none.detail().contains("looked through"),
        "{}",
        none.detail()
    );
    assert!(none.detail().contains("created_at"), "{}", none.detail());
    let narrow = "filter[q][created_at_gteq]=2020-12-01&filter[q][created_at_lt]=2020-12-02";
    let narrow = format!("{SKUS}?{narrow}&filter[q][name_end]=9&sort=-name");
    assert_eq!(
        names(&app.get(&token, &narrow).await),
        numbers([8059, 8049])
    );
    let sorted = get("&sort=name").await;
    assert_eq!(is(&sorted), (422, "VALIDATION_ERROR", ""));
    assert_eq!(parameter(&sorted), "sort");
    assert!(
        sorted.detail().contains("created_at"),
        "{}",
        sorted.detail()
    );

    // Shoppers, who are many, have less looked through.
    let page = app.get(&app.guest(), &of_2020("&page[number]=150")).await;
    assert_eq!(names(&page), numbers(1490..1500));
    let none = app
        .get(&app.guest(), &of_2020("&filter[q][name_eq]=none"))
        .await;
    assert_eq!(is(&none), (422, "VALIDATION_ERROR", ""));
    assert!(none.detail().contains("1000 skus"), "{}", none.detail());
}

/// Records are read slowly.
#[derive(Debug)]
struct SlowReads(Arc<TestClock>);

impl Intercept for SlowReads {
    fn name(&self) -> &'static str {
        "SlowReads"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context
            .input()
            .downcast_ref::<BatchGetItemInput>()
            .is_some()
        {
            self.0.pass(Duration::from_secs(1));
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_list_that_takes_too_long_to_be_looked_through_is_refused_in_time() {
    let clock = Arc::new(TestClock::default());
    let slow = clock.clone();
    let app = App::start_with(Options {
        clock,
        engine_client: Arc::new(move |builder| builder.interceptor(SlowReads(slow.clone()))),
        ..Options::in_memory(0)
    })
    .await;
    put_skus(&app, 0..1_500).await;
    let token = app.integration();
    let late = app.get(&token, &of_2020("&filter[q][name_eq]=none")).await;
    assert_eq!(is(&late), (422, "VALIDATION_ERROR", ""));
    assert!(late.detail().contains("created_at"), "{}", late.detail());
}

#[tokio::test]
async fn a_customer_pages_through_their_orders() {
    let app = App::start().await;
    let customer = billfold::demo::customer();
    let of_customer = format!("/api/customers/{customer}/orders");
    let all = app.get(&app.customer(), "/api/orders?page[size]=25").await;
    let ids = |reply: &Reply| -> Vec<String> {
        assert_eq!(reply.status, 200, "{}", reply.body);
        let data = reply.body["data"].as_array().unwrap().iter();
        data.map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = ids(&all);
    assert_eq!(all.len(), 6);
    for (token, path) in [
        (app.customer(), "/api/orders"),
        (app.customer(), of_customer.as_str()),
        (app.integration(), of_customer.as_str()),
    ] {
        let get = async |query: &str| app.get(&token, &format!("{path}?{query}")).await;
        let page = get("page[size]=2&page[number]=2").await;
        assert_eq!(ids(&page), all[2..4], "{path}");
        assert_eq!(
            page.body["meta"],
            json!({ "record_count": 6, "page_count": 3 })
        );
        let newest = get("page[size]=2&sort=-created_at").await;
        let expected: Vec<_> = all[4..].iter().rev().cloned().collect();
        assert_eq!(ids(&newest), expected, "{path}");
        let filtered = get(&format!("filter[q][id_eq]={}", all[1])).await;
        assert_eq!(ids(&filtered), [all[1].as_str()]);
        assert_eq!(filtered.body["meta"]["record_count"], 1);
        let sorted = get("sort=-number&page[size]=25").await;
        assert_eq!(ids(&sorted).len(), 6);
    }
    let elsewhere = app.customer_of_market("aaaaaaaaaa".parse().unwrap());
    let hidden = app.get(&elsewhere, "/api/orders").await;
    assert_eq!(ids(&hidden), [""; 0]);
    assert_eq!(hidden.body["meta"]["record_count"], 0);
    let others = app.get(&app.stranger(), &of_customer).await;
    assert_eq!(others.status, 404);
}
