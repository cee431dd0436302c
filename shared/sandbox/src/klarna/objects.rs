//! What the stand-in remembers of a shop's business with Klarna.

pub(super) mod authorization;
pub(super) mod customer_token;
pub(super) mod order;
pub(super) mod session;
