use serde_json::{Map, Value};

/// A JSON object of these members, without those that are none; null is a value.
pub(crate) fn members<const N: usize, V>(members: [(&str, V); N]) -> Map<String, Value>
where
    V: Into<Option<Value>>,
{
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.into()?)));
    present.collect()
}
