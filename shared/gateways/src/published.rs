//! Requests, as they were sent, against what a vendor published of its API in OpenAPI 3.0: path and
//! its parameters, method, and JSON bodies at depth. A member that the description does not name is
//! a problem too, though JSON Schema would let it pass: a vendor ignores it, or refuses it.

use std::path::Path;

use jsonschema::Draft;
use serde_json::{Map, Value, json};

use crate::testing::Sent;

/// The descriptions, where a checkout has them beside the repository; they are no part of it.
const FOLDER: &str = "../../../shared/data";

/// In which a description puts alternatives and parts.
const COMPOSITIONS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// A vendor's description of its API; none where it is not here, and it is said that the check is
/// skipped.
pub(crate) fn load(file: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(FOLDER)
        .join(file);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the published description {file} is not here");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// What the description has against a request, one sentence each: `/customer/id: "x" does not match…`.
/// `base` is where the described paths begin: `https://api.klarna.com`.
pub(crate) fn problems(description: &Value, base: &str, sent: &Sent) -> Vec<String> {
    let Some(path) = sent.target.strip_prefix(base) else {
        return vec![format!("{} is not under {base}", sent.target)];
    };
    let path = path.split('?').next().unwrap_or_default();
    let Some((template, operations)) = described(description, path) else {
        return vec![format!("no path {path}")];
    };
    let operation = &operations[sent.method.to_lowercase()];
    if operation.is_null() {
        return vec![format!("no {} {template}", sent.method)];
    }
    let schemas = Schemas(description);
    let parameters = [operations, operation]
        .into_iter()
        .flat_map(|it| it["parameters"].as_array().into_iter().flatten())
        .map(|it| schemas.resolved(it));
    let mut problems: Vec<_> = parameters
        .filter(|it| it["in"] == "path")
        .filter_map(|it| Some((it, segment(template, path, it["name"].as_str()?)?)))
        .flat_map(|(parameter, value)| schemas.violations(&parameter["schema"], &json!(value)))
        .collect();
    problems.extend(body_problems(&schemas, operation, sent));
    problems
}

fn body_problems(schemas: &Schemas<'_>, operation: &Value, sent: &Sent) -> Vec<String> {
    let body = schemas.resolved(&operation["requestBody"]);
    if sent.body.is_empty() {
        let required = body["required"] == true;
        return required
            .then(|| "the body is missing".to_owned())
            .into_iter()
            .collect();
    }
    let schema = &body["content"]["application/json"]["schema"];
    if schema.is_null() {
        return vec!["no JSON body is described".to_owned()];
    }
    let is_json = sent.header("content-type").is_some_and(|it| {
        it.split(';')
            .next()
            .is_some_and(|it| it == "application/json")
    });
    if !is_json {
        return vec!["the body does not say that it is JSON".to_owned()];
    }
    match serde_json::from_str(&sent.body) {
        Ok(body) => schemas.violations(schema, &body),
        Err(error) => vec![format!("the body is no JSON: {error}")],
    }
}

/// The path's template and operations; a template without parameters goes first.
fn described<'d>(description: &'d Value, path: &str) -> Option<(&'d str, &'d Value)> {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(expected, part)| {
                expected == part || (expected.starts_with('{') && !part.is_empty())
            })
    };
    let paths = description["paths"].as_object()?;
    let fitting = paths.iter().filter(|(template, _)| fits(template));
    let (template, operations) =
        fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    Some((template, operations))
}

/// What stands in a path where its template has this parameter.
fn segment(template: &str, path: &str, name: &str) -> Option<String> {
    let parameter = format!("{{{name}}}");
    let at = template.split('/').position(|it| it == parameter)?;
    let form = format!("={}", path.split('/').nth(at)?.replace('+', "%2B"));
    let (_, value) = form_urlencoded::parse(form.as_bytes()).next()?;
    Some(value.into_owned())
}

/// The schemas of a description.
struct Schemas<'d>(&'d Value);

impl Schemas<'_> {
    fn violations(&self, schema: &Value, value: &Value) -> Vec<String> {
        let schema = self.strict(schema, false, &mut Vec::new());
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&schema)
            .unwrap();
        let errors = validator.iter_errors(value);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    /// What a `$ref` stands for.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else {
            return value;
        };
        let target = self.0.pointer(reference.trim_start_matches('#'));
        target.unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    /// A schema of OpenAPI 3.0 as one of JSON Schema 2020-12, without references, that takes only
    /// the members it names. `is_part`: it stands in an `allOf` and its like, so that others name
    /// members too. A schema within itself takes anything.
    fn strict(&self, schema: &Value, is_part: bool, within: &mut Vec<String>) -> Value {
        if let Some(reference) = schema["$ref"].as_str().map(str::to_owned) {
            if within.contains(&reference) {
                return json!({});
            }
            within.push(reference);
            let strict = self.strict(self.resolved(schema), is_part, within);
            within.pop();
            return strict;
        }
        let Some(members) = schema.as_object() else {
            return schema.clone();
        };
        let mut strict = Map::new();
        for (name, value) in members {
            match name.as_str() {
                "properties" => {
                    let properties = value.as_object().into_iter().flatten();
                    let properties = properties
                        .map(|(name, value)| (name.clone(), self.strict(value, false, within)));
                    strict.insert(name.clone(), properties.collect::<Map<_, _>>().into());
                }
                "items" | "additionalProperties" => {
                    strict.insert(name.clone(), self.strict(value, false, within));
                }
                name if COMPOSITIONS.contains(&name) => {
                    let parts = value.as_array().into_iter().flatten();
                    let parts: Vec<_> = parts.map(|it| self.strict(it, true, within)).collect();
                    strict.insert(name.to_owned(), parts.into());
                }
                "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => {}
                "type" | "enum" | "format" | "pattern" | "required" | "minimum" | "maximum"
                | "exclusiveMinimum" | "exclusiveMaximum" | "minLength" | "maxLength"
                | "minItems" | "maxItems" | "uniqueItems" | "multipleOf" => {
                    strict.insert(name.clone(), value.clone());
                }
                _ => {}
            }
        }
        for (exclusive, bound) in [
            ("exclusiveMinimum", "minimum"),
            ("exclusiveMaximum", "maximum"),
        ] {
            if schema[exclusive] == true
                && let Some(limit) = strict.remove(bound)
            {
                strict.insert(exclusive.to_owned(), limit);
            }
        }
        let strict = Value::Object(strict);
        let strict = match !is_part && names_members(&strict) {
            true => with(strict, "unevaluatedProperties", json!(false)),
            false => strict,
        };
        match schema["nullable"] == true {
            true => json!({"anyOf": [{"type": "null"}, strict]}),
            false => strict,
        }
    }
}

fn names_members(schema: &Value) -> bool {
    schema.get("properties").is_some()
        || COMPOSITIONS
            .iter()
            .filter_map(|it| schema[it].as_array())
            .flatten()
            .any(names_members)
}

fn with(mut schema: Value, name: &str, value: Value) -> Value {
    schema[name] = value;
    schema
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn description() -> Value {
        json!({
            "paths": {
                "/things/{id}/turn": {"post": {
                    "parameters": [
                        {"in": "path", "name": "id", "schema": {"type": "string", "pattern": "^th_\\w+$"}},
                    ],
                    "requestBody": {"required": true, "content": {"application/json": {"schema":
                        {"$ref": "#/components/schemas/Turn"},
                    }}},
                }},
                "/things/all/turn": {"get": {}},
            },
            "components": {"schemas": {
                "Turn": {
                    "type": "object",
                    "required": ["by"],
                    "properties": {
                        "by": {"oneOf": [
                            {"$ref": "#/components/schemas/Steps"},
                            {"$ref": "#/components/schemas/Angle"},
                        ]},
                        "note": {"type": "string", "maxLength": 3, "nullable": true},
                        "then": {"$ref": "#/components/schemas/Turn"},
                        "labels": {"type": "object"},
                    },
                },
                "Steps": {
                    "type": "object",
                    "required": ["steps"],
                    "properties": {"steps": {"type": "integer", "minimum": 0, "exclusiveMinimum": true}},
                },
                "Angle": {
                    "type": "object",
                    "required": ["degrees"],
                    "properties": {"degrees": {"type": "integer"}},
                },
            }},
        })
    }

    fn turn(target: &str, body: &str) -> Vec<String> {
        let json = HeaderValue::from_static("application/json");
        let sent = Sent {
            method: "POST".to_owned(),
            target: format!("https://api.test{target}"),
            body: body.to_owned(),
            headers: HeaderMap::from_iter([(http::header::CONTENT_TYPE, json)]),
            ..Sent::default()
        };
        problems(&description(), "https://api.test", &sent)
    }

    #[test]
    fn what_the_description_allows_has_no_problems() {
        for body in [
            json!({"by": {"steps": 1}}),
            json!({"by": {"degrees": -90}, "note": null, "labels": {"any": 1}}),
            json!({"by": {"steps": 1}, "note": "abc", "then": {"whatever": 1}}),
        ] {
            let problems = turn("/things/th_1/turn?x=y", &body.to_string());
            assert_eq!(problems, [] as [String; 0]);
        }
    }

    #[test]
    fn what_is_wrong_is_found_at_any_depth() {
        for (body, at) in [
            (json!({}), ": "),
            (json!({"by": {"steps": 0}}), "/by: "),
            (json!({"by": {"degrees": "1"}}), "/by: "),
            (json!({"by": {"steps": 1, "fast": true}}), "/by: "),
            (json!({"by": {"steps": 1}, "note": "abcd"}), "/note: "),
            (json!({"by": {"steps": 1}, "notes": "abc"}), ": "),
        ] {
            let problems = turn("/things/th_1/turn", &body.to_string());
            let found = problems.iter().any(|it| it.starts_with(at));
            assert!(found, "{body}: {problems:?}");
        }
    }

    #[test]
    fn a_wrong_path_method_or_body_is_found() {
        let fine = r#"{"by": {"steps": 1}}"#;
        assert_eq!(turn("/things/x/turn", fine).len(), 1);
        assert_eq!(turn("/things/th_1", fine), ["no path /things/th_1"]);
        assert_eq!(turn("/things/all/turn", fine), ["no POST /things/all/turn"]);
        assert_eq!(turn("/things/th_1/turn", ""), ["the body is missing"]);
        assert_eq!(turn("/things/th_1/turn", "{").len(), 1);
        let elsewhere = Sent::default();
        let problems = problems(&description(), "https://api.test", &elsewhere);
        assert_eq!(problems.len(), 1);
    }
}
