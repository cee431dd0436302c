//! What is not let in: card numbers, addresses of the network behind us, and too many requests. Pure,
//! as the domain is.

mod digit_groups;
pub mod pan;
pub mod throttle;
pub mod user_url;
