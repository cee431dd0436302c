//! The routes of the functions, and what is made of them: the files in which others than the functions
//! themselves need them.

mod everywhere;
mod template;
mod watch;

use std::fmt::Write;
use std::io;
use std::path::Path;

use routing::Route;

use crate::router::{FUNCTIONS, description};

/// A file that says routes.
pub struct Made {
    /// Where it is, in the repository.
    pub path: &'static str,
    /// The file with the routes that the functions have, from the file as it is. None where it has no
    /// place for them.
    pub make: fn(&str) -> Option<String>,
}

/// The files that say routes.
pub const FILES: &[Made] = &[
    Made {
        path: "Cargo.toml",
        make: watch::in_manifest,
    },
    Made {
        path: "template.yaml",
        make: template::in_template,
    },
    Made {
        path: "shared/routing/src/all.rs",
        make: |_| Some(everywhere::source()),
    },
    Made {
        path: "functions/get-openapi/openapi.json",
        make: |_| Some(openapi::print(&description())),
    },
];

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RoutesError {
    /// It cannot be read or written.
    #[error("{path}: {problem}; run this in the repository's folder")]
    File {
        /// The file.
        path: &'static str,
        /// What the system says.
        problem: io::Error,
    },
    /// It has no place for routes.
    #[error("{0} has lost the place where its routes were")]
    NoPlace(&'static str),
}

/// Writes the files that are not as the routes would have them, and names them.
///
/// # Errors
/// A file cannot be read or written, or has no place for routes.
pub fn write(repository: &Path) -> Result<Vec<&'static str>, RoutesError> {
    let mut written = Vec::new();
    for Made { path, make } in FILES {
        let failed = |problem| RoutesError::File { path, problem };
        let file = repository.join(path);
        let text = std::fs::read_to_string(&file).map_err(failed)?;
        let made = make(&text).ok_or(RoutesError::NoPlace(path))?;
        if made != text {
            std::fs::write(&file, made).map_err(failed)?;
            written.push(*path);
        }
    }
    Ok(written)
}

/// A line for each route: `GET /api/orders/{id} get-order`.
pub fn list() -> String {
    let mut lines = String::new();
    for function in FUNCTIONS {
        for route in function.routes {
            // A String takes whatever is written to it.
            let _ = writeln!(lines, "{route} {}", function.name);
        }
    }
    lines
}

/// The paths that a route is asked for at: its own, and under Commerce Layer's version.
fn paths(route: &Route) -> impl Iterator<Item = String> {
    [route.path.to_owned()]
        .into_iter()
        .chain(routing::with_version(route.path))
}

/// The methods of requests that these routes take at a path, `HEAD` after `GET`.
fn taken(routes: &'static [Route], path: &str) -> Vec<&'static str> {
    let of_path = routes.iter().filter(|it| it.path == path);
    of_path.flat_map(|it| it.method.taken()).copied().collect()
}
