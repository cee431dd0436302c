//! The pages that are shown: no script, nothing from elsewhere, every shown value escaped by maud.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::request::{Asked, Destination};
use crate::AUTHORIZE;
use crate::oauth::OauthError;

/// The style sheet of the pages.
pub const STYLE: &str = include_str!("style.css");

/// The SHA-256 of [`STYLE`], which lets that style in and no other.
pub(super) const STYLE_HASH: &str = "sha256-dJZqzNA3xO1aZ+eG/fXgmaA31dvmqNgeyGjO7r9xmt0=";

/// The page that asks for name and password.
pub fn sign_in(destination: &Destination, asked: &Asked) -> Response<Bytes> {
    let markup = sign_in_markup(destination, asked, None);
    with_form(StatusCode::OK, markup, destination)
}

/// The page anew, for whoever gave a name or a password that is not right.
pub fn sign_in_again(destination: &Destination, asked: &Asked, username: &str) -> Response<Bytes> {
    let markup = sign_in_markup(destination, asked, Some(username));
    with_form(StatusCode::UNAUTHORIZED, markup, destination)
}

/// The page for requests that are answered nowhere else.
pub fn refusal(error: &OauthError) -> Response<Bytes> {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content = html! {
        p { (error.detail()) }
        p { "Go back to the shop and try again; if that does not help, tell the shop." }
    };
    let markup = document("This does not work", &content);
    respond(status, markup, "'none'")
}

fn sign_in_markup(destination: &Destination, asked: &Asked, refused: Option<&str>) -> Markup {
    let client = &destination.client;
    let challenge = asked.challenge.as_ref();
    let hidden = [
        ("response_type", Some("code")),
        ("client_id", Some(client.client_id.as_str())),
        ("redirect_uri", Some(destination.redirect_uri.as_str())),
        ("scope", asked.scope.as_deref()),
        ("state", destination.state.as_deref()),
        ("code_challenge", challenge.map(|it| it.as_str())),
        ("code_challenge_method", challenge.map(|_| "S256")),
    ];
    let given = hidden
        .iter()
        .filter_map(|(name, value)| Some((name, (*value)?)));
    document(
        &format!("Sign in to {}", client.slug),
        &html! {
            @if refused.is_some() {
                p role="alert" { "The e-mail address or the password is not right." }
            }
            form method="post" action=(AUTHORIZE) {
                @for (name, value) in given {
                    input type="hidden" name=(name) value=(value);
                }
                label for="username" { "E-mail address" }
                input id="username" name="username" type="email" autocomplete="username"
                    value=(refused.unwrap_or_default()) required autofocus;
                label for="password" { "Password" }
                input id="password" name="password" type="password"
                    autocomplete="current-password" required;
                button { "Sign in" }
            }
            p { small { "You go on to " (destination.redirect_uri.source()) } }
        },
    )
}

fn document(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main.sign-in { h1 { (title) } (content) } }
        }
    }
}

/// Browsers hold the redirect after a form to `form-action` too, so that it names where that leads.
fn with_form(status: StatusCode, markup: Markup, destination: &Destination) -> Response<Bytes> {
    let form_action = format!("'self' {}", destination.redirect_uri.source());
    respond(status, markup, &form_action)
}

fn respond(status: StatusCode, markup: Markup, form_action: &str) -> Response<Bytes> {
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}'; form-action {form_action}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    // A policy that is no header's text would have to forbid everything.
    let policy = HeaderValue::try_from(policy);
    let policy = policy.unwrap_or(HeaderValue::from_static("default-src 'none'; sandbox"));
    let mut response = Response::new(Bytes::from(markup.into_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // For browsers that do not know frame-ancestors.
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
