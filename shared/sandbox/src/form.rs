//! `application/x-www-form-urlencoded` with nesting, as Rails and Stripe read it: `a[b]=c` is a
//! member, `a[]=c` or `a[0]=c` an item.

use serde_json::{Map, Value};

const MOST_PAIRS: usize = 1_000;
const DEEPEST: usize = 8;

/// A value of a form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Node {
    Text(String),
    /// Members in the order they came; a list's are named `0`, `1`, ….
    Nested(Vec<(String, Node)>),
}

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
    members: Vec<(String, Node)>,
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
                .map_err(|()| FormError::Conflict(name.to_string()))?;
            form.pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(form)
    }

    pub(crate) fn members(&self) -> &[(String, Node)] {
        &self.members
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        find(&self.members, name)
    }

    /// The text of a parameter; `None` where it is absent or nested.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Node::text)
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

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            Node::Nested(_) => None,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Text(_) => None,
            Node::Nested(members) => find(members, name),
        }
    }

    /// The texts of a list; `None` where it isn't one.
    pub(crate) fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Node::Nested(members) if is_list(members) => {
                members.iter().map(|(_, item)| item.text()).collect()
            }
            _ => None,
        }
    }

    /// As JSON, all values as texts.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Node::Text(text) => Value::from(text.as_str()),
            Node::Nested(members) if is_list(members) => {
                members.iter().map(|(_, item)| item.to_json()).collect()
            }
            Node::Nested(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), value.to_json()))
                .collect(),
        }
    }
}

fn is_list(members: &[(String, Node)]) -> bool {
    members
        .iter()
        .all(|(name, _)| name.bytes().all(|byte| byte.is_ascii_digit()))
}

fn find<'a>(members: &'a [(String, Node)], name: &str) -> Option<&'a Node> {
    members
        .iter()
        .find(|(member, _)| member == name)
        .map(|(_, node)| node)
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

fn insert(members: &mut Vec<(String, Node)>, path: &[&str], value: &str) -> Result<(), ()> {
    let [name, rest @ ..] = path else {
        return Err(());
    };
    let name = match *name {
        "" => members.len().to_string(),
        name => name.to_owned(),
    };
    let index = match members.iter().position(|(member, _)| *member == name) {
        Some(index) => index,
        None => {
            members.push((name, Node::Nested(Vec::new())));
            members.len() - 1
        }
    };
    let Some((_, node)) = members.get_mut(index) else {
        return Err(());
    };
    match node {
        Node::Nested(inner) if rest.is_empty() && inner.is_empty() => {
            *node = Node::Text(value.to_owned());
            Ok(())
        }
        Node::Nested(inner) if !rest.is_empty() => insert(inner, rest, value),
        Node::Text(text) if rest.is_empty() => {
            value.clone_into(text);
            Ok(())
        }
        _ => Err(()),
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
            form.get("card").unwrap().to_json(),
            json!({"token": "tok_visa"})
        );
        assert_eq!(
            form.get("metadata").unwrap().get("order").unwrap().text(),
            Some("a b")
        );
        assert_eq!(form.get("expand").unwrap().texts().unwrap(), ["x", "y"]);
        assert_eq!(form.get("e").unwrap().texts().unwrap(), ["z"]);
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
