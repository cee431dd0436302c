//! `POST /api/stripe_payments` and its kin: makes a payment source for an order, and the payment at the gateway
//! that the shopper confirms.

use bytes::Bytes;
use decisions::CallGateway;
use decisions::commands::CreateSource;
use domain::source::canonical_digest;
use domain::{OrderId, Refusal, ResourceType};
use http::{Request, Response};
use json_api::{QueryFor, Verb, Write};
use service::load::Wanted;
use service::{Action, Body, Call, Context, Failure, OrderOf, OrderTask, Precondition, Route};

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::post("/api/stripe_payments"),
    Route::post("/api/checkout_com_payments"),
    Route::post("/api/klarna_payments"),
    Route::post("/api/external_payments"),
];

/// Answers a request.
pub async fn handle(
    context: &Context,
    gateways: &dyn CallGateway,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| {
        create_payment_source(call, gateways)
    })
    .await
}

async fn create_payment_source(
    call: Call<'_>,
    gateways: &dyn CallGateway,
) -> Result<Body, Failure> {
    call.require(Action::CreatePaymentSource)?;
    let kind = call.resource_type()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let document = call.document(kind, Verb::Create)?;
    let digest = canonical_digest(&document.as_given());
    let write = document.write(&call.caller)?;
    let order = order(&write)?;

    let task = OrderTask {
        order: OrderOf::Body(order),
        wanted: Wanted::for_payment(kind).to_decide(),
        command: CreateSource {
            kind,
            attributes: write.attributes,
            digest,
        },
        precondition: Precondition::NONE,
    };
    let made = service::run(&call, Some(gateways), &task).await;
    let purchase = made.map_err(|failure| at_taken(failure, kind))?;

    let source = purchase.partition.source.as_ref();
    let source = source.ok_or_else(Refusal::not_found)?.to_record();
    let location = call.site().record_url(source.identifier());
    let graph = call.around(purchase);
    let document = call.render(&source, graph, &query).await?;
    Ok(Body::Created { location, document })
}

fn order(write: &Write) -> Result<OrderId, Refusal> {
    let order = write.relationship("order").flatten();
    let order = order.map(|it| OrderId::new(it.id));
    order.ok_or_else(|| Refusal::blank("order").at_relationship("order"))
}

/// A payment that pays another order already is one that the caller named.
fn at_taken(failure: Failure, kind: ResourceType) -> Failure {
    let rules = kind.payment_rules();
    let name = rules.and_then(|it| it.taken_over_by.or(it.shopper_token));
    match (failure, name) {
        (Failure::PaymentTaken, Some(name)) => {
            Failure::Refused(Failure::PaymentTaken.refusals().at_attribute(name))
        }
        (other, _) => other,
    }
}
