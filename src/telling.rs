//! How the stand-ins tell what happens, and what they told last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Clock;
use sandbox::{Delivery, Disorder};
use serde::Serialize;

use crate::demo;

/// The last deliveries that are remembered.
const MOST_TOLD: usize = 100;

/// How events are told on a timer, and what was told.
pub struct Telling {
    clock: Arc<dyn Clock>,
    notes: Mutex<Notes>,
}

struct Notes {
    disorder: Disorder,
    told: VecDeque<Told>,
    next: u64,
}

/// An event that was sent once.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// Its place among all, from 1.
    pub number: u64,
    /// Unix milliseconds.
    pub at: i64,
    /// The gateway's name.
    pub gateway: &'static str,
    /// The event's id.
    pub event: String,
    /// What happened, in the gateway's words.
    pub kind: String,
    /// The status of the answer; none where none came.
    pub status: Option<u16>,
}

impl Telling {
    /// As it happened, each once, until somebody says otherwise.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let notes = Mutex::new(Notes {
            disorder: Disorder::NONE,
            told: VecDeque::new(),
            next: 1,
        });
        Self { clock, notes }
    }

    /// How events are told.
    pub fn disorder(&self) -> Disorder {
        self.notes().disorder
    }

    /// Has events told so from now on.
    pub fn set_disorder(&self, disorder: Disorder) {
        self.notes().disorder = disorder;
    }

    /// What was told after this one.
    pub fn since(&self, number: u64) -> Vec<Told> {
        let notes = self.notes();
        let newer = notes.told.iter().filter(|it| it.number > number);
        newer.cloned().collect()
    }

    /// Notes what was told.
    pub fn note(&self, deliveries: Vec<Delivery>) {
        let [stripe, checkout_com] = demo::event_sources();
        let gateway_at = |url: &str| match url {
            url if url.ends_with(&stripe.path) => "stripe",
            url if url.ends_with(&checkout_com.path) => "checkout-com",
            _ => "",
        };
        let at = self.clock.now().unix_millis();
        let mut notes = self.notes();
        for delivery in deliveries {
            let number = notes.next;
            notes.next += 1;
            if notes.told.len() >= MOST_TOLD {
                notes.told.pop_front();
            }
            notes.told.push_back(Told {
                number,
                at,
                gateway: gateway_at(&delivery.url),
                event: delivery.event,
                kind: delivery.kind,
                status: delivery.status.map(|it| it.as_u16()),
            });
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
