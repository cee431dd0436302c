//! Wires the function to AWS Lambda.

use aws::Environment;
use lambda::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read().await?;
    let context = &environment.context;
    serve(async |request| get_customer_payment_source::handle(context, request).await).await
}
