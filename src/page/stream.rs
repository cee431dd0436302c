//! What is new, as server-sent events.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use serde_json::{Value, json};

use super::traffic::Exchange;
use super::{Page, Shared};
use crate::api::wait_for;

/// How often it is looked for what is new.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The chart is told every so many looks.
const SPEED_EVERY: u64 = 8;
/// How many requests of a gateway a reader who comes is told of.
const MOST_PAST: usize = 60;

/// What a reader has been told.
struct Reader {
    page: Page,
    looks: u64,
    /// By gateway, the last change of what it was asked.
    requests: Vec<u64>,
    told: u64,
    changes: u64,
    faults: Value,
}

/// `GET /page/stream`: `traffic`, `told`, `faults`, `changed` and `speed`, until the server stops.
pub async fn follow(State(page): Shared) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stopping = page.0.stopping.clone();
    let reader = Reader {
        requests: vec![0; page.0.gateways.len()],
        looks: 0,
        told: 0,
        changes: page.0.changes.load(Ordering::Relaxed),
        faults: Value::Null,
        page,
    };
    let looks = stream::unfold(reader, |mut reader| async move {
        if reader.looks > 0 {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let new = reader.look();
        Some((stream::iter(new.into_iter().map(Ok)), reader))
    });
    // A stream without an end would keep the server from stopping.
    Sse::new(looks.flatten().take_until(wait_for(stopping)))
}

impl Reader {
    fn look(&mut self) -> Vec<Event> {
        let mut new = Vec::new();
        self.look_at_requests(&mut new);
        self.look_at_events(&mut new);
        let faults = self.page.faults();
        if faults != self.faults {
            new.extend(event("faults", &faults));
            self.faults = faults;
        }
        let changes = self.page.0.changes.load(Ordering::Relaxed);
        if changes != self.changes {
            self.changes = changes;
            new.extend(event("changed", &json!({ "changes": changes })));
        }
        if self.looks.is_multiple_of(SPEED_EVERY) {
            new.extend(event("speed", &self.page.0.speed.points()));
        }
        self.looks += 1;
        new
    }

    fn look_at_requests(&mut self, new: &mut Vec<Event>) {
        let is_first = self.looks == 0;
        for (gateway, seen) in self.page.0.gateways.iter().zip(&mut self.requests) {
            let requests = gateway.stand_in.requests_since(*seen);
            let newest = requests.iter().map(|it| it.change).max();
            *seen = newest.unwrap_or(*seen);
            let past = match is_first {
                true => requests.len().saturating_sub(MOST_PAST),
                false => 0,
            };
            for request in requests.into_iter().skip(past) {
                new.extend(event("traffic", &Exchange::of(gateway.name, request)));
            }
        }
    }

    fn look_at_events(&mut self, new: &mut Vec<Event>) {
        for told in self.page.0.telling.since(self.told) {
            self.told = told.number;
            new.extend(event("told", &told));
        }
    }
}

fn event(name: &'static str, data: &impl Serialize) -> Option<Event> {
    match serde_json::to_string(data) {
        Ok(text) => Some(Event::default().event(name).data(text)),
        Err(error) => {
            tracing::error!(%error, name, "not told to the page");
            None
        }
    }
}
