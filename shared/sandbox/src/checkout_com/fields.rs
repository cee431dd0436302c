//! Which fields a request may have, and what is wrong with the ones it has.

use std::net::IpAddr;

use iso_currency::Currency;
use serde_json::{Map, Value};

use super::error::Refusal;

/// A field of a request.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    is_required: bool,
}

/// What a field holds.
pub(super) enum Kind {
    /// Text of at most so many characters, and at least one.
    Text(usize),
    /// An id: this prefix, then 26 letters, digits or underscores.
    Id(&'static str),
    /// An http or https URL of at most 255 characters.
    Url,
    /// An e-mail address of at most 255 characters.
    Email,
    Ip,
    /// An ISO 4217 code in capital letters.
    Currency,
    /// An ISO 3166-1 code: two capital letters.
    Country,
    /// An amount in minor units, not negative.
    Amount,
    Flag,
    OneOf(&'static [&'static str]),
    /// An object with these fields and no others.
    Object(&'static [Field]),
    /// An object whose fields are not looked at.
    AnyObject,
    /// A list that is not looked at.
    AnyList,
    /// An object of texts, numbers and flags.
    Flat,
}

/// A field that may be absent. `null` is the same as absent.
pub(super) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
    }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: true,
    }
}

/// The request's body, if it has these fields and no others. An absent body is an empty one.
pub(super) fn checked<'a>(
    body: Option<&'a Value>,
    raw: &[u8],
    fields: &[Field],
) -> Result<&'a Map<String, Value>, Refusal> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    let members = match body {
        Some(Value::Object(members)) => members,
        None if raw.is_empty() => &EMPTY,
        _ => return Err(Refusal::Malformed),
    };
    let codes = problems(members, fields, "");
    if codes.is_empty() {
        Ok(members)
    } else {
        Err(Refusal::Invalid(codes))
    }
}

/// The error codes of all that is wrong: the field's path and what about it, as in
/// `customer_email_invalid`. `stem` is what comes before the name.
pub(super) fn problems(members: &Map<String, Value>, fields: &[Field], stem: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for field in fields {
        let code = format!("{stem}{}", field.name);
        match members.get(field.name) {
            None | Some(Value::Null) if field.is_required => codes.push(format!("{code}_required")),
            None | Some(Value::Null) => {}
            Some(value) => codes.extend(field.kind.problems(value, &code)),
        }
    }
    let unknown = members
        .keys()
        .filter(|name| !fields.iter().any(|field| field.name == name.as_str()));
    codes.extend(unknown.map(|name| format!("{stem}{name}_unknown")));
    codes
}

impl Kind {
    fn problems(&self, value: &Value, code: &str) -> Vec<String> {
        if let (Kind::Object(fields), Value::Object(members)) = (self, value) {
            return problems(members, fields, &format!("{code}_"));
        }
        if self.takes(value) {
            Vec::new()
        } else {
            vec![format!("{code}_invalid")]
        }
    }

    fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Kind::Text(most), Value::String(text)) => {
                !text.is_empty() && text.chars().count() <= *most
            }
            (Kind::Id(prefix), Value::String(text)) => is_id(text, prefix),
            (Kind::Url, Value::String(text)) => is_url(text),
            (Kind::Email, Value::String(text)) => is_email(text),
            (Kind::Ip, Value::String(text)) => text.parse::<IpAddr>().is_ok(),
            (Kind::Currency, Value::String(text)) => {
                Currency::from_code(text).is_some_and(|currency| currency.code() == text)
            }
            (Kind::Country, Value::String(text)) => {
                text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
            }
            (Kind::Amount, value) => value.as_i64().is_some_and(|amount| amount >= 0),
            (Kind::OneOf(values), Value::String(text)) => values.contains(&text.as_str()),
            (Kind::Flat, Value::Object(members)) => members
                .values()
                .all(|value| !value.is_object() && !value.is_array()),
            (Kind::Flag, Value::Bool(_))
            | (Kind::AnyObject, Value::Object(_))
            | (Kind::AnyList, Value::Array(_)) => true,
            _ => false,
        }
    }
}

/// Whether the text is the prefix and 26 letters, digits or underscores.
pub(super) fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 26
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    text.len() <= 255 && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}

fn is_email(text: &str) -> bool {
    text.len() <= 255
        && !text.contains(char::is_whitespace)
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[Field] = &[
        required("currency", Kind::Currency),
        optional("amount", Kind::Amount),
        optional("customer", Kind::Object(&[optional("email", Kind::Email)])),
        optional("metadata", Kind::Flat),
    ];

    fn codes(body: Value) -> Vec<String> {
        match checked(Some(&body), b"{}", FIELDS) {
            Err(Refusal::Invalid(codes)) => codes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_by_its_path() {
        let body = json!({
            "amount": -1,
            "customer": {"email": "nobody", "nickname": "a"},
            "metadata": {"deep": {}},
        });
        assert_eq!(
            codes(body),
            [
                "currency_required",
                "amount_invalid",
                "customer_email_invalid",
                "customer_nickname_unknown",
                "metadata_invalid",
            ]
        );
        assert_eq!(codes(json!({"currency": "eur"})), ["currency_invalid"]);
        assert_eq!(
            codes(json!({"currency": "EUR", "amount": 1.5})),
            ["amount_invalid"]
        );
    }

    #[test]
    fn null_is_absent() {
        let body = json!({"currency": "EUR", "amount": null});
        assert!(checked(Some(&body), b"{}", FIELDS).is_ok());
    }

    #[test]
    fn a_body_is_an_object() {
        for body in [Some(json!([])), None] {
            let refused = checked(body.as_ref(), b"[]", FIELDS);
            assert_eq!(refused, Err(Refusal::Malformed));
        }
        assert!(checked(None, b"", &[]).is_ok());
    }
}
