//! Wires the function to AWS Lambda.

use effects::SystemRandom;
use lambda_http::Error;
use service::lambda::serve;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    serve(async |request| get_openapi::handle(&SystemRandom, &request).await).await
}
