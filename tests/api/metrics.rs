//! Alarms and the dashboard look at the metrics that functions tell, and at all of them.

use std::collections::{BTreeMap, BTreeSet};

use decisions::Counted;
use domain::gateway::GatewayKind;
use logging::metrics::{ALL, NAMESPACE, Outcome};
use serde_yaml_ng::Value;

use crate::routes::template;

/// A metric that is looked at: its name, and the values of the dimensions that tell it apart.
type Seen = (String, BTreeMap<String, String>);

#[test]
fn what_alarms_and_the_dashboard_look_at_is_what_is_told() {
    let template = template();
    let mut seen = of_alarms(&template);
    assert_eq!(seen.len(), 4, "{seen:?}");
    seen.extend(of_dashboard(&template));
    for (name, dimensions) in &seen {
        let names: BTreeSet<_> = dimensions.keys().map(String::as_str).collect();
        let is_told = ALL.iter().any(|line| {
            let mut sets = line.dimensions.iter();
            let is_its_name = line.metrics.iter().any(|it| it.name == name);
            is_its_name && sets.any(|set| names == set.iter().copied().collect())
        });
        assert!(is_told, "{name} by {names:?}");
        for (dimension, value) in dimensions {
            assert!(
                values(dimension).contains(value.as_str()),
                "{name} by {dimension} {value}"
            );
        }
    }
    let names: BTreeSet<_> = seen.iter().map(|(name, _)| name.as_str()).collect();
    let told = ALL.iter().flat_map(|it| it.metrics).map(|it| it.name);
    assert_eq!(names, told.collect());
}

#[test]
fn the_documents_name_every_metric_and_what_tells_it_apart() {
    let documents = include_str!("../../docs/operating.md");
    let table = documents.split("## Metrics").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let in_table = |name: &str| table.contains(&format!("`{name}`"));
    for line in ALL {
        let metrics = line.metrics.iter().map(|it| it.name);
        let dimensions = line.dimensions.iter().copied().flatten().copied();
        for name in metrics.chain(dimensions).chain([line.line]) {
            assert!(in_table(name), "{name}");
        }
    }
    let dimensions = ALL.iter().flat_map(|it| it.dimensions).copied().flatten();
    for dimension in dimensions.filter(|it| **it != "step") {
        for value in values(dimension) {
            assert!(in_table(value), "{value}");
        }
    }
}

/// What a dimension may say.
fn values(dimension: &str) -> BTreeSet<&'static str> {
    let gateways = GatewayKind::ALL.iter().map(|it| it.vendor());
    match dimension {
        "gateway" => gateways.chain(["none"]).collect(),
        "outcome" => Outcome::ALL.iter().map(|it| it.name()).collect(),
        "what" => Counted::ALL.iter().map(|it| it.name()).collect(),
        other => panic!("nothing looks at each {other}"),
    }
}

fn of_alarms(template: &Value) -> BTreeSet<Seen> {
    let alarms = of_type(template, "AWS::CloudWatch::Alarm");
    let ours = alarms.filter(|it| it["Namespace"] == NAMESPACE);
    let of_alarm = |alarm: &Value| {
        let dimensions = alarm.get("Dimensions").and_then(Value::as_sequence);
        let dimensions = dimensions.into_iter().flatten();
        let dimensions = dimensions.map(|it| (text(&it["Name"]), text(&it["Value"])));
        (text(&alarm["MetricName"]), dimensions.collect())
    };
    ours.map(of_alarm).collect()
}

fn of_dashboard(template: &Value) -> BTreeSet<Seen> {
    let dashboard = of_type(template, "AWS::CloudWatch::Dashboard")
        .next()
        .unwrap();
    let Value::Tagged(body) = &dashboard["DashboardBody"] else {
        panic!("{dashboard:?}");
    };
    let body: serde_json::Value = serde_json::from_str(&text(&body.value[0])).unwrap();
    let widgets = body["widgets"].as_array().unwrap();
    let metrics = widgets.iter().map(|it| &it["properties"]["metrics"]);
    let metrics = metrics.filter_map(serde_json::Value::as_array);
    metrics.flat_map(|it| spelled_out(it)).collect()
}

/// A widget's metrics of ours. `.` is what stands in the same place of the metric before, `...` all that stands before
/// what follows.
fn spelled_out(metrics: &[serde_json::Value]) -> Vec<Seen> {
    let mut before: Vec<String> = Vec::new();
    let mut seen = Vec::new();
    for metric in metrics {
        let written = metric.as_array().unwrap().iter();
        let written: Vec<&str> = written.filter_map(serde_json::Value::as_str).collect();
        let whole: Vec<String> = match written.split_first() {
            Some((&"...", rest)) => {
                let kept = before.len() - rest.len();
                let rest = rest.iter().map(|it| (*it).to_owned());
                before[..kept].iter().cloned().chain(rest).collect()
            }
            _ => {
                let places = written.iter().enumerate();
                let spelled = places.map(|(place, it)| match *it {
                    "." => before[place].clone(),
                    other => other.to_owned(),
                });
                spelled.collect()
            }
        };
        if whole[0] == NAMESPACE {
            let dimensions = whole[2..].chunks(2);
            let dimensions = dimensions.map(|it| (it[0].clone(), it[1].clone()));
            seen.push((whole[1].clone(), dimensions.collect()));
        }
        before = whole;
    }
    seen
}

fn of_type<'t>(template: &'t Value, kind: &'static str) -> impl Iterator<Item = &'t Value> {
    let resources = template["Resources"].as_mapping().unwrap();
    let of_kind = resources.values().filter(move |it| it["Type"] == kind);
    of_kind.map(|it| &it["Properties"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
