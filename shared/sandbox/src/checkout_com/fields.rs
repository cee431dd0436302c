//! Checkout.com's fields: the kinds they have, and the error codes of a body that has others.

use std::net::IpAddr;

use iso_currency::Currency;
use serde_json::Value;

use crate::fields::{Encoding, Field, Kind, Members, Problem, findings};

use super::error::Refusal;

/// The id of a processing channel.
pub(super) const CHANNEL_ID: Kind = Kind::Like(|text| is_id(text, "pc_"));
/// The id of a customer.
pub(super) const CUSTOMER_ID: Kind = Kind::Like(|text| is_id(text, "cus_"));
/// A token of the shopper's page.
pub(super) const TOKEN_ID: Kind = Kind::Like(|text| is_id(text, "tok_"));
/// The id of a stored card.
pub(super) const SOURCE_ID: Kind = Kind::Like(|text| is_id(text, "src_"));
/// An http or https URL of at most 255 characters.
pub(super) const URL: Kind = Kind::Like(is_url);
/// An e-mail address of at most 255 characters.
pub(super) const EMAIL: Kind = Kind::Like(is_email);
pub(super) const IP: Kind = Kind::Like(|text| text.parse::<IpAddr>().is_ok());
/// An ISO 4217 code in capital letters.
pub(super) const CURRENCY: Kind =
    Kind::Like(|text| Currency::from_code(text).is_some_and(|currency| currency.code() == text));
/// An ISO 3166-1 code: two capital letters.
pub(super) const COUNTRY: Kind =
    Kind::Like(|text| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()));
/// An amount in minor units, not negative.
pub(super) const AMOUNT: Kind = Kind::Whole(0, i64::MAX);
pub(super) const ANY_OBJECT: Kind = Kind::Such(Value::is_object);
pub(super) const ANY_LIST: Kind = Kind::Such(Value::is_array);
/// An object of texts, numbers and flags.
pub(super) const FLAT: Kind = Kind::Such(is_flat);

/// Text of at most so many characters, and at least one.
pub(super) const fn text(most: usize) -> Kind {
    Kind::Text(1, most)
}

/// The members of a request's body, if it has these fields and no others. An absent body is an
/// empty one.
pub(super) fn checked<'a>(
    body: Option<&'a Value>,
    raw: &[u8],
    fields: &[Field],
) -> Result<&'a Members, Refusal> {
    static EMPTY: std::sync::LazyLock<Members> = std::sync::LazyLock::new(Members::new);
    let members = match body {
        Some(Value::Object(members)) => members,
        None if raw.is_empty() => &EMPTY,
        _ => return Err(Refusal::Malformed),
    };
    check(members, fields, "")?;
    Ok(members)
}

/// Refuses members that are not as declared. Each error code is the field's path and what is wrong
/// about it, as in `customer_email_invalid`; `stem` is what comes before the path.
pub(super) fn check(members: &Members, fields: &[Field], stem: &str) -> Result<(), Refusal> {
    let codes: Vec<String> = findings(members, &[fields], Encoding::Json)
        .iter()
        .map(|finding| {
            let path = finding.path.spelled("_", "");
            let problem = match finding.problem {
                Problem::Missing => "required",
                Problem::Unknown => "unknown",
                Problem::Empty | Problem::LongName | Problem::Wrong { .. } => "invalid",
            };
            format!("{stem}{path}_{problem}")
        })
        .collect();
    if codes.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Invalid(codes))
    }
}

fn is_flat(value: &Value) -> bool {
    let is_nested = |value: &Value| value.is_object() || value.is_array();
    value
        .as_object()
        .is_some_and(|members| !members.values().any(is_nested))
}

/// True if the text is the prefix and 26 letters, digits or underscores.
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
    use crate::fields::{optional, required};
    use serde_json::json;

    const FIELDS: &[Field] = &[
        required("currency", CURRENCY),
        optional("amount", AMOUNT),
        optional("customer", Kind::Object(&[optional("email", EMAIL)])),
        optional("metadata", FLAT),
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
