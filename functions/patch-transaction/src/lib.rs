//! `PATCH /api/authorizations/{id}` and its kin: captures and voids what is held, refunds what was captured.

use bytes::Bytes;
use decisions::CallGateway;
use decisions::commands::PatchTransaction;
use domain::Refusal;
use domain::gateway::Moving;
use http::{Request, Response};
use json_api::{QueryFor, Verb, Write};
use service::load::{self, Wanted};
use service::{Action, Body, Call, Context, Failure, OrderOf, OrderTask, Route};

const CAPTURED_CENTS: &str = "_capture_amount_cents";
const REFUNDED_CENTS: &str = "_refund_amount_cents";

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::patch("/api/authorizations/{id}"),
    Route::patch("/api/captures/{id}"),
    Route::patch("/api/voids/{id}"),
    Route::patch("/api/refunds/{id}"),
];

/// Answers a request.
pub async fn handle(
    context: &Context,
    gateways: &dyn CallGateway,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| {
        patch_transaction(call, gateways)
    })
    .await
}

async fn patch_transaction(call: Call<'_>, gateways: &dyn CallGateway) -> Result<Body, Failure> {
    call.require(Action::PatchTransaction)?;
    let kind = call.resource_type()?;
    let id = call.id()?;
    let query = call.query(&[kind], QueryFor::One)?;
    let document = call.document(kind, Verb::Update(id))?;

    let mut write = document.write(&call.caller)?;
    let command = PatchTransaction {
        id,
        moves: moves(&mut write)?,
        forward: write.is_triggered("_forward"),
        cancel: write.is_triggered("_cancel"),
        attributes: write.attributes,
    };
    let task = OrderTask {
        order: OrderOf::Part(kind, id),
        wanted: Wanted::of_parts().to_decide_without_wallet(),
        command,
        precondition: call.precondition(kind, id, &query),
    };
    service::run(&call, Some(gateways), &task).await?;

    // The gateway was asked once that was written: what came of it is read again.
    let (record, graph) = load::record(&call, kind, id).await?;
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Document(document))
}

/// What is to move, and how much of it.
fn moves(write: &mut Write) -> Result<Option<(Moving, Option<i64>)>, Refusal> {
    let captured = cents(write, CAPTURED_CENTS, "_capture")?;
    let refunded = cents(write, REFUNDED_CENTS, "_refund")?;
    let asked = [
        ("_capture", Moving::Capture, captured),
        ("_void", Moving::Void, None),
        ("_refund", Moving::Refund, refunded),
    ];
    let mut asked = asked
        .into_iter()
        .filter(|(trigger, ..)| write.is_triggered(trigger));
    let first = asked.next();
    match asked.next() {
        None => Ok(first.map(|(_, kind, cents)| (kind, cents))),
        Some((trigger, ..)) => {
            let detail = "Capture and void one after the other: each in a request of its own.";
            Err(Refusal::invalid(detail).at_attribute(trigger))
        }
    }
}

/// The amount beside a trigger.
fn cents(write: &mut Write, name: &str, trigger: &str) -> Result<Option<i64>, Refusal> {
    let cents = write.attributes.remove(name);
    let cents = cents.and_then(|it| it.as_i64());
    match cents.is_some() && !write.is_triggered(trigger) {
        false => Ok(cents),
        true => {
            let detail = format!("{name} is given together with {trigger}.");
            Err(Refusal::invalid(detail).at_attribute(name))
        }
    }
}
