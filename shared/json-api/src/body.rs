//! Request documents, parsed by the declaration of their type.

use domain::record::Identifier;
use domain::refusal::Code;
use domain::resource::{Attribute, Relationship, Source, Trigger, ValueType};
use domain::{Caller, Id, Refusal, ResourceType, Roles, Write};
use serde_json::{Map, Value};

use crate::shape::{check_shape, in_own_type, is_deeper_than, stored};
use domain::refusal::Refusals;

/// How deep a body may nest.
const DEEPEST_BODY: usize = 32;

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A record is made.
    Create,
    /// The record of this id is changed.
    Update(Id),
}

/// A body that was found to be a document about a record of the right type.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestDocument {
    kind: ResourceType,
    verb: Verb,
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
}

impl RequestDocument {
    /// Reads a body about a record of type `kind`.
    ///
    /// # Errors
    /// Card numbers (422, before anything else), a body that is no document (400), `type` or `id`
    /// other than the URL's (409), a client-made id (403).
    pub fn parse(body: &[u8], kind: ResourceType, verb: Verb) -> Result<Self, Refusal> {
        let document: Value = serde_json::from_slice(body)
            .map_err(|error| bad_request(format!("The body is not JSON: {error}."), ""))?;
        if is_deeper_than(&document, DEEPEST_BODY) {
            let detail = format!("The body nests deeper than {DEEPEST_BODY} levels.");
            return Err(bad_request(detail, ""));
        }
        gatehouse::pan::refuse_card_numbers(&document)?;
        let data = document
            .get("data")
            .and_then(Value::as_object)
            .ok_or_else(|| bad_request("The body has no resource object under data.", ""))?;
        check_type(data.get("type"), kind)?;
        check_id(data.get("id"), verb)?;
        Ok(Self {
            kind,
            verb,
            attributes: member_object(data, "attributes")?,
            relationships: member_object(data, "relationships")?,
        })
    }

    /// What the document asks to be written, by the declaration of its type and the caller's role.
    ///
    /// # Errors
    /// Each part that is unknown or read-only (400), not for this role (401), or of the wrong shape
    /// (422).
    pub fn write(&self, caller: &Caller) -> Result<Write, Refusals> {
        let mut write = Write::default();
        let mut refusals = Vec::new();
        for (name, value) in &self.attributes {
            if let Err(refusal) = self.write_attribute(caller, name, value, &mut write) {
                refusals.push(refusal.at_attribute(escape(name)));
            }
        }
        for (name, value) in &self.relationships {
            match self.read_relationship(caller, name, value) {
                Ok(to) => write.relationships.extend(to),
                Err(refusal) => refusals.push(refusal.at_relationship(escape(name))),
            }
        }
        Refusals::all(refusals).map_or(Ok(write), Err)
    }

    /// All attributes as they were given, for a digest of the request.
    pub fn as_given(&self) -> Value {
        Value::Object(self.attributes.clone())
    }

    fn write_attribute(
        &self,
        caller: &Caller,
        name: &str,
        value: &Value,
        write: &mut Write,
    ) -> Result<(), Refusal> {
        let attribute = self.kind.declaration().attribute(name);
        let attribute = attribute.ok_or_else(|| not_allowed(self.kind, name))?;
        let writers = match self.verb {
            Verb::Create => attribute.creators,
            Verb::Update(_) => attribute.updaters,
        };
        check_role(caller, writers, self.kind, name)?;
        let value = &in_own_type(&attribute, &as_flag(&attribute, value));
        check_shape(&attribute, value)?;
        match attribute.source {
            Source::Trigger(trigger) => {
                if *value != Value::Null && *value != Value::Bool(false) {
                    require_built(trigger, name)?;
                    write.triggers.insert(name.to_owned(), value.clone());
                }
            }
            _ => {
                write
                    .attributes
                    .insert(name.to_owned(), stored(&attribute, value));
            }
        }
        Ok(())
    }

    fn read_relationship(
        &self,
        caller: &Caller,
        name: &str,
        value: &Value,
    ) -> Result<Option<(&'static str, Option<Identifier>)>, Refusal> {
        let declaration = self.kind.declaration();
        let relationship = declaration.relationship(name);
        let is_never_given = match relationship {
            Some(relationship) => self.verb == Verb::Create && relationship.creators.is_empty(),
            None => declaration.unsupported.contains(&name),
        };
        if is_never_given {
            return require_none(name, value).map(|()| None);
        }
        let relationship = relationship.ok_or_else(|| not_allowed(self.kind, name))?;
        let writers = match self.verb {
            Verb::Create => relationship.creators,
            Verb::Update(_) => relationship.updaters,
        };
        check_role(caller, writers, self.kind, name)?;
        let data = value.get("data").ok_or_else(|| {
            Refusal::new(
                Code::BadRequest,
                "A relationship is given as an object with data.",
            )
        })?;
        match data {
            Value::Null => Ok(Some((relationship.name, None))),
            data => {
                let to = read_identifier(relationship, data)?;
                Ok(Some((relationship.name, Some(to))))
            }
        }
    }
}

/// A relationship of Commerce Layer's that leads to what is not held, or that nobody gives a new record, is
/// taken where it names nothing.
fn require_none(name: &str, value: &Value) -> Result<(), Refusal> {
    match value.get("data") {
        Some(Value::Null) => Ok(()),
        Some(Value::Array(named)) if named.is_empty() => Ok(()),
        _ => Err(Refusal::invalid(format!(
            "{name} is not given here. Leave it out, or have it name nothing."
        ))),
    }
}

fn check_type(given: Option<&Value>, kind: ResourceType) -> Result<(), Refusal> {
    let given = given
        .and_then(Value::as_str)
        .ok_or_else(|| bad_request("The resource object has no type.", "/data"))?;
    // A published guide of Commerce Layer's writes checkout_payments.
    let is_known_slip = kind == ResourceType::CheckoutComPayments && given == "checkout_payments";
    if given == kind.name() || is_known_slip {
        return Ok(());
    }
    let detail = format!("The URL is about {kind}, the body about {given}.");
    Err(Refusal::new(Code::Conflict, detail).at("/data/type"))
}

fn check_id(given: Option<&Value>, verb: Verb) -> Result<(), Refusal> {
    match (verb, given) {
        (Verb::Create, None | Some(Value::Null)) => Ok(()),
        (Verb::Create, Some(_)) => Err(Refusal::new(
            Code::Forbidden,
            "Ids are made by the server. Leave the id out.",
        )
        .at("/data/id")),
        (Verb::Update(id), Some(given)) if given.as_str() == Some(id.as_str()) => Ok(()),
        (Verb::Update(_), Some(_)) => Err(Refusal::new(
            Code::Conflict,
            "The id in the body is not the one in the URL.",
        )
        .at("/data/id")),
        (Verb::Update(_), None) => Err(bad_request("The resource object has no id.", "/data")),
    }
}

fn member_object(data: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match data.get(name) {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(bad_request(
            format!("{name} is an object."),
            &format!("/data/{name}"),
        )),
    }
}

fn check_role(
    caller: &Caller,
    writers: Roles,
    kind: ResourceType,
    name: &str,
) -> Result<(), Refusal> {
    if writers.is_empty() {
        return Err(not_allowed(kind, name));
    }
    match writers.contains(caller.role) {
        true => Ok(()),
        false => Err(Refusal::unauthorized()),
    }
}

/// A trigger that is true or false takes 1 and 0 as well: Commerce Layer's checkout sends them.
fn as_flag(attribute: &Attribute, value: &Value) -> Value {
    let is_flag = matches!(attribute.source, Source::Trigger(_))
        && matches!(attribute.value, ValueType::Boolean);
    match value.as_i64() {
        Some(flag @ (0 | 1)) if is_flag => Value::Bool(flag == 1),
        _ => value.clone(),
    }
}

fn require_built(trigger: Trigger, name: &str) -> Result<(), Refusal> {
    match trigger {
        Trigger::Built => Ok(()),
        Trigger::NotBuilt => Err(Refusal::new(
            Code::TriggerNotSupported,
            format!("{name} is not carried out here. Leave it out, or set it to false."),
        )),
    }
}

fn read_identifier(relationship: &Relationship, data: &Value) -> Result<Identifier, Refusal> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let (Some(type_name), Some(id)) = (text("type"), text("id")) else {
        return Err(Refusal::invalid(format!(
            "{} is given as an object with type and id, or null.",
            relationship.name
        )));
    };
    let kind = relationship.to.iter().find(|kind| kind.name() == type_name);
    let kind = kind.ok_or_else(|| {
        Refusal::invalid(format!(
            "{} does not lead to {type_name}.",
            relationship.name
        ))
    })?;
    let id = id.parse().map_err(|_| Refusal::not_found())?;
    Ok(Identifier { kind: *kind, id })
}

fn not_allowed(kind: ResourceType, name: &str) -> Refusal {
    let detail =
        format!("{name} is not an attribute or relationship of {kind} that can be written.");
    Refusal::new(Code::ParamNotAllowed, detail)
}

fn bad_request(detail: impl Into<String>, pointer: &str) -> Refusal {
    Refusal::new(Code::BadRequest, detail).at(pointer)
}

/// A member's name as a token of a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use domain::{CustomerId, Mode, Role, Tenant};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn id() -> Id {
        "eqkykhjlVw".parse().unwrap()
    }

    fn caller(role: Role) -> Caller {
        Caller {
            tenant: Tenant {
                organization: id(),
                mode: Mode::Test,
            },
            slug: "demo".to_owned(),
            client_id: "test".to_owned(),
            role,
            markets: Vec::new(),
            token: id(),
        }
    }

    fn order(attributes: &Value) -> RequestDocument {
        let data = json!({ "type": "orders", "id": id(), "attributes": attributes });
        let body = json!({ "data": data }).to_string();
        RequestDocument::parse(body.as_bytes(), ResourceType::Orders, Verb::Update(id())).unwrap()
    }

    fn codes(role: Role, attributes: &Value) -> Vec<Code> {
        match order(attributes).write(&caller(role)) {
            Ok(_) => Vec::new(),
            Err(refusals) => refusals.iter().map(|it| it.code).collect(),
        }
    }

    #[test]
    fn each_value_has_the_shape_of_its_attribute() {
        for (attributes, is_right) in [
            (json!({ "total_amount_cents": 5 }), true),
            (json!({ "total_amount_cents": 5.5 }), false),
            (json!({ "total_amount_cents": u64::MAX }), false),
            (json!({ "total_amount_cents": "5" }), false),
            (json!({ "tax_rate": 0.22 }), true),
            (json!({ "guest": "yes" }), false),
            (json!({ "placed_at": "2018-01-01T12:00:00Z" }), true),
            (json!({ "placed_at": "yesterday" }), false),
            (json!({ "metadata": [] }), false),
            (json!({ "metadata": null }), true),
        ] {
            let codes = codes(Role::Integration, &attributes);
            assert_eq!(codes.is_empty(), is_right, "{attributes}: {codes:?}");
        }
    }

    #[test]
    fn what_exports_have_in_another_type_is_kept_in_the_attributes_own() {
        let given = json!({ "number": 1234, "tax_rate": "0.22" });
        let write = order(&given).write(&caller(Role::Integration)).unwrap();
        assert_eq!(write.attributes["number"], "1234");
        assert_eq!(write.attributes["tax_rate"], 0.22);
        for wrong in [
            json!({ "number": 1.5 }),
            json!({ "tax_rate": "a lot" }),
            json!({ "tax_rate": "" }),
            json!({ "tax_rate": "NaN" }),
            json!({ "total_amount_cents": "5" }),
        ] {
            let codes = codes(Role::Integration, &wrong);
            assert_eq!(codes, [Code::ValidationError], "{wrong}");
        }
    }

    #[test]
    fn relationships_that_are_never_given_are_taken_where_they_name_nothing() {
        let write = |kind: ResourceType, relationships: Value| {
            let data = json!({ "type": kind.name(), "relationships": relationships });
            let body = json!({ "data": data }).to_string();
            let parsed = RequestDocument::parse(body.as_bytes(), kind, Verb::Create).unwrap();
            let written = parsed.write(&caller(Role::Integration));
            written.map(|it| it.relationships.len())
        };
        let some = json!({ "data": { "type": "merchants", "id": id() } });
        for (kind, name) in [
            (ResourceType::Markets, "merchant"),
            (ResourceType::CustomerPaymentSources, "payment_source"),
        ] {
            for nothing in [json!(null), json!([])] {
                let taken = write(kind, json!({ name: { "data": nothing } }));
                assert_eq!(taken, Ok(0), "{name}");
            }
            let refusals = write(kind, json!({ name: some })).unwrap_err();
            let codes: Vec<_> = refusals.iter().map(|it| it.code).collect();
            assert_eq!(codes, [Code::ValidationError], "{name}");
        }
        assert!(
            write(
                ResourceType::Markets,
                json!({ "unicorn": { "data": null } })
            )
            .is_err()
        );
    }

    #[test]
    fn times_are_kept_as_they_are_shown() {
        let given = json!({ "placed_at": "2018-01-01T13:00:00+01:00" });
        let write = order(&given).write(&caller(Role::Integration)).unwrap();
        assert_eq!(write.attributes["placed_at"], "2018-01-01T12:00:00.000Z");
    }

    #[test]
    fn every_wrong_part_is_told() {
        let attributes = json!({ "unicorn": 1, "total_amount_cents": 1, "customer_email": 7 });
        assert_eq!(
            codes(Role::Guest, &attributes),
            [
                Code::ParamNotAllowed,
                Code::Unauthorized,
                Code::ValidationError
            ]
        );
    }

    #[test]
    fn a_trigger_is_set_by_true_or_a_text_alone() {
        let attributes = json!({
            "_place": 0, "_nullify_payment_source": 1, "_customer_payment_source_id": null,
        });
        let other = json!({ "_nullify_payment_source": 2 });
        assert!(order(&other).write(&caller(Role::Integration)).is_err());
        let write = order(&attributes)
            .write(&caller(Role::Customer(CustomerId::new(id()))))
            .unwrap();
        assert!(write.is_triggered("_nullify_payment_source"));
        assert_eq!(write.triggers.len(), 1);
        assert!(write.attributes.is_empty());
    }

    #[test]
    fn a_published_guides_slip_is_taken() {
        let body = json!({ "data": { "type": "checkout_payments", "id": id() } }).to_string();
        let parse = |kind| RequestDocument::parse(body.as_bytes(), kind, Verb::Update(id()));
        assert!(parse(ResourceType::CheckoutComPayments).is_ok());
        let refusal = parse(ResourceType::StripePayments).unwrap_err();
        assert_eq!(refusal.code, Code::Conflict);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let parsed = RequestDocument::parse(&body, ResourceType::Orders, Verb::Create);
            prop_assert!(parsed.is_err());
        }
    }
}
