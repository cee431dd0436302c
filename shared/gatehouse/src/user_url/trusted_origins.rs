use std::fmt;

use url::{Host, Origin, Url};

/// Origins at which external gateways may be without https and at any address: configuration of whoever
/// runs Billfold, never data. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedOrigins(Vec<Origin>);

/// A list of trusted origins that does not read. The text of the entry is not repeated: what should not
/// be there may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{variable}: entry {entry} is not an exact origin such as http://localhost:9001, in lower case and \
     without a path",
    variable = TrustedOrigins::VARIABLE
)]
pub struct TrustedOriginsError {
    /// Which entry, counted from 1.
    pub entry: usize,
}

impl TrustedOrigins {
    /// The environment variable that lists them.
    pub const VARIABLE: &'static str = "EXTERNAL_GATEWAY_TRUSTED_ORIGINS";

    /// Reads origins with commas or white space between them, each exactly as `scheme://host:port`; the
    /// port may be left out where it is the scheme's own. An empty text trusts none.
    ///
    /// # Errors
    /// An entry is anything else: with a path or a slash at the end, user info or a wildcard, of another
    /// scheme than http and https, or with a host not written the way it is compared (upper case,
    /// `127.1`).
    pub fn parse(text: &str) -> Result<Self, TrustedOriginsError> {
        text.split(|c: char| c == ',' || c.is_whitespace())
            .filter(|entry| !entry.is_empty())
            .enumerate()
            .map(|(at, entry)| exact_origin(entry).ok_or(TrustedOriginsError { entry: at + 1 }))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether none is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, url: &Url) -> bool {
        self.0.contains(&url.origin())
    }
}

impl fmt::Display for TrustedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins: Vec<_> = self.0.iter().map(Origin::ascii_serialization).collect();
        f.write_str(&origins.join(" "))
    }
}

/// The origin that `text` is, to the letter.
fn exact_origin(text: &str) -> Option<Origin> {
    let url = Url::parse(text).ok()?;
    let origin = url.origin();
    let Origin::Tuple(scheme, host, port) = &origin else {
        return None;
    };
    let is_http = matches!(scheme.as_str(), "http" | "https");
    let is_wildcard = matches!(host, Host::Domain(name) if name.contains('*'));
    let is_exact =
        text == origin.ascii_serialization() || text == format!("{scheme}://{host}:{port}");
    (is_http && !is_wildcard && is_exact).then_some(origin)
}

#[cfg(test)]
mod tests;
