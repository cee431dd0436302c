//! Answers: the documents that are asked for, and errors.

use domain::ResourceType;
use domain::resource::Relationship;
use json_api::MEDIA_TYPE;
use serde_json::{Map, Value, json};

use crate::references::{header, response, schema};
use crate::{headers, records};

/// The statuses of errors, and what each means.
const ERRORS: &[(&str, &str)] = &[
    (
        "400",
        "The request cannot be read, or has a parameter, attribute or relationship that is not there to be given",
    ),
    (
        "401",
        "No valid access token, or one whose caller may not do this",
    ),
    ("403", "The record comes with an id of the caller's"),
    ("404", "Not there, or not for this caller to know of"),
    ("406", "Answers can be had as JSON:API alone"),
    (
        "409",
        "Type or id are not those of the URL, or other requests changed the same records at the same time",
    ),
    (
        "412",
        "The record is not in the state that If-Match or If-None-Match demands",
    ),
    (
        "413",
        "The body is larger than 256 KiB, or the answer would be larger than 3 MB",
    ),
    ("415", "The body is not sent as JSON:API"),
    (
        "422",
        "A value breaks a rule, or the state of things does not allow this",
    ),
    ("423", "Other records need this one"),
    ("500", "A defect of the server's"),
    (
        "502",
        "The payment gateway gave no usable answer; a repeat does nothing twice",
    ),
    (
        "503",
        "There is no room for the request now; nothing was done",
    ),
];

const RECORD: &str = "The record";
const RECORD_OR_NONE: &str = "The record, or none";
const PAGE: &str = "A page of the list";

/// An answer by its status.
type Answer = (String, Value);

/// The answer with a record of one of these types.
pub fn record(kinds: &[ResourceType]) -> Answer {
    ok(match kinds {
        [kind] => response(&format!("{kind}_document")),
        kinds => shown(RECORD, records::document_of(kinds)),
    })
}

/// The answer with a record of one of these types, or none.
pub fn record_or_none(kinds: &[ResourceType]) -> Answer {
    ok(match kinds {
        [kind] => response(&format!("{kind}_document_or_none")),
        kinds => shown(RECORD_OR_NONE, records::document_or_null_of(kinds)),
    })
}

/// The answer with a page of a list of records of these types.
pub fn page(kinds: &[ResourceType]) -> Answer {
    ok(match kinds {
        [kind] => response(&format!("{kind}_page")),
        kinds => shown(PAGE, records::page_of(kinds)),
    })
}

/// The answer with what is not held: an empty list, or none.
pub fn nothing() -> Answer {
    ok(shown("An empty list, or none", records::nothing()))
}

/// The answer with the identifiers that a relationship leads to.
pub fn linkage(relationship: &Relationship) -> Answer {
    ok(shown(
        "Type and id",
        records::linkage_document(relationship),
    ))
}

/// The answer with a new record of this type.
pub fn created(kind: ResourceType) -> Answer {
    let mut created = answer("The record, created", records::document_of(&[kind]));
    created["headers"]["Location"] = header("Location");
    ("201".to_owned(), created)
}

/// Answers about records of a type, for [`record`] and the like to refer to.
pub fn of(kind: ResourceType) -> [(String, Value); 3] {
    let kinds = &[kind];
    [
        (
            format!("{kind}_document"),
            shown(RECORD, records::document_of(kinds)),
        ),
        (
            format!("{kind}_document_or_none"),
            shown(RECORD_OR_NONE, records::document_or_null_of(kinds)),
        ),
        (format!("{kind}_page"), shown(PAGE, records::page_of(kinds))),
    ]
}

fn ok(answer: Value) -> Answer {
    ("200".to_owned(), answer)
}

/// An answer that can be asked for again on condition.
fn shown(description: &str, document: Value) -> Value {
    let mut answer = answer(description, document);
    answer["headers"]["ETag"] = header("ETag");
    answer
}

fn answer(description: &str, document: Value) -> Value {
    let content = json!({ MEDIA_TYPE: { "schema": document } });
    json!({ "description": description, "headers": headers::of_all(), "content": content })
}

/// The answer without a document.
pub fn no_content() -> Answer {
    ("204".to_owned(), response("204"))
}

/// The answers of these statuses, which are the same for every type.
pub fn others(statuses: &[u16]) -> impl Iterator<Item = Answer> {
    statuses.iter().map(|status| {
        let status = status.to_string();
        let answer = response(&status);
        (status, answer)
    })
}

/// Answers that are the same for every type.
pub fn responses() -> Map<String, Value> {
    let errors = ERRORS.iter().map(|(status, description)| {
        let mut answer = answer(description, schema("errors"));
        match *status {
            "401" => answer["headers"]["WWW-Authenticate"] = header("WWW-Authenticate"),
            "503" => answer["headers"]["Retry-After"] = header("Retry-After"),
            _ => {}
        }
        ((*status).to_owned(), answer)
    });
    let nothing = json!({ "description": "Done", "headers": headers::of_all() });
    let mut unchanged =
        json!({ "description": "As the caller has it", "headers": headers::of_all() });
    unchanged["headers"]["ETag"] = header("ETag");
    let others = [("204", nothing), ("304", unchanged), ("429", throttled())];
    let others = others.map(|(status, answer)| (status.to_owned(), answer));
    errors.chain(others).collect()
}

/// The answer to too many requests, which is not JSON:API.
pub fn throttled() -> Value {
    let mut headers = headers::of_all();
    headers.insert("Retry-After".to_owned(), header("Retry-After"));
    json!({
        "description": "Too many requests; this one has done nothing",
        "headers": headers,
        "content": { "application/json": { "schema": schema("throttled") } },
    })
}
