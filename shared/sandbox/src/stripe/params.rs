//! Reading a request's parameters, once they are checked: the getters only answer `None` for what
//! is absent.

use serde_json::{Map, Value};

use crate::form::{self, Form};

use super::error::ApiError;

/// A request's checked parameters.
#[derive(Clone, Copy)]
pub(super) struct Params<'a>(pub(super) &'a Form);

impl<'a> Params<'a> {
    pub(super) fn given(self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// `None` if absent or unset.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.0.text(name).filter(|text| !text.is_empty())
    }

    pub(super) fn integer(self, name: &str) -> Option<i64> {
        self.text(name).and_then(|text| text.parse().ok())
    }

    pub(super) fn is_true(self, name: &str) -> bool {
        self.0.text(name) == Some("true")
    }

    pub(super) fn texts(self, name: &str) -> Option<Vec<&'a str>> {
        self.0.get(name).and_then(form::texts)
    }

    pub(super) fn node(self, name: &str) -> Option<&'a Value> {
        self.0.get(name)
    }

    /// Writes a text over `field` if the parameter was given; an empty one unsets it.
    pub(super) fn change_text(self, name: &str, field: &mut Option<String>) {
        if self.given(name) {
            *field = self.text(name).map(str::to_owned);
        }
    }

    /// Writes an object over `field` if the parameter was given; an empty one unsets it.
    pub(super) fn change_object(self, name: &str, field: &mut Option<Value>) {
        if let Some(node) = self.0.get(name) {
            *field = node.is_object().then(|| form::to_json(node));
        }
    }

    /// Merges `metadata`: an empty value unsets its key, empty metadata unsets all
    /// (<https://docs.stripe.com/api/metadata>).
    pub(super) fn merge_metadata(self, metadata: &mut Metadata) -> Result<(), ApiError> {
        let Some(node) = self.0.get("metadata") else {
            return Ok(());
        };
        let Value::Object(members) = node else {
            metadata.clear();
            return Ok(());
        };
        let mut merged = metadata.clone();
        for (key, value) in members {
            match value.as_str().filter(|text| !text.is_empty()) {
                Some(text) => {
                    merged.insert(key.clone(), Value::from(text));
                }
                None => {
                    merged.shift_remove(key);
                }
            }
        }
        if merged.len() > 50 {
            let message = "Metadata may have at most 50 keys";
            return Err(ApiError::parameter("metadata", message));
        }
        *metadata = merged;
        Ok(())
    }
}

/// An object's `metadata`: texts only.
pub(super) type Metadata = Map<String, Value>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_merges_and_unsets() {
        let mut metadata = Metadata::new();
        let mut merge = |text: &str| {
            let form = Form::parse(text.as_bytes()).unwrap();
            Params(&form).merge_metadata(&mut metadata).unwrap();
            Value::Object(metadata.clone()).to_string()
        };
        assert_eq!(merge("metadata[a]=1&metadata[b]=2"), r#"{"a":"1","b":"2"}"#);
        assert_eq!(merge("metadata[a]=&metadata[c]=3"), r#"{"b":"2","c":"3"}"#);
        assert_eq!(merge("metadata="), "{}");
    }
}
