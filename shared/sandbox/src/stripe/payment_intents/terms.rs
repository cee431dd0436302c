//! What a payment may be said to be when it is created, changed and confirmed.

pub(super) const CAPTURE_METHODS: &[&str] = &["automatic", "automatic_async", "manual"];
pub(super) const FUTURE_USAGES: &[&str] = &["off_session", "on_session"];
