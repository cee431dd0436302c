//! A distribution of CloudFront's before the API, from which all requests come, and who they are from as it says.

use std::fmt;

use domain::digest;
use http::{HeaderMap, HeaderName};
use routing::SourceAddress;

/// The header that the distribution adds to what it passes on, and nobody else can: it has a secret of the two.
const PROOF: HeaderName = HeaderName::from_static("x-origin-verify");

/// Address and port of who asked the distribution (CloudFront, "Add CloudFront request headers").
const VIEWER: HeaderName = HeaderName::from_static("cloudfront-viewer-address");

/// How many characters the secret has at least: it must not be guessed by asking.
const SHORTEST: usize = 32;

/// The distribution, known by a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Front {
    /// Of the secret: compared in its place, so that how long it takes tells nothing of it.
    digest: [u8; 32],
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Front")
    }
}

impl Front {
    /// The variable that has the secret.
    pub const VARIABLE: &'static str = "CLOUDFRONT_SECRET";

    /// The distribution that knows this secret; none where there is none, or an empty one.
    ///
    /// # Errors
    /// The secret has less than 32 characters; the text says so, and nothing of it.
    pub fn read(secret: Option<&str>) -> Result<Option<Self>, String> {
        match secret.unwrap_or_default() {
            "" => Ok(None),
            secret if secret.len() < SHORTEST => Err(format!(
                "{} has less than {SHORTEST} characters",
                Self::VARIABLE
            )),
            secret => Ok(Some(Self {
                digest: digest(&[secret]),
            })),
        }
    }

    /// The address that a request came from to the distribution; none where it did not come through it.
    pub fn viewer(&self, headers: &HeaderMap) -> Option<SourceAddress> {
        let text = |name: HeaderName| headers.get(name)?.to_str().ok();
        if digest(&[text(PROOF)?]) != self.digest {
            return None;
        }
        let (address, _port) = text(VIEWER)?.rsplit_once(':')?;
        let address = address.trim_start_matches('[').trim_end_matches(']');
        address.parse().ok().map(SourceAddress)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const SECRET: &str = "a-secret-of-thirty-two-characters";

    fn viewer(proof: Option<&'static str>, viewer: &'static str) -> Option<String> {
        let front = Front::read(Some(SECRET)).unwrap().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(VIEWER, HeaderValue::from_static(viewer));
        if let Some(proof) = proof {
            headers.insert(PROOF, HeaderValue::from_static(proof));
        }
        front.viewer(&headers).map(|it| it.0.to_string())
    }

    #[test]
    fn the_distribution_is_believed_with_its_secret_alone() {
        let told = "198.51.100.10:46532";
        assert_eq!(viewer(Some(SECRET), told).as_deref(), Some("198.51.100.10"));
        for proof in [None, Some(""), Some("another-secret-of-as-many-characters")] {
            assert_eq!(viewer(proof, told), None, "{proof:?}");
        }
    }

    #[test]
    fn an_address_is_one_of_either_kind_with_its_port() {
        for (told, address) in [
            ("2001:db8:1:2:3:4:5:6:46532", Some("2001:db8:1:2:3:4:5:6")),
            ("[2001:db8::1]:46532", Some("2001:db8::1")),
            ("198.51.100.10", None),
            ("somebody:1", None),
            ("", None),
        ] {
            assert_eq!(viewer(Some(SECRET), told).as_deref(), address, "{told}");
        }
    }

    #[test]
    fn a_secret_is_long_or_not_there() {
        assert_eq!(Front::read(None), Ok(None));
        assert_eq!(Front::read(Some("")), Ok(None));
        let refused = Front::read(Some("short")).unwrap_err();
        assert_eq!(refused, "CLOUDFRONT_SECRET has less than 32 characters");
    }
}
