//! `POST /oauth/token`, `POST /oauth/revoke`, `/oauth/authorize` and `GET /.well-known/jwks.json`:
//! access tokens for those who have no issuer of their own, the refresh tokens that carry them on, a page
//! where customers sign in, and the keys that verify tokens.

mod authorize;
mod client;
mod code;
mod customer;
mod grant;
mod granted;
mod oauth;
mod revoke;
mod session;
mod tries;

use std::sync::Arc;

use access::Signer;
use bytes::Bytes;
use domain::Random;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Request, Response};
use routing::{Logged, Route, find, identified, no_route};
use serde_json::{Value, json};
use service::{Context, Renewed};

pub use crate::authorize::STYLE;
use crate::authorize::authorize;
use crate::grant::grant;
use crate::oauth::{OauthError, TokenRequest};
use crate::revoke::revoke;

const TOKEN: &str = "/oauth/token";
const REVOKE: &str = "/oauth/revoke";
const AUTHORIZE: &str = "/oauth/authorize";

/// What this function answers.
pub const ROUTES: &[Route] = &[
    Route::post(TOKEN),
    Route::post(REVOKE),
    Route::get(AUTHORIZE),
    Route::post(AUTHORIZE),
    Route::get("/.well-known/jwks.json"),
];

/// What tokens are issued with.
pub struct Issuing {
    /// Signs them.
    pub signer: Arc<Renewed<Signer>>,
    /// Makes no two the same.
    pub random: Arc<dyn Random>,
}

/// Answers a request.
pub async fn handle(
    context: &Context,
    issuing: &Issuing,
    request: Request<Bytes>,
) -> Response<Bytes> {
    let method = request.method();
    let answered = answer(context, issuing, &request);
    identified(context.random.as_ref(), method, async {
        let mut response = match is_counted(&request) {
            true => service::held_to_token_limit(context, &request, answered).await,
            false => answered.await,
        };
        let route = find(ROUTES, method.as_str(), request.uri().path());
        response.extensions_mut().insert(Logged {
            route: route.map(|(route, _)| route.path),
            ..Logged::default()
        });
        response
    })
    .await
}

/// Whether a secret may be guessed with the request.
fn is_counted(request: &Request<Bytes>) -> bool {
    match request.uri().path() {
        TOKEN | REVOKE => true,
        AUTHORIZE => request.method() == Method::POST,
        _ => false,
    }
}

async fn answer(context: &Context, issuing: &Issuing, request: &Request<Bytes>) -> Response<Bytes> {
    context.renew_keys().await;
    issuing.signer.renew_when_old().await;
    let (method, path) = (request.method().as_str(), request.uri().path());
    let Some((route, _)) = find(ROUTES, method, path) else {
        return no_route(method, path);
    };
    let answered = match route.path {
        TOKEN => token(context, issuing, request).await,
        AUTHORIZE => return authorize(context, issuing, request).await,
        REVOKE => {
            let revoked = match TokenRequest::read(context, request) {
                Ok(asked) => revoke(context, issuing, &asked).await,
                Err(error) => Err(error),
            };
            revoked.map(|()| json!({}))
        }
        _ => serde_json::to_value(issuing.signer.current().jwks()).map_err(OauthError::failed),
    };
    match answered {
        Ok(document) => respond(200, &document),
        Err(error) => match error.retry_after {
            Some(seconds) => service::too_many(seconds),
            None => respond(error.status, &error.document()),
        },
    }
}

async fn token(
    context: &Context,
    issuing: &Issuing,
    request: &Request<Bytes>,
) -> Result<Value, OauthError> {
    let asked = TokenRequest::read(context, request)?;
    let granted = grant(context, issuing, &asked).await?;
    granted::token_document(context.now(), issuing, granted)
}

fn respond(status: u16, document: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(document.to_string()));
    *response.status_mut() =
        http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == 401 {
        let how = HeaderValue::from_static("Basic realm=\"billfold\"");
        headers.insert(WWW_AUTHENTICATE, how);
    }
    response
}
