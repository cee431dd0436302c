//! The style sheet and the modules, as they are in the binary.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// The module that the page begins with.
pub(super) const MAIN: &str = "main.js";
/// The modules that the others import: named in the page, so that they are fetched side by side.
pub(super) const MODULES: &[(&str, &str)] = &[
    (MAIN, include_str!("browser/main.js")),
    ("api.js", include_str!("browser/api.js")),
    ("checkout.js", include_str!("browser/checkout.js")),
    ("code.js", include_str!("browser/code.js")),
    ("dom.js", include_str!("browser/dom.js")),
    ("orders.js", include_str!("browser/orders.js")),
    ("shop.js", include_str!("browser/shop.js")),
    ("shopper.js", include_str!("browser/shopper.js")),
    ("speed.js", include_str!("browser/speed.js")),
    ("story.js", include_str!("browser/story.js")),
    ("till.js", include_str!("browser/till.js")),
    ("traffic.js", include_str!("browser/traffic.js")),
    ("wallet.js", include_str!("browser/wallet.js")),
    ("words.js", include_str!("browser/words.js")),
];
/// The module of the page that the bank sends the shopper back to.
pub(super) const RETURNED: (&str, &str) = ("returned.js", include_str!("browser/returned.js"));

const STYLE: &str = include_str!("browser/style.css");
const ICON: &str = include_str!("browser/icon.svg");

/// A file by its name.
pub async fn file(Path(name): Path<String>) -> Response {
    let (kind, body) = match name.as_str() {
        "style.css" => (
            "text/css; charset=utf-8",
            [issue_token::STYLE, STYLE].concat(),
        ),
        "icon.svg" => ("image/svg+xml", ICON.to_owned()),
        module => match MODULES.iter().chain([&RETURNED]).find(|it| it.0 == module) {
            Some((_, text)) => ("text/javascript; charset=utf-8", (*text).to_owned()),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body).into_response()
}
