//! `PATCH /api/customer_password_resets/{id}`: whoever has its token sets another password.

use std::sync::Arc;

use decisions::manage;
use decisions::{Answers, Change, Input, State, Step};
use domain::catalog::Catalog;
use domain::record::{Identifier, Placed};
use domain::resources::rules;
use domain::{Id, Refusal, ResourceType, Write};
use json_api::{QueryFor, Verb};
use secrets::WritableSecrets;
use service::{Action, Actor, Body, Call, Failure, Task, load};

use crate::render;
use crate::written::Written;

/// Sets another password; what else is written of a request for one is for integrations.
pub async fn change(
    call: &Call<'_>,
    secrets: &dyn WritableSecrets,
    id: Id,
) -> Result<Body, Failure> {
    call.require(Action::PatchPasswordReset)?;
    let kind = ResourceType::CustomerPasswordResets;
    let query = call.query(&[kind], QueryFor::One)?;
    let write = call.document(kind, Verb::Update(id))?.write(&call.caller)?;
    let is_reset = write.attributes.contains_key("customer_password")
        || write.trigger_text("_reset_password_token").is_some();
    if !is_reset {
        call.require(Action::PatchRecord)?;
        return crate::change(call, secrets, kind, id).await;
    }
    let task = ResetTask { call, id, write };
    let written = service::run(call, None, &task).await?;
    Ok(Body::Document(render(call, written, &query).await?))
}

/// A password is to be set.
struct ResetTask<'a, 'c> {
    /// The request.
    call: &'a Call<'c>,
    /// Which request for another password it answers.
    id: Id,
    /// What it gives.
    write: Write,
}

/// What it rests on: both are written.
struct Reset {
    reset: Placed,
    customer: Placed,
    hash: String,
    catalog: Arc<Catalog>,
}

impl State for Reset {
    fn checks(&self) -> Vec<Change> {
        Vec::new()
    }
}

impl Task for ResetTask<'_, '_> {
    type State = Reset;
    type Answer = Written;

    async fn read(&self, _: &Actor<'_>) -> Result<Reset, Failure> {
        let (call, kind) = (self.call, ResourceType::CustomerPasswordResets);
        let (store, tenant) = (&call.context.store, call.caller.tenant);
        let given = |name: &str, value: Option<&str>| match value {
            Some(value) => Ok(value.to_owned()),
            None => Err(Refusal::blank(name).at_attribute(name)),
        };
        let token = self.write.trigger_text("_reset_password_token");
        let token = given("_reset_password_token", token)?;
        let password = self.write.attributes.get("customer_password");
        let password = password.and_then(serde_json::Value::as_str);
        let password = given("customer_password", password)?;
        rules::password("customer_password", &password.as_str().into())
            .map_err(|refusal| refusal.at_attribute("customer_password"))?;
        let reset = store.placed(tenant, Identifier { kind, id: self.id });
        let reset = reset.await?.ok_or_else(Refusal::not_found)?;
        manage::require_reset_token(&reset.record, &token, call.now)?;
        let hash = call.hash_password(&password).await?;
        let customer = match reset.record.relationships.get("customer") {
            Some(customer) => store.placed(tenant, *customer).await?,
            None => None,
        };
        Ok(Reset {
            reset,
            customer: customer.ok_or_else(Refusal::not_found)?,
            hash,
            catalog: load::catalog(call).await?,
        })
    }

    async fn check(&self, _: &Actor<'_>, _: &Reset) -> Result<(), Failure> {
        Ok(())
    }

    fn decide(&self, read: &Reset, _: &Answers, input: Input<'_>) -> Step<Written> {
        let decision = manage::reset_password(&read.reset, &read.customer, &read.hash, input);
        Written::step(decision, &read.catalog)
    }
}
