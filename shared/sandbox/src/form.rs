//! `application/x-www-form-urlencoded` with nesting, as Rails and Stripe read it: `a[b]=c` is a
//! member, `a[]=c` or `a[0]=c` an item. Values are texts and objects; a list is an object whose
//! members are named `0`, `1`, ….

use serde_json::{Map, Value};

const MOST_PAIRS: usize = 1_000;
const DEEPEST: usize = 8;

/// Why a form can't be read.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("too many parameters: at most 1000 are taken")]
    TooMany,
    #[error("parameters are nested too deeply: at most 8 levels are taken")]
    TooDeep,
    #[error("`{0}` is given both a value and members")]
    Conflict(String),
}

/// A form: its members, and the pairs they were made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    members: Map<String, Value>,
    pairs: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, FormError> {
        let mut form = Form::default();
        for (name, value) in form_urlencoded::parse(text) {
            if form.pairs.len() >= MOST_PAIRS {
                return Err(FormError::TooMany);
            }
            let path = name_path(&name);
            if path.len() > DEEPEST {
                return Err(FormError::TooDeep);
            }
            insert(&mut form.members, &path, &value)
                .map_err(|Conflict| FormError::Conflict(name.to_string()))?;
            form.pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(form)
    }

    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// The text of a parameter; `None` where it is absent or nested.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The pairs sorted by name: equal for forms that say the same in another order.
    pub(crate) fn canonical(&self) -> String {
        let mut pairs = self.pairs.clone();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&pairs)
            .finish()
    }

    /// The pairs as a JSON object, for people to read; a name that came twice has a list.
    pub(crate) fn to_journal(&self) -> Value {
        let mut object = Map::new();
        for (name, value) in &self.pairs {
            match object.get_mut(name) {
                None => {
                    object.insert(name.clone(), Value::from(value.as_str()));
                }
                Some(Value::Array(values)) => values.push(Value::from(value.as_str())),
                Some(first) => *first = Value::from(vec![first.take(), value.as_str().into()]),
            }
        }
        Value::Object(object)
    }
}

/// The items of a list; `None` where the value isn't one.
pub(crate) fn items(value: &Value) -> Option<Vec<&Value>> {
    let members = value.as_object().filter(|members| is_list(members))?;
    Some(members.values().collect())
}

/// The texts of a list; `None` where the value isn't one of texts.
pub(crate) fn texts(value: &Value) -> Option<Vec<&str>> {
    items(value)?.into_iter().map(Value::as_str).collect()
}

/// The value as JSON has it, with lists as lists; texts stay texts.
pub(crate) fn to_json(value: &Value) -> Value {
    match value {
        Value::Object(members) if is_list(members) => members.values().map(to_json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), to_json(value)))
            .collect(),
        other => other.clone(),
    }
}

fn is_list(members: &Map<String, Value>) -> bool {
    members
        .keys()
        .all(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `a[b][]` as `a`, `b` and an empty text. A name whose brackets don't pair up is one plain name.
fn name_path(name: &str) -> Vec<&str> {
    let Some((head, rest)) = name.split_once('[') else {
        return vec![name];
    };
    let Some(rest) = rest.strip_suffix(']') else {
        return vec![name];
    };
    let mut path = vec![head];
    path.extend(rest.split("]["));
    path
}

/// A name that is both a value and a parent.
struct Conflict;

fn insert(members: &mut Map<String, Value>, path: &[&str], value: &str) -> Result<(), Conflict> {
    let [name, rest @ ..] = path else {
        return Err(Conflict);
    };
    let name = match *name {
        "" => members.len().to_string(),
        name => name.to_owned(),
    };
    if rest.is_empty() {
        return match members.get(&name) {
            Some(Value::Object(_)) => Err(Conflict),
            _ => {
                members.insert(name, Value::from(value));
                Ok(())
            }
        };
    }
    let parent = members
        .entry(name)
        .or_insert_with(|| Value::Object(Map::new()));
    match parent {
        Value::Object(inner) => insert(inner, rest, value),
        _ => Err(Conflict),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn brackets_nest() {
        let form =
            form("card[token]=tok_visa&metadata%5Border%5D=a+b&expand[]=x&expand[]=y&e[0]=z");
        assert_eq!(
            to_json(form.get("card").unwrap()),
            json!({"token": "tok_visa"})
        );
        assert_eq!(form.get("metadata").unwrap()["order"], "a b");
        assert_eq!(texts(form.get("expand").unwrap()).unwrap(), ["x", "y"]);
        assert_eq!(texts(form.get("e").unwrap()).unwrap(), ["z"]);
    }

    #[test]
    fn the_last_of_two_equal_names_counts() {
        assert_eq!(form("amount=1&amount=2").text("amount"), Some("2"));
    }

    #[test]
    fn a_name_is_not_both_a_value_and_a_parent() {
        for text in ["a=1&a[b]=2", "a[b]=1&a=2"] {
            let error = Form::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(error, FormError::Conflict(_)), "{text}");
        }
    }

    #[test]
    fn depth_and_number_are_limited() {
        let deep = format!("a{}=1", "[b]".repeat(9));
        assert_eq!(
            Form::parse(deep.as_bytes()).unwrap_err(),
            FormError::TooDeep
        );
        let many = "a=1&".repeat(1_001);
        assert_eq!(
            Form::parse(many.as_bytes()).unwrap_err(),
            FormError::TooMany
        );
    }

    #[test]
    fn order_does_not_change_the_canonical_form() {
        assert_eq!(
            form("a=1&b[]=2&b[]=3").canonical(),
            form("b[]=2&a=1&b[]=3").canonical()
        );
        assert_ne!(
            form("b[]=2&b[]=3").canonical(),
            form("b[]=3&b[]=2").canonical()
        );
    }

    #[test]
    fn odd_names_are_plain_names() {
        for name in ["a]", "a[", "a[b", "[]", ""] {
            assert!(
                Form::parse(format!("{name}=1").as_bytes()).is_ok(),
                "{name}"
            );
        }
    }
}
