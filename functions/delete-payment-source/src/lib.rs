//! `DELETE /api/stripe_payments/{id}` and its kin: takes a payment source off its order and lets go of its
//! payment.

use bytes::Bytes;
use decisions::CallGateway;
use decisions::commands::DeleteSource;
use domain::SourceId;
use http::{Request, Response};
use json_api::QueryFor;
use service::load::Wanted;
use service::{Action, Body, Call, Context, Failure, OrderOf, OrderTask, Route};

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
    gateways: &dyn CallGateway,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| {
        delete_payment_source(call, gateways)
    })
    .await
}

async fn delete_payment_source(
    call: Call<'_>,
    gateways: &dyn CallGateway,
) -> Result<Body, Failure> {
    call.require(Action::DeletePaymentSource)?;
    let kind = call.resource_type()?;
    let id = call.id()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let task = OrderTask {
        order: OrderOf::Source(kind, SourceId::new(id)),
        wanted: Wanted::default()
            .to_decide()
            .with_source(kind, SourceId::new(id)),
        command: DeleteSource {
            id: SourceId::new(id),
        },
        precondition: call.precondition(kind, id, &query),
    };
    service::run(&call, Some(gateways), &task).await?;
    Ok(Body::Nothing)
}
