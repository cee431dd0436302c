//! What the body of a request may hold: one vocabulary for all gateways.
//!
//! An endpoint declares its fields as a table; [`findings`] holds a request against it and says
//! everything that is not as declared. Each gateway then says it in its own words: Stripe names the
//! first parameter, Checkout.com gives codes, Klarna paths. Gateways ignore fields that they do not
//! know, or refuse them; stand-ins refuse all of them, so that a shop's slip shows.

mod finding;
mod walk;

pub(crate) use finding::{Finding, Path, Problem};
pub(crate) use walk::findings;

use serde_json::{Map, Value};

/// The members of an object. A form's are texts and objects, see [`crate::form`].
pub(crate) type Members = Map<String, Value>;

/// One field of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    name: &'static str,
    kind: Kind,
    is_required: bool,
    is_unsettable: bool,
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

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Encoding {
    /// JSON. A member that is null counts as absent.
    Json,
    /// A form: numbers and flags are texts, lists are objects with numbers for names.
    Form,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;
    use serde_json::json;

    const WORD: Kind = Kind::Text(1, 5);
    const FIELDS: &[Field] = &[
        required("amount", Kind::Whole(0, 100)),
        optional("confirm", Kind::Flag),
        optional("card", Kind::Object(&[required("owner", WORD)])),
        optional(
            "items",
            Kind::List(1, 2, &Kind::Object(&[optional("name", WORD)])),
        ),
        unsettable("note", WORD),
        optional("tags", Kind::Map(3, &WORD)),
        optional("extra", Kind::Such(Value::is_object)),
    ];

    fn spelled(members: &Members, encoding: Encoding) -> Vec<String> {
        let found = findings(members, &[FIELDS], encoding);
        let spell = |finding: &Finding<'_>| {
            let problem = match finding.problem {
                Problem::Missing => "missing",
                Problem::Unknown => "unknown",
                Problem::Empty => "empty",
                Problem::LongName => "long name",
                Problem::Wrong { .. } => "wrong",
            };
            format!("{} {problem}", finding.path.spelled(".", ""))
        };
        found.iter().map(spell).collect()
    }

    fn in_json(body: Value) -> Vec<String> {
        spelled(body.as_object().unwrap(), Encoding::Json)
    }

    fn in_form(text: &str) -> Vec<String> {
        spelled(
            Form::parse(text.as_bytes()).unwrap().members(),
            Encoding::Form,
        )
    }

    #[test]
    fn what_is_declared_passes_in_either_encoding() {
        let nothing: Vec<String> = Vec::new();
        let body = json!({
            "amount": 1, "confirm": true, "card": {"owner": "Ada"}, "items": [{"name": "a"}],
            "note": "b", "tags": {"a": "b"}, "extra": {"a": [1]},
        });
        assert_eq!(in_json(body), nothing);
        let text =
            "amount=1&confirm=true&card[owner]=Ada&items[][name]=a&note=&tags[a]=b&extra[a]=1";
        assert_eq!(in_form(text), nothing);
    }

    #[test]
    fn all_that_is_not_as_declared_is_found_the_unknown_last() {
        let body = json!({
            "colour": "red", "confirm": "true", "card": {"holder": "Ada"}, "extra": 1,
            "items": [{"name": ""}, 1, {}], "note": "longer", "tags": {"long": "a", "b": 1},
        });
        let expected = [
            "amount missing",
            "confirm wrong",
            "card.owner missing",
            "card.holder unknown",
            "items[0].name wrong",
            "items[1] wrong",
            "items wrong",
            "note wrong",
            "tags.long long name",
            "tags.b wrong",
            "extra wrong",
            "colour unknown",
        ];
        assert_eq!(in_json(body), expected);
    }

    #[test]
    fn null_is_absent_in_json() {
        assert_eq!(in_json(json!({"amount": 1, "note": null})), [""; 0]);
        assert_eq!(in_json(json!({"amount": null})), ["amount missing"]);
    }

    #[test]
    fn an_empty_text_unsets_what_can_be_unset() {
        assert_eq!(in_form("amount=&note="), ["amount empty"]);
    }

    #[test]
    fn numbers_have_their_range_and_are_whole() {
        for amount in [json!(101), json!(-1), json!(1.0), json!("1"), json!([])] {
            assert_eq!(in_json(json!({ "amount": amount })), ["amount wrong"]);
        }
        for amount in ["101", "-1", "1.0", "x"] {
            assert_eq!(in_form(&format!("amount={amount}")), ["amount wrong"]);
        }
    }
}
