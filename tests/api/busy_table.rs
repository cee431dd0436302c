//! DynamoDB turns requests away when it has no room for them: what can wait is tried again, what cannot is told so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_smithy_types::config_bag::{Storable, StoreReplace};
use billfold::Options;
use serde_json::json;
use store::aws_sdk_dynamodb::config::http::HttpResponse;
use store::aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use store::aws_sdk_dynamodb::error::BoxError;

use crate::app::{App, ORDER};
use crate::refusals::is;

const TARGET: &str = "x-amz-target";
const NOTHING: &str = "DynamoDB_20120810.DescribeEndpoints";

/// What DynamoDB answers where a part of a transaction is throttled.
const CANCELED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
"Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},{"Code":"ThrottlingError"}]}"#;

/// Turns so many transactions away, which never reach the table.
#[derive(Debug, Clone, Default)]
struct TurnsAway(Arc<AtomicUsize>);

/// Noted with a transaction that was turned away.
#[derive(Debug)]
struct TurnedAway;

impl Storable for TurnedAway {
    type Storer = StoreReplace<Self>;
}

impl Intercept for TurnsAway {
    fn name(&self) -> &'static str {
        "TurnsAway"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get(TARGET).unwrap_or_default();
        let is_transaction = target.ends_with(".TransactWriteItems");
        let less = |left: usize| left.checked_sub(1);
        let turns = |left: &AtomicUsize| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
                .is_ok()
        };
        if is_transaction && turns(&self.0) {
            context.request_mut().headers_mut().insert(TARGET, NOTHING);
            notes.interceptor_state().store_put(TurnedAway);
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        notes: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if notes.load::<TurnedAway>().is_some() {
            let canceled = HttpResponse::new(400.try_into()?, CANCELED.into());
            *context.response_mut() = canceled;
        }
        Ok(())
    }
}

async fn app() -> (App, Arc<AtomicUsize>) {
    let turns_away = TurnsAway::default();
    let left = turns_away.0.clone();
    let app = App::start_with(Options {
        engine_client: Arc::new(move |builder| builder.interceptor(turns_away.clone())),
        ..Options::in_memory(0)
    })
    .await;
    (app, left)
}

#[tokio::test]
async fn a_commit_that_is_turned_away_is_tried_again() {
    let (app, left) = app().await;
    left.store(2, Ordering::Relaxed);
    let noted = json!({ "metadata": { "note": "kept" } });
    let changed = app.patch_order(&app.integration(), ORDER, noted).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(left.load(Ordering::Relaxed), 0);
    let read = app
        .get(&app.integration(), &format!("/api/orders/{ORDER}"))
        .await;
    assert_eq!(read.attribute("metadata")["note"], "kept");
}

#[tokio::test]
async fn a_table_that_has_no_room_at_all_is_told_of_and_nothing_is_done() {
    let (app, left) = app().await;
    let before = app.table().await;
    left.store(usize::MAX, Ordering::Relaxed);
    let noted = json!({ "metadata": { "note": "not kept" } });
    let refused = app
        .patch_order(&app.integration(), ORDER, noted.clone())
        .await;
    assert_eq!(is(&refused), (503, "SERVICE_UNAVAILABLE", ""));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(app.table().await, before);
    left.store(0, Ordering::Relaxed);
    let changed = app.patch_order(&app.integration(), ORDER, noted).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}
