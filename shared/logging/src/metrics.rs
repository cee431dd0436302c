//! What is counted and measured: a function for each line of the log that CloudWatch makes metrics of, which are
//! written whatever level is asked for. `emf` says how they are written.
//!
//! CloudWatch takes money for each combination of the values of a metric's dimensions. So what is a dimension has a
//! handful of values that this source knows, and is never an id.

use std::fmt::Display;
use std::time::Duration;

use tracing::{Metadata, error, info, warn};

/// Where the metrics are, among those of the account.
pub const NAMESPACE: &str = "Billfold";

/// The target of the events that are metrics, and of no others.
pub(crate) const TARGET: &str = "metric";

/// What CloudWatch makes of a line.
#[derive(Debug)]
pub struct Measured {
    /// The line's message, which is the name of its events as well.
    pub line: &'static str,
    /// Those of its fields that are metrics.
    pub metrics: &'static [Metric],
    /// Sets of fields by whose values each of the metrics is told apart; an empty one is all of them together.
    pub dimensions: &'static [&'static [&'static str]],
}

/// A field that is a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// The name of both.
    pub name: &'static str,
    /// The unit, by CloudWatch's name.
    pub unit: &'static str,
}

/// All that is counted and measured.
pub const ALL: &[Measured] = &[
    GATEWAY_CALL,
    GATEWAY_FAILED,
    MILESTONE,
    REQUEST_FAILED,
    SWEPT,
];

const fn count(name: &'static str) -> Metric {
    let unit = "Count";
    Metric { name, unit }
}

/// What CloudWatch makes of the events of this metadata; nothing of those that are lines alone.
pub(crate) fn of(metadata: &Metadata<'_>) -> Option<&'static Measured> {
    let is_metric = metadata.target() == TARGET;
    let mut named = ALL.iter().filter(|it| it.line == metadata.name());
    named.next().filter(|_| is_metric)
}

const GATEWAY_CALL: Measured = Measured {
    line: "gateway call",
    metrics: &[Metric {
        name: "GatewayCalls",
        unit: "Milliseconds",
    }],
    dimensions: &[
        &["gateway"],
        &["gateway", "outcome"],
        &["gateway", "step"],
        &["gateway", "step", "outcome"],
    ],
};

/// One request to a gateway, each try for itself.
#[derive(Debug, Clone, Copy)]
pub struct GatewayCall {
    /// The gateway's type: `stripe`.
    pub gateway: &'static str,
    /// What was asked for: `create_payment`.
    pub step: &'static str,
    /// How long it took.
    pub took: Duration,
}

impl GatewayCall {
    /// It was answered with this status, under this id of the gateway's for the request.
    pub fn answered(self, status: u16, gateway_request_id: Option<&str>) {
        let Self { gateway, step, .. } = self;
        let duration_ms = self.duration_ms();
        info!(
            name: GATEWAY_CALL.line,
            target: TARGET,
            gateway,
            step,
            outcome = Outcome::of_status(status).name(),
            status,
            duration_ms,
            gateway_request_id,
            GatewayCalls = duration_ms,
            "gateway call"
        );
    }

    /// No answer came, or none that could be taken.
    pub fn not_answered(self, error: &dyn Display) {
        let Self { gateway, step, .. } = self;
        let duration_ms = self.duration_ms();
        warn!(
            name: GATEWAY_CALL.line,
            target: TARGET,
            gateway,
            step,
            outcome = Outcome::Failed.name(),
            duration_ms,
            %error,
            GatewayCalls = duration_ms,
            "gateway call"
        );
    }

    fn duration_ms(self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }
}

/// What came of a request to a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The gateway did what it was asked for.
    Answered,
    /// The gateway did not do it, for what was asked: a declined card, a payment that is not there, a revoked key.
    Refused,
    /// The gateway could not: a fault of its own, too many requests, another place to ask, no answer.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: &[Self] = &[Self::Answered, Self::Refused, Self::Failed];

    const fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Answered,
            400..=428 | 430..=499 => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// The outcome, as the log has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

const GATEWAY_FAILED: Measured = Measured {
    line: "gateway failed",
    metrics: &[count("GatewayFailures")],
    dimensions: &[&[], &["gateway"]],
};

/// A gateway of this type gave no definitive answer, after all tries: a failure of this kind.
pub fn gateway_failed(gateway: &'static str, kind: &'static str, failure: &dyn Display) {
    warn!(
        name: GATEWAY_FAILED.line,
        target: TARGET,
        gateway,
        gateway_failure = kind,
        %failure,
        GatewayFailures = 1,
        "gateway failed"
    );
}

const MILESTONE: Measured = Measured {
    line: "milestone",
    metrics: &[count("Milestones")],
    dimensions: &[&["what"], &["what", "gateway"]],
};

/// Something that a shop counts happened, at a gateway of this type.
pub fn milestone(what: &'static str, gateway: Option<&'static str>) {
    info!(
        name: MILESTONE.line,
        target: TARGET,
        what,
        gateway = gateway.unwrap_or("none"),
        Milestones = 1,
        "milestone"
    );
}

const REQUEST_FAILED: Measured = Measured {
    line: "request failed",
    metrics: &[count("FailedRequests")],
    dimensions: &[&[]],
};

/// A request is answered with 5xx. `gateway_failure` is of what kind a gateway's failure was, where it was for one.
pub fn request_failed(failure: &dyn Display, gateway_failure: Option<&'static str>) {
    error!(
        name: REQUEST_FAILED.line,
        target: TARGET,
        %failure,
        gateway_failure,
        FailedRequests = 1,
        "request failed"
    );
}

const SWEPT: Measured = Measured {
    line: "swept",
    metrics: &[
        count("OwedOperations"),
        count("StuckOperations"),
        Metric {
            name: "OldestOwed",
            unit: "Seconds",
        },
        count("FailedRequests"),
        count("GatewayFailures"),
    ],
    dimensions: &[&[]],
};

/// What a sweep came to: how many operations it settled, how many of those that it found due are owed and how many
/// are left to people, and for how long the oldest has been owed.
///
/// A sweep is made every minute. So this is also where nothing is added to what is counted elsewhere: where a metric
/// has no value for a minute, an alarm judges by an earlier one.
pub fn swept(settled: usize, owed: usize, stuck: usize, oldest: Duration) {
    info!(
        name: SWEPT.line,
        target: TARGET,
        settled,
        OwedOperations = owed,
        StuckOperations = stuck,
        OldestOwed = oldest.as_secs(),
        FailedRequests = 0,
        GatewayFailures = 0,
        "swept"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whose_affair_it_was() {
        for (status, outcome) in [
            (200, Outcome::Answered),
            (202, Outcome::Answered),
            (302, Outcome::Failed),
            (402, Outcome::Refused),
            (429, Outcome::Failed),
            (503, Outcome::Failed),
        ] {
            assert_eq!(Outcome::of_status(status), outcome, "{status}");
        }
    }
}
