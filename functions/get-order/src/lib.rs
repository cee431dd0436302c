//! `GET /api/orders/{id}`: an order, with what it includes.

use bytes::Bytes;
use domain::{OrderId, ResourceType};
use http::{Request, Response};
use json_api::QueryFor;
use service::load::{self, Wanted};
use service::{Action, Body, Call, Context, Failure, Route};

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::get("/api/orders/{id}")];

/// Answers a request.
pub async fn handle(context: &Context, request: Request<Bytes>) -> Response<Bytes> {
    service::answer(context, request, ROUTES, get_order).await
}

async fn get_order(call: Call<'_>) -> Result<Body, Failure> {
    call.require(Action::GetOrder)?;
    let id = call.id()?;
    let query = call.query(&[ResourceType::Orders], QueryFor::One)?;
    let wanted = Wanted::for_order(&query.include);
    let purchase = load::purchase(&call, OrderId::new(id), wanted).await?;
    let order = purchase.order().to_record();
    let graph = call.around(purchase);
    let document = call.render(&order, graph, &query).await?;
    Ok(Body::Document(document))
}
