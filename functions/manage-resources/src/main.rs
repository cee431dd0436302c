//! Wires the function to AWS Lambda.

use aws::Environment;
use lambda::{Error, serve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (environment, secrets) = Environment::read_writable().await?;
    let (context, secrets) = (&environment.context, secrets.as_ref());
    serve(async |request| manage_resources::handle(context, secrets, request).await).await
}
