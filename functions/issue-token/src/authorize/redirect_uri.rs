use form_urlencoded::Serializer;
use url::{Host, Url};

/// The longest that is taken, in bytes: an answer's headers have room for no more.
const LONGEST: usize = 2000;

/// Where a browser is sent back to: `https`, `http` on the client's own machine, or a scheme of an
/// app's own, the reverse of a domain (RFC 8252, section 7). It has no fragment (RFC 6749, section
/// 3.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    source: String,
}

impl RedirectUri {
    /// The one that is given, where it is registered to the letter: anything less exact has led codes
    /// astray (RFC 9700, section 4.1).
    pub fn registered(given: &str, registered: &[String]) -> Option<Self> {
        let is_registered = registered.iter().any(|it| it == given);
        is_registered.then(|| Self::parse(given)).flatten()
    }

    fn parse(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\');
        if text.len() > LONGEST || !text.bytes().all(is_plain) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let source = match (url.scheme(), url.host()) {
            ("https", Some(Host::Domain(_) | Host::Ipv4(_)))
            | ("http", Some(Host::Domain("localhost"))) => url.origin().ascii_serialization(),
            ("http", Some(Host::Ipv4(address))) if address.is_loopback() => {
                url.origin().ascii_serialization()
            }
            (scheme, _) if scheme.contains('.') => format!("{scheme}:"),
            _ => return None,
        };
        let in_source = |byte: u8| byte.is_ascii_alphanumeric() || b".-+:/_".contains(&byte);
        source.bytes().all(in_source).then(|| Self {
            text: text.to_owned(),
            source,
        })
    }

    /// As it is registered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What a content security policy calls it: `https://shop.example`, `com.example.shop:`. An IPv6
    /// address has no such name, which is why none is taken.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// It with these parameters after those that it has.
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(parameters);
        let separator = match self.text.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        format!("{}{separator}{}", self.text, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn source(text: &str) -> Option<String> {
        RedirectUri::parse(text).map(|it| it.source)
    }

    #[test]
    fn a_redirect_uri_is_https_or_leads_to_the_clients_own_machine_or_app() {
        for (text, expected) in [
            ("https://shop.example/callback", "https://shop.example"),
            (
                "https://shop.example:8443/a?b=c",
                "https://shop.example:8443",
            ),
            ("http://localhost:3000/callback", "http://localhost:3000"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("com.example.shop:/callback", "com.example.shop:"),
        ] {
            assert_eq!(source(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "callback",
            "/callback",
            "//shop.example/callback",
            "http://shop.example/callback",
            "http://localhost.shop.example/",
            "http://[::1]:3000/",
            "https://shop.example/callback#part",
            "https://shop.example\\@evil.example/",
            "https://a;script-src.example/",
            "https://a,b.example/",
            "https://shop.example/a b",
            "https://shöp.example/",
            "https://shop.example/\r\nset-cookie:a=b",
            "javascript:alert(1)",
            "data:text/html,x",
            "shop:/callback",
            &format!("https://shop.example/{}", "a".repeat(LONGEST)),
        ] {
            assert_eq!(source(text), None, "{text}");
        }
    }

    #[test]
    fn only_one_that_is_registered_to_the_letter_is_taken() {
        let registered = [
            "https://shop.example/callback",
            "http://shop.example/insecure",
        ];
        let registered = registered.map(str::to_owned);
        let taken = |given: &str| RedirectUri::registered(given, &registered).is_some();
        assert!(taken("https://shop.example/callback"));
        for given in [
            "https://shop.example/callback/",
            "https://shop.example/callback?a=b",
            "https://SHOP.example/callback",
            "https://shop.example:443/callback",
            "https://shop.example/callback.evil.example",
            "http://shop.example/insecure",
            "",
        ] {
            assert!(!taken(given), "{given}");
        }
    }

    #[test]
    fn parameters_come_after_those_that_are_there() {
        let with = |text: &str| RedirectUri::parse(text).unwrap().with(&[("code", "a&b c")]);
        let base = "https://shop.example/callback";
        assert_eq!(with(base), format!("{base}?code=a%26b+c"));
        assert_eq!(with(&format!("{base}?")), format!("{base}?code=a%26b+c"));
        assert_eq!(
            with(&format!("{base}?x=1")),
            format!("{base}?x=1&code=a%26b+c")
        );
    }

    proptest! {
        #[test]
        fn what_is_sent_back_is_read_as_it_was_given(
            path in "[a-z/]{0,10}(\\?[a-z]=[0-9])?",
            state in ".{0,40}",
        ) {
            let text = format!("https://shop.example/{path}");
            let sent = RedirectUri::parse(&text).unwrap().with(&[("code", "c"), ("state", &state)]);
            prop_assert!(sent.bytes().all(|byte| byte.is_ascii_graphic()), "{}", sent);
            let url = Url::parse(&sent).unwrap();
            prop_assert_eq!(url.fragment(), None);
            let read: Vec<_> = url.query_pairs().into_owned().collect();
            let added = &read[read.len() - 2..];
            let expected = [("code", "c"), ("state", &state)];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            prop_assert_eq!(added, expected);
        }

        #[test]
        fn no_text_makes_a_policy_of_its_own(text in "(https://|http://|[a-z.]{1,6}:)?[ -~é]{0,30}") {
            let source = source(&text).unwrap_or_default();
            prop_assert!(!source.contains([';', ',', ' ', '\'', '*', '"']), "{}", source);
        }
    }
}
