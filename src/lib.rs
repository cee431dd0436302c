//! Billfold on one machine: every function in one process, with an embedded DynamoDB engine and
//! stand-ins for the gateways.

pub mod admin;
mod api;
mod certificate;
pub mod cli;
mod data_folder;
pub mod demo;
pub mod doctor;
mod engine;
mod events;
pub mod export;
mod greeting;
mod https;
pub mod import;
mod keys;
mod moving;
mod operations;
mod page;
mod reconcile;
mod reseal;
pub mod router;
pub mod routes;
mod server;
mod stand_ins;
mod starting;
mod telling;

pub use certificate::CertificateError;
pub use engine::{Engine, EngineError};
pub use https::{Domain, Https, NotADomain};
pub use reconcile::{ReconcileError, Reconciled, reconcile};
pub use reseal::{ResealError, reseal};
pub use server::{Running, start};
pub use stand_ins::{Served, StandIns};
pub use starting::{ConfigureClient, Options, StartError};
