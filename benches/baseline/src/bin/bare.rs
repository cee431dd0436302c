//! A function of lambda_http that answers the same text, whatever it is asked.

use lambda_http::{Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: Request| {
        Ok::<_, Error>(Response::new("{\"data\":null}".to_owned()))
    }))
    .await
}
