use std::fmt::Display;

use form_urlencoded::Serializer;

/// A form body as Stripe takes it: `a=1&b[c]=2&d[]=3`, percent-encoded. Also the query of a GET.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// `name=value`.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    /// `name=value`, where there is one. An empty text counts as none: to Stripe it would say that
    /// what is there be unset.
    pub fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value.filter(|it| !it.is_empty()) {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// `object[name]=value`; a deeper object is named `outer[inner]`.
    pub fn within(self, object: &str, name: &str, value: impl Display) -> Self {
        self.with(&format!("{object}[{name}]"), value)
    }

    /// `list[]=value`.
    pub fn push(self, list: &str, value: impl Display) -> Self {
        self.with(&format!("{list}[]"), value)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn encode(&self) -> String {
        Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn objects_and_lists_are_written_with_brackets() {
        let form = Form::new()
            .with("amount", 12_900)
            .with_some("email", None)
            .with_some("description", Some(""))
            .within("metadata", "order", "a b&c")
            .within("payment_method_options[card]", "network", "visa")
            .push("expand", "payment_method");
        assert_eq!(
            form.encode(),
            "amount=12900&metadata%5Border%5D=a+b%26c\
             &payment_method_options%5Bcard%5D%5Bnetwork%5D=visa&expand%5B%5D=payment_method",
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(
            fields in proptest::collection::vec((".{1,8}", "[a-z]{1,8}", ".{0,16}"), 0..8),
        ) {
            let mut form = Form::new();
            let mut expected = Vec::new();
            for (value, name, other) in fields {
                form = form.with(&name, &value).within(&name, "x", &other).push(&name, &value);
                expected.push((name.clone(), value.clone()));
                expected.push((format!("{name}[x]"), other));
                expected.push((format!("{name}[]"), value));
            }
            let read: Vec<_> = form_urlencoded::parse(form.encode().as_bytes()).into_owned().collect();
            prop_assert_eq!(read, expected);
        }
    }
}
