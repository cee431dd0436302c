//! Whose records: an organization in one mode.

use serde::{Deserialize, Serialize};

use crate::{GatewayId, Id};

/// Test or live. Records of one mode never meet those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The token's `test` claim is true.
    Test,
    /// The token's `test` claim is false.
    Live,
}

impl Mode {
    /// The mode of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Test, Self::Live]
            .into_iter()
            .find(|it| it.as_str() == name)
    }

    /// `test` or `live`, as in a resource's `meta.mode`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

/// An organization in one mode: the boundary that no record is read or written across. Every key
/// of the table begins with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tenant {
    /// The organization's id, from the token's `organization.id`.
    pub organization: Id,
    /// The token's mode.
    pub mode: Mode,
}

impl Tenant {
    /// The path to which a gateway sends its events.
    pub fn events_path(&self, gateway: GatewayId) -> String {
        let (organization, mode) = (self.organization, self.mode.as_str());
        format!("/hooks/{organization}/{mode}/{gateway}")
    }
}
