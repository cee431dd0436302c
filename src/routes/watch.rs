//! The router of `cargo lambda watch`. It looks at the path before the method, and a path that does not
//! take the method is nobody's: so each path says for every method which function API Gateway would
//! call, and what is left of all paths is that of no route.

use std::collections::BTreeSet;

use crate::router::{FUNCTIONS, Function, OF_NO_ROUTE, literal_segments, routes};

use super::{paths, taken};

const BEGINS: &str = "[workspace.metadata.lambda.watch]\n";
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"];

/// The workspace's manifest with the router in its place.
pub fn in_manifest(manifest: &str) -> Option<String> {
    let begin = manifest.find(BEGINS)? + BEGINS.len();
    let (before, after) = manifest.split_at(begin);
    let next_section = after.find("\n[")?;
    let (section, after) = after.split_at(next_section);
    let features = section.lines().find(|line| line.starts_with("features"))?;
    Some(format!("{before}{features}\n{}{after}", router()))
}

fn router() -> String {
    let mut router = "# Made by `cargo run -- routes --write`.\nrouter = [\n".to_owned();
    let of_routes = routes();
    let paths: BTreeSet<_> = of_routes.iter().flat_map(paths).collect();
    for path in paths {
        let plain = routing::without_version(&path);
        for function in FUNCTIONS {
            let asked = METHODS
                .iter()
                .filter(|method| called(method, &plain) == function);
            let methods: Vec<_> = asked.map(|it| format!("{it:?}")).collect();
            if !methods.is_empty() {
                let methods = methods.join(", ");
                let function = function.name;
                router.push_str(&format!(
                    "    {{ path = {path:?}, methods = [{methods}], function = {function:?} }},\n"
                ));
            }
        }
    }
    for path in ["/", "/{*path}"] {
        let function = OF_NO_ROUTE.name;
        router.push_str(&format!(
            "    {{ path = {path:?}, function = {function:?} }},\n"
        ));
    }
    router + "]\n"
}

/// The function that API Gateway calls for a method at the path of a route.
fn called(method: &str, path: &str) -> &'static Function {
    let candidates = FUNCTIONS.iter().flat_map(|function| {
        let wider = function.routes.iter().filter(|it| is_taken(it.path, path));
        wider.map(move |it| (it.path, function))
    });
    let of_method = candidates.filter(|(path, it)| taken(it.routes, path).contains(&method));
    let most_specific = of_method.max_by_key(|(path, _)| literal_segments(path));
    most_specific.map_or(OF_NO_ROUTE, |(_, function)| function)
}

/// Whether whatever the path `narrow` stands for is what `wide` stands for as well.
fn is_taken(wide: &str, narrow: &str) -> bool {
    let (wide, narrow): (Vec<_>, Vec<_>) = (wide.split('/').collect(), narrow.split('/').collect());
    let mut pairs = wide.iter().zip(&narrow);
    wide.len() == narrow.len()
        && pairs.all(|(wide, narrow)| wide.starts_with('{') || wide == narrow)
}
