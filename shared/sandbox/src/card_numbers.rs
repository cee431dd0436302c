//! Card numbers that must not be kept, not even in a journal of test requests: people paste real
//! ones.

use serde_json::Value;

const REMOVED: &str = "[card number removed]";

/// Whether the text holds 14, 15, 16 or 19 digits in a row (spaces and dashes between them ignored)
/// that start like a payment card's and pass the Luhn check of ISO/IEC 7812-1.
pub(crate) fn holds_card_number(text: &str) -> bool {
    let mut run = Vec::new();
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            run.push(digit);
        } else if !matches!(letter, ' ' | '-') {
            if is_card_number(&run) {
                return true;
            }
            run.clear();
        }
    }
    is_card_number(&run)
}

/// Replaces every text of a JSON value that holds a card number.
pub(crate) fn without_card_numbers(value: Value) -> Value {
    match value {
        Value::String(text) if holds_card_number(&text) => Value::from(REMOVED),
        Value::Number(number) if holds_card_number(&number.to_string()) => Value::from(REMOVED),
        Value::Array(items) => items.into_iter().map(without_card_numbers).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, without_card_numbers(value)))
            .collect(),
        other => other,
    }
}

fn is_card_number(digits: &[u32]) -> bool {
    let starts_like_a_card = matches!(digits.first(), Some(2..=6));
    if !starts_like_a_card || !matches!(digits.len(), 14..=16 | 19) {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match place % 2 {
            0 => *digit,
            _ if *digit > 4 => digit * 2 - 9,
            _ => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_card_number_is_found_however_it_is_written() {
        for text in [
            "4242424242424242",
            "4242 4242 4242 4242",
            "card 4242-4242-4242-4242!",
        ] {
            assert!(holds_card_number(text), "{text}");
        }
        for text in ["4242424242424243", "12900", "pm_card_visa", ""] {
            assert!(!holds_card_number(text), "{text}");
        }
    }

    #[test]
    fn it_is_removed_at_every_depth() {
        let value = json!({"card": [{"number": "4242424242424242", "n": 4242424242424242_u64}]});
        assert!(
            !without_card_numbers(value)
                .to_string()
                .contains("4242424242424242")
        );
    }
}
