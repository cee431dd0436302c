//! `GET /api/openapi.json`: the API's description, the same for everybody, without a token.

use std::sync::LazyLock;

use bytes::Bytes;
use domain::Random;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Request, Response};
use routing::{Coding, Route};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::get("/api/openapi.json")];

/// The document, as `cargo run -- openapi` prints it.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// Answers a request.
pub async fn handle(random: &dyn Random, request: &Request<Bytes>) -> Response<Bytes> {
    let (method, path) = (request.method(), request.uri().path());
    routing::identified(random, method, async {
        match routing::find(ROUTES, method.as_str(), path) {
            Some(_) => match Coding::of(request.headers()) {
                Coding::Identity => plain(),
                Coding::Gzip => COMPRESSED.clone(),
            },
            None => routing::no_route(method.as_str(), path),
        }
    })
    .await
}

/// It is the same for everybody, and compressed once.
static COMPRESSED: LazyLock<Response<Bytes>> = LazyLock::new(|| Coding::Gzip.apply(plain()));

fn plain() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(DOCUMENT.as_bytes()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}
