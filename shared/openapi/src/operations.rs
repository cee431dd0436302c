//! What can be done at a path of a resource type's, and what comes of it.

use domain::ResourceType;
use domain::resource::Relationship;
use domain::resources::PAYMENT_SOURCES;
use serde_json::{Map, Value, json};

use crate::places::{ApiPath, Shape};
use crate::{answers, parameters, requests, words};

/// Answers of every request.
const ALWAYS: [u16; 5] = [401, 406, 429, 500, 503];
/// Errors of a request about a certain record.
const OF_RECORD: [u16; 1] = [404];
/// Answers on condition: what was asked about is as the caller has it, or not as it demands; and the error of
/// what would take too long to filter or sort, is too much to include, or too large to be sent.
const OF_READING: [u16; 4] = [304, 412, 413, 422];
const OF_CHANGING: [u16; 1] = [412];
/// Errors of a request's key.
const OF_ONCE: [u16; 2] = [400, 422];
/// Errors of a query.
const OF_QUERY: [u16; 1] = [400];
/// Errors of a body.
const OF_BODY: [u16; 5] = [400, 409, 413, 415, 422];
/// Errors of creating a record: an id of the caller's, a related record that is not there.
const OF_CREATION: [u16; 2] = [403, 404];
/// Errors of deleting a record: another change at the same time, a state or other records that
/// forbid it.
const OF_DELETION: [u16; 3] = [409, 422, 423];
/// The error of what may have a gateway asked.
const OF_GATEWAY: [u16; 1] = [502];

/// What a method does at a place; nothing, if no route takes it there.
pub fn operation(place: &ApiPath, method: &str) -> Option<Value> {
    let kind = place.kind;
    let (one, all) = (words::one(kind), words::plural(kind));
    let name = words::singular(kind).replace(' ', "_");
    let operation = match (place.shape, method) {
        (Shape::List, "GET") => Operation::new(format!("list_{kind}"), format!("List {all}"))
            .reads()
            .queried(parameters::for_many(&[kind]))
            .answers(answers::page(&[kind])),
        (Shape::List, "POST") => Operation::new(format!("create_{name}"), format!("Create {one}"))
            .once()
            .queried(parameters::for_one(&[kind]))
            .takes(requests::creation_body(kind))
            .answers(answers::created(kind))
            .may_answer(&OF_CREATION)
            .may_answer(of_gateway(kind)),
        (Shape::OfToken, "GET") => {
            let summary = format!("Read the {} of the token", words::singular(kind));
            Operation::new(format!("get_own_{name}"), summary)
                .reads()
                .queried(parameters::for_one(&[kind]))
                .answers(answers::record(&[kind]))
                .may_answer(&OF_RECORD)
        }
        (Shape::OfToken, "PATCH") => {
            let summary = format!("Change the {} of the token", words::singular(kind));
            Operation::new(format!("patch_own_{name}"), summary)
                .changes()
                .queried(parameters::for_one(&[kind]))
                .takes(requests::change_body(kind))
                .answers(answers::record(&[kind]))
                .may_answer(&OF_RECORD)
        }
        (Shape::Record, "GET") => Operation::new(format!("get_{name}"), format!("Read {one}"))
            .reads()
            .queried(parameters::for_one(&[kind]))
            .answers(answers::record(&[kind]))
            .may_answer(&OF_RECORD),
        (Shape::Record, "PATCH") => {
            Operation::new(format!("patch_{name}"), format!("Change {one}"))
                .changes()
                .once()
                .queried(parameters::for_one(&[kind]))
                .takes(requests::change_body(kind))
                .answers(answers::record(&[kind]))
                .may_answer(&OF_RECORD)
                .may_answer(of_gateway(kind))
        }
        (Shape::Record, "DELETE") => {
            Operation::new(format!("delete_{name}"), format!("Delete {one}"))
                .changes()
                .once()
                .answers(answers::no_content())
                .may_answer(&OF_RECORD)
                .may_answer(&OF_DELETION)
                .may_answer(of_gateway(kind))
        }
        (Shape::Related(to), "GET") => related(kind, to).reads().may_answer(&OF_RECORD),
        (Shape::Linkage(to), "GET") => linkage(kind, to).reads().may_answer(&OF_RECORD),
        (Shape::Nowhere, "GET") => {
            let summary = format!("Read what {one} leads to that is not held here: nothing");
            Operation::new(format!("get_nothing_of_{name}"), summary)
                .queried(parameters::for_nowhere(kind))
                .answers(answers::nothing())
                .reads()
                .may_answer(&OF_RECORD)
        }
        _ => return None,
    };
    Some(operation.about(kind))
}

fn related(kind: ResourceType, to: &Relationship) -> Operation {
    let (id, summary) = of_relationship(kind, to);
    match to.many {
        true => Operation::new(format!("list_{id}"), format!("List the {summary}"))
            .queried(parameters::for_many(to.to))
            .answers(answers::page(to.to)),
        false => Operation::new(format!("get_{id}"), format!("Read the {summary}"))
            .queried(parameters::for_one(to.to))
            .answers(answers::record_or_none(to.to)),
    }
}

fn linkage(kind: ResourceType, to: &Relationship) -> Operation {
    let (id, summary) = of_relationship(kind, to);
    let summary = format!("Identify the {summary}");
    Operation::new(format!("identify_{id}"), summary)
        .may_answer(&OF_QUERY)
        .answers(answers::linkage(to))
}

/// `order_line_items`, and `line items of an order`.
fn of_relationship(kind: ResourceType, to: &Relationship) -> (String, String) {
    let id = format!("{}_{}", words::singular(kind).replace(' ', "_"), to.name);
    let summary = format!("{} of {}", to.name.replace('_', " "), words::one(kind));
    (id, summary)
}

/// Gateways are asked about what is a payment source, or leads to one.
fn of_gateway(kind: ResourceType) -> &'static [u16] {
    let is_source = |kind: &ResourceType| PAYMENT_SOURCES.contains(kind);
    let mut relationships = kind.declaration().relationships.iter();
    match is_source(&kind) || relationships.any(|it| it.to.iter().any(is_source)) {
        true => &OF_GATEWAY,
        false => &[],
    }
}

/// An operation in the making.
struct Operation {
    id: String,
    summary: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    answer: Option<(String, Value)>,
    statuses: Vec<u16>,
}

impl Operation {
    fn new(id: String, summary: String) -> Self {
        Self {
            id,
            summary,
            parameters: Vec::new(),
            body: None,
            answer: None,
            statuses: ALWAYS.to_vec(),
        }
    }

    /// It reads, on conditions.
    fn reads(mut self) -> Self {
        self.parameters.extend(parameters::for_reading());
        self.may_answer(&OF_READING)
    }

    /// It changes, on a condition.
    fn changes(mut self) -> Self {
        self.parameters.extend(parameters::for_changing());
        self.may_answer(&OF_CHANGING)
    }

    /// It is carried out once, where it has a key.
    fn once(mut self) -> Self {
        self.parameters.extend(parameters::for_once());
        self.may_answer(&OF_ONCE)
    }

    fn queried(mut self, parameters: Vec<Value>) -> Self {
        self.parameters.extend(parameters);
        self.may_answer(&OF_QUERY)
    }

    fn takes(mut self, body: Value) -> Self {
        self.body = Some(body);
        self.may_answer(&OF_BODY)
    }

    fn answers(self, answer: (String, Value)) -> Self {
        Self {
            answer: Some(answer),
            ..self
        }
    }

    /// It may answer with these statuses as well.
    fn may_answer(mut self, statuses: &[u16]) -> Self {
        self.statuses.extend(statuses);
        self
    }

    fn about(mut self, kind: ResourceType) -> Value {
        self.statuses.sort_unstable();
        self.statuses.dedup();
        let others = answers::others(&self.statuses);
        let responses: Map<_, _> = self.answer.into_iter().chain(others).collect();
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "tags": [kind.name()],
        });
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.into();
        }
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        operation["responses"] = responses.into();
        operation
    }
}
