//! The events of API Gateway's HTTP API and what it is answered (payload format 2.0), read leniently: what
//! a caller sent may be no URI and no base64, and still gets an answer of the API's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use routing::{SourceAddress, Unreadable, without_version};
use serde::{Deserialize, Serialize};

/// The stage of an API that is reached without one in its paths.
const DEFAULT_STAGE: &str = "$default";

/// What API Gateway hands to a function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    raw_path: String,
    /// None under `cargo lambda watch` where there is none.
    raw_query_string: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Debug, Deserialize)]
struct Context {
    stage: Option<String>,
    http: Http,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

impl Event {
    /// The request that the caller made. Bodies of the API's media type arrive as base64, others as text:
    /// both are bytes here. The path is the one that functions know, without stage and version. The address
    /// is the one that API Gateway saw.
    pub fn into_request(self) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        if let Ok(method) = Method::from_bytes(self.request_context.http.method.as_bytes()) {
            *request.method_mut() = method;
        }
        let address = self.request_context.http.source_ip.as_deref();
        if let Some(address) = address.and_then(|it| it.parse::<IpAddr>().ok()) {
            request.extensions_mut().insert(SourceAddress(address));
        }
        let mut unreadable = None;
        match self.uri() {
            Ok(uri) => *request.uri_mut() = uri,
            Err(path) => {
                *request.uri_mut() = path;
                unreadable =
                    Some("The query is not a URI's: encode spaces, quotes and the like in it.");
            }
        }
        *request.headers_mut() = self.header_map();
        match self.body_bytes() {
            Some(body) => *request.body_mut() = body,
            None => unreadable = Some("The body is not base64."),
        }
        if let Some(problem) = unreadable {
            request.extensions_mut().insert(Unreadable(problem));
        }
        request
    }

    /// The path, with its query; without, where that is none of a URI. A path that is none is nobody's.
    fn uri(&self) -> Result<Uri, Uri> {
        let path = match self.request_context.stage.as_deref() {
            None | Some(DEFAULT_STAGE | "") => self.raw_path.as_str(),
            Some(stage) => without_stage(&self.raw_path, stage),
        };
        let path = without_version(path);
        let alone = || path.parse::<Uri>().unwrap_or_default();
        match self.raw_query_string.as_deref() {
            None | Some("") => Ok(alone()),
            Some(query) => format!("{path}?{query}").parse().map_err(|_| alone()),
        }
    }

    /// Headers that are none are left out.
    fn header_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        let cookies = self.cookies.iter().flatten();
        for cookie in cookies.filter_map(|it| HeaderValue::from_bytes(it.as_bytes()).ok()) {
            headers.append(COOKIE, cookie);
        }
        headers
    }

    /// None where the body is said to be base64 and is not.
    fn body_bytes(&self) -> Option<Bytes> {
        let body = self.body.as_deref().unwrap_or_default();
        match self.is_base64_encoded {
            true => STANDARD.decode(body).ok().map(Bytes::from),
            false => Some(Bytes::copy_from_slice(body.as_bytes())),
        }
    }
}

/// `/prod/api/orders` is `/api/orders` of the stage `prod`.
fn without_stage<'p>(path: &'p str, stage: &str) -> &'p str {
    let rest = path.strip_prefix('/').and_then(|it| it.strip_prefix(stage));
    match rest {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

/// What a function answers to API Gateway.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    /// None is set. `cargo lambda watch` takes no answer without them.
    cookies: [String; 0],
    body: String,
    is_base64_encoded: bool,
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        let mut headers = BTreeMap::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            headers
                .entry(name.to_string())
                .and_modify(|former: &mut String| {
                    former.push_str(", ");
                    former.push_str(&value);
                })
                .or_insert_with(|| value.to_string());
        }
        let status_code = response.status().as_u16();
        let (body, is_base64_encoded) = match String::from_utf8(response.into_body().to_vec()) {
            Ok(text) => (text, false),
            Err(error) => (STANDARD.encode(error.as_bytes()), true),
        };
        Self {
            status_code,
            headers,
            cookies: [],
            body,
            is_base64_encoded,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(changed: Value) -> Request<Bytes> {
        let mut event = json!({
            "version": "2.0",
            "rawPath": "/api/orders/eqkykhjlVw",
            "rawQueryString": "",
            "headers": { "accept": "application/vnd.api+json" },
            "requestContext": {
                "stage": "$default",
                "http": { "method": "PATCH", "sourceIp": "192.0.2.1" },
            },
            "isBase64Encoded": false,
        });
        for (pointer, value) in changed.as_object().unwrap() {
            match event.pointer_mut(pointer) {
                Some(there) => *there = value.clone(),
                None => event[pointer.trim_start_matches('/')] = value.clone(),
            }
        }
        serde_json::from_value::<Event>(event)
            .unwrap()
            .into_request()
    }

    fn is_unreadable(request: &Request<Bytes>) -> bool {
        request.extensions().get::<Unreadable>().is_some()
    }

    #[test]
    fn a_request_is_what_the_caller_made_it() {
        let request = request(json!({ "/rawQueryString": "a=b%20c", "/body": "{}" }));
        assert_eq!(request.method(), Method::PATCH);
        assert_eq!(request.uri(), "/api/orders/eqkykhjlVw?a=b%20c");
        assert_eq!(request.headers()["accept"], "application/vnd.api+json");
        assert_eq!(request.body(), "{}");
        let address = request.extensions().get::<SourceAddress>();
        assert_eq!(address, Some(&SourceAddress("192.0.2.1".parse().unwrap())));
        assert!(!is_unreadable(&request));
    }

    #[test]
    fn what_is_not_there_may_be_null() {
        let request = request(json!({
            "/rawQueryString": null, "/requestContext/stage": null, "/requestContext/http/sourceIp": null,
            "/body": null, "/cookies": null,
        }));
        assert_eq!(request.uri(), "/api/orders/eqkykhjlVw");
        assert!(request.extensions().get::<SourceAddress>().is_none());
        assert!(!is_unreadable(&request));
    }

    #[test]
    fn a_named_stage_and_the_version_are_no_part_of_the_path() {
        for (stage, path, expected) in [
            ("prod", "/prod/api/orders/x", "/api/orders/x"),
            ("prod", "/prod", "/"),
            ("prod", "/production/api", "/production/api"),
            ("api", "/api/api/orders", "/api/orders"),
            ("$default", "/api/orders/x", "/api/orders/x"),
            ("$default", "/api/2017-08/orders/x", "/api/orders/x"),
            ("v1", "/v1/api/2017-08/orders/x", "/api/orders/x"),
        ] {
            let request = request(json!({ "/rawPath": path, "/requestContext/stage": stage }));
            assert_eq!(request.uri().path(), expected, "{stage} {path}");
        }
    }

    #[test]
    fn a_query_that_is_no_uris_and_a_body_that_is_no_base64_are_told_and_no_panic() {
        for query in [
            "fields[orders]=number, status",
            "a=\"b\"",
            "a=<b",
            "a=\u{1}",
        ] {
            let request = request(json!({ "/rawQueryString": query }));
            assert!(is_unreadable(&request), "{query}");
            assert_eq!(request.uri(), "/api/orders/eqkykhjlVw", "{query}");
        }
        for (body, reads) in [("e30=", true), ("e3\n0=", false), ("!", false)] {
            let request = request(json!({ "/body": body, "/isBase64Encoded": true }));
            assert_eq!(!is_unreadable(&request), reads, "{body}");
        }
        let no_path = request(json!({ "/rawPath": "/api/orders/a b" }));
        assert_eq!(no_path.uri(), "/");
    }

    #[test]
    fn an_answer_that_is_no_text_is_base64() {
        let answer = Answer::from(Response::new(Bytes::from_static(&[0xff])));
        assert!(answer.is_base64_encoded);
        assert_eq!(answer.body, "/w==");
        let answer = Answer::from(Response::new(Bytes::from_static(b"{}")));
        assert_eq!((answer.body.as_str(), answer.status_code), ("{}", 200));
    }
}
