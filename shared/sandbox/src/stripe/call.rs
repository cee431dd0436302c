//! What an endpoint is asked.

use super::params::Params;

/// A request to an endpoint, its parameters checked.
pub(super) struct Received<'a> {
    /// The id in the path, or nothing.
    pub(super) id: &'a str,
    pub(super) params: Params<'a>,
}
