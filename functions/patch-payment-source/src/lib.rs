//! `PATCH /api/stripe_payments/{id}` and its kin: changes a payment source, brings its payment up to the order's
//! amount, or reads it anew.

use bytes::Bytes;
use decisions::CallGateway;
use decisions::commands::PatchSource;
use domain::{Refusal, SourceId};
use http::{Request, Response};
use json_api::{QueryFor, Verb};
use service::load::Wanted;
use service::{Action, Body, Call, Context, Failure, OrderOf, OrderTask, Route};

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::patch("/api/stripe_payments/{id}"),
    Route::patch("/api/checkout_com_payments/{id}"),
    Route::patch("/api/klarna_payments/{id}"),
    Route::patch("/api/external_payments/{id}"),
];

/// Answers a request.
pub async fn handle(
    context: &Context,
    gateways: &dyn CallGateway,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| {
        patch_payment_source(call, gateways)
    })
    .await
}

async fn patch_payment_source(call: Call<'_>, gateways: &dyn CallGateway) -> Result<Body, Failure> {
    call.require(Action::PatchPaymentSource)?;
    let kind = call.resource_type()?;
    let id = call.id()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let document = call.document(kind, Verb::Update(id))?;

    let write = document.write(&call.caller)?;
    let update = write.is_triggered("_update");
    let wanted = match update {
        true => Wanted::for_payment(kind),
        false => Wanted::default(),
    };
    let wanted = wanted.to_decide().with_source(kind, SourceId::new(id));
    let command = PatchSource {
        id: SourceId::new(id),
        update,
        authorize: write.is_triggered("_authorize"),
        details: write.is_triggered("_details"),
        refresh: write.is_triggered("_refresh"),
        attributes: write.attributes,
    };
    let task = OrderTask {
        order: OrderOf::Source(kind, SourceId::new(id)),
        wanted,
        command,
        precondition: call.precondition(kind, id, &query),
    };
    let purchase = service::run(&call, Some(gateways), &task).await?;

    let source = purchase.partition.source(SourceId::new(id));
    let source = source.ok_or_else(Refusal::not_found)?.to_record();
    let graph = call.around(purchase);
    let document = call.render(&source, graph, &query).await?;
    Ok(Body::Document(document))
}
