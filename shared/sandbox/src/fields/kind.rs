//! The words in which a body is declared.

use serde_json::{Map, Value};

/// The members of an object. A form's are texts and objects, see [`crate::form`].
pub(crate) type Members = Map<String, Value>;

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_required: bool,
    pub(super) is_unsettable: bool,
}

/// A field that may be absent.
pub(crate) const fn optional(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        is_required: false,
        is_unsettable: false,
    }
}

/// A field that must be there.
pub(crate) const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        is_required: true,
        ..optional(name, kind)
    }
}

/// A field that may be absent, or in a form empty, which unsets it.
pub(crate) const fn unsettable(name: &'static str, kind: Kind) -> Field {
    Field {
        is_unsettable: true,
        ..optional(name, kind)
    }
}

/// The values that a field takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Text with at least and at most so many characters.
    Text(usize, usize),
    /// Text that passes.
    Like(fn(&str) -> bool),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number in this range, both ends included.
    Whole(i64, i64),
    /// True or false.
    Flag,
    /// An object with these fields and no others.
    Object(&'static [Field]),
    /// An object with any members, their names of at most so many characters.
    Map(usize, &'static Kind),
    /// A list with at least and at most so many items.
    List(usize, usize, &'static Kind),
    /// A value that passes and is not looked into.
    Such(fn(&Value) -> bool),
}

/// The encoding of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    /// JSON. A member that is null counts as absent.
    Json,
    /// A form: numbers and flags are texts, lists are objects with numbers for names.
    Form,
}
