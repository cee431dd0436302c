use std::fmt;

use domain::{Id, ResourceType};

/// The methods of routes. A route for `GET` takes `HEAD` as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Read.
    Get,
    /// Make.
    Post,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// As in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The methods of requests that a route of this one takes, as in a request line.
    pub const fn taken(self) -> &'static [&'static str] {
        match self {
            Self::Get => &["GET", "HEAD"],
            Self::Post => &["POST"],
            Self::Patch => &["PATCH"],
            Self::Delete => &["DELETE"],
        }
    }
}

/// One route: a method and a path whose `{…}` segments take any one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, as API Gateway writes it: `/api/orders/{id}`.
    pub path: &'static str,
    /// The resource types that its `{type}` stands for; any text where none are named.
    pub types: Option<&'static [ResourceType]>,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
    }
}

impl Route {
    /// A route for `GET`.
    pub const fn get(path: &'static str) -> Self {
        Self::new(Method::Get, path)
    }

    /// A route for `POST`.
    pub const fn post(path: &'static str) -> Self {
        Self::new(Method::Post, path)
    }

    /// A route for `PATCH`.
    pub const fn patch(path: &'static str) -> Self {
        Self::new(Method::Patch, path)
    }

    /// A route for `DELETE`.
    pub const fn delete(path: &'static str) -> Self {
        Self::new(Method::Delete, path)
    }

    const fn new(method: Method, path: &'static str) -> Self {
        Self {
            method,
            path,
            types: None,
        }
    }

    /// The same route, for these resource types alone.
    pub const fn of(self, types: &'static [ResourceType]) -> Self {
        Self {
            types: Some(types),
            ..self
        }
    }

    /// What the path's `{…}` segments took, by name, if it matches.
    pub fn captures(&self, path: &str) -> Option<Captures> {
        let (mut pattern, mut given) = (self.path.split('/'), path.split('/'));
        let mut captures = Captures::default();
        loop {
            match (pattern.next(), given.next()) {
                (None, None) => return Some(captures),
                (Some(wanted), Some(segment)) => {
                    let name = wanted.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
                    match name {
                        Some(name) if self.takes(name, segment) => {
                            captures.0.push((name, segment.to_owned()))
                        }
                        None if wanted == segment => {}
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
    }

    fn takes(&self, name: &str, segment: &str) -> bool {
        match self.types.filter(|_| name == "type") {
            Some(types) => types.iter().any(|kind| kind.name() == segment),
            None => !segment.is_empty(),
        }
    }
}

/// What the `{…}` segments of a path took.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captures(Vec<(&'static str, String)>);

impl Captures {
    /// What the segment of that name took.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(it, _)| *it == name);
        found.map(|(_, segment)| segment.as_str())
    }

    /// What the segment of that name took, where it is an id.
    pub fn id(&self, name: &str) -> Option<Id> {
        self.get(name)?.parse().ok()
    }
}

/// The route of a request among `routes`, and what its path's segments took.
pub fn find(routes: &[Route], method: &str, path: &str) -> Option<(Route, Captures)> {
    let mut of_method = routes
        .iter()
        .filter(|it| it.method.taken().contains(&method));
    of_method.find_map(|route| route.captures(path).map(|captures| (*route, captures)))
}

/// The methods that a path takes by these routes.
pub fn methods_of(routes: &[Route], path: &str) -> Vec<Method> {
    let of_path = routes.iter().filter(|it| it.captures(path).is_some());
    let mut methods: Vec<_> = of_path.map(|it| it.method).collect();
    methods.sort_unstable();
    methods.dedup();
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTES: &[Route] = &[
        Route::get("/api/orders/{id}"),
        Route::patch("/api/orders/{id}"),
        Route::get("/api/orders/{id}/{relationship}"),
    ];

    #[test]
    fn paths_are_taken_apart_by_segment() {
        let found = find(ROUTES, "GET", "/api/orders/eqkykhjlVw/market");
        let (route, captures) = found.unwrap();
        assert_eq!(route.path, "/api/orders/{id}/{relationship}");
        assert_eq!(captures.get("relationship"), Some("market"));
        assert_eq!(captures.id("id"), "eqkykhjlVw".parse().ok());
        for path in ["/api/orders", "/api/orders/", "/api/orders/x/y/z", "/", ""] {
            assert_eq!(find(ROUTES, "GET", path), None, "{path}");
            assert!(methods_of(ROUTES, path).is_empty(), "{path}");
        }
    }

    #[test]
    fn what_is_read_is_read_without_its_body_too() {
        let found = |method, path| find(ROUTES, method, path);
        let read = found("GET", "/api/orders/eqkykhjlVw");
        assert!(read.is_some());
        assert_eq!(found("HEAD", "/api/orders/eqkykhjlVw"), read);
        assert_eq!(found("head", "/api/orders/eqkykhjlVw"), None);
    }

    #[test]
    fn a_route_of_some_types_is_not_there_for_others() {
        let routes = [Route::post("/api/{type}").of(&[ResourceType::Markets])];
        let found = |path| find(&routes, "POST", path);
        assert!(found("/api/markets").is_some());
        assert_eq!(found("/api/orders"), None);
        assert_eq!(found("/api/unicorns"), None);
    }

    #[test]
    fn a_path_of_other_methods_names_them() {
        assert_eq!(find(ROUTES, "DELETE", "/api/orders/eqkykhjlVw"), None);
        let methods = methods_of(ROUTES, "/api/orders/eqkykhjlVw");
        assert_eq!(methods, [Method::Get, Method::Patch]);
    }
}
