//! What the stand-in remembers of a shop's business with Checkout.com.

pub(super) mod customer;
pub(super) mod instrument;
pub(super) mod payment;
pub(super) mod session;
