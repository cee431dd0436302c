//! Which request is which endpoint.

use crate::vendor::{self, Asked};

use super::call::{Done, Received, Work};
use super::error::ApiError;
use super::state::State;
use super::{authorizations, customer_tokens, orders, sessions};

type Run = fn(&mut Work<'_>, &Received<'_>) -> Done;

/// Carries the request out.
pub(super) fn answer(work: &mut vendor::Work<'_, State>, asked: &Asked<'_>) -> Done {
    let Some((run, id)) = route(asked.method.as_str(), asked.path) else {
        let message = format!("No endpoint: {} {}", asked.method, asked.path);
        return Err(ApiError::not_found(message));
    };
    let mut work = Work {
        state: work.state,
        account_name: work.account,
        ids: work.ids,
        now: work.now,
        base_url: work.base_url,
    };
    run(&mut work, &Received { id, asked })
}

/// The session that a page authorises: the page has no credentials but its client token.
pub(super) fn session_of_page<'a>(asked: &Asked<'a>) -> Option<&'a str> {
    let path = asked.path.strip_prefix("/payments/v1/sessions/")?;
    path.strip_suffix("/_authorize")
}

fn route<'a>(method: &str, path: &'a str) -> Option<(Run, &'a str)> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    if segments.contains(&"") {
        return None;
    }
    Some(match (method, segments.as_slice()) {
        (_, ["payments", "v1", rest @ ..]) => payments_route(method, rest)?,
        (_, ["customer-token", "v1", "tokens", rest @ ..]) => tokens_route(method, rest)?,
        _ => return None,
    })
}

fn payments_route<'a>(method: &str, path: &[&'a str]) -> Option<(Run, &'a str)> {
    Some(match (method, path) {
        ("POST", ["sessions"]) => (sessions::create, ""),
        ("GET", ["sessions", id]) => (sessions::read, id),
        ("POST", ["sessions", id]) => (sessions::update, id),
        ("POST", ["sessions", id, "_authorize"]) => (authorizations::authorize, id),
        ("DELETE", ["authorizations", token]) => (authorizations::release, token),
        ("POST", ["authorizations", token, "order"]) => (orders::place, token),
        ("POST", ["authorizations", token, "customer-token"]) => (customer_tokens::mint, token),
        _ => return None,
    })
}

fn tokens_route<'a>(method: &str, path: &[&'a str]) -> Option<(Run, &'a str)> {
    Some(match (method, path) {
        ("GET", [token]) => (customer_tokens::read, token),
        ("POST", [token, "order"]) => (orders::place_with_token, token),
        ("PATCH", [token, "status"]) => (customer_tokens::cancel, token),
        _ => return None,
    })
}
