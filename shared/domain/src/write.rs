//! What a request body asks to be written.

use serde_json::{Map, Value};

use crate::record::Identifier;

/// What a body asks to be written, each part of it allowed and of the right shape.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Write {
    /// Attributes; null takes a value away.
    pub attributes: Map<String, Value>,
    /// Triggers that are set: true, or a text.
    pub triggers: Map<String, Value>,
    /// To-one relationships.
    pub relationships: Vec<(&'static str, Option<Identifier>)>,
}

impl Write {
    /// Whether a trigger is set to true.
    pub fn is_triggered(&self, name: &str) -> bool {
        self.triggers.get(name) == Some(&Value::Bool(true))
    }

    /// The text that a trigger is set to.
    pub fn trigger_text(&self, name: &str) -> Option<&str> {
        self.triggers.get(name)?.as_str()
    }

    /// What a relationship is set to; the outer option tells whether it was given.
    pub fn relationship(&self, name: &str) -> Option<Option<Identifier>> {
        let given = self.relationships.iter().find(|(it, _)| *it == name);
        given.map(|(_, to)| *to)
    }
}
