//! Stripe's parameters: the kinds they have, and the refusal of those that an endpoint doesn't take,
//! in Stripe's messages and codes.

use serde_json::Value;

use crate::fields::{Encoding, Finding, Kind, Problem, findings};
pub(super) use crate::fields::{Field, optional, required, unsettable};
use crate::form::Form;

use super::error::ApiError;

pub(super) const INTEGER: Kind = Kind::Whole(i64::MIN, i64::MAX);
/// Up to 5,000 characters, Stripe's limit where none is named.
pub(super) const TEXT: Kind = Kind::Text(0, 5_000);
pub(super) const TEXTS: Kind = Kind::List(0, usize::MAX, &TEXT);
pub(super) const ANYTHING: Kind = Kind::Such(|_| true);

/// Keys of 40 characters, values of 500 (<https://docs.stripe.com/metadata>).
pub(super) const METADATA: Field = unsettable("metadata", Kind::Map(40, &Kind::Text(0, 500)));

/// The parameters that every endpoint takes: expansion, and what Stripe.js adds to its calls.
const EVERYWHERE: &[Field] = &[
    optional("expand", TEXTS),
    optional("key", TEXT),
    optional("_stripe_version", TEXT),
];

/// Holds a request's parameters against the endpoint's.
pub(super) fn check(form: &Form, fields: &[Field]) -> Result<(), ApiError> {
    let found = findings(form.members(), &[fields, EVERYWHERE], Encoding::Form);
    let unknown: Vec<String> = found
        .iter()
        .filter(|finding| matches!(finding.problem, Problem::Unknown))
        .map(name)
        .collect();
    match (unknown.as_slice(), found.first()) {
        ([], None) => Ok(()),
        ([], Some(first)) => Err(refusal(first)),
        ([only], _) => Err(unknown_parameter(only, "", only)),
        ([first, ..], _) => Err(unknown_parameter(first, "s", &unknown.join(", "))),
    }
}

fn unknown_parameter(param: &str, plural: &str, all: &str) -> ApiError {
    let message = format!("Received unknown parameter{plural}: {all}");
    ApiError::parameter(param, message).code("parameter_unknown")
}

/// The name as Stripe writes it: `card[token]`.
fn name(finding: &Finding<'_>) -> String {
    finding.path.spelled("[", "]")
}

fn refusal(finding: &Finding<'_>) -> ApiError {
    let name = name(finding);
    match finding.problem {
        Problem::Missing => missing(&name),
        Problem::Unknown => unknown_parameter(&name, "", &name),
        Problem::Empty => empty(&name),
        Problem::LongName => {
            ApiError::parameter(&name, "Metadata keys may be at most 40 characters long")
        }
        Problem::Wrong { kind, value } => wrong(&name, kind, value),
    }
}

/// The refusal of a request without a parameter that it needs.
pub(super) fn missing(name: &str) -> ApiError {
    ApiError::parameter(name, format!("Missing required param: {name}.")).code("parameter_missing")
}

fn empty(name: &str) -> ApiError {
    let message = format!(
        "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a \
         parameter; however '{name}' cannot be unset. You should remove '{name}' from your request \
         or supply a non-empty value."
    );
    ApiError::parameter(name, message).code("parameter_invalid_empty")
}

fn wrong(name: &str, kind: Kind, value: &Value) -> ApiError {
    let given = value.as_str().map(|text| format!(": {text}"));
    let given = given.unwrap_or_default();
    let message = match kind {
        Kind::Whole(..) => format!("Invalid integer{given}"),
        Kind::Flag => format!("Invalid boolean{given}"),
        Kind::Text(_, most) if value.is_string() => {
            format!("Invalid string: {name} must be at most {most} characters")
        }
        Kind::OneOf(words) if value.is_string() => {
            format!("Invalid {name}: must be {}", one_of(words))
        }
        Kind::Object(_) | Kind::Map(..) | Kind::Such(_) => "Invalid object".to_owned(),
        Kind::List(..) => "Invalid array".to_owned(),
        Kind::Text(..) | Kind::OneOf(_) | Kind::Like(_) => "Invalid string".to_owned(),
    };
    let error = ApiError::parameter(name, message);
    match kind {
        Kind::Whole(..) => error.code("parameter_invalid_integer"),
        _ => error,
    }
}

fn one_of(choices: &[&str]) -> String {
    match choices {
        [] => "empty".to_owned(),
        [only] => (*only).to_owned(),
        [first, last] => format!("one of {first} or {last}"),
        [rest @ .., last] => format!("one of {}, or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        required("amount", INTEGER),
        optional("confirm", Kind::Flag),
        unsettable("usage", Kind::OneOf(&["on_session", "off_session"])),
        optional(
            "automatic",
            Kind::Object(&[required("enabled", Kind::Flag)]),
        ),
        optional("types", TEXTS),
        optional("suffix", Kind::Text(0, 5)),
        METADATA,
    ];

    fn refusal(text: &str) -> Value {
        let form = Form::parse(text.as_bytes()).unwrap();
        let error = check(&form, FIELDS).unwrap_err();
        assert!(!error.executed);
        error.body()["error"].clone()
    }

    #[test]
    fn what_the_endpoint_takes_passes() {
        let text = "amount=1&confirm=true&usage=&automatic[enabled]=false&expand[]=x&metadata[a]=b";
        let form = Form::parse(text.as_bytes()).unwrap();
        assert!(check(&form, FIELDS).is_ok());
    }

    #[test]
    fn refusals_name_the_parameter() {
        for (text, code, param) in [
            ("confirm=true", "parameter_missing", "amount"),
            ("amount=1&foo=1", "parameter_unknown", "foo"),
            ("amount=1.5", "parameter_invalid_integer", "amount"),
            ("amount[]=1", "parameter_invalid_integer", "amount"),
            ("amount=", "parameter_invalid_empty", "amount"),
            (
                "amount=1&automatic[x]=1",
                "parameter_unknown",
                "automatic[x]",
            ),
            (
                "amount=1&automatic[enabled]=",
                "parameter_invalid_empty",
                "automatic[enabled]",
            ),
        ] {
            let error = refusal(text);
            assert_eq!(error["code"], code, "{text}");
            assert_eq!(error["param"], param, "{text}");
        }
        for (text, param) in [
            ("amount=1&confirm=yes", "confirm"),
            ("amount=1&usage=never", "usage"),
            ("amount=1&types=x", "types"),
            ("amount=1&suffix=123456", "suffix"),
            ("amount=1&metadata=x", "metadata"),
            ("amount=1&metadata[a][b]=x", "metadata[a]"),
        ] {
            assert_eq!(refusal(text)["param"], param, "{text}");
        }
    }
}
