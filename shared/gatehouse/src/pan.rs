//! Card numbers, which are refused wherever they turn up (PCI DSS 3.5.1; OWASP API10).

use domain::refusal::{Code, Refusal};
use serde_json::Value;

use crate::digit_groups::words;

/// Where a document has a resource's own attributes.
const ATTRIBUTES: &str = "/data/attributes";

/// Attributes whose long digit runs are something else: bar codes, numbers, phones.
const NOT_LOOKED_AT: &[&str] = &[
    "sku_code",
    "bundle_code",
    "barcode",
    "bar_code",
    "ean",
    "gtin",
    "number",
    "phone",
];

/// Refuses a document that holds what looks like a card number, whether as a text or as a number.
///
/// # Errors
/// [`Code::PanDetected`], with a pointer to the value, which is not repeated.
pub fn refuse_card_numbers(document: &Value) -> Result<(), Refusal> {
    match find(document, "") {
        None => Ok(()),
        Some(pointer) => Err(Refusal::new(
            Code::PanDetected,
            "This value looks like a card number. Card numbers must never be sent here; send the gateway's token instead.",
        )
        .at(pointer)),
    }
}

/// Whether a text holds what looks like a card number: 14, 15, 16 or 19 digits that pass Luhn's check and
/// start as a scheme's numbers of that length do. Digits of any script count, and what separates their
/// groups does not; a number begins and ends with a group, so that a date or a code may stand beside it.
pub fn holds_card_number(text: &str) -> bool {
    words(text).any(|word| holds_one(&word))
}

fn find(value: &Value, pointer: &str) -> Option<String> {
    match value {
        Value::String(text) => holds_card_number(text).then(|| pointer.to_owned()),
        Value::Number(number) => holds_card_number(&number.to_string()).then(|| pointer.to_owned()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| find(item, &format!("{pointer}/{index}"))),
        Value::Object(members) => members
            .iter()
            .find_map(|(name, member)| find_member(name, member, pointer)),
        Value::Null | Value::Bool(_) => None,
    }
}

fn find_member(name: &str, member: &Value, parent: &str) -> Option<String> {
    let escaped = name.replace('~', "~0").replace('/', "~1");
    let pointer = format!("{parent}/{escaped}");
    if holds_card_number(name) {
        return Some(pointer);
    }
    match is_passed_over(name, member, parent) {
        true => None,
        false => find(member, &pointer),
    }
}

/// A resource's own attribute whose digits are something else. Inside free-form objects no name says
/// that: `options.card.number` is a card number.
fn is_passed_over(name: &str, member: &Value, parent: &str) -> bool {
    let is_named = NOT_LOOKED_AT.contains(&name)
        || name.ends_with("_cents")
        || name.ends_with("_at")
        || name.ends_with("_float");
    is_named && parent == ATTRIBUTES && !member.is_object() && !member.is_array()
}

/// Whether some neighbouring groups make a card number.
fn holds_one(groups: &[Vec<u8>]) -> bool {
    (0..groups.len()).any(|first| {
        let mut digits = Vec::new();
        groups.iter().skip(first).any(|group| {
            digits.extend(group);
            is_card_number(&digits)
        })
    })
}

fn is_card_number(digits: &[u8]) -> bool {
    has_scheme_prefix(digits) && passes_luhn(digits)
}

/// The ranges of issuer identification numbers by length (ISO/IEC 7812; the schemes' own pages).
fn has_scheme_prefix(digits: &[u8]) -> bool {
    let leading = |count: usize| {
        digits
            .iter()
            .take(count)
            .fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let (two, three, four) = (leading(2), leading(3), leading(4));
    match digits.len() {
        14 => matches!(two, 36 | 38 | 39) || (300..=305).contains(&three),
        15 => matches!(two, 34 | 37),
        16 => {
            leading(1) == 4
                || (51..=55).contains(&two)
                || (2221..=2720).contains(&four)
                || four == 6011
                || two == 65
                || (644..=649).contains(&three)
                || (3528..=3589).contains(&four)
                || two == 62
                || matches!(two, 50 | 56..=58)
        }
        19 => {
            leading(1) == 4 || two == 62 || four == 6011 || two == 65 || matches!(two, 50 | 56..=58)
        }
        _ => false,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, u32::from(*digit)) {
            (1, digit) if digit > 4 => digit * 2 - 9,
            (1, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Test numbers of the schemes, put together here so that none stands in the source.
    fn visa() -> String {
        "4242".repeat(4)
    }

    #[test]
    fn card_numbers_are_found_however_they_are_written() {
        let visa = visa();
        let dashed = format!(
            "{}-{}-{}-{}",
            &visa[..4],
            &visa[4..8],
            &visa[8..12],
            &visa[12..]
        );
        let amex = format!("3782{}", "82246310005");
        for text in [visa.clone(), dashed, amex, format!("card {visa}, thanks")] {
            assert!(holds_card_number(&text), "{text}");
        }
        for separator in [
            ".", "/", "_", "\t", "\r\n", "\u{a0}", "\u{200b}", "\u{2011}", " - ",
        ] {
            let text = ["4242"; 4].join(separator);
            assert!(holds_card_number(&text), "{text:?}");
        }
        for zero in ['０', '٠', '۰', '०', '𝟎'] {
            let shifted = |digit: char| char::from_u32(u32::from(zero) + digit.to_digit(10)?);
            let text: String = visa.chars().filter_map(shifted).collect();
            assert!(holds_card_number(&text), "{text}");
        }
        assert!(holds_card_number(
            &json!(visa.parse::<u64>().unwrap()).to_string()
        ));
    }

    #[test]
    fn what_stands_beside_a_card_number_does_not_hide_it() {
        let visa = visa();
        for text in [
            format!("{visa} 12 30"),
            format!("{visa} 12/30 123"),
            format!("1 {visa}"),
            format!("2026-11-29 {visa}"),
        ] {
            assert!(holds_card_number(&text), "{text}");
        }
    }

    #[test]
    fn other_long_numbers_are_not() {
        for text in [
            "4006381333931",        // EAN-13
            "1700000000000",        // milliseconds
            "4242424242424241",     // fails Luhn
            "00340123450000000018", // SSCC, 20 digits
            "2024-01-01 12:00:00.000",
            "2024/01/01 12.00.00",
            "192.168.100.200",
            "+49 30 1234567 / +49 171 2345678",
            "pm_1IixtoEw0yMev2I0jGzoT9Js",
            "42424242-4242-4242-8a1b-0c2d4e6f8091", // begins with 16 digits
            "https://x.test/sessions/42424242-4242-4242-8a1b-0c2d4e6f8091?a=1",
        ] {
            assert!(!holds_card_number(text), "{text}");
        }
    }

    #[test]
    fn the_error_points_at_the_value_and_does_not_repeat_it() {
        let body = json!({"data": {"attributes": {"options": {"a/b": ["x", visa()]}}}});
        let refusal = refuse_card_numbers(&body).unwrap_err();
        assert_eq!(
            refusal.error_source,
            Some(domain::refusal::ErrorSource::Pointer(
                "/data/attributes/options/a~1b/1".into()
            ))
        );
        assert!(!refusal.to_string().contains("4242"));
    }

    #[test]
    fn bar_codes_phones_amounts_and_times_are_not_looked_at() {
        let attributes = json!({
            "sku_code": visa(), "phone": visa(), "number": visa(), "total_amount_cents": visa(),
            "placed_at": visa(),
        });
        let body = json!({ "data": { "attributes": attributes } });
        assert_eq!(refuse_card_numbers(&body), Ok(()));
    }

    #[test]
    fn inside_free_form_objects_no_name_hides_a_card_number() {
        for name in [
            "number",
            "phone",
            "sku_code",
            "total_amount_cents",
            "placed_at",
        ] {
            let options = json!({ "card": { name: visa() } });
            let body = json!({ "data": { "attributes": { "options": options } } });
            assert!(refuse_card_numbers(&body).is_err(), "{name}");
            let body = json!({ "data": { "attributes": { "metadata": { name: visa() } } } });
            assert!(refuse_card_numbers(&body).is_err(), "{name}");
        }
    }
}
