//! The adapter against the stand-in for Stripe: the shop on one side, the shopper's browser on the
//! other.

mod faults;
mod flows;
mod refusals;
mod shop;
