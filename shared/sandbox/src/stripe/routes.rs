//! Which request is which endpoint.

use http::Method;
use serde_json::Value;

use super::call::Received;
use super::error::ApiError;
use super::fields::Field;
use super::state::Work;
use super::{charges, customers, payment_intents, payment_methods, refunds};

type Run = fn(&mut Work<'_>, &Received<'_>) -> Result<Value, ApiError>;

/// An endpoint: the function that runs it and the facts needed before.
#[derive(Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) run: Run,
    pub(super) params: &'static [Field],
    /// The members of the answer that `expand[]` may name.
    pub(super) expandable: &'static [&'static str],
    pub(super) access: Access,
}

/// The key that an endpoint asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// A secret one.
    Secret,
    /// A secret one, or a publishable one with the intent's `client_secret`.
    Page,
    /// None, the `client_secret` is enough.
    ClientSecret,
}

/// An endpoint and the id in the path.
pub(super) struct Route<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) id: &'a str,
}

const INTENT: &[&str] = &[
    "customer",
    "latest_charge",
    "latest_charge.customer",
    "payment_method",
    "payment_method.customer",
];
const INTENTS: &[&str] = &["data.customer", "data.latest_charge", "data.payment_method"];
const REFUND: &[&str] = &["charge", "payment_intent"];
const REFUNDS: &[&str] = &["data.charge", "data.payment_intent"];
const CHARGE: &[&str] = &["customer", "payment_intent"];
const METHOD: &[&str] = &["customer"];
const METHODS: &[&str] = &["data.customer"];
const CUSTOMER: &[&str] = &["default_source", "invoice_settings.default_payment_method"];
const CUSTOMERS: &[&str] = &["data.invoice_settings.default_payment_method"];

/// The endpoint of a request; `None` if there is none.
pub(super) fn route<'a>(method: &Method, path: &'a str) -> Option<Route<'a>> {
    let path = path.strip_prefix("/v1/")?;
    let segments: Vec<&str> = path.split('/').collect();
    if segments.contains(&"") {
        return None;
    }
    let (endpoint, id) = match (method.as_str(), segments.as_slice()) {
        (_, ["customers", rest @ ..]) => customers_route(method, rest)?,
        (_, ["payment_methods", rest @ ..]) => payment_methods_route(method, rest)?,
        (_, ["payment_intents", rest @ ..]) => payment_intents_route(method, rest)?,
        (_, ["refunds", rest @ ..]) => refunds_route(method, rest)?,
        ("GET", ["charges", id]) => (secret(charges::retrieve, &[], CHARGE), *id),
        ("POST", ["charges", id, "_dispute"]) => (secret(charges::dispute, &[], &[]), *id),
        _ => return None,
    };
    Some(Route { endpoint, id })
}

type Found<'a> = (Endpoint, &'a str);

fn customers_route<'a>(method: &Method, path: &[&'a str]) -> Option<Found<'a>> {
    use customers as c;
    use payment_methods as m;
    Some(match (method.as_str(), path) {
        ("POST", []) => (secret(c::create, c::CREATE, CUSTOMER), ""),
        ("GET", []) => (secret(c::list, c::LIST, CUSTOMERS), ""),
        ("GET", [id]) => (secret(c::retrieve, &[], CUSTOMER), id),
        ("POST", [id]) => (secret(c::update, c::UPDATE, CUSTOMER), id),
        ("DELETE", [id]) => (secret(c::delete, &[], &[]), id),
        ("GET", [id, "payment_methods"]) => {
            let endpoint = secret(m::list_of_customer, m::LIST_OF_CUSTOMER, METHODS);
            (endpoint, id)
        }
        _ => return None,
    })
}

fn payment_methods_route<'a>(method: &Method, path: &[&'a str]) -> Option<Found<'a>> {
    use payment_methods as m;
    Some(match (method.as_str(), path) {
        ("POST", []) => (secret(m::create, m::CREATE, METHOD), ""),
        ("GET", []) => (secret(m::list, m::LIST, METHODS), ""),
        ("GET", [id]) => (secret(m::retrieve, &[], METHOD), id),
        ("POST", [id]) => (secret(m::update, m::UPDATE, METHOD), id),
        ("POST", [id, "attach"]) => (secret(m::attach, m::ATTACH, METHOD), id),
        ("POST", [id, "_renew"]) => (secret(m::renew, m::RENEW, METHOD), id),
        ("POST", [id, "detach"]) => (secret(m::detach, &[], METHOD), id),
        _ => return None,
    })
}

fn payment_intents_route<'a>(method: &Method, path: &[&'a str]) -> Option<Found<'a>> {
    use payment_intents as i;
    Some(match (method.as_str(), path) {
        ("POST", []) => (secret(i::create, i::CREATE, INTENT), ""),
        ("GET", []) => (secret(i::list, i::LIST, INTENTS), ""),
        ("GET", [id]) => (page(i::retrieve, i::RETRIEVE), id),
        ("POST", [id]) => (secret(i::update, i::UPDATE, INTENT), id),
        ("POST", [id, "confirm"]) => (page(i::confirm, i::CONFIRM), id),
        ("POST", [id, "capture"]) => (secret(i::capture, i::CAPTURE, INTENT), id),
        ("POST", [id, "cancel"]) => (secret(i::cancel, i::CANCEL, INTENT), id),
        ("POST", [id, "_expire"]) => (secret(i::expire, &[], INTENT), id),
        ("GET", [id, "_authenticate"]) => (bank(i::retrieve, i::RETRIEVE), id),
        ("POST", [id, "_authenticate"]) => (bank(i::authenticate, i::AUTHENTICATE), id),
        _ => return None,
    })
}

fn refunds_route<'a>(method: &Method, path: &[&'a str]) -> Option<Found<'a>> {
    use refunds as r;
    Some(match (method.as_str(), path) {
        ("POST", []) => (secret(r::create, r::CREATE, REFUND), ""),
        ("GET", []) => (secret(r::list, r::LIST, REFUNDS), ""),
        ("GET", [id]) => (secret(r::retrieve, &[], REFUND), id),
        ("POST", [id, "_settle"]) => (secret(r::settle, r::SETTLE, REFUND), id),
        _ => return None,
    })
}

fn secret(run: Run, params: &'static [Field], expandable: &'static [&'static str]) -> Endpoint {
    Endpoint {
        run,
        params,
        expandable,
        access: Access::Secret,
    }
}

fn bank(run: Run, params: &'static [Field]) -> Endpoint {
    Endpoint {
        access: Access::ClientSecret,
        ..page(run, params)
    }
}

fn page(run: Run, params: &'static [Field]) -> Endpoint {
    Endpoint {
        run,
        params,
        expandable: INTENT,
        access: Access::Page,
    }
}
