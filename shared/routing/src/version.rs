/// Where Commerce Layer has its API under a version: the same API.
const VERSIONED: &str = "/api/2017-08/";

const PLAIN: &str = "/api/";

/// The path without the version that Commerce Layer's API may be called by: `/api/2017-08/orders` is
/// `/api/orders`.
pub fn without_version(path: &str) -> String {
    match path.strip_prefix(VERSIONED) {
        Some(rest) => format!("{PLAIN}{rest}"),
        None => path.to_owned(),
    }
}

/// The path under that version; none of a path that is not the API's.
pub fn with_version(path: &str) -> Option<String> {
    let rest = path.strip_prefix(PLAIN)?;
    Some(format!("{VERSIONED}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versioned_api_is_the_api() {
        for (path, plain) in [
            ("/api/2017-08/orders/x", "/api/orders/x"),
            ("/api/2017-08/openapi.json", "/api/openapi.json"),
            ("/api/2017-08", "/api/2017-08"),
            ("/api/2018-01/orders", "/api/2018-01/orders"),
            ("/oauth/token", "/oauth/token"),
            ("/x/api/2017-08/orders", "/x/api/2017-08/orders"),
        ] {
            assert_eq!(without_version(path), plain, "{path}");
        }
        let versioned = with_version("/api/orders/{id}");
        assert_eq!(versioned.as_deref(), Some("/api/2017-08/orders/{id}"));
        assert_eq!(with_version("/oauth/token"), None);
    }
}
