use std::collections::{BTreeMap, BTreeSet};

/// The parameters of a query or a form. One that is empty counts as not given, and none may be given
/// twice (RFC 6749, section 3.1).
#[derive(Debug, Default)]
pub struct Parameters {
    given: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Parameters {
    /// Reads a query or the body of a form.
    pub fn parse(text: &[u8]) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(text).filter(|(_, value)| !value.is_empty()) {
            let before = parameters
                .given
                .insert(name.to_string(), value.into_owned());
            if before.is_some() {
                parameters.repeated.insert(name.into_owned());
            }
        }
        parameters
    }

    /// A parameter's value; none for one that is given twice.
    pub fn get(&self, name: &str) -> Option<&str> {
        let is_repeated = self.repeated.contains(name);
        let value = self.given.get(name).filter(|_| !is_repeated);
        value.map(String::as_str)
    }

    /// Whether one of these is given twice.
    pub fn repeats(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.repeated.contains(*name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_parameter_that_is_given_twice_is_not_had() {
        let given = Parameters::parse(b"a=1&b=2&a=1&c=&c=3&d=x+y%26z");
        assert_eq!(given.get("a"), None);
        assert_eq!(given.get("b"), Some("2"));
        assert_eq!(given.get("c"), Some("3"), "an empty one is not given");
        assert_eq!(given.get("d"), Some("x y&z"));
        assert!(given.repeats(&["b", "a"]) && !given.repeats(&["b", "c", "d"]));
    }

    proptest! {
        #[test]
        fn anything_is_read(text in proptest::collection::vec(any::<u8>(), 0..60)) {
            let given = Parameters::parse(&text);
            prop_assert_ne!(given.get("a"), Some(""));
        }

        #[test]
        fn what_a_browser_writes_is_read_as_it_was(name in ".{1,10}", value in ".{1,20}") {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair(&name, &value);
            let given = Parameters::parse(form.finish().as_bytes());
            prop_assert_eq!(given.get(&name), Some(value.as_str()));
        }
    }
}
