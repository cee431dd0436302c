//! Stretches of time.

use crate::Timestamp;

/// A stretch of time with both its ends, open where there is none; all time, by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    /// Its first instant.
    pub from: Option<Timestamp>,
    /// Its last instant.
    pub to: Option<Timestamp>,
}

impl Period {
    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let later = self.from.max(other.from);
        let earlier = match (self.to, other.to) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        };
        Self {
            from: later,
            to: earlier,
        }
    }

    /// Whether no instant lies in it.
    pub fn is_empty(self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from > to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: Option<i64>, to: Option<i64>) -> Period {
        Period {
            from: from.map(Timestamp::from_unix_millis),
            to: to.map(Timestamp::from_unix_millis),
        }
    }

    #[test]
    fn what_lies_in_both_periods_may_be_nothing() {
        let all = Period::default();
        let since = period(Some(5), None);
        let until = period(None, Some(7));
        assert_eq!(all.and(since), since);
        assert_eq!(since.and(until), period(Some(5), Some(7)));
        assert_eq!(until.and(period(None, Some(6))), period(None, Some(6)));
        assert!(!period(Some(7), Some(7)).is_empty());
        assert!(since.and(period(None, Some(4))).is_empty());
    }
}
