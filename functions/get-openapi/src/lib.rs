//! `GET /api/openapi.json`: the API's description, the same for everybody, without a token.

use bytes::Bytes;
use effects::Random;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, Response};
use service::{Found, Route};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::get("/api/openapi.json")];

/// The document, as `cargo run -- openapi` prints it.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// Answers a request.
pub async fn handle(random: &dyn Random, request: &Request<Bytes>) -> Response<Bytes> {
    let (method, path) = (request.method(), request.uri().path());
    service::identified(random, method, async {
        match service::find(ROUTES, method.as_str(), path) {
            Found::Route(..) => show(),
            Found::OtherMethods(methods) => service::no_route(&methods),
            Found::Nothing => service::no_route(&[]),
        }
    })
    .await
}

fn show() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(DOCUMENT.as_bytes()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    response
}
