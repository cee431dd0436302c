//! `GET /api/customer_payment_sources/{id}`: a wallet entry.

use bytes::Bytes;
use domain::ResourceType;
use http::{Request, Response};
use json_api::QueryFor;
use service::{Body, Call, Context, Failure, Route, load};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::get("/api/customer_payment_sources/{id}")];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer(context, request, ROUTES, get_entry).await
}

async fn get_entry(call: Call<'_>) -> Result<Body, Failure> {
    let kind = ResourceType::CustomerPaymentSources;
    let query = call.query(&[kind], QueryFor::One)?;
    let (entry, graph) = load::record(&call, kind, call.id()?).await?;
    let document = call.render(&entry, graph, &query).await?;
    Ok(Body::Document(document))
}
