//! What a body may hold, and whether it does.
//!
//! Klarna ignores members that it does not know. The stand-in refuses them, so that a shop's slip
//! shows.

use serde_json::{Map, Value};

/// A JSON object's members, without those that are null: to Klarna they are absent.
pub(super) type Members = Map<String, Value>;

/// A member of an object.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    is_required: bool,
}

/// What a value must be.
pub(super) enum Kind {
    /// Text of so many characters.
    Text(usize, usize),
    /// Text that passes.
    Like(fn(&str) -> bool),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number in this range.
    Whole(i64, i64),
    Flag,
    Object(&'static [Field]),
    /// So many of a kind.
    List(usize, usize, &'static Kind),
}

/// How much of an object there must be.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Extent {
    /// All required members.
    Whole,
    /// Any of them: the others stay as they are.
    Change,
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: true,
    }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
    }
}

/// The members without nulls, at every depth.
pub(super) fn without_nulls(members: &Members) -> Members {
    members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value_without_nulls(value)))
        .collect()
}

fn value_without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(without_nulls(members)),
        Value::Array(items) => items.iter().map(value_without_nulls).collect(),
        other => other.clone(),
    }
}

/// The paths of members that are not as the fields say, unknown and missing ones among them.
pub(super) fn bad_members(members: &Members, fields: &[&[Field]], extent: Extent) -> Vec<String> {
    let mut bad = Vec::new();
    note_bad_members(members, fields, extent, "", &mut bad);
    bad
}

fn note_bad_members(
    members: &Members,
    fields: &[&[Field]],
    extent: Extent,
    prefix: &str,
    bad: &mut Vec<String>,
) {
    let all = || fields.iter().copied().flatten();
    for (name, value) in members {
        let path = format!("{prefix}{name}");
        match all().find(|field| field.name == name) {
            Some(field) => note_bad_value(value, &field.kind, path, bad),
            None => bad.push(path),
        }
    }
    let missing = all().filter(|field| field.is_required && !members.contains_key(field.name));
    if extent == Extent::Whole {
        bad.extend(missing.map(|field| format!("{prefix}{}", field.name)));
    }
}

fn note_bad_value(value: &Value, kind: &Kind, path: String, bad: &mut Vec<String>) {
    let is_good = match (kind, value) {
        (Kind::Text(least, most), Value::String(text)) => {
            (*least..=*most).contains(&text.chars().count())
        }
        (Kind::Like(passes), Value::String(text)) => passes(text),
        (Kind::OneOf(words), Value::String(text)) => words.contains(&text.as_str()),
        (Kind::Whole(least, most), Value::Number(number)) => number
            .as_i64()
            .is_some_and(|number| (*least..=*most).contains(&number)),
        (Kind::Flag, Value::Bool(_)) => true,
        (Kind::Object(fields), Value::Object(members)) => {
            let prefix = format!("{path}.");
            note_bad_members(members, &[*fields], Extent::Whole, &prefix, bad);
            true
        }
        (Kind::List(least, most, kind), Value::Array(items)) => {
            for (place, item) in items.iter().enumerate() {
                note_bad_value(item, kind, format!("{path}[{place}]"), bad);
            }
            (*least..=*most).contains(&items.len())
        }
        _ => false,
    };
    if !is_good {
        bad.push(path);
    }
}
