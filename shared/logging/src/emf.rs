//! Lines as JSON objects, those that are metrics in CloudWatch's embedded metric format: the same object, with a member
//! `_aws` that says which of its members are metrics and what tells these apart
//! (docs.aws.amazon.com/AmazonCloudWatch, "Specification: Embedded metric format").

use std::fmt;
use std::time::SystemTime;

use serde_json::{Value, json};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, format};
use tracing_subscriber::registry::LookupSpan;

use crate::metrics::{self, Measured, Metric, NAMESPACE};

/// Writes events as JSON objects, whose members are the events' fields.
pub(crate) struct Lines(Format<Json, ()>);

impl Lines {
    pub fn new() -> Self {
        let json = format().json().flatten_event(true);
        Self(json.with_target(false).without_time())
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(measured) = metrics::of(event.metadata()) else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        let members = line.strip_prefix('{').ok_or(fmt::Error)?;
        let directive = directive(measured, SystemTime::now());
        write!(writer, r#"{{"_aws":{directive},{members}"#)
    }
}

/// What CloudWatch is to make of a line that is written now.
fn directive(measured: &Measured, now: SystemTime) -> Value {
    let since_epoch = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let timestamp = u64::try_from(since_epoch.as_millis()).unwrap_or_default();
    let metrics = measured.metrics.iter();
    let metrics: Vec<_> = metrics
        .map(|Metric { name, unit }| json!({ "Name": name, "Unit": unit }))
        .collect();
    json!({
        "Timestamp": timestamp,
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE,
            "Dimensions": measured.dimensions,
            "Metrics": metrics,
        }],
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::Form;
    use crate::metrics::{ALL, GatewayCall};
    use crate::tests::Written;

    /// Everything that is counted and measured, beside a line that is a line alone, in a request.
    fn tell() {
        let request =
            tracing::info_span!(target: "routing::identified", "request", request_id = "r1");
        request.in_scope(|| {
            let call = GatewayCall {
                gateway: "stripe",
                step: "create_payment",
                took: Duration::from_millis(12),
            };
            call.answered(200, Some("req_1"));
            call.answered(402, None);
            call.answered(503, None);
            call.not_answered(&"timeout");
            metrics::gateway_failed("klarna", "timed_out", &"timeout");
            metrics::milestone("saved", Some("stripe"));
            metrics::milestone("placed", None);
            metrics::request_failed(&"a \"quoted\"\nfailure", Some("timed_out"));
            metrics::swept(1, 2, 3, Duration::from_secs(60));
            tracing::info!(target: "service", status = 200, "request");
        });
    }

    const METRICS: usize = 9;

    fn lines(text: &str) -> Vec<Value> {
        assert!(text.ends_with('\n'), "{text}");
        let lines = text.lines().map(|it| serde_json::from_str(it).unwrap());
        lines.collect()
    }

    #[test]
    fn metrics_are_written_whatever_is_asked_for() {
        for asked_for in ["info", "INFO", "warn", "error", "off", "metric=off"] {
            let written = lines(&Written::of(asked_for, Form::Json, tell));
            let measured = written.iter().filter(|it| it.get("_aws").is_some());
            assert_eq!(measured.count(), METRICS, "{asked_for}");
            let is_info = asked_for.eq_ignore_ascii_case("info");
            assert_eq!(written.len(), METRICS + usize::from(is_info), "{asked_for}");
            for line in &written {
                assert_eq!(line["span"]["request_id"], "r1", "{asked_for}: {line}");
                assert!(
                    line["level"].is_string() && line["message"].is_string(),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn text_is_no_metric_and_written_as_it_is_asked_for() {
        let of_request = |text: &str| text.matches("r1").count();
        for form in [Form::Text, Form::Terminal] {
            let written = Written::of("warn", form, tell);
            assert_eq!(of_request(&written), 3, "{written}");
            let written = Written::of("info", form, tell);
            assert_eq!(of_request(&written), METRICS + 1, "{written}");
            assert!(
                !written.contains("_aws") && written.contains("r1"),
                "{written}"
            );
        }
    }

    #[test]
    fn every_metric_is_written_as_it_is_declared() {
        let mut seen = BTreeSet::new();
        for line in lines(&Written::of("off", Form::Json, tell)) {
            let measured = ALL.iter().find(|it| it.line == line["message"]).unwrap();
            let [directive] = &checked(&line)[..] else {
                panic!("not one directive: {line}");
            };
            assert_eq!(directive["Dimensions"], json!(measured.dimensions));
            let units = directive["Metrics"].as_array().unwrap().iter();
            let units: Vec<_> = units
                .map(|it| (it["Name"].as_str().unwrap(), it["Unit"].as_str().unwrap()))
                .collect();
            let declared = measured.metrics.iter().map(|it| (it.name, it.unit));
            assert_eq!(units, declared.collect::<Vec<_>>());
            seen.insert(measured.line);
        }
        let declared: BTreeSet<_> = ALL.iter().map(|it| it.line).collect();
        assert_eq!(seen, declared);
        assert_eq!(declared.len(), ALL.len(), "a line has one declaration");
    }

    /// The line's directives, each of which CloudWatch takes.
    fn checked(line: &Value) -> Vec<Value> {
        assert!(line.to_string().len() < 256 * 1024);
        let aws = line["_aws"].as_object().unwrap();
        let members: Vec<_> = aws.keys().map(String::as_str).collect();
        assert_eq!(members, ["Timestamp", "CloudWatchMetrics"]);
        // Milliseconds since 1970, of some time after this was written.
        let timestamp = aws["Timestamp"].as_u64().unwrap();
        assert!(
            (1_700_000_000_000..10_000_000_000_000).contains(&timestamp),
            "{timestamp}"
        );
        let directives = aws["CloudWatchMetrics"].as_array().unwrap();
        for directive in directives {
            let members: Vec<_> = directive.as_object().unwrap().keys().collect();
            assert_eq!(members, ["Namespace", "Dimensions", "Metrics"]);
            let namespace = directive["Namespace"].as_str().unwrap();
            assert!((1..=1024).contains(&namespace.len()));
            check_dimensions(directive["Dimensions"].as_array().unwrap(), line);
            check_metrics(directive["Metrics"].as_array().unwrap(), line);
        }
        directives.clone()
    }

    fn check_dimensions(sets: &[Value], line: &Value) {
        assert!(!sets.is_empty(), "{line}");
        for set in sets {
            let names = set.as_array().unwrap();
            let distinct: BTreeSet<_> = names.iter().map(|it| it.as_str().unwrap()).collect();
            assert!(names.len() <= 30 && distinct.len() == names.len(), "{line}");
            for name in distinct {
                assert!((1..=250).contains(&name.len()), "{name}");
                let value = line[name].as_str();
                let value = value.unwrap_or_else(|| panic!("{name} is no text: {line}"));
                assert!(
                    (1..=1024).contains(&value.len()) && value.is_ascii(),
                    "{line}"
                );
            }
        }
    }

    fn check_metrics(metrics: &[Value], line: &Value) {
        assert!((1..=100).contains(&metrics.len()), "{line}");
        for metric in metrics {
            let members: Vec<_> = metric.as_object().unwrap().keys().collect();
            assert_eq!(members, ["Name", "Unit"]);
            let name = metric["Name"].as_str().unwrap();
            assert!((1..=1024).contains(&name.len()));
            assert!(line[name].is_number(), "{name} is no number: {line}");
            let unit = metric["Unit"].as_str().unwrap();
            assert!(
                ["Count", "Milliseconds", "Seconds"].contains(&unit),
                "{unit}"
            );
        }
    }

    #[test]
    fn an_outcome_says_whose_affair_it_was() {
        let written = lines(&Written::of("off", Form::Json, tell));
        let calls = written.iter().filter(|it| it["message"] == "gateway call");
        let outcomes: Vec<_> = calls.map(|it| it["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["answered", "refused", "failed", "failed"]);
    }
}
