//! `DELETE /api/stripe_payments/{id}` and its kin: takes a payment source off its order and lets go of its
//! payment.

use bytes::Bytes;
use domain::commands::DeleteSource;
use effects::Perform;
use http::{Request, Response};
use json_api::Endpoint;
use service::load::{self, Wanted};
use service::{Action, Body, Call, Context, Failure, Route};

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::delete("/api/stripe_payments/{id}"),
    Route::delete("/api/checkout_com_payments/{id}"),
    Route::delete("/api/klarna_payments/{id}"),
    Route::delete("/api/external_payments/{id}"),
];

/// Answers a request.
pub async fn handle(
    context: &Context,
    gateways: &dyn Perform,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer_while_counting(context, request, ROUTES, |call| {
        delete_payment_source(call, gateways)
    })
    .await
}

async fn delete_payment_source(call: Call<'_>, gateways: &dyn Perform) -> Result<Body, Failure> {
    call.require(Action::DeletePaymentSource)?;
    let kind = call.resource_type()?;
    let id = call.id()?;
    let query = call.query(&[kind], Endpoint::One)?;
    let wanted = Wanted::default().with_wallet().with_source(kind, id);
    let purchase = load::purchase_of_source(&call, kind, id, wanted).await?;
    let command = DeleteSource { id };
    let precondition = call.precondition(kind, id, &query);
    service::settle(&call, gateways, wanted, purchase, &command, precondition).await?;
    Ok(Body::Nothing)
}
