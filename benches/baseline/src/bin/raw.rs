//! A function that reads what a function of Billfold's reads, by the SDK alone and after the same check of the
//! token, and shows it as it stands in the table. It starts as that does too: with the same secrets, and a
//! connection for each read.

use std::sync::Arc;

use access::{Issuers, KeySet, PublishedKeys};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{BoxFuture, Clock};
use futures_util::future::{self, try_join_all};
use lambda_http::{Error, Request, Response, run, service_fn};
use serde::Deserialize;
use serde_dynamo::aws_sdk_dynamodb_1::from_items;
use serde_json::{Value, json};
use system::SystemClock;

const SECRETS: [&str; 3] = ["keys/sealing", "keys/lookup", "keys/issuers"];

/// One call, with the keys that it reads.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Read {
    /// Items under these sort keys of a partition.
    Items { pk: String, sk: Vec<String> },
    /// All between two sort keys of a partition.
    Range {
        pk: String,
        from: String,
        to: String,
    },
}

/// The keys of a URL: no issuer here has one.
#[derive(Debug)]
struct Nothing;

impl PublishedKeys for Nothing {
    fn known(&self) -> Arc<KeySet> {
        Arc::default()
    }

    fn look_up<'a>(&'a self, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .load()
        .await;
    let table = std::env::var("TABLE_NAME")?;
    let reads: Vec<Read> = serde_json::from_str(&std::env::var("READS")?)?;
    let listed = std::env::var("ISSUERS")?;
    let issuers = Issuers::from_json(&listed, |_| Arc::new(Nothing))?;
    let client = &Client::new(&config);
    let connected = future::join_all((0..3).map(|_| mark(client, &table)));
    future::join(secrets(&config), connected).await;
    let (table, reads, issuers) = (&table, &reads, &issuers);
    run(service_fn(async |request: Request| {
        let bearer = request.headers().get("authorization");
        let bearer = bearer.and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
        issuers.verify(bearer.unwrap_or_default(), SystemClock.now())?;
        let read = try_join_all(reads.iter().map(|it| it.items(client, table))).await?;
        let answer = json!({ "data": read }).to_string();
        Ok::<_, Error>(Response::new(answer))
    }))
    .await
}

/// Reads the secrets that a function reads at its start. One that is not there is no matter.
async fn secrets(config: &SdkConfig) {
    let client = &aws_sdk_secretsmanager::Client::new(config);
    let prefix = std::env::var("SECRETS_PREFIX").unwrap_or_default();
    let read = SECRETS.map(|name| {
        let id = format!("{prefix}/{name}");
        client.get_secret_value().secret_id(id).send()
    });
    future::join_all(read).await;
}

/// Opens a connection by reading an item that need not be there.
async fn mark(client: &Client, table: &str) {
    let text = |it: &str| AttributeValue::S(it.to_owned());
    let read = client.get_item().table_name(table);
    let _ = read
        .key("pk", text("table"))
        .key("sk", text("at"))
        .send()
        .await;
}

impl Read {
    async fn items(&self, client: &Client, table: &str) -> Result<Vec<Value>, Error> {
        let text = |it: &str| AttributeValue::S(it.to_owned());
        let items = match self {
            Self::Items { pk, sk } => {
                let keys = sk
                    .iter()
                    .map(|sk| [("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))].into());
                let keys = KeysAndAttributes::builder()
                    .set_keys(Some(keys.collect()))
                    .consistent_read(true)
                    .build()?;
                let read = client.batch_get_item().request_items(table, keys);
                let mut answered = read.send().await?.responses.unwrap_or_default();
                answered.remove(table).unwrap_or_default()
            }
            Self::Range { pk, from, to } => {
                let read = client.query().table_name(table).consistent_read(true);
                let answered = read
                    .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                    .expression_attribute_values(":pk", text(pk))
                    .expression_attribute_values(":from", text(from))
                    .expression_attribute_values(":to", text(to))
                    .send()
                    .await?;
                answered.items.unwrap_or_default()
            }
        };
        Ok(from_items(items)?)
    }
}
