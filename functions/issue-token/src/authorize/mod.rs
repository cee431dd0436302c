//! `GET` and `POST /oauth/authorize`: a customer signs in on a page of ours, and their client gets an
//! authorization code (RFC 6749, section 4.1, with what RFC 9700 asks for).
//!
//! At Commerce Layer those who sign in so are users of its dashboard. There are none here: who signs in
//! are customers, with the password that the `password` grant takes, for sales channels that are not to
//! see it. What follows is that grant's: a session that refresh tokens carry on.
//!
//! Nothing is kept between the page and the form: no cookie, no record. The form carries what was asked
//! for, and is checked as if the page had never been. So a form that somebody else's page sends borrows
//! nobody's authority: it has to bring a name and a password. What is left is to have somebody signed in
//! as another without their noticing, which whoever has an account can do without any form, by a link
//! to the redirect URI with a code of their own. Only the client can tell, and it is given the means:
//! its `state` comes back, and its own verifier does not meet a challenge that it has not made. A
//! token against forgery in the form would add nothing to that. Pages of others cannot frame this one.
//!
//! A client or redirect URI that is not known is told to whoever looks at the page, and nobody is sent
//! there; everything else that is wrong is told to the client.

mod page;
mod parameters;
mod redirect_uri;
mod request;
#[cfg(test)]
mod tests;

pub use page::STYLE;
use secrecy::ExposeSecret;
use std::time::Duration;

use access::AuthorizationCode;
use bytes::Bytes;
use domain::CustomerId;
use http::{Method, Request, Response};
use service::Context;
use store::Authorization;

use crate::Issuing;
use crate::customer::authenticate_customer;
use crate::oauth::{OauthError, is_form};
use parameters::Parameters;
use request::{Asked, Destination};

/// How long a code is good: a client uses it at once.
const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// The longest query or form, in bytes: what API Gateway takes of a query, or thereabouts.
const LONGEST_REQUEST: usize = 8 * 1024;

/// Shows the page, or takes its form.
pub async fn authorize(
    context: &Context,
    issuing: &Issuing,
    request: &Request<Bytes>,
) -> Response<Bytes> {
    let answered = answer(context, issuing, request).await;
    answered.unwrap_or_else(|error| page::refusal(&error))
}

async fn answer(
    context: &Context,
    issuing: &Issuing,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, OauthError> {
    let given = read(request)?;
    let destination = Destination::find(context, &given).await?;
    let asked = match Asked::read(&destination.client, &given) {
        Ok(asked) => asked,
        Err(error) => {
            let parameters = [
                ("error", error.title()),
                ("error_description", error.detail()),
            ];
            return destination.send_back(&parameters);
        }
    };
    if request.method() != Method::POST {
        return Ok(page::sign_in(&destination, &asked));
    }
    let username = given.get("username").unwrap_or_default();
    let password = given.get("password").unwrap_or_default();
    let tenant = destination.client.tenant;
    let address = service::source_address(context, request);
    match authenticate_customer(context, tenant, address, username, password).await? {
        None => Ok(page::sign_in_again(&destination, &asked, username)),
        Some(customer) => {
            let code = keep_code(context, issuing, &destination, asked, customer).await?;
            destination.send_back(&[("code", code.secret().expose_secret())])
        }
    }
}

/// The query of what only reads, else the form.
fn read(request: &Request<Bytes>) -> Result<Parameters, OauthError> {
    let text = match *request.method() {
        Method::POST if !is_form(request) => {
            return Err(OauthError::invalid_request("The body is not a form."));
        }
        Method::POST => request.body().as_ref(),
        _ => request.uri().query().unwrap_or_default().as_bytes(),
    };
    match text.len() {
        0..=LONGEST_REQUEST => Ok(Parameters::parse(text)),
        _ => Err(OauthError::invalid_request("The request is too long.")),
    }
}

async fn keep_code(
    context: &Context,
    issuing: &Issuing,
    destination: &Destination,
    asked: Asked,
    customer: CustomerId,
) -> Result<AuthorizationCode, OauthError> {
    let code = AuthorizationCode::generate(issuing.random.as_ref());
    let client = &destination.client;
    let authorization = Authorization {
        owner: customer,
        client_id: client.client_id.clone(),
        redirect_uri: destination.redirect_uri.as_str().to_owned(),
        scope: asked.granted,
        challenge: asked.challenge.map(|it| it.as_str().to_owned()),
    };
    let (text, expires_at) = (
        code.secret().expose_secret(),
        context.now().plus(CODE_LIFETIME),
    );
    let store = &context.store;
    let kept = store.keep_code(client.tenant, text, &authorization, expires_at);
    kept.await.map_err(OauthError::failed)?;
    Ok(code)
}
