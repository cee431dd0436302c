//! Wires the function to AWS Lambda: each scheduled event is one sweep.

use std::sync::Arc;

use aws::Environment;
use gateways::Gateways;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read().await?;
    let context = &environment.context;
    let gateways = &Gateways::over_http(
        environment.secrets.clone(),
        Arc::new(context.store.clone()),
        |name| std::env::var(name).ok(),
    )?;
    lambda_runtime::run(service_fn(async |_: LambdaEvent<Value>| {
        let swept = sweep::run(context, gateways).await?;
        Ok::<_, Error>(json!({ "settled": swept.settled, "stuck": swept.stuck }))
    }))
    .await
}
