use super::*;

#[test]
fn exact_origins_are_read_with_commas_or_spaces_between_them() {
    let trusted = TrustedOrigins::parse(
        " http://localhost:9001,https://pay.internal:8443\nhttps://shop.example http://[::1]:80,",
    )
    .unwrap();
    assert_eq!(
        trusted.to_string(),
        "http://localhost:9001 https://pay.internal:8443 https://shop.example http://[::1]"
    );
}

#[test]
fn an_empty_list_trusts_none() {
    for text in ["", " ", ",\n"] {
        assert!(TrustedOrigins::parse(text).unwrap().is_empty());
    }
}

#[test]
fn whatever_is_no_exact_origin_is_an_error_that_names_the_variable() {
    for entry in [
        "localhost:9001",
        "localhost",
        "*",
        "http://*",
        "https://*.example.com",
        "http://localhost:*",
        "http://localhost:9001/",
        "http://localhost:9001/token",
        "http://localhost:9001?a",
        "http://localhost:9001#a",
        "http://user:hush@localhost:9001",
        "http://@localhost:9001",
        "http://Localhost:9001",
        "HTTP://localhost:9001",
        "http://127.1:9001",
        "http://2130706433",
        "http://localhost:09001",
        "http://localhost:",
        "http:localhost",
        "http://",
        "ftp://localhost",
        "file:///etc/passwd",
        "http://bücher.example",
    ] {
        let error = TrustedOrigins::parse(&format!("https://fine.example {entry}")).unwrap_err();
        assert_eq!(error, TrustedOriginsError { entry: 2 }, "{entry}");
        let text = error.to_string();
        assert!(
            text.starts_with("EXTERNAL_GATEWAY_TRUSTED_ORIGINS: entry 2 is not"),
            "{text}"
        );
        assert!(!text.contains("hush"), "{text}");
    }
}

#[test]
fn an_origin_is_trusted_with_its_scheme_and_port_only() {
    let trusted = TrustedOrigins::parse("http://localhost:9001 https://pay.internal:443").unwrap();
    let is_trusted = |url: &str| trusted.contains(&Url::parse(url).unwrap());
    for url in [
        "http://localhost:9001/token?a=b",
        "HTTP://LOCALHOST:9001",
        "https://pay.internal/token",
    ] {
        assert!(is_trusted(url), "{url}");
    }
    for url in [
        "https://localhost:9001/",
        "http://localhost:9002/",
        "http://localhost/",
        "http://localhost.:9001/",
        "http://127.0.0.1:9001/",
        "http://a.localhost:9001/",
        "http://pay.internal:443/",
        "https://pay.internal.example/",
        "data:text/plain,x",
    ] {
        assert!(!is_trusted(url), "{url}");
    }
}
