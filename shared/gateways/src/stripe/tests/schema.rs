//! Every form that goes to Stripe, against Stripe's published description of its API: path, method,
//! names of fields at depth, types, allowed values, required fields. Brackets are part of a field's
//! name there.

use std::path::Path;

use serde_json::{Value, json};

use super::super::endpoint::Endpoint;
use super::*;
use crate::testing::{Sent, World, create_customer};

/// Stripe's description, where a checkout has it beside the repository; it is not part of it.
const DESCRIPTION: &str = "../../../shared/data/stripe-prism-strict.2023-09-12.json";

#[tokio::test]
async fn every_request_is_one_that_stripe_describes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(DESCRIPTION);
    let Ok(text) = std::fs::read_to_string(file) else {
        println!("skipped: Stripe's description of its API is not here");
        return;
    };
    let description: Value = serde_json::from_str(&text).unwrap();
    for sent in every_request().await {
        let problems = problems(&description, &sent);
        assert_eq!(
            problems,
            [] as [String; 0],
            "{} {}",
            sent.method,
            sent.target
        );
    }
}

#[tokio::test]
async fn every_endpoint_is_among_the_requests_that_are_checked() {
    let sent = every_request().await;
    for endpoint in Endpoint::ALL {
        let path = format!("https://api.stripe.com{}", endpoint.template());
        let (before, after) = path.split_once("{id}").unwrap_or((&path, ""));
        let is_it = |it: &Sent| {
            let target = it.target.split('?').next().unwrap();
            let id = target
                .strip_prefix(before)
                .and_then(|it| it.strip_suffix(after));
            it.method == endpoint.method().as_str() && id.is_some_and(|id| !id.contains('/'))
        };
        assert!(sent.iter().any(is_it), "{endpoint:?}");
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let description = json!({"paths": {"/v1/things/{id}/turn": {"post": {"requestBody": {
        "content": {"application/x-www-form-urlencoded": {"schema": {
            "properties": {
                "way": {"enum": ["left", "right"], "type": "string"},
                "steps": {"type": "integer"},
                "fast[very]": {"type": "boolean"},
            },
            "patternProperties": {r"^expand\[(\d*)\]$": {}},
            "required": ["way"],
        }}},
    }}}}});
    let turn = |body: &str| Sent {
        method: "POST".to_owned(),
        target: "https://api.stripe.com/v1/things/1/turn".to_owned(),
        body: body.to_owned(),
        ..Sent::default()
    };
    let fine = "way=left&steps=3&fast%5Bvery%5D=true&expand%5B%5D=x";
    assert_eq!(problems(&description, &turn(fine)), [] as [String; 0]);
    for wrong in [
        "steps=3",
        "way=up",
        "way=left&steps=x",
        "way=left&fast%5Bvery%5D=1",
        "way=left&x=1",
    ] {
        assert_eq!(problems(&description, &turn(wrong)).len(), 1, "{wrong}");
    }
    let elsewhere = Sent {
        target: "https://api.stripe.com/v1/things/1".to_owned(),
        ..turn(fine)
    };
    assert_eq!(problems(&description, &elsewhere).len(), 1);
}

/// Each step of the adapter once, and the GETs that settle one.
async fn every_request() -> Vec<Sent> {
    let mut sent = Vec::new();
    let saved = GatewayRequest::CreatePayment(NewPayment {
        saved: Some("pm_1".to_owned()),
        ..new_payment()
    });
    let update = update_payment(Some(amount(5, "ISK")), Some(json!({"id": "pm_2"})));
    let open = || intent("requires_confirmation");
    let attached = || method("pm_1", json!("cus_1"));
    let cases = [
        (create_customer(), vec![(200, json!({"id": "cus_1"}))]),
        (create_payment(), vec![(200, open())]),
        (saved, vec![(200, open())]),
        (read_payment(), vec![(200, open())]),
        (update, vec![(200, open())]),
        (
            make_reusable(),
            vec![(200, open()), (400, invalid("")), (200, attached())],
        ),
        (
            release(),
            vec![(400, invalid("")), (200, intent("canceled"))],
        ),
        (
            forget(),
            vec![(400, invalid("")), (200, method("pm_1", Value::Null))],
        ),
    ];
    for (request, answers) in cases {
        let world = World::default();
        for (status, body) in answers {
            world.answer(status, body);
        }
        world.perform(request).await.unwrap().unwrap();
        sent.extend(world.sent());
    }
    sent
}

fn problems(description: &Value, sent: &Sent) -> Vec<String> {
    let path = sent.target.strip_prefix("https://api.stripe.com").unwrap();
    let path = path.split('?').next().unwrap();
    let Some(operation) = operation(description, path, &sent.method.to_lowercase()) else {
        return vec!["no such path or method".to_owned()];
    };
    let media_type = "application/x-www-form-urlencoded";
    let schema = &operation["requestBody"]["content"][media_type]["schema"];
    let fields = sent.fields();
    let mut problems: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| field_problem(schema, name, value))
        .collect();
    for required in schema["required"].as_array().into_iter().flatten() {
        if !fields.iter().any(|(name, _)| required == name) {
            problems.push(format!("{required} is required"));
        }
    }
    problems
}

fn operation<'d>(description: &'d Value, path: &str, method: &str) -> Option<&'d Value> {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(expected, part)| expected.starts_with('{') || expected == part)
    };
    let paths = description["paths"].as_object()?;
    let (_, operations) = paths.iter().find(|(template, _)| fits(template))?;
    operations.get(method)
}

fn field_problem(schema: &Value, name: &str, value: &str) -> Option<String> {
    if name == "expand[]" {
        return None;
    }
    let property = match (&schema["properties"][name], name.split_once('[')) {
        (Value::Null, Some(("metadata", _))) => return metadata_problem(name, value),
        (Value::Null, _) => return Some(format!("{name} is unknown")),
        (property, _) => property,
    };
    let allowed = property["enum"].as_array();
    let fits = match property["type"].as_str() {
        Some("integer") => value.parse::<i64>().is_ok(),
        Some("boolean") => matches!(value, "true" | "false"),
        _ => allowed.is_none_or(|it| it.iter().any(|allowed| allowed == value)),
    };
    let longest = property["maxLength"].as_u64().unwrap_or(u64::MAX);
    let problem = || format!("{name} may not be {value}");
    (!fits || value.len() as u64 > longest).then(problem)
}

/// Keys of up to 40 characters, values of up to 500 (docs.stripe.com/metadata).
fn metadata_problem(name: &str, value: &str) -> Option<String> {
    let key = name.strip_prefix("metadata[")?.strip_suffix(']')?;
    (key.len() > 40 || value.len() > 500).then(|| format!("{name} is too long"))
}
