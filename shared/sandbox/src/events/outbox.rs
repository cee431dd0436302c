//! What happened, and who is still to hear of it.

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::endpoint::Registered;

/// Events that nobody is to hear of any more are kept for people to look at; no more than these.
const MOST_SETTLED: usize = 100;

/// Something that happened, in the gateway's own words.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// The gateway's word for what happened: `payment_intent.succeeded`, `payment_captured`.
    pub kind: String,
    /// The account that it happened in.
    pub account: String,
    /// Unix milliseconds.
    pub at: i64,
    /// The body as it is sent, to the byte.
    pub body: String,
}

/// What became of sending an event once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// The event's id.
    pub event: String,
    /// What happened.
    pub kind: String,
    /// Where it was sent.
    pub url: String,
    /// The status of the answer; none where none came.
    pub status: Option<StatusCode>,
}

/// The order in which events arrive, and how often each does: gateways promise neither.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Disorder {
    /// The newest come first.
    pub newest_first: bool,
    /// How often each is sent; 0 is taken as 1.
    pub copies: u32,
}

impl Disorder {
    /// As it happened, each once.
    pub const NONE: Self = Self {
        newest_first: false,
        copies: 1,
    };
}

/// Everything that happened, the oldest first.
#[derive(Default, Deserialize, Serialize)]
pub(crate) struct Outbox(Vec<Noted>);

/// An event, and the endpoints that have not taken it yet.
#[derive(Deserialize, Serialize)]
struct Noted {
    event: Event,
    owed: Vec<Owed>,
}

#[derive(Deserialize, Serialize)]
struct Owed {
    url: String,
    /// How often it was sent in vain.
    tries: usize,
    /// Unix milliseconds.
    due_at: i64,
}

/// An event that is to be sent to an endpoint now.
pub(crate) struct Due {
    pub(crate) event: Event,
    pub(crate) to: Registered,
}

impl Outbox {
    /// Notes what happened, for the endpoints of its account.
    pub(crate) fn note(&mut self, events: Vec<Event>, endpoints: &[Registered]) {
        for event in events {
            let of_account = endpoints.iter().filter(|it| it.account == event.account);
            let owed = of_account.map(|it| Owed {
                url: it.endpoint.url.clone(),
                tries: 0,
                due_at: event.at,
            });
            let owed = owed.collect();
            self.0.push(Noted { event, owed });
        }
        let settled = self.0.iter().filter(|it| it.owed.is_empty()).count();
        let mut too_many = settled.saturating_sub(MOST_SETTLED);
        self.0.retain(|it| {
            let goes = it.owed.is_empty() && too_many > 0;
            too_many -= usize::from(goes);
            !goes
        });
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.iter().map(|it| it.event.clone()).collect()
    }

    pub(crate) fn find(&self, id: &str) -> Option<Event> {
        let found = self.0.iter().find(|it| it.event.id == id)?;
        Some(found.event.clone())
    }

    /// What is to be sent now, the oldest first. An endpoint that is not there any more is waited for.
    pub(crate) fn due(&self, endpoints: &[Registered], now: i64) -> Vec<Due> {
        let mut due = Vec::new();
        for noted in &self.0 {
            for owed in noted.owed.iter().filter(|it| it.due_at <= now) {
                let is_it = |it: &&Registered| {
                    it.account == noted.event.account && it.endpoint.url == owed.url
                };
                due.extend(endpoints.iter().find(is_it).map(|to| Due {
                    event: noted.event.clone(),
                    to: to.clone(),
                }));
            }
        }
        due
    }

    /// Notes what an endpoint made of an event. What it has not taken is due again after the next of the
    /// gateway's `pauses`, in milliseconds; after the last it is given up.
    pub(crate) fn settle(&mut self, delivery: &Delivery, pauses: &[i64], now: i64) {
        let noted = self.0.iter_mut().find(|it| it.event.id == delivery.event);
        let Some(noted) = noted else {
            return;
        };
        let is_taken = delivery.status.is_some_and(|it| it.is_success());
        noted.owed.retain_mut(|owed| {
            if owed.url != delivery.url {
                return true;
            }
            match pauses.get(owed.tries) {
                Some(pause) if !is_taken => {
                    owed.tries += 1;
                    owed.due_at = now + pause;
                    true
                }
                _ => false,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::EventEndpoint;

    fn event(id: &str) -> Event {
        Event {
            id: id.to_owned(),
            kind: "paid".to_owned(),
            account: "acct_1".to_owned(),
            at: 0,
            body: String::new(),
        }
    }

    fn endpoints() -> Vec<Registered> {
        let endpoint = EventEndpoint {
            url: "http://shop/hooks".to_owned(),
            secret: "hush".to_owned(),
        };
        vec![Registered {
            account: "acct_1".to_owned(),
            endpoint,
        }]
    }

    fn delivery(status: Option<u16>) -> Delivery {
        Delivery {
            event: "evt_1".to_owned(),
            kind: "paid".to_owned(),
            url: "http://shop/hooks".to_owned(),
            status: status.map(|it| StatusCode::from_u16(it).unwrap()),
        }
    }

    #[test]
    fn what_is_not_taken_is_sent_again_after_longer_and_longer_and_then_given_up() {
        let (mut outbox, endpoints) = (Outbox::default(), endpoints());
        outbox.note(vec![event("evt_1")], &endpoints);
        let pauses = [1_000, 5_000];
        let due = |outbox: &Outbox, now| outbox.due(&endpoints, now).len();
        assert_eq!(due(&outbox, 0), 1);
        outbox.settle(&delivery(Some(500)), &pauses, 0);
        assert_eq!((due(&outbox, 999), due(&outbox, 1_000)), (0, 1));
        outbox.settle(&delivery(None), &pauses, 1_000);
        assert_eq!((due(&outbox, 5_999), due(&outbox, 6_000)), (0, 1));
        outbox.settle(&delivery(Some(302)), &pauses, 6_000);
        assert_eq!(due(&outbox, i64::MAX), 0);
        assert_eq!(outbox.events().len(), 1);
    }

    #[test]
    fn what_is_taken_is_not_sent_again() {
        let (mut outbox, endpoints) = (Outbox::default(), endpoints());
        outbox.note(vec![event("evt_1")], &endpoints);
        outbox.settle(&delivery(Some(204)), &[1_000], 0);
        assert_eq!(outbox.due(&endpoints, i64::MAX).len(), 0);
    }

    #[test]
    fn only_what_nobody_waits_for_is_dropped() {
        let (mut outbox, endpoints) = (Outbox::default(), endpoints());
        outbox.note(vec![event("evt_owed")], &endpoints);
        for number in 0..MOST_SETTLED + 5 {
            outbox.note(vec![event(&format!("evt_{number}"))], &[]);
        }
        let events = outbox.events();
        assert_eq!(events.len(), MOST_SETTLED + 1);
        assert_eq!(
            (events[0].id.as_str(), events[1].id.as_str()),
            ("evt_owed", "evt_5")
        );
    }
}
