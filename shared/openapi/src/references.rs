//! References within the document.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// A reference to a schema among the components.
pub fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A reference to a parameter among the components.
pub fn parameter(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// A reference to a response among the components.
pub fn response(name: &str) -> Value {
    json!({ "$ref": format!("#/components/responses/{name}") })
}

/// A reference to a header among the components.
pub fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The document without the components that nothing refers to.
pub fn without_unused(mut document: Value) -> Value {
    loop {
        let mut used = BTreeSet::new();
        collect(&document, &mut used);
        let mut removed = 0;
        let components = document["components"].as_object_mut();
        for (section, components) in components.into_iter().flatten() {
            let components = components.as_object_mut();
            for components in components
                .into_iter()
                .filter(|_| section != "securitySchemes")
            {
                let before = components.len();
                components
                    .retain(|name, _| used.contains(&format!("#/components/{section}/{name}")));
                removed += before - components.len();
            }
        }
        if removed == 0 {
            return document;
        }
    }
}

fn collect(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(target) if name == "$ref" => {
                        used.insert(target.clone());
                    }
                    _ => collect(value, used),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, used)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_unused_components_refer_to_is_unused_too() {
        let document = json!({
            "paths": { "/x": schema("used") },
            "components": { "schemas": {
                "used": schema("used_by_used"),
                "used_by_used": {},
                "unused": schema("used_by_unused"),
                "used_by_unused": {},
            } },
        });
        let components = &without_unused(document)["components"]["schemas"];
        let names: Vec<_> = components.as_object().unwrap().keys().collect();
        assert_eq!(names, ["used", "used_by_used"]);
    }
}
