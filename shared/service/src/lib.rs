//! The way of a request: authenticate, authorise, parse, load, decide, commit, render.
//!
//! An endpoint is a function of the [`Context`], which `main` builds once, and a [`Call`], which
//! [`answer`] makes of a request that was let in. What it returns on failure is a [`Failure`]; only
//! `answer` makes a response of one.

mod actor;
mod answer;
mod attempts;
mod call;
mod context;
mod entity_tag;
mod failure;
mod forgetting;
mod front;
mod key_sets;
mod keys;
pub mod load;
mod observe;
mod once;
mod operations;
mod paging;
mod precondition;
mod reconcile;
mod renewed;
mod response;
mod resume;
mod run;
mod sweep;
mod tasks;
mod throttle;

pub use access::Action;
pub use actor::Actor;
pub use answer::answer;
pub use attempts::Places;
pub use call::Call;
pub use context::{Configuration, Context, DeclineLimits};
pub use failure::Failure;
pub use front::Front;
pub use key_sets::{FetchError, FetchKeySet, KeySets};
pub use keys::{ISSUERS, Keys, KeysError, LOOKUP, SEALING, SIGNING};
pub use observe::{hear, observe, observe_kept, order_of_payment};
pub use once::IDEMPOTENCY_KEY;
pub use operations::settle;
pub use precondition::Precondition;
pub use reconcile::{Difference, Read, reconcile};
pub use renewed::{Pace, RENEWED_EVERY, Renewed};
pub use response::{Body, refuse};
pub use routing::{Method, Route};
pub use run::{Fresh, Task, run};
pub use sweep::{Swept, sweep};
pub use tasks::{DeletionTask, OrderOf, OrderTask, WalletTask};
pub use throttle::{Verdict, held_to_token_limit, source_address, too_many};
