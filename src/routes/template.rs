//! The events of the functions in `template.yaml`, and the headers that pages of other origins may read.

use routing::headers::DESCRIBED;

use crate::router::{FUNCTIONS, Function, OF_NO_ROUTE};

use super::paths;

const EVENTS: &str = "      Events:\n";

const EXPOSED: &str = "        ExposeHeaders:\n";

/// The template with each function's events and the exposed headers in their places.
pub fn in_template(template: &str) -> Option<String> {
    with_exposed(&with_events(template)?)
}

fn with_exposed(template: &str) -> Option<String> {
    let (before, after) = template.split_once(EXPOSED)?;
    let exposed: String = DESCRIBED
        .iter()
        .map(|it| format!("          - {}\n", it.name))
        .collect();
    let rest: String = after
        .split_inclusive('\n')
        .skip_while(|line| line.starts_with("          - "))
        .collect();
    Some([before, EXPOSED, &exposed, &rest].concat())
}

fn with_events(template: &str) -> Option<String> {
    let mut made = String::new();
    let mut rest = template;
    for function in in_order(template)? {
        let begin = rest.find(&format!("        Binary: {}\n", function.name))?;
        let begin = begin + rest[begin..].find(EVENTS)? + EVENTS.len();
        let (before, after) = rest.split_at(begin);
        made.push_str(before);
        made.push_str(&events(function));
        rest = &after[after.find("\n\n")? + 1..];
    }
    Some(made + rest)
}

/// The functions as the template has them, one after the other.
fn in_order(template: &str) -> Option<Vec<&'static Function>> {
    let place = |it: &'static Function| template.find(&format!("        Binary: {}\n", it.name));
    let placed = FUNCTIONS.iter().map(|it| Some((place(it)?, it)));
    let mut placed: Vec<_> = placed.collect::<Option<_>>()?;
    placed.sort_by_key(|(place, _)| *place);
    Some(placed.into_iter().map(|(_, function)| function).collect())
}

fn events(function: &Function) -> String {
    let mut events = String::new();
    for route in function.routes {
        for path in paths(route) {
            for method in route.method.taken() {
                events.push_str(&event(&name(method, &path), Some((method, &path))));
            }
        }
    }
    if function == OF_NO_ROUTE {
        events.push_str("        # What no function has a route for.\n");
        events.push_str(&event("NoRoute", None));
    }
    events
}

fn event(name: &str, route: Option<(&str, &str)>) -> String {
    let mut event = format!(
        "        {name}:\n          Type: HttpApi\n          Properties:\n            ApiId: !Ref Api\n"
    );
    if let Some((method, path)) = route {
        event.push_str(&format!(
            "            Method: {method}\n            Path: {path}\n"
        ));
    }
    event
}

/// `GetApiOrdersId` for `GET /api/orders/{id}`.
fn name(method: &str, path: &str) -> String {
    let words = path.split(|it: char| !it.is_ascii_alphanumeric());
    let words = [method]
        .into_iter()
        .chain(words)
        .filter(|it| !it.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + &rest.to_lowercase()
        })
        .collect()
}
