use super::*;

fn check(url: &str) -> Result<(), UrlProblem> {
    check_url(url, &TrustedOrigins::default())
}

#[test]
fn https_to_a_name_or_a_public_address_is_fine() {
    for url in [
        "https://payments.example.com",
        "https://payments.example.com/token?shop=1",
        "https://payments.example.com:8443/token",
        "https://xn--bcher-kva.example/token",
        "https://localhost.example.com/",
        "https://notlocalhost/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/token",
    ] {
        assert_eq!(check(url), Ok(()), "{url}");
    }
}

#[test]
fn what_cannot_stand_in_a_request_is_not_a_url() {
    for url in [
        "",
        "payments.example.com",
        "payments.example.com/token",
        "/token",
        "//payments.example.com/token",
        "https:",
        "https://",
        "https:///token",
        "https://:443/",
        "https://payments example.com/",
        " https://payments.example.com/",
        "https://payments.example.com/\ntoken",
        "https:\\\\payments.example.com",
        "https://bücher.example/",
        "https://１２７.0.0.1/",
        "https://payments.example.com:99999/",
        "https://payments.example.com:0/",
        "https://payments.example.com/#part",
        "https://payments.example.com\\@evil.example/",
        "https://payments.example.com/<shop>",
        "https://payments%2Eexample.com/",
        "https:payments.example.com/",
        "https:/payments.example.com/",
        "https://256.256.256.256/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "*",
    ] {
        assert_eq!(check(url), Err(UrlProblem::NotAUrl), "{url}");
    }
}

#[test]
fn other_schemes_than_https_are_refused() {
    for url in [
        "http://payments.example.com/",
        "http://127.0.0.1/",
        "ftp://payments.example.com/",
        "gopher://payments.example.com/",
    ] {
        assert_eq!(check(url), Err(UrlProblem::NotHttps), "{url}");
    }
}

#[test]
fn user_info_is_refused_at_trusted_origins_too() {
    let trusted = TrustedOrigins::parse("http://localhost:9001").unwrap();
    for url in [
        "https://user@payments.example.com/",
        "https://user:hush@payments.example.com/",
        "https://:hush@payments.example.com/",
        "https://payments.example.com@127.0.0.1/",
        "http://user:hush@localhost:9001/",
    ] {
        assert_eq!(check_url(url, &trusted), Err(UrlProblem::UserInfo), "{url}");
    }
}

#[test]
fn addresses_that_are_not_public_are_seen_however_they_are_written() {
    for url in [
        "https://localhost/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://a.b.localhost/",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://127.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0x7f.1/",
        "https://0x7F000001/",
        "https://0177.0.0.1/",
        "https://0/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
        "https://012.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.0.1:8443/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2852039166/",
        "https://168.63.129.16/",
        "https://[::]/",
        "https://[::1]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
    ] {
        assert_eq!(check(url), Err(UrlProblem::NotPublic), "{url}");
    }
}

#[test]
fn a_trusted_origin_is_exempt_from_scheme_and_address_rules() {
    let trusted = TrustedOrigins::parse("http://127.0.0.1:9001").unwrap();
    assert_eq!(check_url("http://127.0.0.1:9001/token", &trusted), Ok(()));
    assert_eq!(
        check_url("http://127.0.0.1:9002/token", &trusted),
        Err(UrlProblem::NotHttps)
    );
    assert_eq!(
        check_url("https://127.0.0.1:9001/token", &trusted),
        Err(UrlProblem::NotPublic)
    );
}

#[test]
fn two_thousand_characters_are_the_most() {
    let url = format!("https://payments.example.com/{}", "a".repeat(1_971));
    assert_eq!(url.len(), 2_000);
    assert_eq!(check(&url), Ok(()));
    assert_eq!(check(&format!("{url}a")), Err(UrlProblem::TooLong));
}
