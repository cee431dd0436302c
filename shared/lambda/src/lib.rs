//! Handlers behind API Gateway's HTTP API. The only crate that names lambda_http, whose own way to read an event panics
//! where a caller sent no URI.

mod event;

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use mimalloc::MiMalloc;

use event::{Answer, Event};

/// A function answers one request at a time, in many small pieces of memory: this allocator takes an eighth less of its
/// time than the system's does (`benches/functions`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

pub use lambda_http::Error;
pub use logging::start_in_function as start_logging;

type Handler<'h> =
    dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'h>> + 'h;

/// Serves a handler until Lambda stops the process.
///
/// # Errors
/// The runtime API is lost.
pub async fn serve<H, F>(handle: H) -> Result<(), Error>
where
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Response<Bytes>> + Send,
{
    // Boxed: the runtime and its layers move what they are given, some of it several times.
    run(&|request| Box::pin(handle(request))).await
}

/// The runtime is compiled here, once and for speed, and not again with each function's handler.
async fn run<'h>(handle: &Handler<'h>) -> Result<(), Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| {
        let handled = handle(event.payload.into_request());
        async move { Ok::<_, Error>(Answer::from(handled.await)) }
    }))
    .await
}

/// Answers one event as the function would: for replaying event files.
///
/// # Errors
/// The text is no event of API Gateway's HTTP API.
pub async fn replay<H, F>(event: &str, handle: H) -> Result<Response<Bytes>, Error>
where
    H: FnOnce(Request<Bytes>) -> F,
    F: Future<Output = Response<Bytes>>,
{
    let event: Event = serde_json::from_str(event)?;
    Ok(handle(event.into_request()).await)
}
