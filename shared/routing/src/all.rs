//! Made by `cargo run -- routes --write`, of the functions' routes.

use crate::Route;

/// The routes of all functions.
pub const ROUTES: &[Route] = &[];
