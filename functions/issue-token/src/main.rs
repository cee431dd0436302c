//! Wires the function to AWS Lambda.

use std::sync::Arc;

use aws::Environment;
use issue_token::Issuing;
use lambda::{Error, serve};
use system::SystemRandom;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::read().await?;
    let context = &environment.context;
    let issuing = &Issuing {
        signer: Arc::new(environment.signer().await?),
        random: Arc::new(SystemRandom),
    };
    serve(async |request| issue_token::handle(context, issuing, request).await).await
}
