//! Handlers behind API Gateway's HTTP API. The only crate that names lambda_http.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};
use lambda_http::request::RequestContext;
use lambda_http::{RequestExt, service_fn};
use routing::SourceAddress;

pub use lambda_http::Error;
pub use lambda_http::tracing::init_default_subscriber as start_logging;

/// Serves a handler until Lambda stops the process.
///
/// # Errors
/// The runtime API is lost.
pub async fn serve<H, F>(handle: H) -> Result<(), Error>
where
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Response<Bytes>> + Send,
{
    lambda_http::run(service_fn(|event: lambda_http::Request| {
        let handled = handle(to_request(event));
        async move { Ok::<_, Error>(to_response(handled.await)) }
    }))
    .await
}

/// The request of an event. Bodies of the API's media type arrive as binary, others as text: both
/// are bytes here. The path is the raw one, since the template has no stage in it. The address is the
/// one that API Gateway saw.
fn to_request(event: lambda_http::Request) -> Request<Bytes> {
    let address = source_address(&event);
    let path = event.raw_http_path().to_owned();
    let query = event.uri().query().map(str::to_owned);
    let (mut parts, body) = event.into_parts();
    if let Some(address) = address {
        parts.extensions.insert(address);
    }
    let target = match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(uri) = target.parse() {
        parts.uri = uri;
    }
    Request::from_parts(parts, Bytes::copy_from_slice(body.as_ref()))
}

fn source_address(event: &lambda_http::Request) -> Option<SourceAddress> {
    match event.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => {
            let address = context.http.source_ip.as_deref()?;
            address.parse().ok().map(SourceAddress)
        }
        _ => None,
    }
}

fn to_response(response: Response<Bytes>) -> Response<lambda_http::Body> {
    response.map(|bytes| match String::from_utf8(bytes.to_vec()) {
        Ok(text) if text.is_empty() => lambda_http::Body::Empty,
        Ok(text) => lambda_http::Body::Text(text),
        Err(error) => lambda_http::Body::Binary(error.into_bytes()),
    })
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
    let request = lambda_http::request::from_str(event)?;
    Ok(handle(to_request(request)).await)
}
