//! What is not as declared, and where.

use serde_json::Value;

use super::kind::Kind;

/// A place in a body where something is not as declared.
#[derive(Debug)]
pub(crate) struct Finding<'a> {
    pub(crate) path: Path,
    pub(crate) problem: Problem<'a>,
}

/// The difference from the declaration.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Problem<'a> {
    /// A required field is not there.
    Missing,
    /// There is no such field.
    Unknown,
    /// In a form: an empty text for a field that can't be unset.
    Empty,
    /// The name of a member of a [`Kind::Map`] is too long.
    LongName,
    /// The value is not of the kind.
    Wrong { kind: Kind, value: &'a Value },
}

/// The way from a body to one of its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
}

impl Path {
    /// The way on to a member.
    pub(super) fn member(&self, name: &str) -> Self {
        self.then(Step::Member(name.to_owned()))
    }

    /// The way on to an item.
    pub(super) fn item(&self, place: usize) -> Self {
        self.then(Step::Item(place))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// Whether the value is a member of the body itself.
    pub(crate) fn is_top(&self) -> bool {
        self.0.len() == 1
    }

    /// The path as text: the first member as it is, each further one between `before` and `after`,
    /// items as `[0]`.
    pub(crate) fn spelled(&self, before: &str, after: &str) -> String {
        let mut text = String::new();
        for step in &self.0 {
            match step {
                Step::Member(name) if text.is_empty() => text.push_str(name),
                Step::Member(name) => text.extend([before, name, after]),
                Step::Item(place) => text.push_str(&format!("[{place}]")),
            }
        }
        text
    }
}
