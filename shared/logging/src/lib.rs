//! What goes into the log. Our own lines do from the level on that is asked for, and those that are [`metrics`] on any,
//! where CloudWatch reads them. What others write below `INFO` does not, whatever is asked for: the Lambda runtime,
//! the AWS SDK and HTTP clients write whole events, requests and answers there, with passwords, tokens and keys.

mod emf;
pub mod metrics;

use std::io;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

/// The crates whose lines hold no payload on any level: those of this workspace.
const OWN: &[&str] = &[
    "access",
    "aws",
    "billfold",
    "create_payment_source",
    "decisions",
    "delete_customer_payment_source",
    "delete_payment_source",
    "domain",
    "gatehouse",
    "gateways",
    "get_customer_payment_source",
    "get_openapi",
    "get_order",
    "get_payment_source",
    "get_related",
    "issue_token",
    "json_api",
    "lambda",
    "list_customer_payment_sources",
    "logging",
    "manage_resources",
    "openapi",
    "outbound",
    "patch_customer_payment_source",
    "patch_order",
    "patch_payment_source",
    "patch_transaction",
    "published",
    "receive_gateway_event",
    "routing",
    "sandbox",
    "secrets",
    "service",
    "store",
    "sweep",
    "system",
];

/// The local server's table warns of each request that it refuses, of every condition that does not hold among them:
/// who asked is told. It does where `RUST_LOG` names it.
const EMBEDDED_TABLE: &str = "dynoxide";

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For a terminal, with the time and where they come from.
    Terminal,
    /// For CloudWatch, which knows the time, as text: it makes no metrics of that.
    Text,
    /// For CloudWatch as JSON objects, metrics among them.
    Json,
}

/// Begins to log to standard output: as `RUST_LOG` says, else from the level of `AWS_LAMBDA_LOG_LEVEL` on, else from
/// `INFO` on; as JSON where `AWS_LAMBDA_LOG_FORMAT` says so.
///
/// Lambda itself drops what a function writes below `AWS_LAMBDA_LOG_LEVEL`, metrics too. So the level of a deployment is
/// `RUST_LOG`.
pub fn start_in_function() {
    let variable = |name| std::env::var(name).ok();
    let asked_for = variable("RUST_LOG").or_else(|| variable("AWS_LAMBDA_LOG_LEVEL"));
    let format = variable("AWS_LAMBDA_LOG_FORMAT").unwrap_or_default();
    let form = match format.eq_ignore_ascii_case("json") {
        true => Form::Json,
        false => Form::Text,
    };
    let asked_for = asked_for.unwrap_or_default();
    subscriber(&asked_for, LevelFilter::INFO, form, io::stdout).init();
}

/// Begins to log to standard error, as `RUST_LOG` says, else from `WARN` on.
pub fn start_on_terminal() {
    let asked_for = std::env::var("RUST_LOG").unwrap_or_default();
    subscriber(&asked_for, LevelFilter::WARN, Form::Terminal, io::stderr).init();
}

/// What writes the lines that are asked for, as directives of `RUST_LOG`, and may be written. What does not
/// read as one is left out, and `default` where none does. A line says in which request it was written, whatever is
/// asked for.
pub fn subscriber<W>(
    asked_for: &str,
    default: LevelFilter,
    form: Form,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer);
    let lines = match form {
        Form::Terminal => lines.boxed(),
        Form::Text => lines.with_target(false).without_time().boxed(),
        Form::Json => {
            let lines = lines.fmt_fields(JsonFields::new());
            lines.event_format(emf::Lines::new()).boxed()
        }
    };
    let asked_for = targets(asked_for, default);
    let is_wanted = move |metadata: &Metadata<'_>| {
        let is_metric = form == Form::Json && metadata.target() == metrics::TARGET;
        let is_told = is_metric || metadata.is_span();
        let (target, level) = (metadata.target(), metadata.level());
        (is_told && *level <= Level::INFO) || asked_for.would_enable(target, level)
    };
    registry()
        .with(lines)
        .with(filter_fn(is_wanted))
        .with(filter_fn(may_be_written))
}

fn targets(asked_for: &str, default: LevelFilter) -> Targets {
    let directives = asked_for.split(',').map(str::trim);
    let directives = directives.filter(|it| !it.is_empty());
    let read: Vec<Targets> = directives.filter_map(|it| it.parse().ok()).collect();
    let targets = Targets::new().with_target(EMBEDDED_TABLE, LevelFilter::ERROR);
    if read.is_empty() {
        return targets.with_default(default);
    }
    let mut levels = read.iter().filter_map(Targets::default_level);
    let level = levels.next_back().unwrap_or(LevelFilter::OFF);
    let of_each = read.into_iter().flatten();
    targets.with_targets(of_each).with_default(level)
}

/// Whether a line, or a span, may be written at all.
fn may_be_written(metadata: &Metadata<'_>) -> bool {
    let crate_name = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || OWN.contains(&crate_name)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;
    use std::io::Write;
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    use tracing::Dispatch;
    use tracing::subscriber::NoSubscriber;

    use super::*;

    #[derive(Clone, Default)]
    pub struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        /// What is written of what this tells, at this level and in this form.
        pub fn of(asked_for: &str, form: Form, tell: impl FnOnce()) -> String {
            let written = Self::default();
            let writer = written.clone();
            let subscriber = subscriber(asked_for, LevelFilter::INFO, form, move || writer.clone());
            // While there is one alone, a line that another thread comes to first is taken for one that nobody wants.
            let _beside = Dispatch::new(NoSubscriber::default());
            tracing::subscriber::with_default(subscriber, tell);
            let bytes = written.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap()
        }
    }

    /// What is written of lines of others and of our own, on each level.
    fn written(asked_for: &str, form: Form) -> String {
        Written::of(asked_for, form, || {
            macro_rules! of {
                ($($target:literal),*) => { $(
                    tracing::trace!(target: $target, body = "hush", "a request");
                    tracing::debug!(target: $target, body = "hush", "a request");
                    tracing::trace_span!(target: $target, "hush").in_scope(|| ());
                    tracing::warn!(target: $target, "theirs");
                )* };
            }
            of!(
                "lambda_runtime::requests",
                "lambda_http::request",
                "lambda_runtime_api_client",
                "hyper::proto::h1",
                "hyper_util",
                "h2",
                "reqwest::connect",
                "rustls",
                "log",
                "aws_smithy_runtime::client::http",
                "aws_config",
                "aws_sdk_secretsmanager",
                "tower"
            );
            tracing::trace!(target: "service::answer", "ours");
            tracing::debug!(target: "issue_token", "ours");
        })
    }

    #[test]
    fn what_others_write_with_payloads_is_never_logged() {
        for asked_for in [
            "trace",
            "TRACE",
            "debug",
            "lambda_runtime=trace,hyper=trace,aws_smithy_runtime=trace,reqwest=trace,log=trace",
            "trace,lambda_http=trace",
            "[{body}]=trace",
        ] {
            for form in [Form::Terminal, Form::Text, Form::Json] {
                let written = written(asked_for, form);
                assert!(!written.contains("hush"), "{asked_for} {written}");
                assert!(written.contains("theirs"), "{asked_for} {written}");
            }
        }
        assert_eq!(written("trace", Form::Text).matches("ours").count(), 2);
        assert_eq!(written("debug", Form::Json).matches("ours").count(), 1);
        assert_eq!(written("no level", Form::Json).matches("ours").count(), 0);
    }

    #[test]
    fn what_the_embedded_table_refuses_is_told_of_only_where_it_is_asked_for() {
        let tell = || tracing::warn!(target: "dynoxide::server", "error response");
        for (asked_for, is_told) in [("", false), ("info", false), ("warn,dynoxide=warn", true)] {
            let written = Written::of(asked_for, Form::Terminal, tell);
            assert_eq!(written.contains("error response"), is_told, "{asked_for}");
        }
    }

    #[test]
    fn own_are_the_crates_of_the_workspace() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folders = ["shared", "functions"].map(|it| root.join(it).read_dir().unwrap());
        let mut crates: BTreeSet<_> = folders
            .into_iter()
            .flatten()
            .map(|it| {
                it.unwrap()
                    .file_name()
                    .into_string()
                    .unwrap()
                    .replace('-', "_")
            })
            .collect();
        crates.insert("billfold".to_owned());
        let own: BTreeSet<_> = OWN.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(own, crates);
    }
}
