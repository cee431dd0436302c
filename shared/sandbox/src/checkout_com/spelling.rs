//! How ids, times and objects are spelled in answers.

use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ids::Ids;

/// A new id: 26 letters and digits after the prefix.
pub(super) fn new_id(ids: &Ids, prefix: &str) -> String {
    ids.make(prefix, 26).to_ascii_lowercase()
}

/// A time as answers have it: RFC 3339, to the second.
pub(super) fn written(unix_millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix_millis.div_euclid(1_000))
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// The object without the members that are null: answers leave out what there is not.
pub(super) fn without_nulls(mut object: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    object
}

/// Digits made from a text, the same for the same text, at most 32.
pub(super) fn digits(text: &str, length: usize) -> String {
    Sha256::digest(text)
        .iter()
        .take(length)
        .map(|byte| char::from(b'0' + byte % 10))
        .collect()
}
