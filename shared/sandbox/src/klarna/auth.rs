//! Who calls: HTTP Basic with the API username and password of Klarna's merchant portal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;

use crate::ids::derived;
use crate::vendor::Asked;

/// Beginnings of live credentials; the stand-in has no live side.
const LIVE_USER: &str = "live";
const LIVE_KEY: &str = "klarna_live_";

/// The account that the credentials name, derived so that they are not kept. Any user is an
/// account of its own, with any password; `None` for missing, malformed and live credentials.
pub(super) fn account(asked: &Asked<'_>) -> Option<String> {
    let (scheme, credentials) = asked.header(AUTHORIZATION.as_str())?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    let is_live = user.starts_with(LIVE_USER)
        || [user, password]
            .iter()
            .any(|part| part.starts_with(LIVE_KEY));
    let is_complete = !user.is_empty() && !password.is_empty();
    (is_complete && !is_live).then(|| format!("merchant_{}", derived(user, 16)))
}
