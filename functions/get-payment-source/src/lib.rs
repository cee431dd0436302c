//! `GET /api/stripe_payments/{id}` and its kin: a payment source, current or superseded.

use bytes::Bytes;
use http::{Request, Response};
use json_api::QueryFor;
use service::{Body, Call, Context, Failure, Route, load};

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::get("/api/stripe_payments/{id}"),
    Route::get("/api/checkout_com_payments/{id}"),
    Route::get("/api/klarna_payments/{id}"),
    Route::get("/api/external_payments/{id}"),
];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer(context, request, ROUTES, get_payment_source).await
}

async fn get_payment_source(call: Call<'_>) -> Result<Body, Failure> {
    let kind = call.resource_type()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let (source, graph) = load::record(&call, kind, call.id()?).await?;
    let document = call.render(&source, graph, &query).await?;
    Ok(Body::Document(document))
}
