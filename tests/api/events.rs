//! The event files: what API Gateway hands to each function, and what the function answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use billfold::Options;
use billfold::router::{FUNCTIONS, Function, OF_NO_ROUTE, Services};
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderName, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::{App, body_of};
use crate::common_headers::About;
use crate::described::Exchange;
use crate::expected::Placeholders;

/// How many cases are replayed at once.
const AT_ONCE: usize = 4;

/// How many differences of a case are told.
const TOLD: usize = 8;

/// One event file with those beside it.
struct Case {
    function: &'static Function,
    file: PathBuf,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_answered_as_expected() {
    let fresh = Arc::new(fresh().await);
    let replays = futures_util::stream::iter(cases())
        .map(|case| tokio::spawn(case.replay(Arc::clone(&fresh))))
        .buffered(AT_ONCE);
    let answered: Vec<_> = replays.collect().await;
    let wrong: Vec<_> = answered
        .into_iter()
        .filter_map(|it| it.unwrap().err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_event_is_what_api_gateway_makes_of_a_request_for_its_function() {
    for case in cases() {
        let (name, event) = (case.name(), read_json(&case.file));
        let context = &event["requestContext"];
        let (method, path) = (&context["http"]["method"], &path_of(&event));
        let route_key = text(&event["routeKey"]);
        assert_eq!(event["version"], "2.0", "{name}");
        assert_eq!(context["routeKey"], route_key, "{name}");
        assert_eq!(context["http"]["path"], event["rawPath"], "{name}");

        let routes = case.function.routes.iter();
        let matching: Vec<_> = routes
            .filter(|route| route.captures(path).is_some())
            .collect();
        let takes_the_rest = route_key == "$default" && case.function == OF_NO_ROUTE;
        let is_its = takes_the_rest || !matching.is_empty();
        assert!(is_its, "{name}: not a path of its function");
        // No route of any function takes path and method: the catch-all has led there.
        if route_key != "$default" {
            let method = text(method);
            let is_its = |route: &&&routing::Route| {
                let takes = route.method.taken().contains(&method);
                let path = match text(&event["rawPath"]).contains("/2017-08/") {
                    true => route.path.replacen("/api/", "/api/2017-08/", 1),
                    false => route.path.to_owned(),
                };
                takes && route_key == format!("{method} {path}")
            };
            let route = matching.iter().find(is_its);
            let route = route.unwrap_or_else(|| panic!("{name}: no route {route_key}"));
            let captures = route.captures(path).unwrap();
            for (parameter, value) in members(&event["pathParameters"]) {
                assert_eq!(captures.get(parameter), value.as_str(), "{name}");
            }
        }
        let query = text(&event["rawQueryString"]).as_bytes();
        let parameters: BTreeSet<_> = form_urlencoded::parse(query)
            .map(|(parameter, value)| (parameter.into_owned(), value.into_owned()))
            .collect();
        let given: BTreeSet<_> = members(&event["queryStringParameters"])
            .map(|(parameter, value)| (parameter.clone(), text(value).to_owned()))
            .collect();
        assert_eq!(parameters, given, "{name}");
    }
}

#[test]
fn every_function_has_a_success_and_an_error_among_its_events() {
    for function in FUNCTIONS {
        let of_function = |case: &Case| case.function == function;
        let statuses: Vec<_> = cases()
            .into_iter()
            .filter(of_function)
            .map(|case| case.expected()["status"].as_u64().unwrap())
            .collect();
        let name = function.name;
        assert!(statuses.iter().any(|it| *it < 300), "{name} never succeeds");
        assert!(statuses.iter().any(|it| *it >= 400), "{name} never fails");
    }
}

#[test]
fn every_file_belongs_to_an_event() {
    let events: BTreeSet<_> = cases().into_iter().map(|case| case.file).collect();
    for function in FUNCTIONS {
        for file in files_of(function) {
            let name = file.to_str().unwrap();
            let event = name
                .strip_suffix(".expected.json")
                .or(name.strip_suffix(".given.json"));
            let event = event.map_or(file.clone(), |it| PathBuf::from(format!("{it}.json")));
            assert!(events.contains(&event), "{name} is beside no event");
            assert!(event.with_extension("expected.json").exists(), "{name}");
        }
    }
    let folders = fs::read_dir(root().join("events")).unwrap();
    for folder in folders
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir())
    {
        let is_its = |function: &&Function| folder.ends_with(function.name);
        assert!(FUNCTIONS.iter().any(|it| is_its(&it)), "{folder:?}");
    }
}

#[test]
fn what_somebody_else_has_is_answered_like_what_is_not_there() {
    for (of_others, not_there) in [
        ("get-order/of-another-customer", "get-order/not-there"),
        ("get-order/of-another-mode", "get-order/not-there"),
        ("get-order/of-another-organization", "get-order/not-there"),
        ("patch-order/of-another-customer", "patch-order/not-there"),
        (
            "patch-order/reuse-foreign-entry",
            "patch-order/reuse-unknown-entry",
        ),
        (
            "create-payment-source/order-of-another-customer",
            "create-payment-source/order-not-there",
        ),
        (
            "get-customer-payment-source/of-another-customer",
            "get-customer-payment-source/not-there",
        ),
        (
            "patch-customer-payment-source/of-another-customer",
            "patch-customer-payment-source/not-there",
        ),
        (
            "delete-customer-payment-source/of-another-customer",
            "delete-customer-payment-source/not-there",
        ),
        (
            "get-payment-source/klarna-of-another-customer",
            "get-payment-source/not-there",
        ),
        (
            "delete-payment-source/checkout-com-of-another-customer",
            "delete-payment-source/not-there",
        ),
    ] {
        let expected = |case: &str| read_json(&root().join(format!("events/{case}.expected.json")));
        assert_eq!(expected(of_others), expected(not_there), "{of_others}");
    }
}

/// The private key of the events' issuer is gone, but the files are public: whoever trusted it would
/// trust their tokens.
#[test]
fn a_deployment_cannot_trust_the_events_issuer() {
    let template = read(&root().join("template.yaml"));
    let issuer = read_json(&root().join("src/demo/events-issuer.json"));
    let key = &issuer["jwks"]["keys"][0];
    for secret in [&issuer["iss"], &key["kid"], &key["n"]] {
        assert!(!template.contains(text(secret)), "{secret}");
    }

    let template: serde_yaml_ng::Value = serde_yaml_ng::from_str(&template).unwrap();
    let mut issuers = Vec::new();
    find("ISSUERS", &template, &mut issuers);
    assert!(!issuers.is_empty());
    for value in issuers {
        let serde_yaml_ng::Value::Tagged(reference) = value else {
            panic!("ISSUERS is no parameter: {value:?}");
        };
        assert_eq!(reference.tag, "Ref");
        let parameter = &template["Parameters"][&reference.value];
        assert!(parameter.is_mapping() && parameter.get("Default").is_none());
    }
}

/// A folder as a first start leaves it: each case starts from a copy, which takes a fraction of the
/// time of a first start.
async fn fresh() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    App::start_with(in_folder(&folder))
        .await
        .running
        .stop()
        .await;
    folder
}

fn in_folder(folder: &TempDir) -> Options {
    Options {
        data: Some(folder.path().to_owned()),
        ..Options::in_memory(0)
    }
}

fn copy_of(folder: &TempDir) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

/// Every event file.
fn cases() -> Vec<Case> {
    let is_event = |file: &PathBuf| {
        let name = file.to_str().unwrap();
        !name.ends_with(".expected.json") && !name.ends_with(".given.json")
    };
    let mut cases = Vec::new();
    for function in FUNCTIONS {
        let events = files_of(function).into_iter().filter(is_event);
        cases.extend(events.map(|file| Case { function, file }));
    }
    cases
}

fn files_of(function: &Function) -> Vec<PathBuf> {
    let folder = root().join("events").join(function.name);
    let files = fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has no events", function.name));
    let mut files: Vec<_> = files.map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

impl Case {
    fn of(file: &Path) -> Self {
        let folder = file.parent().unwrap();
        let function = FUNCTIONS.iter().find(|it| folder.ends_with(it.name));
        Self {
            function: function.unwrap_or_else(|| panic!("{} is no function's", file.display())),
            file: file.to_owned(),
        }
    }

    /// Status, body, and the headers that the case is about.
    fn expected(&self) -> Value {
        read_json(&self.file.with_extension("expected.json"))
    }

    /// The same with all headers: those that every answer of its kind has, too.
    fn expected_whole(&self) -> Value {
        let (event, mut expected) = (read_json(&self.file), self.expected());
        let about = About {
            method: text(&event["requestContext"]["http"]["method"]),
            path: &path_of(&event),
            status: expected["status"].as_u64().unwrap(),
            body: &expected["body"],
        };
        expected["headers"] = about.headers(&expected["headers"]);
        expected
    }

    /// The events that are replayed before this one.
    fn given(&self) -> Vec<Self> {
        let list = self.file.with_extension("given.json");
        if !list.exists() {
            return Vec::new();
        }
        let list = read_json(&list);
        let files = list.as_array().unwrap().iter();
        files
            .map(|file| {
                let file = self.file.parent().unwrap().join(text(file));
                let found = file.canonicalize();
                Self::of(&found.unwrap_or_else(|_| panic!("{} is not there", file.display())))
            })
            .collect()
    }

    /// Replays the case on a Billfold of its own, after the events that it stands on.
    async fn replay(self, fresh: Arc<TempDir>) -> Result<(), String> {
        let folder = copy_of(&fresh);
        let app = App::start_with(in_folder(&folder)).await;
        let mut placeholders = Placeholders::new(&app.running.url);
        for earlier in self.given() {
            let answered = earlier.replay_on(&app, &mut placeholders).await;
            answered.map_err(|problem| format!("{}, given\n{problem}", self.name()))?;
        }
        let answered = self.replay_on(&app, &mut placeholders).await;
        app.running.stop().await;
        answered
    }

    async fn replay_on(&self, app: &App, placeholders: &mut Placeholders) -> Result<(), String> {
        let event = placeholders.fill(&read(&self.file));
        let running = &app.running;
        let services = Services {
            context: &running.context,
            gateways: running.gateways.as_ref(),
            events: running.gateways.as_ref(),
            secrets: running.secrets.as_ref(),
            issuing: &running.issuing,
        };
        let answered = lambda::replay(&event, |request| self.function.answer(services, request));
        let answer = to_json(answered.await.map_err(|error| error.to_string())?);
        let mut differences = placeholders.differences(&self.expected_whole(), &answer);
        differences.extend(undescribed(&event, &answer));
        if differences.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = differences.into_iter().take(TOLD).collect();
        let (name, told) = (self.name(), told.join("\n  "));
        Err(format!("{name}\n  {told}\nanswered\n{answer:#}"))
    }

    /// `events/get-order/own-order.json`.
    fn name(&self) -> String {
        let file = self.file.strip_prefix(root()).unwrap_or(&self.file);
        file.display().to_string()
    }
}

/// What the OpenAPI document does not say of an event's answer.
fn undescribed(event: &str, answer: &Value) -> Vec<String> {
    let event: Value = serde_json::from_str(event).unwrap();
    let sent = event["body"].as_str().unwrap_or_default();
    let headers = members(&answer["headers"]).map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, text(value).parse().unwrap())
    });
    let exchange = Exchange {
        method: text(&event["requestContext"]["http"]["method"]),
        path: &path_of(&event),
        sent: &serde_json::from_str(sent).unwrap_or_default(),
        status: answer["status"].as_u64().unwrap().try_into().unwrap(),
        headers: &headers.collect(),
        body: &answer["body"],
    };
    exchange.undescribed()
}

/// The path that functions know: without a named stage, and without the version.
fn path_of(event: &Value) -> String {
    let path = text(&event["rawPath"]);
    let stage = text(&event["requestContext"]["stage"]);
    let named = path.strip_prefix(&format!("/{stage}"));
    routing::without_version(named.unwrap_or(path))
}

fn to_json(response: Response<Bytes>) -> Value {
    let body = body_of(response.headers(), response.body());
    let headers: BTreeMap<_, _> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    json!({ "status": response.status().as_u16(), "headers": headers, "body": body })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn read_json(file: &Path) -> Value {
    serde_json::from_str(&read(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

/// Every value of that name, however deep.
fn find<'v>(
    name: &str,
    value: &'v serde_yaml_ng::Value,
    found: &mut Vec<&'v serde_yaml_ng::Value>,
) {
    match value {
        serde_yaml_ng::Value::Mapping(members) => {
            for (member, value) in members {
                match member.as_str() == Some(name) {
                    true => found.push(value),
                    false => find(name, value, found),
                }
            }
        }
        serde_yaml_ng::Value::Sequence(items) => {
            for item in items {
                find(name, item, found);
            }
        }
        _ => {}
    }
}
