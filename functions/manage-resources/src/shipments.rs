//! `PATCH /api/shipments/{id}`: its order is decided on as well, whose amounts follow from how it is shipped.

use decisions::commands::PatchShipment;
use domain::{Id, Refusal, ResourceType};
use json_api::{QueryFor, Verb};
use service::load::{self, Wanted};
use service::{Action, Body, Call, Failure, OrderOf, OrderTask};

pub async fn change(call: &Call<'_>, id: Id) -> Result<Body, Failure> {
    call.require(Action::PatchShipment)?;
    let kind = ResourceType::Shipments;
    let query = call.query(&[kind], QueryFor::One)?;
    let write = call.document(kind, Verb::Update(id))?.write(&call.caller)?;
    let named = write.relationships.iter().filter_map(|(_, to)| *to);
    let task = OrderTask {
        order: OrderOf::Part(kind, id),
        wanted: Wanted::of_parts().to_decide_without_wallet(),
        command: PatchShipment {
            id,
            named: load::named(call, named).await?,
            write,
        },
        precondition: call.precondition(kind, id, &query),
    };
    let purchase = service::run(call, None, &task).await?;

    let record = domain::shipping::shipments(&purchase.partition)
        .find(|it| it.id == id)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    let graph = call.around(purchase);
    Ok(Body::Document(call.render(&record, graph, &query).await?))
}
