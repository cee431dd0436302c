//! Wires the function to AWS Lambda.

use lambda::{Error, serve, start_logging};
use system::SystemRandom;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    start_logging();
    serve(async |request| get_openapi::handle(&SystemRandom, &request).await).await
}
