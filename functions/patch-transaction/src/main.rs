//! Wires the function to AWS Lambda.

use std::sync::Arc;

use aws::Environment;
use gateways::Gateways;
use lambda::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read().await?;
    let context = &environment.context;
    let gateways = &Gateways::over_http(
        environment.secrets.clone(),
        Arc::new(context.store.clone()),
        |name| std::env::var(name).ok(),
    )?;
    serve(async |request| patch_transaction::handle(context, gateways, request).await).await
}
