//! What values attributes have, and what is said of them.

use domain::Roles;
use domain::resource::{Attribute, FREE_FORM_LIMIT, Source, Trigger, ValueType};
use serde_json::{Value, json};

use crate::words;

/// A number as JSON writes it.
const NUMBER: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$";

/// The schema of an attribute in an answer.
pub fn read(attribute: &Attribute) -> Value {
    let is_null_at_times = attribute.source != Source::Record && attribute.when_absent().is_null();
    let schema = values_of(attribute, is_null_at_times);
    let about = match attribute.source {
        Source::FloatOf(cents) => Some(format!("`{cents}` in major units.")),
        Source::FormattedOf(cents) => Some(format!("`{cents}` written out.")),
        _ => None,
    };
    let readers = words::roles(attribute.readers).map(|roles| format!("Shown to {roles} only."));
    described(schema, [about, readers])
}

/// The schema of an attribute in a request of those who may write it.
pub fn write(attribute: &Attribute, writers: Roles) -> Value {
    let mut schema = values_of(attribute, !attribute.required);
    let is_trigger = matches!(attribute.source, Source::Trigger(_));
    if is_trigger && matches!(attribute.value, ValueType::Boolean) {
        schema = json!({ "enum": [true, false, 1, 0, null] });
    }
    if let Some(other) = attribute.exported_as {
        let mut other = values(other, false);
        if attribute.value == ValueType::Float {
            other["pattern"] = NUMBER.into();
        }
        schema = json!({ "anyOf": [schema, other] });
    }
    let is_any = attribute.one_of.is_empty();
    if attribute.required && is_any && matches!(attribute.value, ValueType::Text | ValueType::Token)
    {
        schema["minLength"] = 1.into();
    }
    let about = match attribute.source {
        Source::Trigger(Trigger::Built) => Some("Asks for an action.".to_owned()),
        Source::Trigger(Trigger::NotBuilt) => {
            let detail =
                "An action that is not carried out here: refused, unless it is false or null.";
            Some(detail.to_owned())
        }
        Source::WriteOnly => Some("Never shown.".to_owned()),
        _ => None,
    };
    let default = attribute.default.map(Value::from);
    let default = default.map(|it| format!("{it}, where none is given."));
    let writers = words::roles(writers).map(|roles| format!("For {roles} only."));
    described(schema, [about, limit(attribute.value), default, writers])
}

/// The schema of an attribute's values.
fn values_of(attribute: &Attribute, or_null: bool) -> Value {
    let mut schema = values(attribute.value, or_null);
    if !attribute.one_of.is_empty() {
        let mut listed: Vec<Value> = attribute.one_of.iter().map(|it| (*it).into()).collect();
        listed.extend(or_null.then_some(Value::Null));
        schema["enum"] = listed.into();
    }
    schema
}

/// The schema of the values of a type.
pub fn values(value_type: ValueType, or_null: bool) -> Value {
    let (name, format) = match value_type {
        ValueType::Text | ValueType::Token => ("string", None),
        ValueType::Integer => ("integer", Some("int64")),
        ValueType::Float => ("number", None),
        ValueType::Boolean => ("boolean", None),
        ValueType::Time => ("string", Some("date-time")),
        ValueType::Object | ValueType::TokenObject => ("object", None),
        ValueType::Array => ("array", None),
    };
    let mut schema = match or_null {
        true => json!({ "type": [name, "null"] }),
        false => json!({ "type": name }),
    };
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    schema
}

fn limit(value_type: ValueType) -> Option<String> {
    let is_free_form = matches!(
        value_type,
        ValueType::Object | ValueType::TokenObject | ValueType::Array
    );
    is_free_form.then(|| format!("At most {FREE_FORM_LIMIT} bytes as JSON text."))
}

fn described<const N: usize>(mut schema: Value, sentences: [Option<String>; N]) -> Value {
    let sentences: Vec<_> = sentences.into_iter().flatten().collect();
    if !sentences.is_empty() {
        schema["description"] = sentences.join(" ").into();
    }
    schema
}
