use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{Mode, Tenant};
use form_urlencoded::Serializer;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, X_FRAME_OPTIONS};
use proptest::prelude::*;
use store::{ApiClient, ClientKind};

use super::page::{self, STYLE, STYLE_HASH};
use super::parameters::Parameters;
use super::redirect_uri::RedirectUri;
use super::request::{Asked, Destination};

const CALLBACK: &str = "https://shop.example/callback";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn storefront() -> ApiClient {
    ApiClient {
        client_id: "storefront".to_owned(),
        id: "StOrEfRoNt".parse().unwrap(),
        tenant: Tenant {
            organization: "QvGbMhxJzD".parse().unwrap(),
            mode: Mode::Test,
        },
        slug: "shop".to_owned(),
        kind: ClientKind::SalesChannel,
        secret_hash: None,
        markets: vec![("europe".to_owned(), "EuRoPeMkTs".parse().unwrap())],
        redirect_uris: vec![CALLBACK.to_owned()],
    }
}

fn with_secret() -> ApiClient {
    ApiClient {
        secret_hash: Some("hash".to_owned()),
        ..storefront()
    }
}

fn destination(state: Option<&str>) -> Destination {
    let client = storefront();
    let redirect_uri = RedirectUri::registered(CALLBACK, &client.redirect_uris).unwrap();
    Destination {
        client,
        redirect_uri,
        state: state.map(str::to_owned),
    }
}

fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    let mut query = Serializer::new(String::new());
    Parameters::parse(query.extend_pairs(pairs).finish().as_bytes())
}

const WHOLE: [(&str, &str); 3] = [
    ("response_type", "code"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// The error of a request with these parameters in the place of those that make it whole.
fn error_with(client: &ApiClient, changed: &[(&str, &str)]) -> Option<&'static str> {
    let is_kept = |(name, _): &&(&str, &str)| changed.iter().all(|(other, _)| name != other);
    let mut pairs: Vec<_> = WHOLE.iter().filter(is_kept).copied().collect();
    pairs.extend_from_slice(changed);
    Asked::read(client, &parameters(&pairs))
        .err()
        .map(|it| it.title())
}

#[test]
fn what_a_client_asks_for_is_read() {
    let asked = Asked::read(&storefront(), &parameters(&WHOLE)).unwrap();
    assert_eq!(asked.granted, "market:code:europe");
    assert_eq!(asked.scope, None);
    assert_eq!(asked.challenge.unwrap().as_str(), CHALLENGE);
    let bare = parameters(&[("response_type", "code"), ("scope", "market:id:EuRoPeMkTs")]);
    let asked = Asked::read(&with_secret(), &bare).unwrap();
    assert_eq!(asked.granted, "market:id:EuRoPeMkTs");
    assert_eq!(asked.scope.as_deref(), Some("market:id:EuRoPeMkTs"));
    assert_eq!(asked.challenge, None);
}

#[test]
fn what_is_wrong_is_called_as_the_rfc_calls_it() {
    let long = "x".repeat(2049);
    for (changed, error) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("scope", "market:code:elsewhere")], "invalid_scope"),
        (&[("scope", "market:all")], "invalid_scope"),
        (&[("state", "a"), ("state", "a")], "invalid_request"),
        (&[("state", &long)], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
    ] {
        assert_eq!(
            error_with(&storefront(), changed),
            Some(error),
            "{changed:?}"
        );
        assert_eq!(
            error_with(&with_secret(), changed),
            Some(error),
            "{changed:?}"
        );
    }
    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(error_with(&storefront(), &none), Some("invalid_request"));
    assert_eq!(error_with(&with_secret(), &none), None);
    assert_eq!(error_with(&storefront(), &[("prompt", "login")]), None);
    let integration = ApiClient {
        kind: ClientKind::Integration,
        ..with_secret()
    };
    assert_eq!(error_with(&integration, &[]), Some("unauthorized_client"));
}

#[test]
fn the_policy_lets_in_the_style_alone_and_forms_where_they_lead() {
    let made = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    assert_eq!(STYLE_HASH, format!("sha256-{made}"));
    let asked = Asked::read(&storefront(), &parameters(&WHOLE)).unwrap();
    let response = page::sign_in(&destination(None), &asked);
    let policy = response.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    let directives: Vec<_> = policy.split("; ").collect();
    assert_eq!(
        directives,
        [
            "default-src 'none'",
            &format!("style-src '{STYLE_HASH}'"),
            "form-action 'self' https://shop.example",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    );
    assert_eq!(response.headers()[X_FRAME_OPTIONS], "DENY");
}

/// The value of the field of that name, as a browser reads it.
fn field(page: &str, name: &str) -> String {
    let (_, after) = page.split_once(&format!("name=\"{name}\"")).unwrap();
    let (tag, _) = after.split_once('>').unwrap();
    let (_, value) = tag.split_once("value=\"").unwrap();
    let (value, _) = value.split_once('"').unwrap();
    let unescaped = value.replace("&lt;", "<").replace("&gt;", ">");
    unescaped.replace("&quot;", "\"").replace("&amp;", "&")
}

proptest! {
    #[test]
    fn whatever_is_shown_is_text(state in ".{1,30}", username in ".{0,30}", tail in "[<>\"'&/a]{0,8}") {
        let state = format!("{state}{tail}");
        let asked = Asked::read(&storefront(), &parameters(&WHOLE)).unwrap();
        let shown = page::sign_in_again(&destination(Some(&state)), &asked, &username);
        let shown = String::from_utf8(shown.into_body().to_vec()).unwrap();
        let plain = page::sign_in_again(&destination(Some("x")), &asked, "x");
        let plain = String::from_utf8(plain.into_body().to_vec()).unwrap();
        for mark in ['<', '>', '"'] {
            prop_assert_eq!(shown.matches(mark).count(), plain.matches(mark).count());
        }
        prop_assert_eq!(field(&shown, "state"), state);
        prop_assert_eq!(field(&shown, "username"), username);
        prop_assert_eq!(field(&shown, "redirect_uri"), CALLBACK);
    }

    #[test]
    fn any_request_is_read_or_refused(
        pairs in proptest::collection::vec(("(scope|state|response_type|code_challenge|code_challenge_method|x)", ".{0,20}"), 0..6),
    ) {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let given = parameters(&pairs);
        if let Err(error) = Asked::read(&storefront(), &given) {
            let state = given.get("state");
            let sent = destination(state).send_back(&[("error_description", error.detail())]).unwrap();
            prop_assert_eq!(sent.status(), 303);
            let location = sent.headers()[LOCATION].to_str().unwrap();
            prop_assert!(location.starts_with("https://shop.example/callback?error_description="));
            // RFC 6749, section 4.1.2.1.
            let is_taken = |byte: u8| (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\');
            prop_assert!(error.detail().bytes().all(is_taken));
        }
    }
}
