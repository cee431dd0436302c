//! `POST /api/customer_payment_sources`: an integration brings what a gateway keeps already.

use decisions::commands::AddEntry;
use domain::{CustomerId, Refusal, ResourceType};
use json_api::{QueryFor, Verb};
use service::{Action, Body, Call, Failure, Precondition, WalletTask, load};

pub async fn add_entry(call: &Call<'_>) -> Result<Body, Failure> {
    call.require(Action::CreateRecord)?;
    let kind = ResourceType::CustomerPaymentSources;
    let query = call.query(&[kind], QueryFor::One)?;
    let write = call.document(kind, Verb::Create)?.write(&call.caller)?;
    let customer = write.relationship("customer").flatten();
    let customer =
        customer.ok_or_else(|| Refusal::blank("customer").at_relationship("customer"))?;

    let task = WalletTask {
        customer: CustomerId::new(customer.id),
        command: AddEntry {
            catalog: load::reread_catalog(call).await?,
            write,
        },
        precondition: Precondition::NONE,
    };
    let entry = service::run(call, None, &task).await?;

    let (record, graph) = load::record(call, kind, entry.into()).await?;
    let location = call.site().record_url(record.identifier());
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Created { location, document })
}
