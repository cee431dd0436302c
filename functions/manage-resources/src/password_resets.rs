//! `PATCH /api/customer_password_resets/{id}`: whoever has its token sets another password.

use std::sync::Arc;

use access::hash_password;
use decisions::manage;
use decisions::{Answers, Change, Input, State, Step};
use domain::catalog::Catalog;
use domain::record::{Identifier, Placed};
use domain::{Id, Random, Refusal, ResourceType, Write};
use service::{Actor, Call, Failure, Task, load};

use crate::written::Written;

/// A password is to be set.
pub struct ResetTask<'a, 'c> {
    /// The request.
    pub call: &'a Call<'c>,
    /// Which request for another password it answers.
    pub id: Id,
    /// What it gives.
    pub write: Write,
}

/// What it rests on: both are written.
pub struct Reset {
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
        require_password(&password)?;
        let reset = store.placed(tenant, Identifier { kind, id: self.id });
        let reset = reset.await?.ok_or_else(Refusal::not_found)?;
        manage::require_reset_token(&reset.record, &token, call.now)?;
        call.permit().await?;
        let customer = match reset.record.relationships.get("customer") {
            Some(customer) => store.placed(tenant, *customer).await?,
            None => None,
        };
        let random: &dyn Random = call.context.random.as_ref();
        let hash = hash_password(&password, random);
        Ok(Reset {
            reset,
            customer: customer.ok_or_else(Refusal::not_found)?,
            hash: hash.map_err(|error| Failure::Hash(error.to_string()))?,
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

fn require_password(password: &str) -> Result<(), Refusal> {
    let declaration = ResourceType::CustomerPasswordResets.declaration();
    let attribute = declaration.attribute("customer_password");
    let kept = attribute.map(|it| it.kept(&password.into()));
    kept.transpose()
        .map(|_| ())
        .map_err(|refusal| refusal.at_attribute("customer_password"))
}
