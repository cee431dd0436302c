//! Headers of answers.

use routing::headers::{DESCRIBED, Described, On, Value as Form};
use serde_json::{Map, Value, json};

use crate::references::header;

/// The headers that answers refer to.
pub fn components() -> Value {
    let described = DESCRIBED
        .iter()
        .map(|it| (it.title.to_owned(), component(it)));
    Value::Object(described.collect())
}

/// The headers of every answer.
pub fn of_all() -> Map<String, Value> {
    let of_all = DESCRIBED.iter().filter(|it| it.on != On::Some);
    of_all
        .map(|it| (it.title.to_owned(), header(it.title)))
        .collect()
}

fn component(described: &Described) -> Value {
    let schema = match described.value {
        Form::Text => json!({ "type": "string" }),
        Form::Integer => json!({ "type": "integer" }),
        Form::Url => json!({ "type": "string", "format": "uri" }),
        Form::Just(value) => json!({ "const": value }),
    };
    let mut component = json!({ "description": described.description });
    if described.on != On::AllThatCan {
        component["required"] = json!(true);
    }
    component["schema"] = schema;
    component
}
