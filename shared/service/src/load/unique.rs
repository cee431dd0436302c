//! Values that one record alone may have.

use decisions::Unique;
use domain::{Id, Refusal, ResourceType, Write};
use serde_json::Value;

use crate::{Actor, Failure};

/// Refuses a value that another record has: what is written is of this type, and its id where it is there
/// already. One round trip where such a value is given, two where it is another's.
///
/// # Errors
/// The value is taken (422, at the attribute); the table does not answer.
pub async fn require_unique(
    actor: &Actor<'_>,
    kind: ResourceType,
    id: Option<Id>,
    write: &Write,
) -> Result<(), Failure> {
    let Some(name) = Unique::attribute(kind) else {
        return Ok(());
    };
    let Some(value) = write.attributes.get(name).and_then(Value::as_str) else {
        return Ok(());
    };
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let unique = Unique::new(kind, value);
    match store.holder_of_unique(tenant, &unique).await? {
        Some(other) if Some(other) != id => Err(Refusal::taken(name).at_attribute(name).into()),
        _ => Ok(()),
    }
}
