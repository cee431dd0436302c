//! Comparing an answer with the one that is expected: JSON in which placeholders stand for what
//! varies from run to run. events/README.md lists them.

use std::collections::BTreeMap;

use serde_json::Value;

/// A member of an object, set to true, that lets the answer have members beside those listed.
const OTHER_MEMBERS: &str = "{...}";

/// What a placeholder may stand for.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Exactly this many bytes that the function takes.
    Exactly(usize, fn(u8) -> bool),
    /// `pi_` and the like, then letters and digits.
    Prefixed(&'static str),
    /// Each `0` of the pattern is a digit, all else is itself.
    Digits(&'static str),
    /// A PaymentIntent's id, `_secret_`, letters and digits.
    ClientSecret,
    /// This many parts in base64url, with dots between.
    Base64Url(usize),
    /// Hexadecimal digits, as `8-4-4-4-12`.
    Uuid,
    /// Where the API is reached.
    Url,
}

const SHAPES: &[(&str, Shape)] = &[
    ("id", Shape::Exactly(10, is_letter)),
    ("request_id", Shape::Exactly(32, is_hexadecimal)),
    ("etag", Shape::Exactly(32, is_hexadecimal)),
    ("time", Shape::Digits("0000-00-00T00:00:00.000Z")),
    ("year_text", Shape::Digits("0000")),
    ("stripe_id", Shape::Prefixed("pi_")),
    ("payment_method_id", Shape::Prefixed("pm_")),
    ("customer_token", Shape::Prefixed("cus_")),
    ("payment_id", Shape::Prefixed("pay_")),
    ("payment_session_id", Shape::Prefixed("ps_")),
    ("saved_id", Shape::Prefixed("src_")),
    ("uuid", Shape::Uuid),
    ("client_secret", Shape::ClientSecret),
    ("token", Shape::Base64Url(3)),
    ("key", Shape::Base64Url(1)),
    ("url", Shape::Url),
];

/// How many digits the number has that the placeholder stands for, if it stands for a number.
fn digits(placeholder: &str) -> Option<usize> {
    match placeholder {
        "{seconds}" => Some(10),
        "{year}" => Some(4),
        _ => None,
    }
}

/// What placeholders stand for.
pub struct Placeholders {
    url: String,
    bound: BTreeMap<String, String>,
}

impl Placeholders {
    /// None are bound yet; `url` is where the API is reached.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            bound: BTreeMap::new(),
        }
    }

    /// An event's text, with what an earlier answer bound in place of `{name}`.
    pub fn fill(&self, event: &str) -> String {
        let named = self.bound.iter().filter(|(label, _)| is_name(label));
        named.fold(event.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// Compares an answer with what is expected of it. Each difference begins with the JSON pointer
    /// of where it is.
    pub fn differences(&mut self, expected: &Value, answer: &Value) -> Vec<String> {
        // Numbered placeholders are one file's own; named ones are for the events that follow.
        self.bound.retain(|label, _| is_name(label));
        let mut found = Vec::new();
        self.compare(expected, answer, "", &mut found);
        found
    }

    fn compare(&mut self, expected: &Value, answer: &Value, at: &str, found: &mut Vec<String>) {
        match (expected, answer) {
            (Value::Object(expected), Value::Object(answer)) => {
                for (name, value) in expected.iter().filter(|(name, _)| *name != OTHER_MEMBERS) {
                    match answer.get(name) {
                        Some(member) => self.compare(value, member, &below(at, name), found),
                        None => found.push(format!("{}: missing", below(at, name))),
                    }
                }
                let is_open = expected.get(OTHER_MEMBERS) == Some(&Value::Bool(true));
                let unexpected = |name: &&String| !is_open && !expected.contains_key(*name);
                for name in answer.keys().filter(unexpected) {
                    found.push(format!("{}: not expected", below(at, name)));
                }
            }
            (Value::Array(expected), Value::Array(answer)) => {
                if expected.len() != answer.len() {
                    let (wanted, is) = (expected.len(), answer.len());
                    found.push(format!("{at}: {wanted} items expected, has {is}"));
                }
                for (index, (expected, item)) in expected.iter().zip(answer).enumerate() {
                    self.compare(expected, item, &below(at, &index.to_string()), found);
                }
            }
            (Value::String(text), _) if text == "{any}" => {}
            (Value::String(name), Value::Number(number)) if digits(name).is_some() => {
                if !number.is_u64() || digits(name) != Some(number.to_string().len()) {
                    found.push(format!("{at}: {number} is not {name}"));
                }
            }
            (Value::String(expected), Value::String(text)) => {
                if let Err(problem) = self.compare_text(expected, text) {
                    found.push(format!(
                        "{at}: expected {expected:?}, is {text:?}: {problem}"
                    ));
                }
            }
            _ if expected == answer => {}
            _ => found.push(format!("{at}: expected {expected}, is {answer}")),
        }
    }

    /// Compares a text with a literal one that may hold placeholders.
    fn compare_text(&mut self, expected: &str, text: &str) -> Result<(), String> {
        let (mut expected, mut text) = (expected, text);
        while let Some((literal, rest)) = expected.split_once('{') {
            let (placeholder, rest) = rest.split_once('}').ok_or("a { without its }")?;
            text = strip(text, literal)?;
            let length = self.length_of(placeholder, text)?;
            let (taken, left) = text.split_at(length);
            self.bind(placeholder, taken)?;
            (expected, text) = (rest, left);
        }
        match strip(text, expected)? {
            "" => Ok(()),
            left => Err(format!("{left:?} is too much")),
        }
    }

    fn length_of(&self, placeholder: &str, text: &str) -> Result<usize, String> {
        let name = placeholder.split(':').next().unwrap_or_default();
        let shape = SHAPES.iter().find(|(it, _)| *it == name);
        let (_, shape) = shape.ok_or_else(|| format!("there is no placeholder {{{name}}}"))?;
        let length = match shape {
            Shape::Url => text.strip_prefix(&self.url).map(|_| self.url.len()),
            shape => shape.length_in(text),
        };
        length.ok_or_else(|| format!("{text:?} does not begin with {{{name}}}"))
    }

    /// A placeholder with a label stands for the same value wherever it is.
    fn bind(&mut self, placeholder: &str, value: &str) -> Result<(), String> {
        let Some((_, label)) = placeholder.split_once(':') else {
            return Ok(());
        };
        let is_number = label.bytes().all(|byte| byte.is_ascii_digit());
        let label = if is_number { placeholder } else { label };
        let bound = self.bound.entry(label.to_owned());
        match bound.or_insert_with(|| value.to_owned()) {
            bound if bound == value => Ok(()),
            bound => Err(format!("{{{placeholder}}} was {bound:?} before")),
        }
    }
}

impl Shape {
    /// How many bytes at the beginning of the text have this shape.
    fn length_in(self, text: &str) -> Option<usize> {
        match self {
            Self::Exactly(length, takes) => Some(run(text, takes)).filter(|it| *it == length),
            Self::Prefixed(prefix) => {
                let length = run(text.strip_prefix(prefix)?, is_letter_or_digit);
                (length > 0).then_some(prefix.len() + length)
            }
            Self::Digits(pattern) => {
                let pairs = pattern.bytes().zip(text.bytes());
                let fits = |(wanted, is): (u8, u8)| match wanted {
                    b'0' => is.is_ascii_digit(),
                    other => is == other,
                };
                (text.len() >= pattern.len() && pairs.into_iter().all(fits))
                    .then_some(pattern.len())
            }
            Self::ClientSecret => {
                let id = Self::Prefixed("pi_").length_in(text)?;
                let secret = Self::Prefixed("_secret_").length_in(&text[id..])?;
                Some(id + secret)
            }
            Self::Base64Url(parts) => {
                let length = run(text, |byte| is_base64_url(byte) || byte == b'.');
                let is_full = |part: &str| !part.is_empty();
                let found = text[..length].split('.').filter(|part| is_full(part));
                (found.count() == parts).then_some(length)
            }
            Self::Uuid => {
                let length = run(text, |byte| is_hexadecimal(byte) || byte == b'-');
                let parts = text[..length].split('-').map(str::len);
                parts.eq([8, 4, 4, 4, 12]).then_some(length)
            }
            Self::Url => None,
        }
    }
}

/// Whether a label is a name, and not a number with its placeholder.
fn is_name(label: &str) -> bool {
    !label.contains(':')
}

fn run(text: &str, takes: fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| takes(*byte)).count()
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

const fn is_letter_or_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn is_hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

const fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn strip<'t>(text: &'t str, literal: &str) -> Result<&'t str, String> {
    text.strip_prefix(literal)
        .ok_or_else(|| format!("{text:?} does not begin with {literal:?}"))
}

/// The JSON pointer of a member or item.
fn below(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(expected: Value, answer: Value) -> Vec<String> {
        Placeholders::new("http://localhost:1").differences(&expected, &answer)
    }

    fn differs(expected: &str, answer: &str) -> bool {
        !differences(json!(expected), json!(answer)).is_empty()
    }

    #[test]
    fn placeholders_check_the_shape_of_what_they_stand_for() {
        for (expected, good, bad) in [
            ("{id}", "qaMAhZkZvd", "qaMAhZkZvdx"),
            ("{time}", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00Z"),
            ("{stripe_id}", "pi_1", "pm_1"),
            ("{client_secret}", "pi_1_secret_2", "pi_1"),
            ("{token}", "a.b-c.d_e", "a.b"),
            ("{payment_id}", "pay_1a", "pi_1a"),
            (
                "{uuid}",
                "01234567-89ab-4cde-8f01-23456789abcd",
                "0123456789ab-4cde-8f01-23456789abcd",
            ),
            (
                "{url}/api",
                "http://localhost:1/api",
                "http://localhost:12/api",
            ),
            ("{id}/{id}", "qaMAhZkZvd/eqkykhjlVw", "qaMAhZkZvd/"),
            ("x {year_text}", "x 2030", "y 2030"),
            ("plain", "plain", "plainer"),
        ] {
            assert!(!differs(expected, good), "{expected} {good}");
            assert!(differs(expected, bad), "{expected} {bad}");
        }
        assert!(
            differs("{unheard_of}", "x"),
            "a slip in a file is a difference"
        );
    }

    #[test]
    fn a_difference_says_where_it_is() {
        let expected = json!({"data": [{"id": "{id}", "a/b": 1, "gone": null}]});
        let answer = json!({"data": [{"id": "x", "a/b": 2, "new": true}, {}]});
        let found = differences(expected, answer);
        let places: Vec<_> = found
            .iter()
            .map(|it| it.split(':').next().unwrap())
            .collect();
        let expected = [
            "/data",
            "/data/0/id",
            "/data/0/a~1b",
            "/data/0/gone",
            "/data/0/new",
        ];
        assert_eq!(places, expected, "{found:?}");
    }

    #[test]
    fn other_members_may_be_there_only_where_that_is_said() {
        let answer = json!({"a": 1, "b": 2});
        assert!(differences(json!({"a": 1, "{...}": true}), answer.clone()).is_empty());
        assert_eq!(differences(json!({"a": 1}), answer), ["/b: not expected"]);
    }

    #[test]
    fn a_label_stands_for_one_value_and_a_name_for_later_events_too() {
        let mut placeholders = Placeholders::new("");
        let expected = json!(["{id:1}", "{id:1}", "{id:entry}"]);
        let answer = json!(["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"]);
        assert_eq!(placeholders.differences(&expected, &answer).len(), 1);
        assert_eq!(
            placeholders.fill("{entry} {id:1}"),
            "cccccccccc {id:1}".to_owned()
        );
        let later = placeholders.differences(&json!(["{id:1}"]), &json!(["dddddddddd"]));
        assert!(later.is_empty(), "numbers are one file's own");
        let other = placeholders.differences(&json!(["{id:entry}"]), &json!(["dddddddddd"]));
        assert_eq!(other.len(), 1);
    }
}
