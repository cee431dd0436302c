//! The tokens of a record, wherever they stand in it.

use domain::moving::{PASSWORD, is_token};
use domain::record::Record;
use domain::resources::{PAYMENT_SOURCES, ResourceType, TRANSACTIONS};
use domain::{SECRET, Tenant};
use serde_json::{Value, json};

use super::keys::{CannotOpen, PrivateKey, PublicKey};

/// The one member of what is sealed, as the file has it.
const SEALED: &str = "$sealed";

/// A value as the file has it: sealed for a key, bound to its place.
///
/// # Errors
/// The key is none.
pub fn seal(value: &Value, key: &PublicKey, place: &str) -> Result<Value, CannotOpen> {
    Ok(json!({ SEALED: key.seal(&value.to_string(), place)? }))
}

/// A value that was sealed in this place.
///
/// # Errors
/// It is not sealed, or not for this key, or not in this place.
pub fn open(value: &Value, key: &PrivateKey, place: &str) -> Result<Value, CannotOpen> {
    let sealed = value.get(SEALED).and_then(Value::as_str);
    let opened = key.open(sealed.ok_or(CannotOpen)?, place)?;
    serde_json::from_str(&opened).map_err(|_| CannotOpen)
}

/// What stands in a record, as its seal is bound to it.
pub fn place_of(tenant: Tenant, name: &str, id: &str, path: &str) -> String {
    let (organization, mode) = (tenant.organization, tenant.mode.as_str());
    format!("{organization}#{mode}#{name}#{id}#{path}")
}

/// Changes each token of a record: attributes declared as tokens, what is of the type in a state, and the members of
/// a state that the table keeps in clear and a file does not.
///
/// # Errors
/// Those of the change.
pub fn change_tokens(
    record: &mut Record,
    change: &impl Fn(&Value, &str) -> Result<Value, CannotOpen>,
) -> Result<(), CannotOpen> {
    let kind = record.kind;
    for (name, value) in &mut record.attributes {
        if is_token(kind, name) && !value.is_null() {
            *value = change(value, name)?;
        }
    }
    let member = match kind {
        ResourceType::Customers => Some(PASSWORD),
        kind if PAYMENT_SOURCES.contains(&kind) => Some("kept"),
        kind if TRANSACTIONS.contains(&kind) => Some("payment"),
        _ => None,
    };
    // One that is sealed is found as such below.
    let member = member.and_then(|name| Some((name, record.state.get_mut(name)?)));
    if let Some((name, value)) = member
        && !value.is_null()
    {
        *value = change(value, &format!("state/{name}"))?;
        let changed = value.take();
        let rest = change_state(&mut record.state, "state", change);
        record.state[name] = changed;
        return rest;
    }
    change_state(&mut record.state, "state", change)
}

fn change_state(
    state: &mut Value,
    path: &str,
    change: &impl Fn(&Value, &str) -> Result<Value, CannotOpen>,
) -> Result<(), CannotOpen> {
    match state {
        Value::Object(members) if is_one(members) => {
            *state = change(state, path)?;
            Ok(())
        }
        Value::Object(members) => members
            .iter_mut()
            .try_for_each(|(name, it)| change_state(it, &format!("{path}/{name}"), change)),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, it)| change_state(it, &format!("{path}/{index}"), change)),
        _ => Ok(()),
    }
}

fn is_one(members: &serde_json::Map<String, Value>) -> bool {
    members.contains_key(SECRET) || members.contains_key(SEALED)
}
