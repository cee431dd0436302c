//! The source of [`routing::ALL`].

use std::fmt::Write;

use routing::Route;

use crate::router::routes;

/// The whole file.
pub fn source() -> String {
    let mut source = "\
        //! Made by `cargo run -- routes --write`, of the functions' routes.\n\n\
        use domain::ResourceType;\n\n\
        use crate::Route;\n\n\
        /// The routes of all functions.\n\
        pub const ROUTES: &[Route] = &[\n"
        .to_owned();
    for route in routes() {
        source.push_str(&entry(&route));
    }
    source.push_str("];\n");
    source
}

fn entry(route: &Route) -> String {
    let method = route.method.as_str().to_lowercase();
    let mut entry = format!("    Route::{method}({:?})", route.path);
    if let Some(types) = route.types {
        entry.push_str(".of(&[\n");
        for kind in types {
            // A String takes whatever is written to it.
            let _ = writeln!(entry, "        ResourceType::{kind:?},");
        }
        entry.push_str("    ])");
    }
    entry + ",\n"
}
