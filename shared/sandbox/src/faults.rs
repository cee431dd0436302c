//! Orders to misbehave, so that a shop can be tested against a bad day of its gateway.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// Orders kept at a time; more than this is a loop in somebody's test.
const MOST_ORDERS: usize = 1_000;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The answer is late by `delay_ms`. The request takes effect at once; its idempotency key is
    /// in use until the answer.
    Delay,
    /// The connection is closed, nothing has happened.
    DropBefore,
    /// The request took effect, the connection is closed in place of the answer.
    DropAfter,
    /// Too many requests: not executed, nothing kept.
    #[serde(rename = "status_429")]
    Status429,
    /// An error of the gateway itself: not executed; kept for the idempotency key where the
    /// gateway keeps such results.
    #[serde(rename = "status_500")]
    Status500,
    /// A payment that is refused: not executed, kept for the idempotency key like any refusal.
    #[serde(rename = "status_402")]
    Status402,
    /// The request took effect, the answer is a 200 that isn't JSON.
    Garbage,
    /// The request took effect, the answer is 10 MiB of JSON.
    LargeBody,
}

/// One order. As JSON: `{"method": "POST", "path": "/v1/payment_intents/*", "fault": "delay",
/// "times": 2, "delay_ms": 500}`; only `fault` is required.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FaultOrder {
    /// Only requests with this method, in any case. All, if absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests with this path, without the query; a `*` at the end stands for anything.
    /// All, if absent.
    #[serde(default)]
    pub path: Option<String>,
    /// What goes wrong.
    pub fault: Fault,
    /// With how many requests, counted as they come; 1 if absent.
    #[serde(default = "once")]
    pub times: u32,
    /// How late the answer is, in milliseconds, up to 10 minutes. [`Fault::Delay`] needs it; with
    /// the other faults it comes on top.
    #[serde(default)]
    pub delay_ms: u64,
}

/// Why an order is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FaultOrderError {
    /// `times` is 0: the order would never be carried out.
    #[error("times must be at least 1")]
    NoTimes,
    /// A delay of nothing, or of more than 10 minutes.
    #[error("delay_ms must be at most 600000, and at least 1 where the fault is delay")]
    Delay,
    /// 1,000 orders are waiting.
    #[error("1000 orders are waiting already; DELETE /_sandbox/faults withdraws them")]
    TooMany,
}

impl FaultOrder {
    /// This fault with the next request, whatever it is.
    pub fn next(fault: Fault) -> Self {
        Self {
            method: None,
            path: None,
            fault,
            times: 1,
            delay_ms: 0,
        }
    }

    /// Narrows the order to a method and a path (exact, or a prefix followed by `*`).
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Carries the order out this many times.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Makes the answer late by this many milliseconds.
    pub fn delay_ms(mut self, delay_ms: u64) -> Self {
        self.delay_ms = delay_ms;
        self
    }

    fn concerns(&self, method: &str, path: &str) -> bool {
        let method_fits = self
            .method
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        let path_fits = self
            .path
            .as_ref()
            .is_none_or(|wanted| match wanted.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == wanted,
            });
        method_fits && path_fits
    }

    fn check(&self) -> Result<(), FaultOrderError> {
        if self.times == 0 {
            return Err(FaultOrderError::NoTimes);
        }
        let no_delay = self.fault == Fault::Delay && self.delay_ms == 0;
        if no_delay || self.delay_ms > 600_000 {
            return Err(FaultOrderError::Delay);
        }
        Ok(())
    }
}

fn once() -> u32 {
    1
}

/// The fault that one request meets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Met {
    pub(crate) fault: Fault,
    pub(crate) delay_ms: u64,
}

/// The orders that are still to be carried out, oldest first.
#[derive(Default)]
pub(crate) struct Faults {
    orders: Mutex<Vec<FaultOrder>>,
}

impl Faults {
    pub(crate) fn order(&self, order: FaultOrder) -> Result<(), FaultOrderError> {
        order.check()?;
        let mut orders = self.lock();
        if orders.len() >= MOST_ORDERS {
            return Err(FaultOrderError::TooMany);
        }
        orders.push(order);
        Ok(())
    }

    pub(crate) fn withdraw(&self) {
        self.lock().clear();
    }

    pub(crate) fn waiting(&self) -> Vec<FaultOrder> {
        self.lock().clone()
    }

    /// Takes one time off the oldest order that concerns the request.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Option<Met> {
        let mut orders = self.lock();
        let index = orders
            .iter()
            .position(|order| order.concerns(method, path))?;
        let order = orders.get_mut(index)?;
        let met = Met {
            fault: order.fault,
            delay_ms: order.delay_ms,
        };
        order.times -= 1;
        if order.times == 0 {
            orders.remove(index);
        }
        Some(met)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FaultOrder>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_carried_out_as_often_as_it_says() {
        let faults = Faults::default();
        let order = FaultOrder::next(Fault::DropAfter).on("post", "/v1/customers");
        faults.order(order.times(2)).unwrap();
        assert!(faults.meet("GET", "/v1/customers").is_none());
        assert!(faults.meet("POST", "/v1/customers/cus_1").is_none());
        assert!(faults.meet("POST", "/v1/customers").is_some());
        assert!(faults.meet("POST", "/v1/customers").is_some());
        assert!(faults.meet("POST", "/v1/customers").is_none());
        assert!(faults.waiting().is_empty());
    }

    #[test]
    fn a_star_stands_for_the_rest_of_the_path() {
        let order = FaultOrder::next(Fault::Garbage).on("GET", "/v1/payment_intents/*");
        assert!(order.concerns("GET", "/v1/payment_intents/pi_1"));
        assert!(!order.concerns("GET", "/v1/payment_intents"));
    }

    #[test]
    fn names_are_those_of_the_documentation() {
        let order: FaultOrder =
            serde_json::from_str(r#"{"fault": "status_429", "times": 3}"#).unwrap();
        assert_eq!((order.fault, order.times), (Fault::Status429, 3));
        assert!(serde_json::from_str::<FaultOrder>(r#"{"fault": "delay", "time": 3}"#).is_err());
    }

    #[test]
    fn an_order_that_would_do_nothing_is_refused() {
        let faults = Faults::default();
        let never = FaultOrder::next(Fault::Garbage).times(0);
        assert_eq!(faults.order(never), Err(FaultOrderError::NoTimes));
        let no_delay = FaultOrder::next(Fault::Delay);
        assert_eq!(faults.order(no_delay), Err(FaultOrderError::Delay));
    }
}
