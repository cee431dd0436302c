//! Billfold on one machine: every function in one process, with an embedded DynamoDB engine and
//! stand-ins for the gateways.

pub mod cli;
pub mod demo;
mod engine;
mod greeting;
mod keys;
mod router;
mod server;

pub use engine::{Engine, EngineError};
pub use router::{FUNCTIONS, Function};
pub use server::{Options, Running, StartError, start};
