//! Who is answered, and what browsers are told to keep to.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Page;

const MISDIRECTED: &str = "This page answers at localhost, 127.0.0.1 and the address that the server listens on, \
     and at no other name: another page could have led you here. Open it at the address that the server \
     printed.";
const FOREIGN: &str = "Other pages may not call here.";

/// Lets in who asked for this page by a name of this machine's, from this page or from none.
pub async fn keep(State(page): State<Page>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut response = if !is_ours(headers, page.0.listening) {
        (StatusCode::MISDIRECTED_REQUEST, MISDIRECTED).into_response()
    } else if is_from_elsewhere(headers) {
        (StatusCode::FORBIDDEN, FOREIGN).into_response()
    } else {
        next.run(request).await
    };
    for (name, value) in page.headers() {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// A name that leads to this machine by itself, or the address that is listened on, with its port: a name
/// that somebody has led here (DNS rebinding) is none of these.
fn is_ours(headers: &HeaderMap, listening: SocketAddr) -> bool {
    let host = headers.get(HOST).and_then(|it| it.to_str().ok());
    let authority = host.and_then(|it| it.parse::<http::uri::Authority>().ok());
    let Some(authority) = authority else {
        return false;
    };
    let name = authority.host().trim_matches(['[', ']']);
    let is_known = match name.parse::<IpAddr>() {
        Ok(address) if listening.ip().is_unspecified() => !address.is_unspecified(),
        Ok(address) => address.is_loopback() || address == listening.ip(),
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    };
    is_known && authority.port_u16().unwrap_or(80) == listening.port()
}

fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|it| it.to_str().ok());
    let own = text(HOST).map(|host| format!("http://{host}"));
    headers.contains_key(ORIGIN) && text(ORIGIN) != own.as_deref()
}

impl Page {
    /// The headers of every answer, unless it has its own.
    fn headers(&self) -> [(HeaderName, HeaderValue); 6] {
        let fixed = HeaderValue::from_static;
        [
            (CONTENT_SECURITY_POLICY, self.policy("'none'")),
            (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (REFERRER_POLICY, fixed("no-referrer")),
            (CACHE_CONTROL, fixed("no-store")),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                fixed("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                fixed("same-origin"),
            ),
        ]
    }

    /// Nothing from elsewhere but the stand-ins, which the shopper's browser calls and whose bank's page it
    /// shows.
    pub(super) fn policy(&self, frame_ancestors: &str) -> HeaderValue {
        let stand_ins: Vec<_> = self.0.gateways.iter().map(|it| it.url.as_str()).collect();
        let stand_ins = stand_ins.join(" ");
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self' {stand_ins}; frame-src 'self' {stand_ins}; form-action 'none'; \
             base-uri 'none'; frame-ancestors {frame_ancestors}"
        );
        let closed = HeaderValue::from_static("default-src 'none'; sandbox");
        HeaderValue::try_from(policy).unwrap_or(closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(host: &'static str, listening: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        is_ours(&headers, listening.parse().unwrap())
    }

    #[test]
    fn names_of_this_machine_are_answered_and_no_other() {
        let loopback = "127.0.0.1:9000";
        for host in [
            "localhost:9000",
            "LOCALHOST:9000",
            "127.0.0.1:9000",
            "[::1]:9000",
        ] {
            assert!(asked(host, loopback), "{host}");
        }
        for host in [
            "localhost",
            "localhost:9001",
            "evil.example:9000",
            "localhost.evil.example:9000",
            "192.168.1.7:9000",
            "127.0.0.1.nip.example:9000",
            "",
        ] {
            assert!(!asked(host, loopback), "{host}");
        }
    }

    #[test]
    fn a_server_that_listens_elsewhere_is_reached_by_its_address() {
        assert!(asked("192.168.1.7:9000", "192.168.1.7:9000"));
        assert!(asked("192.168.1.7:9000", "0.0.0.0:9000"));
        assert!(!asked("192.168.1.8:9000", "192.168.1.7:9000"));
        assert!(!asked("evil.example:9000", "0.0.0.0:9000"));
    }
}
