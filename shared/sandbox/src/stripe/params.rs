//! Which parameters an endpoint takes, and reading them.
//!
//! An endpoint declares its parameters as a table; [`check`] holds the request against it before
//! anything else happens, with Stripe's messages and codes. After that the getters only answer
//! `None` for what is absent.

use serde_json::{Map, Value};

use crate::form::{Form, Node};

use super::error::ApiError;

/// One parameter of an endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Param {
    name: &'static str,
    kind: Kind,
    required: bool,
    /// Whether an empty value unsets it.
    unset: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Integer,
    Boolean,
    Text(usize),
    Choice(&'static [&'static str]),
    Texts,
    Metadata,
    Object(&'static [Param]),
    /// Taken in any shape.
    Any,
}

impl Param {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
            unset: false,
        }
    }

    pub(super) const fn integer(name: &'static str) -> Self {
        Self::new(name, Kind::Integer)
    }

    pub(super) const fn boolean(name: &'static str) -> Self {
        Self::new(name, Kind::Boolean)
    }

    /// Up to 5,000 characters, Stripe's limit where none is named.
    pub(super) const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text(5_000))
    }

    pub(super) const fn short_text(name: &'static str, longest: usize) -> Self {
        Self::new(name, Kind::Text(longest))
    }

    pub(super) const fn choice(name: &'static str, choices: &'static [&'static str]) -> Self {
        Self::new(name, Kind::Choice(choices))
    }

    pub(super) const fn texts(name: &'static str) -> Self {
        Self::new(name, Kind::Texts)
    }

    pub(super) const fn metadata() -> Self {
        Self::new("metadata", Kind::Metadata).or_empty()
    }

    pub(super) const fn object(name: &'static str, members: &'static [Param]) -> Self {
        Self::new(name, Kind::Object(members))
    }

    pub(super) const fn any(name: &'static str) -> Self {
        Self::new(name, Kind::Any)
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Lets an empty value through: it unsets the parameter.
    pub(super) const fn or_empty(mut self) -> Self {
        self.unset = true;
        self
    }
}

/// What every endpoint takes: expansion, and what Stripe.js adds to its calls.
const COMMON: &[Param] = &[
    Param::texts("expand"),
    Param::text("key"),
    Param::text("_stripe_version"),
];

/// Holds a request's parameters against the endpoint's.
pub(super) fn check(form: &Form, params: &[Param]) -> Result<(), ApiError> {
    let all: Vec<Param> = params.iter().chain(COMMON).copied().collect();
    check_members(form.members(), &all, "")
}

fn check_members(
    members: &[(String, Node)],
    params: &[Param],
    parent: &str,
) -> Result<(), ApiError> {
    let find = |name: &str| params.iter().find(|param| param.name == name);
    let unknown: Vec<String> = members
        .iter()
        .filter(|(name, _)| find(name).is_none())
        .map(|(name, _)| full_name(parent, name))
        .collect();
    if let Some(first) = unknown.first() {
        let plural = if unknown.len() == 1 { "" } else { "s" };
        let message = format!("Received unknown parameter{plural}: {}", unknown.join(", "));
        return Err(ApiError::parameter(first, message).code("parameter_unknown"));
    }
    for param in params {
        let name = full_name(parent, param.name);
        match members.iter().find(|(member, _)| member == param.name) {
            Some((_, node)) => check_one(node, param, &name)?,
            None if param.required => return Err(missing(&name)),
            None => {}
        }
    }
    Ok(())
}

fn check_one(node: &Node, param: &Param, name: &str) -> Result<(), ApiError> {
    let text = node.text();
    match (text, param.kind) {
        (Some(""), _) if param.unset => Ok(()),
        (_, Kind::Any) => Ok(()),
        (Some(""), _) => Err(ApiError::parameter(
            name,
            format!(
                "You passed an empty string for '{name}'. We assume empty values are an attempt \
                 to unset a parameter; however '{name}' cannot be unset. You should remove \
                 '{name}' from your request or supply a non-empty value."
            ),
        )
        .code("parameter_invalid_empty")),
        (Some(text), Kind::Integer) => match text.parse::<i64>() {
            Ok(_) => Ok(()),
            Err(_) => Err(
                ApiError::parameter(name, format!("Invalid integer: {text}"))
                    .code("parameter_invalid_integer"),
            ),
        },
        (Some("true" | "false"), Kind::Boolean) => Ok(()),
        (Some(text), Kind::Boolean) => Err(ApiError::parameter(
            name,
            format!("Invalid boolean: {text}"),
        )),
        (Some(text), Kind::Text(longest)) if text.chars().count() <= longest => Ok(()),
        (Some(_), Kind::Text(longest)) => Err(ApiError::parameter(
            name,
            format!("Invalid string: {name} must be at most {longest} characters"),
        )),
        (Some(text), Kind::Choice(choices)) if choices.contains(&text) => Ok(()),
        (Some(_), Kind::Choice(choices)) => Err(ApiError::parameter(
            name,
            format!("Invalid {name}: must be {}", one_of(choices)),
        )),
        (None, Kind::Texts) if node.texts().is_some() => Ok(()),
        (_, Kind::Texts) => Err(ApiError::parameter(name, "Invalid array")),
        (None, Kind::Object(params)) => match node {
            Node::Nested(members) => check_members(members, params, name),
            Node::Text(_) => Ok(()),
        },
        (None, Kind::Metadata) => check_metadata(node, name),
        (Some(_), Kind::Object(_) | Kind::Metadata) => {
            Err(ApiError::parameter(name, "Invalid object"))
        }
        (None, Kind::Integer) => {
            Err(ApiError::parameter(name, "Invalid integer").code("parameter_invalid_integer"))
        }
        (None, _) => Err(ApiError::parameter(name, "Invalid string")),
    }
}

/// At most 50 keys of 40 characters, values of 500 (<https://docs.stripe.com/metadata>).
fn check_metadata(node: &Node, name: &str) -> Result<(), ApiError> {
    let Node::Nested(members) = node else {
        return Ok(());
    };
    for (key, value) in members {
        let name = full_name(name, key);
        if key.chars().count() > 40 {
            let message = "Metadata keys may be at most 40 characters long";
            return Err(ApiError::parameter(&name, message));
        }
        let Some(text) = value.text() else {
            return Err(ApiError::parameter(
                &name,
                "Metadata values must be strings",
            ));
        };
        if text.chars().count() > 500 {
            let message = "Metadata values may be at most 500 characters long";
            return Err(ApiError::parameter(&name, message));
        }
    }
    Ok(())
}

pub(super) fn missing(name: &str) -> ApiError {
    ApiError::parameter(name, format!("Missing required param: {name}.")).code("parameter_missing")
}

fn full_name(parent: &str, name: &str) -> String {
    match parent {
        "" => name.to_owned(),
        parent => format!("{parent}[{name}]"),
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
        self.0.get(name).and_then(Node::texts)
    }

    pub(super) fn node(self, name: &str) -> Option<&'a Node> {
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
            *field = match node {
                Node::Text(_) => None,
                Node::Nested(_) => Some(node.to_json()),
            };
        }
    }

    /// Merges `metadata`: an empty value unsets its key, empty metadata unsets all
    /// (<https://docs.stripe.com/api/metadata>).
    pub(super) fn merge_metadata(self, metadata: &mut Metadata) -> Result<(), ApiError> {
        let Some(node) = self.0.get("metadata") else {
            return Ok(());
        };
        let Node::Nested(members) = node else {
            metadata.clear();
            return Ok(());
        };
        let mut merged = metadata.clone();
        for (key, value) in members {
            match value.text().filter(|text| !text.is_empty()) {
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

    const PARAMS: &[Param] = &[
        Param::integer("amount").required(),
        Param::boolean("confirm"),
        Param::choice("usage", &["on_session", "off_session"]).or_empty(),
        Param::object("automatic", &[Param::boolean("enabled").required()]),
        Param::texts("types"),
        Param::short_text("suffix", 5),
        Param::metadata(),
    ];

    fn refusal(text: &str) -> Value {
        let form = Form::parse(text.as_bytes()).unwrap();
        let error = check(&form, PARAMS).unwrap_err();
        assert!(!error.executed);
        error.body()["error"].clone()
    }

    #[test]
    fn what_the_endpoint_takes_passes() {
        let text = "amount=1&confirm=true&usage=&automatic[enabled]=false&expand[]=x&metadata[a]=b";
        let form = Form::parse(text.as_bytes()).unwrap();
        assert!(check(&form, PARAMS).is_ok());
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
