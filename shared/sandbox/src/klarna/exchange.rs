//! Which request is which endpoint.

use crate::vendor::{self, Asked};

use super::call::{Done, Received, Work};
use super::error::ApiError;
use super::state::State;
use super::{authorizations, customer_tokens, order_management, orders, sessions};

type Run = fn(&mut Work<'_>, &Received<'_>) -> Done;

/// Carries the request out.
pub(super) fn answer(work: &mut vendor::Work<'_, State>, asked: &Asked<'_>) -> Done {
    let Some((run, id, part)) = route(asked.method.as_str(), asked.path) else {
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
    run(&mut work, &Received { id, part, asked })
}

/// The session that a page authorises: the page has no credentials but its client token.
pub(super) fn session_of_page<'a>(asked: &Asked<'a>) -> Option<&'a str> {
    let path = asked.path.strip_prefix("/payments/v1/sessions/")?;
    path.strip_suffix("/_authorize")
}

/// True for the paths of order management, whose keys count whatever the body says.
pub(super) fn is_order_management(path: &str) -> bool {
    path.starts_with("/ordermanagement/")
}

fn route<'a>(method: &str, path: &'a str) -> Option<(Run, &'a str, &'a str)> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    if segments.contains(&"") {
        return None;
    }
    Some(match (method, segments.as_slice()) {
        (_, ["payments", "v1", rest @ ..]) => whole(payments_route(method, rest)?),
        (_, ["customer-token", "v1", "tokens", rest @ ..]) => whole(tokens_route(method, rest)?),
        (_, ["ordermanagement", "v1", "orders", id, "captures", part]) if method == "GET" => {
            (order_management::read_capture, id, part)
        }
        (_, ["ordermanagement", "v1", "orders", id, "refunds", part]) if method == "GET" => {
            (order_management::read_refund, id, part)
        }
        (_, ["ordermanagement", "v1", "orders", rest @ ..]) => whole(orders_route(method, rest)?),
        _ => return None,
    })
}

const fn whole((run, id): (Run, &str)) -> (Run, &str, &str) {
    (run, id, "")
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

fn orders_route<'a>(method: &str, path: &[&'a str]) -> Option<(Run, &'a str)> {
    use order_management as orders;

    Some(match (method, path) {
        ("GET", [id]) => (orders::read, id),
        ("POST", [id, "captures"]) => (orders::capture, id),
        ("GET", [id, "captures"]) => (orders::list_captures, id),
        ("POST", [id, "cancel"]) => (orders::cancel, id),
        ("POST", [id, "release-remaining-authorization"]) => (orders::release_remaining, id),
        ("POST", [id, "refunds"]) => (orders::refund, id),
        ("PATCH", [id, "authorization"]) => (orders::update_authorization, id),
        ("POST", [id, "extend-authorization-time"]) => (orders::extend, id),
        ("PATCH", [id, "merchant-references"]) => (orders::change_references, id),
        ("PATCH", [id, "customer-details"]) => (orders::change_details, id),
        ("POST", [id, "_decide"]) => (orders::decide_on, id),
        ("POST", [id, "_expire"]) => (orders::expire, id),
        _ => return None,
    })
}
