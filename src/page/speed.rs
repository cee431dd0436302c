//! How many requests the API answered in the last minutes, and how fast.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;
use serde::Serialize;

/// The time that one point of the chart stands for.
const STRETCH: Duration = Duration::from_secs(5);
/// How many points are kept: five minutes.
const MOST_STRETCHES: usize = 60;
/// How many durations a point is made of at most; what comes on top is counted alone.
const MOST_DURATIONS: usize = 2_000;

/// The requests of the last minutes.
pub struct Speed {
    since: Instant,
    stretches: Mutex<VecDeque<Stretch>>,
}

#[derive(Default)]
struct Stretch {
    number: u64,
    requests: u32,
    refused: u32,
    durations: Vec<Duration>,
}

/// One point of the chart.
#[derive(Debug, PartialEq, Serialize)]
pub struct Point {
    /// How many stretches ago it was; the present one is 0.
    pub ago: u64,
    /// How many requests were answered.
    pub requests: u32,
    /// How many of them with an error.
    pub refused: u32,
    /// Half of them took no longer, in milliseconds.
    pub p50: f64,
    /// Of a hundred, 99 took no longer, in milliseconds.
    pub p99: f64,
}

impl Default for Speed {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            stretches: Mutex::default(),
        }
    }
}

impl Speed {
    /// Notes an answer.
    pub fn note(&self, status: StatusCode, took: Duration) {
        self.note_in(self.present(), status, took);
    }

    /// The stretches in which something was asked, the oldest first.
    pub fn points(&self) -> Vec<Point> {
        self.points_at(self.present())
    }

    fn present(&self) -> u64 {
        self.since.elapsed().as_secs() / STRETCH.as_secs()
    }

    fn note_in(&self, number: u64, status: StatusCode, took: Duration) {
        let mut stretches = self
            .stretches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if stretches.back().is_none_or(|it| it.number < number) {
            stretches.push_back(Stretch {
                number,
                ..Stretch::default()
            });
        }
        if stretches.len() > MOST_STRETCHES {
            stretches.pop_front();
        }
        if let Some(stretch) = stretches.back_mut() {
            stretch.requests += 1;
            stretch.refused += u32::from(status.as_u16() >= 400);
            if stretch.durations.len() < MOST_DURATIONS {
                stretch.durations.push(took);
            }
        }
    }

    fn points_at(&self, present: u64) -> Vec<Point> {
        let stretches = self
            .stretches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let points = stretches.iter().map(|it| it.point(present));
        points.filter(|it| it.ago < MOST_STRETCHES as u64).collect()
    }
}

impl Stretch {
    fn point(&self, present: u64) -> Point {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        Point {
            ago: present.saturating_sub(self.number),
            requests: self.requests,
            refused: self.refused,
            p50: percentile(&sorted, 50),
            p99: percentile(&sorted, 99),
        }
    }
}

/// In milliseconds, by the nearest rank.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let found = sorted.get(rank.saturating_sub(1));
    found.map_or(0.0, |it| (it.as_secs_f64() * 100_000.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_and_ranked_by_stretch() {
        let speed = Speed::default();
        for millis in 1..=100 {
            let status = match millis {
                100 => StatusCode::CONFLICT,
                _ => StatusCode::OK,
            };
            speed.note_in(3, status, Duration::from_millis(millis));
        }
        speed.note_in(5, StatusCode::OK, Duration::from_micros(1_500));
        let point = |ago, requests, refused, p50, p99| Point {
            ago,
            requests,
            refused,
            p50,
            p99,
        };
        let points = [point(3, 100, 1, 50.0, 99.0), point(1, 1, 0, 1.5, 1.5)];
        assert_eq!(speed.points_at(6), points);
        assert_eq!(speed.points_at(64).len(), 1);
    }

    #[test]
    fn five_minutes_are_kept() {
        let speed = Speed::default();
        for number in 0..100 {
            speed.note_in(number, StatusCode::OK, STRETCH);
        }
        assert_eq!(speed.points_at(99).len(), MOST_STRETCHES);
    }
}
