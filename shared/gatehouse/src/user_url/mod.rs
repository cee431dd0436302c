//! URLs that users type, such as an external gateway's `token_url`: which of them requests may go to.
//! Whoever types one makes Billfold ask where they themselves cannot: its own machine, its network, the
//! cloud's metadata service. So a URL leads to public addresses over https, unless whoever runs
//! Billfold trusts its origin.
//!
//! A URL is read by the rules that a client reads it by, so that `2130706433` is 127.0.0.1 here too.
//! What a name resolves to is for the client that connects to judge, with [`is_public`].

mod addresses;
mod trusted_origins;
mod urls;

pub use addresses::is_public;
pub use trusted_origins::{TrustedOrigins, TrustedOriginsError};
pub use urls::{Destination, UrlProblem, check_url, destination};
