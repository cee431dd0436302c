//! What every stand-in is made of, and where gateways differ.
//!
//! A gateway is a [`Vendor`]: who calls, what the endpoints do, what is kept for an idempotency
//! key. [`Sandbox`] makes a stand-in of it: state file, journal of requests, ordered faults,
//! idempotency keys, the paths below `/_sandbox`. A new stand-in is
//!
//! ```text
//! pub type Klarna = Sandbox<Api>;
//! pub struct Api;
//! impl Vendor for Api { … }
//! ```
//!
//! These types are `pub` because stand-ins are; nobody outside the crate can name them.

mod contract;
mod exchange;
mod memory;
mod pages;
mod spoil;
mod stand_in;

pub use contract::{Asked, Reply, Reused, Stamp, Vendor, Work};
pub use stand_in::{NotPossible, Options, Sandbox};
