//! What the stand-in remembers of a shop's business with Stripe.

pub(super) mod charge;
pub(super) mod customer;
pub(super) mod payment_intent;
pub(super) mod payment_method;
pub(super) mod refund;
