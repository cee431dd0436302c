//! Requests as HTTP: credentials and bodies, the ways that vendors want them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request};

use crate::failure::CallFailure;

/// How a request says whose it is.
pub(crate) enum Auth<'a> {
    Bearer(&'a str),
    Basic { user: &'a str, password: &'a str },
}

/// What a request carries.
pub(crate) enum Body<'a> {
    None,
    /// Encoded already ([`Form::encode`](crate::form::Form::encode)).
    Form(&'a str),
    Json(&'a str),
}

/// Writes a request.
///
/// # Errors
/// The URL or a header makes no HTTP; the text repeats neither.
pub(crate) fn write(
    method: Method,
    url: &str,
    auth: &Auth<'_>,
    headers: &[(&'static str, &str)],
    body: &Body<'_>,
) -> Result<Request<Bytes>, CallFailure> {
    let mut request = Request::builder()
        .method(method)
        .uri(url)
        .header(AUTHORIZATION, auth.header()?);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(media_type) = body.media_type() {
        request = request.header(CONTENT_TYPE, media_type);
    }
    request
        .body(body.bytes())
        .map_err(|error| CallFailure::NotWritable(error.to_string()))
}

impl Auth<'_> {
    fn header(&self) -> Result<HeaderValue, CallFailure> {
        let text = match self {
            Self::Bearer(token) => format!("Bearer {token}"),
            Self::Basic { user, password } => {
                format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
            }
        };
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| CallFailure::NotWritable("the credentials make no header".to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl Body<'_> {
    const fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Json(_) => Some("application/json"),
        }
    }

    fn bytes(&self) -> Bytes {
        match self {
            Self::None => Bytes::new(),
            Self::Form(text) | Self::Json(text) => Bytes::copy_from_slice(text.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::form::Form;

    #[test]
    fn credentials_go_into_one_header_that_debug_does_not_show() {
        let cases = [
            (Auth::Bearer("sk_test_1"), "Bearer sk_test_1"),
            (
                Auth::Basic {
                    user: "Aladdin",
                    password: "open sesame",
                },
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", // RFC 7617, section 2
            ),
        ];
        for (auth, header) in cases {
            let request = write(Method::GET, "http://x/", &auth, &[], &Body::None).unwrap();
            assert_eq!(request.headers()[AUTHORIZATION], header);
            assert!(!format!("{request:?}").contains(header));
        }
    }

    #[test]
    fn bodies_name_their_media_type() {
        let form = Form::new().with("amount", 100).encode();
        let json = json!({"amount": 100});
        let cases = [
            (Body::None, None, ""),
            (
                Body::Form(&form),
                Some("application/x-www-form-urlencoded"),
                "amount=100",
            ),
            (
                Body::Json(&json.to_string()),
                Some("application/json"),
                r#"{"amount":100}"#,
            ),
        ];
        for (body, media_type, bytes) in cases {
            let auth = Auth::Bearer("x");
            let request = write(Method::POST, "http://x/", &auth, &[], &body).unwrap();
            let written = request.headers().get(CONTENT_TYPE);
            assert_eq!(written.map(|it| it.to_str().unwrap()), media_type);
            assert_eq!(request.body(), bytes);
        }
    }

    #[test]
    fn what_makes_no_http_is_an_error_that_repeats_no_secret() {
        let auth = Auth::Bearer("sk_test_\nhush");
        let error = write(Method::GET, "http://x/", &auth, &[], &Body::None).unwrap_err();
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}
