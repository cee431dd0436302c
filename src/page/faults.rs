//! The switches: what goes wrong at a stand-in, and how its events come.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use sandbox::FaultOrder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Page, Shared};

/// How events come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disorder {
    newest_first: bool,
    copies: u32,
}

/// `POST /page/faults/{gateway}`: orders a fault, as `POST /_sandbox/faults` of the stand-in does.
pub async fn order(
    State(page): Shared,
    Path(gateway): Path<String>,
    Json(order): Json<FaultOrder>,
) -> Response {
    let Some(gateway) = page.0.gateways.iter().find(|it| it.name == gateway) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match gateway.stand_in.order_fault(order) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

/// `DELETE /page/faults/{gateway}`: withdraws all of them.
pub async fn withdraw(State(page): Shared, Path(gateway): Path<String>) -> StatusCode {
    match page.0.gateways.iter().find(|it| it.name == gateway) {
        Some(gateway) => {
            gateway.stand_in.withdraw_faults();
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

/// `PUT /page/telling`: how events come from now on.
pub async fn tell(State(page): Shared, Json(wanted): Json<Disorder>) -> StatusCode {
    page.0.telling.set_disorder(sandbox::Disorder {
        newest_first: wanted.newest_first,
        copies: wanted.copies.clamp(1, 5),
    });
    StatusCode::NO_CONTENT
}

impl Page {
    /// The faults that are still to come, by gateway, and how events come.
    pub(super) fn faults(&self) -> Value {
        let gateways = self.0.gateways.iter();
        let waiting = gateways.map(|it| (it.name.to_owned(), json!(it.stand_in.faults())));
        let disorder = self.0.telling.disorder();
        json!({
            "waiting": waiting.collect::<serde_json::Map<_, _>>(),
            "telling": { "newest_first": disorder.newest_first, "copies": disorder.copies },
        })
    }
}
