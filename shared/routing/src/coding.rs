//! How the body of an answer is coded on its way: compressed for who takes that (RFC 9110, section 12.5.3).

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue, Response};

/// The smallest body, in bytes, that is worth its compression.
const SMALLEST: usize = 1_024;

/// Within a hundredth as small as the highest level makes a document, in two thirds of its time.
const LEVEL: Compression = Compression::new(4);

/// A coding of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coding {
    /// As they are.
    #[default]
    Identity,
    /// RFC 1952.
    Gzip,
}

impl Coding {
    /// What a request's `Accept-Encoding` has its answer coded in.
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT_ENCODING).iter();
        let lines = lines.filter_map(|it| it.to_str().ok());
        let codings = lines.flat_map(|it| it.split(',')).map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            (name, parts.all(|it| !is_never(it)))
        });
        let (mut named, mut any) = (None, None);
        for (name, is_taken) in codings {
            match name.as_str() {
                "gzip" | "x-gzip" => named = Some(is_taken),
                "*" => any = Some(is_taken),
                _ => {}
            }
        }
        match named.or(any) {
            Some(true) => Self::Gzip,
            Some(false) | None => Self::Identity,
        }
    }

    /// The coding of a body of so many bytes.
    #[must_use]
    pub const fn of_length(self, length: usize) -> Self {
        match length < SMALLEST {
            true => Self::Identity,
            false => self,
        }
    }

    /// The answer with its body coded.
    #[must_use]
    pub fn apply(self, response: Response<Bytes>) -> Response<Bytes> {
        let coding = self.of_length(response.body().len());
        let Some(coded) = coding.code(response.body()) else {
            return response;
        };
        let (mut parts, _) = response.into_parts();
        let gzip = HeaderValue::from_static("gzip");
        parts.headers.insert(CONTENT_ENCODING, gzip);
        Response::from_parts(parts, coded)
    }

    /// None where it stays as it is.
    fn code(self, body: &[u8]) -> Option<Bytes> {
        match self {
            Self::Identity => None,
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), LEVEL);
                encoder.write_all(body).ok()?;
                encoder.finish().ok().map(Bytes::from)
            }
        }
    }
}

/// `q=0`, `q=0.000`: the coding is not taken.
fn is_never(parameter: &str) -> bool {
    let weight = parameter.strip_prefix("q=");
    let weight = weight.or_else(|| parameter.strip_prefix("Q="));
    weight.is_some_and(|it| it.trim().parse() == Ok(0.0))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn asked(lines: &[&'static str]) -> Coding {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        Coding::of(&headers)
    }

    #[test]
    fn who_takes_gzip_gets_it_and_nobody_else() {
        for taking in [
            "gzip",
            "GZIP",
            "x-gzip",
            "br, gzip;q=0.1",
            "*",
            "*;q=0, gzip",
        ] {
            assert_eq!(asked(&[taking]), Coding::Gzip, "{taking}");
        }
        assert_eq!(asked(&["br", "deflate, gzip"]), Coding::Gzip);
        for not in [
            "",
            "br",
            "gzip;q=0",
            "gzip; q=0.00",
            "gzip;q=0, *",
            "identity",
            "gzipped",
        ] {
            assert_eq!(asked(&[not]), Coding::Identity, "{not}");
        }
        assert_eq!(asked(&[]), Coding::Identity);
    }

    #[test]
    fn a_body_that_is_compressed_is_smaller_and_comes_out_again() {
        let text = "{\"data\":[]}".repeat(500);
        let coded = Coding::Gzip.apply(Response::new(Bytes::from(text.clone())));
        assert_eq!(coded.headers()[CONTENT_ENCODING], "gzip");
        assert!(coded.body().len() < text.len() / 10);
        let mut decoded = String::new();
        let mut decoder = GzDecoder::new(coded.body().as_ref());
        decoder.read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
    }

    #[test]
    fn what_is_small_or_was_not_asked_for_stays_as_it_is() {
        for (coding, length) in [(Coding::Gzip, SMALLEST - 1), (Coding::Identity, 9_000)] {
            let body = Bytes::from("x".repeat(length));
            let response = coding.apply(Response::new(body.clone()));
            assert_eq!(*response.body(), body);
            assert!(response.headers().is_empty());
        }
    }
}
