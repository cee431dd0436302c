//! What values an attribute takes.

use std::str::FromStr;

use domain::refusal::Code;
use domain::resource::{Attribute, FREE_FORM_LIMIT, ValueType};
use domain::{Refusal, Timestamp};
use serde_json::Value;

/// Refuses a value that its attribute does not take; null is always taken.
///
/// # Errors
/// The value is of another type; [`Code::RecordTooLarge`] where it is free-form and too long.
pub fn check_shape(attribute: &Attribute, value: &Value) -> Result<(), Refusal> {
    let wanted = match attribute.value {
        ValueType::Text | ValueType::Token => (value.is_string(), "a text"),
        ValueType::Integer => (value.is_i64(), "an integer"),
        ValueType::Float => (value.is_number(), "a number"),
        ValueType::Boolean => (value.is_boolean(), "true or false"),
        ValueType::Time => (
            time(value).is_some(),
            "a time such as 2018-01-01T12:00:00.000Z",
        ),
        ValueType::Object | ValueType::TokenObject => (value.is_object(), "an object"),
        ValueType::Array => (value.is_array(), "an array"),
    };
    if value.is_null() {
        return Ok(());
    }
    if !wanted.0 {
        return Err(Refusal::invalid(format!(
            "{} is {}.",
            attribute.name, wanted.1
        )));
    }
    let free_form = matches!(
        attribute.value,
        ValueType::Object | ValueType::TokenObject | ValueType::Array
    );
    if free_form && value.to_string().len() > FREE_FORM_LIMIT {
        let detail = format!("{} takes at most {FREE_FORM_LIMIT} bytes.", attribute.name);
        return Err(Refusal::new(Code::RecordTooLarge, detail));
    }
    Ok(())
}

fn time(value: &Value) -> Option<Timestamp> {
    Timestamp::from_str(value.as_str()?).ok()
}

/// The value in its attribute's own type, where it is in the one that exports have: an integer as a text,
/// a text as the number that it is. Anything else is left as it is.
pub fn in_own_type(attribute: &Attribute, value: &Value) -> Value {
    let own = match (attribute.value, attribute.exported_as, value) {
        (ValueType::Text, Some(ValueType::Integer), Value::Number(number)) if !number.is_f64() => {
            Some(Value::from(number.to_string()))
        }
        (ValueType::Float, Some(ValueType::Text), Value::String(text)) => {
            serde_json::from_str(text).ok().map(Value::Number)
        }
        _ => None,
    };
    own.unwrap_or_else(|| value.clone())
}

/// Times are kept as they are shown, in UTC and with milliseconds; all else as it was given.
pub fn stored(attribute: &Attribute, value: &Value) -> Value {
    match (attribute.value, time(value)) {
        (ValueType::Time, Some(time)) => time.to_string().into(),
        _ => value.clone(),
    }
}

/// Whether a document nests deeper than `limit` levels.
pub fn is_deeper_than(value: &Value, limit: usize) -> bool {
    match value {
        _ if limit == 0 => true,
        Value::Array(items) => items.iter().any(|it| is_deeper_than(it, limit - 1)),
        Value::Object(members) => members.values().any(|it| is_deeper_than(it, limit - 1)),
        _ => false,
    }
}
