//! The environment: what has to be set, and reads.

use gateways::BaseUrls;
use http::Uri;
use outbound::TrustedOrigins;
use secrets::SecretsFile;
use service::{Configuration, DeclineLimits, Front};

use super::finding::Finding;

/// What has to be set, beside where secrets are.
const REQUIRED: [&str; 4] = ["TABLE_NAME", "PUBLIC_URL", "ISSUERS", "ISSUER"];

const LIMITS: [&str; 3] = [
    Configuration::RATE_LIMIT,
    Configuration::ADDRESS_RATE_LIMIT,
    Configuration::TOKEN_RATE_LIMIT,
];

/// Whether the variables are there, and read.
pub fn variables(lookup: &dyn Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut findings: Vec<_> = REQUIRED
        .into_iter()
        .filter(|name| lookup(name).is_none_or(|it| it.trim().is_empty()))
        .map(|name| Finding::problem(name, "is not set", "set it as the functions have it"))
        .collect();
    if let Some(url) = lookup("PUBLIC_URL").filter(|it| !it.is_empty()) {
        findings.extend(misplaced(&url));
    }
    findings.extend(place_of_secrets(lookup));
    findings.extend(unreadable(lookup));
    match findings.is_empty() {
        true => vec![Finding::good(
            "environment",
            "all variables are set and read",
        )],
        false => findings,
    }
}

/// Links and webhooks begin with it.
fn misplaced(url: &str) -> Option<Finding> {
    let is_origin = url.parse::<Uri>().is_ok_and(|uri| {
        let is_https = uri.scheme_str() == Some("https");
        let is_alone = uri.path() == "/" && uri.query().is_none() && !url.ends_with('/');
        let has_user = uri.authority().is_some_and(|it| it.as_str().contains('@'));
        is_https && is_alone && !has_user
    });
    (!is_origin).then(|| {
        let advice = "make it the https URL of a host alone, such as https://api.example.com";
        Finding::problem("PUBLIC_URL", format!("is {url:?}"), advice)
    })
}

fn place_of_secrets(lookup: &dyn Fn(&str) -> Option<String>) -> Option<Finding> {
    match (lookup("SECRETS_FILE"), lookup("SECRETS_PREFIX")) {
        (None, None) => Some(Finding::problem(
            "SECRETS_PREFIX",
            "is not set",
            "set it to what the secrets' names begin with, or SECRETS_FILE",
        )),
        (Some(path), _) => SecretsFile::open(path.as_ref()).err().map(|error| {
            let advice = "give the file of secrets, readable by its owner alone";
            Finding::problem("SECRETS_FILE", error.to_string(), advice)
        }),
        (None, Some(_)) => None,
    }
}

/// The variables that have defaults, and cannot be read.
fn unreadable(lookup: &dyn Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut errors = Vec::new();
    for name in LIMITS {
        errors.extend(Configuration::limit(name, lookup(name).as_deref(), 0).err());
    }
    errors.extend(DeclineLimits::read(lookup).err());
    errors.extend(Front::read(lookup(Front::VARIABLE).as_deref()).err());
    errors.extend(BaseUrls::from_lookup(lookup).err().map(|it| it.to_string()));
    let trusted = lookup(TrustedOrigins::VARIABLE).unwrap_or_default();
    let trusted = TrustedOrigins::parse(&trusted);
    errors.extend(trusted.err().map(|it| it.to_string()));
    let problem = |error| Finding::problem("environment", error, "mend it, or leave it out");
    errors.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    fn found(changes: &[(&str, &str)]) -> Vec<String> {
        let set = |name: &str| {
            let changed = changes.iter().find(|(it, _)| *it == name);
            let given = match name {
                "TABLE_NAME" | "SECRETS_PREFIX" => Some("billfold"),
                "PUBLIC_URL" => Some("https://api.example.com"),
                "ISSUERS" => Some("[]"),
                "ISSUER" => Some("https://auth.example.com"),
                _ => None,
            };
            let value = changed.map(|(_, value)| *value).or(given);
            value.filter(|it| *it != "unset").map(str::to_owned)
        };
        let problems = variables(&set).into_iter();
        let problems = problems.filter(|it| it.level == Level::Problem);
        problems.map(|it| it.to_string()).collect()
    }

    #[test]
    fn what_is_missing_or_does_not_read_is_named() {
        assert_eq!(found(&[]), [""; 0]);
        for name in ["TABLE_NAME", "ISSUERS", "ISSUER", "SECRETS_PREFIX"] {
            let [line] = &found(&[(name, "unset")])[..] else {
                panic!("{name}");
            };
            assert!(line.contains(name) && line.contains("is not set"), "{line}");
        }
        for (name, value) in [
            ("RATE_LIMIT", "many"),
            ("DECLINED_PER_ORDER", "-1"),
            ("STRIPE_API_BASE", "api.stripe.com"),
            ("EXTERNAL_GATEWAY_TRUSTED_ORIGINS", "*"),
            ("SECRETS_FILE", "/"),
        ] {
            let lines = found(&[(name, value)]);
            assert!(matches!(&lines[..], [it] if it.contains(name)), "{lines:?}");
        }
    }

    #[test]
    fn the_public_url_is_an_https_origin() {
        for url in [
            "http://api.example.com",
            "https://api.example.com/",
            "https://api.example.com/api",
            "https://api.example.com?a=b",
            "https://me@api.example.com",
            "api.example.com",
        ] {
            let lines = found(&[("PUBLIC_URL", url)]);
            assert!(matches!(&lines[..], [it] if it.contains(url)), "{lines:?}");
        }
    }
}
