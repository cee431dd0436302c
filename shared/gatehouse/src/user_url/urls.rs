use std::net::IpAddr;

use url::{Host, Url};

use super::{TrustedOrigins, is_public};

/// The longest URL that is taken, in characters.
const MAX_CHARS: usize = 2_000;

/// The characters of a URI beside letters and digits (RFC 3986, section 2), without `#`: a fragment is
/// no part of a request.
const MARKS: &str = "-._~:/?[]@!$&'()*+,;=%";

/// What is wrong with a URL that a user typed: a sentence for the user each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    /// Longer than 2,000 characters.
    #[error("The URL must not be longer than 2,000 characters.")]
    TooLong,
    /// Not an absolute URL that can stand in an HTTP request.
    #[error(
        "This must be an absolute URL, in ASCII and without a fragment, such as \
         https://payments.example.com/token."
    )]
    NotAUrl,
    /// A user name or a password before the host.
    #[error("The URL must not contain a user name or a password.")]
    UserInfo,
    /// Another scheme than https.
    #[error("The URL must start with https://.")]
    NotHttps,
    /// An address, or `localhost`, that is not on the Internet.
    #[error("The URL's host must be at a public address.")]
    NotPublic,
}

/// Where a URL leads, as far as the URL alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To a trusted origin.
    Trusted,
    /// To a public address, or to a name whose addresses are yet to be judged.
    Public,
}

/// Whether requests to `url` are possible as far as the URL alone tells: for an early answer when a user
/// writes it down. It asks no resolver, so a name that passes may still turn out to be of a private
/// network; the client judges that at each request.
///
/// # Errors
/// The URL breaks a rule. A trusted origin is exempt from those about scheme and address.
pub fn check_url(url: &str, trusted: &TrustedOrigins) -> Result<(), UrlProblem> {
    if url.chars().count() > MAX_CHARS {
        return Err(UrlProblem::TooLong);
    }
    if !is_written_out(url) {
        return Err(UrlProblem::NotAUrl);
    }
    let url = Url::parse(url).ok().filter(|it| it.port() != Some(0));
    let url = url.ok_or(UrlProblem::NotAUrl)?;
    destination(&url, trusted).map(drop)
}

/// Where a client goes that connects to `url`.
///
/// # Errors
/// It must not go there. A trusted origin is exempt from the rules about scheme and address.
pub fn destination(url: &Url, trusted: &TrustedOrigins) -> Result<Destination, UrlProblem> {
    let host = url.host().ok_or(UrlProblem::NotAUrl)?;
    let has_user_info = !url.username().is_empty() || url.password().is_some();
    if has_user_info {
        return Err(UrlProblem::UserInfo);
    }
    if trusted.contains(url) {
        return Ok(Destination::Trusted);
    }
    if url.scheme() != "https" {
        return Err(UrlProblem::NotHttps);
    }
    match may_be_public(host) {
        true => Ok(Destination::Public),
        false => Err(UrlProblem::NotPublic),
    }
}

/// Whether `text` is a URL as it stands. Browsers and the `url` crate repair what is not: they trim,
/// turn slashes, decode hosts.
fn is_written_out(text: &str) -> bool {
    let is_of_uris = |it: char| it.is_ascii_alphanumeric() || MARKS.contains(it);
    let authority = text
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?']).next());
    let has_host = authority.is_some_and(|it| !it.is_empty() && !it.contains('%'));
    has_host && text.chars().all(is_of_uris)
}

fn may_be_public(host: Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_public(IpAddr::V4(address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(address)),
        Host::Domain(name) => !is_localhost(name),
    }
}

/// `localhost` and all names below it are loopback, whatever a resolver says (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests;
