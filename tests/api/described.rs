//! Requests and answers as the OpenAPI document describes them. Every answer that a test gets over
//! HTTP, and every event's, is held to it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

/// The document.
static DOCUMENT: LazyLock<Value> = LazyLock::new(billfold::router::description);

/// The validators that were made, by the schema's text: each takes a while to make.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// A request and its answer.
pub struct Exchange<'a> {
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// The body that was sent; null, where there is none or it is no JSON.
    pub sent: &'a Value,
    pub status: u16,
    pub headers: &'a HeaderMap,
    /// The body of the answer; null, where there is none.
    pub body: &'a Value,
}

impl Exchange<'_> {
    /// What the document does not say of this exchange: nothing, if all is well.
    pub fn undescribed(&self) -> Vec<String> {
        let Exchange {
            method,
            path,
            status,
            ..
        } = self;
        // Answered like GET, without a body, and before any function.
        if matches!(*method, "HEAD" | "OPTIONS") {
            return Vec::new();
        }
        // A function that is asked for what another one's route takes, as events ask it.
        if *status == 405 {
            return Vec::new();
        }
        let Some(operation) = operation(method, path) else {
            return match *status < 400 {
                true => vec![format!(
                    "{method} {path} is not described, and answers {status}"
                )],
                false => Vec::new(),
            };
        };
        let Some(answer) = operation["responses"].get(status.to_string()) else {
            return vec![format!(
                "{method} {path} answers {status}, which is not described"
            )];
        };
        let mut problems = self.violations_of_answer(resolved(answer));
        // What is refused need not be as described; and one slip of a guide's is taken, not advertised.
        let is_slip = self.sent["data"]["type"] == "checkout_payments";
        if *status < 300 && !self.sent.is_null() && !is_slip {
            let (_, content) = members(&operation["requestBody"]["content"])
                .next()
                .unwrap();
            let violations = violations(&content["schema"], self.sent);
            problems.extend(violations.map(|it| format!("what was sent: {it}")));
        }
        problems
    }

    fn violations_of_answer(&self, answer: &'static Value) -> Vec<String> {
        let missing = members(&answer["headers"]).filter(|(name, header)| {
            resolved(header)["required"] == true && !self.headers.contains_key(name.as_str())
        });
        let missing = missing.map(|(name, _)| format!("there is no header {name}"));
        missing.chain(self.violations_of_body(answer)).collect()
    }

    fn violations_of_body(&self, answer: &Value) -> Vec<String> {
        let Some(content) = answer.get("content") else {
            return match self.body {
                Value::Null => Vec::new(),
                _ => vec!["there is a body".to_owned()],
            };
        };
        let media_type = self.headers.get(CONTENT_TYPE);
        let media_type = media_type.map_or("", |it| it.to_str().unwrap());
        let Some(content) = content.get(media_type) else {
            return vec![format!("answered as {media_type:?}, not {content}")];
        };
        violations(&content["schema"], self.body).collect()
    }
}

/// The operation at this path, if any. What stands in a path for itself goes before a parameter.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let fits = |template: &str| {
        let (mut template, mut path) = (template.split('/'), path.split('/'));
        loop {
            match (template.next(), path.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let fitting = members(&DOCUMENT["paths"]).filter(|(template, _)| fits(template));
    let (_, path) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    path.get(method.to_lowercase())
}

fn violations(schema: &Value, value: &Value) -> impl Iterator<Item = String> {
    let validator = validator(schema);
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    errors.into_iter()
}

fn validator(schema: &Value) -> Arc<Validator> {
    let text = schema.to_string();
    let made = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(validator) = made.get(&text) {
        return Arc::clone(validator);
    }
    drop(made);
    let whole = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&whole);
    let validator = Arc::new(validator.unwrap());
    let mut made = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(made.entry(text).or_insert(validator))
}

/// What a `$ref` stands for.
fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let target = DOCUMENT.pointer(reference.trim_start_matches('#'));
            target.unwrap_or_else(|| panic!("{reference} leads nowhere"))
        }
    }
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}
