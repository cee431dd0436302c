//! The table is read in pieces, and another request may be done between two of them: one answer of the
//! table is held back here until it is.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use aws_smithy_types::config_bag::{Storable, StoreReplace};
use billfold::Options;
use serde_json::{Value, json};
use store::aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
};
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use store::aws_sdk_dynamodb::error::BoxError;
use store::aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use store::aws_sdk_dynamodb::operation::get_item::GetItemInput;
use store::aws_sdk_dynamodb::operation::query::QueryInput;
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::app::{App, ORDER, SECOND_ORDER};

/// What of the table is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// The head of the wallet.
    Head,
    /// The entries of the wallet.
    Entries,
    /// The order, with what it is paid with.
    Order,
    /// The address book.
    Book,
}

#[derive(Debug, Default)]
enum Held {
    /// The answer with this piece is to be held back.
    Wanted(Piece),
    /// It is.
    Waits,
    #[default]
    Nothing,
}

/// Holds back one answer of the table.
#[derive(Debug, Clone, Default)]
struct Hold(Arc<(Mutex<Held>, Condvar)>);

impl Hold {
    fn want(&self, piece: Piece) {
        *self.0.0.lock().unwrap() = Held::Wanted(piece);
    }

    async fn is_held(&self) {
        while !matches!(*self.0.0.lock().unwrap(), Held::Waits) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn release(&self) {
        *self.0.0.lock().unwrap() = Held::Nothing;
        self.0.1.notify_all();
    }
}

/// Noted with a call that reads this piece.
#[derive(Debug)]
struct Reads(Piece);

impl Storable for Reads {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Hold {
    fn name(&self) -> &'static str {
        "Hold"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(piece) = piece(context) {
            notes.interceptor_state().store_put(Reads(piece));
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        _: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Reads(piece)) = notes.load::<Reads>() else {
            return Ok(());
        };
        let (held, released) = &*self.0;
        let mut held = held.lock().unwrap();
        if matches!(&*held, Held::Wanted(wanted) if wanted == piece) {
            *held = Held::Waits;
            tokio::task::block_in_place(|| {
                let waits = |it: &mut Held| matches!(it, Held::Waits);
                let most = Duration::from_secs(20);
                drop(released.wait_timeout_while(held, most, waits).unwrap());
            });
        }
        Ok(())
    }
}

fn piece(context: &BeforeSerializationInterceptorContextRef<'_>) -> Option<Piece> {
    let input = context.input();
    let is = |value: Option<&AttributeValue>, text: &str| {
        value.is_some_and(|it| it == &AttributeValue::S(text.to_owned()))
    };
    if let Some(get) = input.downcast_ref::<GetItemInput>() {
        return is(get.key()?.get("sk"), "wallet").then_some(Piece::Head);
    }
    if let Some(query) = input.downcast_ref::<QueryInput>() {
        let from = query.expression_attribute_values()?.get(":from");
        return match from.and_then(|it| it.as_s().ok()).map(String::as_str) {
            Some("customer") => Some(Piece::Entries),
            Some("addresses#") => Some(Piece::Book),
            _ => None,
        };
    }
    let batch = input.downcast_ref::<BatchGetItemInput>()?;
    let mut tables = batch.request_items()?.values();
    let has_order = tables.any(|it| it.keys().iter().any(|it| is(it.get("sk"), "order")));
    has_order.then_some(Piece::Order)
}

async fn app() -> (App, Hold) {
    let hold = Hold::default();
    let interceptor = hold.clone();
    let app = App::start_with(Options {
        engine_client: Arc::new(move |builder| builder.interceptor(interceptor.clone())),
        ..Options::in_memory(0)
    })
    .await;
    (app, hold)
}

fn entry_body(entry: &str, attributes: Value) -> Value {
    json!({ "data": { "type": "customer_payment_sources", "id": entry, "attributes": attributes } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_changes_of_an_entry_on_one_tag_are_not_both_made() {
    for piece in [Piece::Head, Piece::Entries] {
        let (app, hold) = app().await;
        let entry = app.saved_card("pm_card_visa").await;
        let path = format!("/api/customer_payment_sources/{entry}");
        let customer = app.customer();
        let read = app.get(&customer, &path).await;
        let tag = read.headers["etag"].to_str().unwrap().to_owned();
        let change = |who: &'static str| {
            let body = entry_body(&entry, json!({ "reference": who }));
            let (app, path, tag, customer) = (&app, &path, &tag, &customer);
            async move {
                let demanded = ("if-match", tag.as_str());
                app.send_with(http::Method::PATCH, customer, path, demanded, Some(&body))
                    .await
            }
        };
        hold.want(piece);
        let meanwhile = async {
            hold.is_held().await;
            let reply = change("second").await;
            hold.release();
            reply
        };
        let (first, second) = tokio::join!(change("first"), meanwhile);
        assert_eq!((first.status, second.status), (412, 200), "{piece:?}");
        let now = app.get(&customer, &path).await;
        assert_eq!(now.attribute("reference"), "second");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_entry_that_is_changed_while_it_is_deleted_does_not_come_back() {
    for piece in [Piece::Head, Piece::Entries] {
        let (app, hold) = app().await;
        let entry = app.saved_card("pm_card_visa").await;
        let path = format!("/api/customer_payment_sources/{entry}");
        let customer = app.customer();
        hold.want(piece);
        let body = entry_body(&entry, json!({ "reference": "changed" }));
        let meanwhile = async {
            hold.is_held().await;
            let reply = app.delete(&customer, &path).await;
            hold.release();
            reply
        };
        let (changed, deleted) = tokio::join!(app.patch(&customer, &path, &body), meanwhile);
        assert_eq!((changed.status, deleted.status), (404, 204), "{piece:?}");
        let wallet = app.get(&customer, "/api/customer_payment_sources").await;
        assert_eq!(wallet.body["data"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_card_that_is_reused_while_it_is_deleted_is_on_no_order() {
    for piece in [Piece::Order, Piece::Head, Piece::Entries] {
        let (app, hold) = app().await;
        let entry = app.saved_card("pm_card_visa").await;
        let customer = app.customer();
        hold.want(piece);
        let meanwhile = async {
            hold.is_held().await;
            let path = format!("/api/customer_payment_sources/{entry}");
            let reply = app.delete(&customer, &path).await;
            hold.release();
            reply
        };
        let reuse = app.reuse(&customer, SECOND_ORDER, &entry);
        let (reused, deleted) = tokio::join!(reuse, meanwhile);
        assert_eq!((reused.status, deleted.status), (404, 204), "{piece:?}");
        let order = format!("/api/orders/{SECOND_ORDER}?include=payment_source");
        let order = app.get(&customer, &order).await;
        let source = &order.body["data"]["relationships"]["payment_source"];
        assert_eq!(source["data"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_changes_of_a_payment_source_are_both_kept() {
    let (app, hold) = app().await;
    let customer = app.customer();
    let made = app
        .create_source(&customer, "stripe_payments", ORDER, json!({}))
        .await;
    let id = made.id();
    hold.want(Piece::Order);
    let meanwhile = async {
        hold.is_held().await;
        let attributes = json!({ "reference": "mine" });
        let reply = app
            .patch_source(&customer, "stripe_payments", &id, attributes)
            .await;
        hold.release();
        reply
    };
    let attributes = json!({ "metadata": { "kept": true } });
    let change = app.patch_source(&customer, "stripe_payments", &id, attributes);
    let (first, second) = tokio::join!(change, meanwhile);
    assert_eq!((first.status, second.status), (200, 200), "{}", first.body);
    let now = app
        .get(&customer, &format!("/api/stripe_payments/{id}"))
        .await;
    assert_eq!(now.attribute("reference"), "mine");
    assert_eq!(now.attribute("metadata"), &json!({ "kept": true }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_source_that_is_changed_while_another_takes_its_place_does_not_come_back() {
    let (app, hold) = app().await;
    let customer = app.customer();
    let made = app
        .create_source(&customer, "stripe_payments", ORDER, json!({}))
        .await;
    let id = made.id();
    hold.want(Piece::Order);
    let meanwhile = async {
        hold.is_held().await;
        let attributes = json!({ "options": { "id": "pm_card_visa" } });
        let reply = app
            .create_source(&customer, "stripe_payments", ORDER, attributes)
            .await;
        hold.release();
        reply
    };
    let attributes = json!({ "metadata": { "kept": true } });
    let change = app.patch_source(&customer, "stripe_payments", &id, attributes);
    let (_, made) = tokio::join!(change, meanwhile);
    assert_eq!(made.status, 201, "{}", made.body);
    let order = format!("/api/orders/{ORDER}?include=payment_source");
    let order = app.get(&customer, &order).await;
    assert_eq!(order.payment_source()["id"], made.id().as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_that_is_kept_while_its_customer_is_deleted_goes_too() {
    let (app, hold) = app().await;
    let integration = app.integration();
    let create = async |kind: &str, attributes: Value, relationships: Value| {
        let data =
            json!({ "type": kind, "attributes": attributes, "relationships": relationships });
        let path = format!("/api/{kind}");
        let made = app
            .post(&integration, &path, &json!({ "data": data }))
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.id()
    };
    let customer = create(
        "customers",
        json!({ "email": "late@example.com" }),
        json!({}),
    )
    .await;
    let address = json!({
        "first_name": "Ada", "last_name": "Example", "line_1": "Via Roma 1", "city": "Milano",
        "zip_code": "20121", "state_code": "MI", "country_code": "IT", "phone": "+39 02 0000",
    });
    let address = create("addresses", address, json!({})).await;
    hold.want(Piece::Book);
    let meanwhile = async {
        hold.is_held().await;
        let names = json!({
            "customer": { "data": { "type": "customers", "id": customer } },
            "address": { "data": { "type": "addresses", "id": address } },
        });
        create("customer_addresses", json!({}), names).await;
        hold.release();
    };
    let path = format!("/api/customers/{customer}");
    let (deleted, ()) = tokio::join!(app.delete(&integration, &path), meanwhile);
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    let left: Vec<_> = app.table().await.into_keys().collect();
    let left = left
        .iter()
        .filter(|it| it.contains(&customer) || it.contains(&address));
    assert_eq!(left.collect::<Vec<_>>(), [""; 0]);
}
