use domain::{Id, Mode};
use serde::Deserialize;

use crate::Claims;

/// Whom an issuer may speak for. One that is trusted for nothing speaks for nobody: the issuer of one
/// organization cannot open another's records.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SpeaksFor {
    organization: Organizations,
    modes: Vec<IssuedMode>,
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Organizations {
    /// All of them: the deployment's own issuer.
    #[serde(rename = "*")]
    All,
    #[serde(untagged)]
    One(Id),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum IssuedMode {
    Test,
    Live,
}

/// An application's kind, as tokens have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    SalesChannel,
    Integration,
}

impl SpeaksFor {
    /// Whether these claims are within it.
    pub(super) fn covers(&self, claims: &Claims) -> bool {
        let mode = match claims.mode() {
            Mode::Test => IssuedMode::Test,
            Mode::Live => IssuedMode::Live,
        };
        let is_kind = |kind: &Kind| match kind {
            Kind::SalesChannel => claims.application.kind == "sales_channel",
            Kind::Integration => claims.application.kind == "integration",
        };
        let is_organization = match self.organization {
            Organizations::All => true,
            Organizations::One(id) => id == claims.organization.id,
        };
        is_organization && self.modes.contains(&mode) && self.kinds.iter().any(is_kind)
    }
}
