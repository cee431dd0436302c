//! Wires the function to AWS Lambda.

use lambda_http::Error;
use service::lambda::{Environment, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read().await?;
    let context = &environment.context;
    serve(async |request| patch_customer_payment_source::handle(context, request).await).await
}
