//! What the body of a request may hold: one vocabulary for all gateways.
//!
//! An endpoint declares its fields as a table; [`findings`] holds a request against it and says
//! everything that is not as declared. Each gateway then says it in its own words: Stripe names the
//! first parameter, Checkout.com gives codes, Klarna paths. Gateways ignore fields that they do not
//! know, or refuse them; stand-ins refuse all of them, so that a shop's slip shows.

mod finding;
mod kind;
mod walk;

pub(crate) use finding::{Finding, Problem};
pub(crate) use kind::{Encoding, Field, Kind, Members, optional, required, unsettable};
pub(crate) use walk::findings;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;
    use serde_json::{Value, json};

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
