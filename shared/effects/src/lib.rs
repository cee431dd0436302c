//! What the world gives a request: the time, sleep, randomness, secrets and gateways, each behind a
//! narrow trait. `main` makes the real ones; nothing below it reads them in another way, so that a
//! test can hold all of them.

mod circuit;
mod clock;
mod perform;
mod random;
mod secrets;

pub use circuit::{CircuitUnavailable, Circuits};
pub use clock::{Clock, Deadline, Sleep, SystemClock, TokioSleep};
pub use perform::{CallFailure, CallGateway};
pub use random::{Random, SystemRandom};
pub use secrets::{Secret, SecretError, Secrets, SecretsFile, SecretsManager, credentials_name};
