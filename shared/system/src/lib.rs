//! The machine's own clock, timer and generator of randomness. `main` hands them out; nothing below
//! it names them, so that a test can hold all three.

mod clock;
mod random;

pub use clock::{SystemClock, TokioSleep};
pub use random::SystemRandom;
