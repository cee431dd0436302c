//! `POST /api/customer_payment_sources`: an integration brings what a gateway keeps already.

use domain::commands::add_entry as decide;
use domain::wallet::Wallet;
use domain::{Refusal, ResourceType};
use effects::Random;
use json_api::{Endpoint, Verb};
use service::{Action, Body, Call, Failure, Precondition, load};

pub async fn add_entry(call: &Call<'_>) -> Result<Body, Failure> {
    call.require(Action::CreateRecord)?;
    let kind = ResourceType::CustomerPaymentSources;
    let query = call.query(&[kind], Endpoint::One)?;
    let write = call.document(kind, Verb::Create)?.write(&call.caller)?;
    let at_customer = |refusal: Refusal| refusal.at_relationship("customer");
    let customer = write.relationship("customer").flatten();
    let customer = customer.ok_or_else(|| at_customer(Refusal::blank("customer")))?;

    let catalog = load::reread_catalog(call).await?;
    let random: &dyn Random = call.context.random.as_ref();
    let (fresh, lookup) = (random.id(), call.context.store.lookup());
    let added = |wallet: &Wallet| match wallet.profile {
        Some(_) => decide(wallet, &write, &catalog, lookup, fresh, call.now),
        None => Err(at_customer(Refusal::not_found())),
    };
    service::change_wallet(call, customer.id, Precondition::NONE, added).await?;

    let (record, graph) = load::record(call, kind, fresh).await?;
    let location = call.site().record_url(record.identifier());
    let document = call.render(&record, graph, &query).await?;
    Ok(Body::Created { location, document })
}
