//! `expand[]`: ids replaced by their objects (<https://docs.stripe.com/api/expanding_objects>).

use serde_json::Value;

use super::error::{ApiError, NamedIn};
use super::params::Params;
use super::state::Work;

/// Refuses what can't be expanded in this endpoint's answer.
pub(super) fn check(params: Params<'_>, expandable: &[&str]) -> Result<(), ApiError> {
    for path in params.texts("expand").unwrap_or_default() {
        if !expandable.contains(&path) {
            let message = format!(
                "This property cannot be expanded ({path}). You can expand here: {}.",
                expandable.join(", ")
            );
            return Err(ApiError::parameter("expand", message));
        }
    }
    Ok(())
}

/// Expands what the request asks for.
pub(super) fn apply(value: &mut Value, params: Params<'_>, work: &Work<'_>) {
    for path in params.texts("expand").unwrap_or_default() {
        expand(value, path, work);
    }
}

fn expand(value: &mut Value, path: &str, work: &Work<'_>) {
    if let Value::Array(items) = value {
        for item in items {
            expand(item, path, work);
        }
        return;
    }
    let (name, rest) = match path.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let Some(member) = value.get_mut(name) else {
        return;
    };
    if let Some(object) = member.as_str().and_then(|id| object(id, work)) {
        *member = object;
    }
    if let Some(rest) = rest {
        expand(member, rest, work);
    }
}

fn object(id: &str, work: &Work<'_>) -> Option<Value> {
    let account = &work.account;
    if let Some(customer) = account.customers.get(id) {
        return Some(customer.to_json());
    }
    if let Ok(intent) = account.intent(id) {
        return Some(intent.to_json());
    }
    work.charge_json(id)
        .or_else(|| work.payment_method_json(id))
}

/// The customer whose objects a request lists, where it names one.
pub(super) fn listed_customer<'a>(
    params: Params<'a>,
    work: &Work<'_>,
) -> Result<Option<&'a str>, ApiError> {
    let Some(customer) = params.text("customer") else {
        return Ok(None);
    };
    work.account
        .customer(customer, NamedIn::Parameter("customer"))?;
    Ok(Some(customer))
}
