use serde_json::{Value, json};

use crate::table::Table;
use crate::{Api, limits::Limits};

const TURNS: &str = "\
# A table of these tests alone.
request:\tPOST /things/{id}/turn\tturn\tneeded
in path:\tid\ttext\t\tmatches=^th_[a-z0-9]+$
request:\tGET /things/{id}\tnothing

object:\tturn
by\tsteps or angle\tneeded
note\ttext or null\t\tlongest=3
then\tlist of turn\t\tfewest=1
labels\tanything
fast[very]\tboolean
notes[*]\ttext\t\tlongest=3

object:\tsteps
steps\tinteger\tneeded\tleast=1, most=9

object:\tangle
degrees\tinteger\tneeded
way\ttext\t\tof=left|right
";

fn api() -> Api {
    Api(Table::read(TURNS))
}

fn turn(body: &Value) -> Vec<String> {
    api().json_problems("POST", "/things/th_1/turn", &body.to_string())
}

#[test]
fn what_the_table_allows_has_no_problems() {
    for body in [
        json!({"by": {"steps": 1}}),
        json!({"by": {"degrees": -90, "way": "left"}, "note": null, "labels": {"any": 1}}),
        json!({"by": {"steps": 9}, "note": "äöü", "then": [{"by": {"steps": 1}}]}),
    ] {
        assert_eq!(turn(&body), [] as [String; 0]);
    }
    let read = api().json_problems("GET", "/things/th_1", "");
    assert_eq!(read, [] as [String; 0]);
}

#[test]
fn what_is_wrong_is_found_at_any_depth() {
    for (body, problem) in [
        (json!({}), "by: is needed"),
        (json!({"by": 1}), "by: 1 is no steps"),
        (json!({"by": {"steps": 0}}), "by.steps: may not be 0"),
        (json!({"by": {"steps": 10}}), "by.steps: may not be 10"),
        (json!({"by": {"steps": 1.5}}), "by.steps: 1.5 is no integer"),
        (
            json!({"by": {"degrees": "1"}}),
            "by.degrees: \"1\" is no integer",
        ),
        (
            json!({"by": {"degrees": 1, "way": "up"}}),
            "by.way: may not be \"up\"",
        ),
        (
            json!({"by": {"steps": 1, "fast": true}}),
            "by.fast: is unknown",
        ),
        (
            json!({"by": {"steps": 1}, "note": "abcd"}),
            "note: may not be",
        ),
        (
            json!({"by": {"steps": 1}, "notes": "abc"}),
            "notes: is unknown",
        ),
        (
            json!({"by": {"steps": 1}, "then": []}),
            "then: may not be []",
        ),
        (
            json!({"by": {"steps": 1}, "then": [{}]}),
            "then[0].by: is needed",
        ),
    ] {
        let problems = turn(&body);
        assert_eq!(problems.len(), 1, "{body}: {problems:?}");
        assert!(problems[0].starts_with(problem), "{body}: {problems:?}");
    }
}

#[test]
fn a_wrong_path_method_or_body_is_found() {
    let fine = r#"{"by": {"steps": 1}}"#;
    for (method, path, body, problem) in [
        ("POST", "/things/x/turn", fine, "{id}: may not be \"x\""),
        ("POST", "/things/th_1", fine, "no POST /things/th_1"),
        ("POST", "/things//turn", fine, "no POST /things//turn"),
        ("PUT", "/things/th_1/turn", fine, "no PUT /things/th_1/turn"),
        ("GET", "/things/th_1", fine, "no body is described"),
        ("POST", "/things/th_1/turn", "", "the body is no JSON: "),
        (
            "POST",
            "/things/th_1/turn",
            "[]",
            "the body is no object: []",
        ),
    ] {
        let problems = api().json_problems(method, path, body);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(problem), "{problems:?}");
    }
}

#[test]
fn a_form_is_read_as_its_members_kinds_say() {
    let form = |body: &str| api().form_problems("POST", "/things/th_1/turn", body);
    assert_eq!(form("by=x&fast%5Bvery%5D=true"), ["by: \"x\" is no steps"]);
    assert_eq!(form("by=x&fast%5Bvery%5D=1").len(), 2);
    assert_eq!(form("").len(), 1);
    assert_eq!(form("by=x&notes%5Ba%5D=b"), ["by: \"x\" is no steps"]);
    let long = "k".repeat(41);
    for notes in ["[]=b", "[a]=abcd", "[a][b]=c", &format!("[{long}]=b")] {
        assert_eq!(form(&format!("by=x&notes{notes}")).len(), 2, "{notes}");
    }
}

#[test]
fn every_kind_and_limit_of_a_table_can_be_read() {
    for Api(table) in [Api::stripe(), Api::checkout_com(), Api::klarna()] {
        let bodies = table.requests.iter().filter_map(|it| it.body);
        let parameters = table.requests.iter().flat_map(|it| &it.parameters);
        let members = table.objects.values().flatten().chain(parameters);
        let kinds = members.flat_map(|it| it.kind.split(" or "));
        let kinds = kinds.map(|it| it.trim_start_matches("list of "));
        for kind in kinds.chain(bodies) {
            let is_plain = ["anything", "null", "text", "integer", "boolean"].contains(&kind);
            assert!(is_plain || table.objects.contains_key(kind), "{kind}");
        }
    }
}

#[test]
#[should_panic(expected = "large=1 is no limit")]
fn an_unknown_limit_is_no_limit() {
    Limits::read("large=1");
}
