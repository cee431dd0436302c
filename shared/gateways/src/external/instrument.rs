//! What a shop tells of a saved card, as a wallet entry shows it.

use domain::gateway::Expiry;
use serde_json::{Map, Value, json};

use crate::instrument::{self, Instrument};

/// What is shown of `payment_instrument`: what storefronts read (Commerce Layer's own components), and
/// nothing else that a shop may send.
const SHOWN: &[&str] = &[
    "issuer_type",
    "issuer",
    "card_type",
    "card_last_digits",
    "card_expiry_month",
    "card_expiry_year",
    "card_holder_name",
];

/// The longest text that is taken, in characters: seven of them make a snapshot of less than 8 KiB.
const LONGEST_LINE: usize = 255;

/// Whether a text is one line of 1 to 255 characters.
pub(super) fn is_line(text: &str) -> bool {
    (1..=LONGEST_LINE).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A line, where the value is one.
pub(super) fn line(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| is_line(text))?;
    Some(text.to_owned())
}

/// The members that are shown, as texts; a month or a year may come as a number.
pub(super) fn shown(instrument: &Value) -> Map<String, Value> {
    let text = |name: &str| match &instrument[name] {
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        value => line(value),
    };
    let members = SHOWN
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), text(name)?.into())));
    members.collect()
}

/// The wallet entry's name: cards by their last four digits.
pub(super) fn name(shown: &Map<String, Value>) -> String {
    let last_digits = digits(shown, "card_last_digits").filter(|it| it.len() == 4);
    let instrument = Instrument {
        last_digits: last_digits.map(str::to_owned),
        ..Instrument::default()
    };
    let name = instrument.name();
    name.unwrap_or_else(|| "External payment".to_owned())
}

/// Until when the card is valid; a year may be given by its last two digits.
pub(super) fn expiry(shown: &Map<String, Value>) -> Option<Expiry> {
    let month: u8 = digits(shown, "card_expiry_month")?.parse().ok()?;
    let year = digits(shown, "card_expiry_year")?;
    let year = match year.len() {
        4 => year.parse::<i32>().ok()?,
        2 => 2000 + year.parse::<i32>().ok()?,
        _ => return None,
    };
    instrument::expiry(month, year)
}

/// What the entry shows of its payment source.
pub(super) fn snapshot(shown: Map<String, Value>) -> Map<String, Value> {
    let mut snapshot = Map::new();
    if !shown.is_empty() {
        snapshot.insert("payment_instrument".to_owned(), shown.into());
    }
    snapshot.insert("options".to_owned(), json!({}));
    snapshot
}

fn digits<'i>(shown: &'i Map<String, Value>, name: &str) -> Option<&'i str> {
    let text = shown.get(name)?.as_str()?;
    text.bytes().all(|it| it.is_ascii_digit()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(month: Value, year: Value) -> Map<String, Value> {
        shown(&json!({"card_expiry_month": month, "card_expiry_year": year}))
    }

    #[test]
    fn the_expiry_is_read_as_shops_write_it() {
        let august = Some(Expiry {
            year: 2030,
            month: 8,
        });
        for (month, year, expected) in [
            (json!("08"), json!("2030"), august),
            (json!("8"), json!("30"), august),
            (json!(8), json!(2030), august),
            (json!("13"), json!("2030"), None),
            (json!("0"), json!("2030"), None),
            (json!("08"), json!("203"), None),
            (json!("+8"), json!("2030"), None),
            (json!("08"), Value::Null, None),
            (json!(["08"]), json!(-2030), None),
        ] {
            let read = expiry(&card(month.clone(), year.clone()));
            assert_eq!(read, expected, "{month} {year}");
        }
    }

    #[test]
    fn only_what_storefronts_read_is_shown() {
        let number = "4242".repeat(4);
        let given = json!({
            "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
            "issuer": "", "card_holder_name": "two\nlines", "number": number, "cvc": "123",
        });
        let expected = json!({
            "issuer_type": "credit card", "card_type": "visa", "card_last_digits": "4242",
        });
        assert_eq!(Value::Object(shown(&given)), expected);
        for nothing in [json!(null), json!([]), json!("visa"), json!({})] {
            let shown = shown(&nothing);
            assert_eq!(name(&shown), "External payment");
            assert_eq!(Value::Object(snapshot(shown)), json!({"options": {}}));
        }
    }

    #[test]
    fn names_end_in_four_digits_or_tell_none() {
        for (last, expected) in [
            ("4242", "XXXX-XXXX-XXXX-4242"),
            ("424", "External payment"),
            ("x242", "External payment"),
            ("٤٢٤٢", "External payment"),
        ] {
            let shown = shown(&json!({ "card_last_digits": last }));
            assert_eq!(name(&shown), expected);
        }
    }

    #[test]
    fn the_largest_snapshot_fits_in_an_entry() {
        for letter in ["\u{10FFFF}", "\"", "\\"] {
            let text = letter.repeat(LONGEST_LINE);
            let members = SHOWN.iter().map(|name| ((*name).to_owned(), json!(text)));
            let given = Value::Object(members.collect());
            let snapshot = snapshot(shown(&given));
            let snapshot = Value::Object(snapshot).to_string();
            assert!(
                (3_000..instrument::LONGEST_SNAPSHOT).contains(&snapshot.len()),
                "{}",
                snapshot.len()
            );
        }
    }
}
