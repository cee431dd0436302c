//! What becomes of a gateway that is deleted: it is gone where nothing can be held there, and retired
//! where something may be. A retired gateway is there for nobody but for what is owed to it.

use serde_json::{Value, json};

use crate::record::Record;

/// What a gateway's record remembers as long as no payment method has named it: nothing was ever paid or
/// kept there. Gateways that an earlier version stored do not have it: any of them may have been named.
const NEVER_NAMED: &str = "never_named";

/// What a retired gateway's record remembers.
const RETIRED: &str = "retired";

/// A new gateway: no payment method names it yet.
pub fn begin(gateway: &mut Record) {
    remember(gateway, NEVER_NAMED, Some(true));
}

/// A payment method names the gateway from here on.
pub fn be_named(gateway: &mut Record) {
    remember(gateway, NEVER_NAMED, None);
}

/// Whether something may be held at the gateway, or owed to it: a payment method named it once.
pub fn may_hold(gateway: &Record) -> bool {
    !remembers(gateway, NEVER_NAMED)
}

/// The gateway is retired from here on.
pub fn retire(gateway: &mut Record) {
    remember(gateway, RETIRED, Some(true));
}

/// Whether the gateway is retired.
pub fn is_retired(record: &Record) -> bool {
    remembers(record, RETIRED)
}

fn remembers(record: &Record, name: &str) -> bool {
    record.state.get(name) == Some(&Value::Bool(true))
}

/// What the record remembers beside it stays: whom a gateway's secret is sealed for.
fn remember(record: &mut Record, name: &str, value: Option<bool>) {
    if record.state.is_null() && value.is_some() {
        record.state = json!({});
    }
    let Some(state) = record.state.as_object_mut() else {
        return;
    };
    match value {
        Some(value) => {
            state.insert(name.to_owned(), value.into());
        }
        None => {
            state.remove(name);
        }
    }
}
