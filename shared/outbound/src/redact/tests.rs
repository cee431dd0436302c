use proptest::prelude::*;

use super::*;

#[test]
fn each_kind_of_secret_is_masked_and_still_told_apart() {
    let webhook = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    for (text, clean) in [
        (
            "Invalid API Key: sk_test_4eC39HqLyjWDarjtT1zdp7dc",
            "Invalid API Key: sk_test_****(24)",
        ),
        (
            "pk_live_abcdefgh rk_live_abcdefgh",
            "pk_live_****(8) rk_live_****(8)",
        ),
        ("sk_sbox_ijzjkbvwhqwfwnzutpxmzvhrxa", "sk_sbox_****(26)"),
        (webhook, "whsec_****(32)"),
        (
            "source src_wmlfc3zyhqzehihu7giusaaawu declined",
            "source src_****(26) declined",
        ),
        (
            "https://x.test/?key%3Dsk_live_abcdefgh",
            "https://x.test/?key%3Dsk_live_****(8)",
        ),
        (
            r#"{"id":"pi_3Nd","client_secret":"pi_3Nd_secret_A1b2C3d4E5"}"#,
            r#"{"id":"pi_3Nd","client_secret":"****(24)"}"#,
        ),
        ("pi_3Nd_secret_A1b2C3d4E5", "pi_3Nd_secret_****(10)"),
        (
            "authorization: bEaReR abc.def-ghi",
            "authorization: bEaReR ****(11)",
        ),
        ("Basic UEs6c2VjcmV0", "Basic ****(12)"),
        ("eyJhbGciOiJSUzUxMiJ9.eyJhIjoxfQ.c2ln", "eyJ****(33)"),
        (
            "card 4242 4242-4242 4242 declined",
            "card ****(19) declined",
        ),
        (
            r#"{"token_id": "0b1d9815", "n": 1}"#,
            r#"{"token_id": "****(8)", "n": 1}"#,
        ),
        (
            r#"{"body":"{\"auth_token\":\"a b\\\"c\",\"n\":1}"}"#,
            r#"{"body":"{\"auth_token\":\"****(8)\",\"n\":1}"}"#,
        ),
        ("a=1&refresh_token=abc&b=2", "a=1&refresh_token=****(3)&b=2"),
    ] {
        assert_eq!(redact(text), clean);
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    for text in [
        r#"{"risk_level":"normal","network_status":"approved_by_network"}"#,
        "order eqkykhjlVw at 2018-01-01T12:00:00.000Z, 12900 EUR",
        "pi_3NdKqL cus_9s6XKzkNRiz8i3 pm_1NdKqL card_declined",
        "a basic check, a bearer of news",
        r#"{"auth_token":null,"client_secret":""}"#,
        "",
    ] {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn the_cut_is_at_2000_characters_and_leaves_no_half_token() {
    assert_eq!(redact(&"é".repeat(3_000)), "é".repeat(2_000));
    let text = format!("{} eyJ{}", "x".repeat(1_990), "a".repeat(5_000));
    assert_eq!(redact(&text), format!("{} eyJ****(5", "x".repeat(1_990)));
}

#[test]
fn a_megabyte_of_near_misses_takes_no_time() {
    for near_miss in [
        "sk_",
        "rk_net",
        "eyJ",
        "_secret_",
        "bearer ",
        "token=",
        "token\":\"",
        "1 ",
        "\\\"",
    ] {
        assert!(redact(&near_miss.repeat(1_000_000 / near_miss.len())).len() <= 8_000);
    }
}

/// Text around a secret: anything, and what the searches take for beginnings.
fn around() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "Bearer ",
            "basic ",
            "token=",
            "\"token\":\"",
            "\\\"secret\\\": \\\"",
            "\"",
            "\\",
            "sk_",
            "src_",
            "eyJ",
            "_secret_",
            "4242 ",
            "7",
            "-",
            "%3D",
            "=",
            "&",
            "\n",
            "x",
            "é",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(fragment, 0..4).prop_map(|fragments| fragments.concat())
}

/// What makes a secret known, and what must not be seen of it.
fn secret() -> impl Strategy<Value = (String, String)> {
    // A text as strategy is a regular expression.
    let kind = |known: &'static str, hidden: &'static str| (known, hidden);
    prop_oneof![
        kind("(sk|pk|rk)_(test_|live_|sbox_)?", "[A-Za-z0-9]{20,40}"),
        kind("whsec_", "[A-Za-z0-9+/]{32}"),
        kind("(src|tok)_", "[a-z2-7]{26}"),
        kind("(pi|seti)_[A-Za-z0-9]{24}_secret_", "[A-Za-z0-9]{25}"),
        kind(
            "(Bearer|bearer|BASIC) {1,2}",
            "[A-Za-z0-9._~+/-]{6,60}={0,2}"
        ),
        kind(
            "eyJ",
            "[A-Za-z0-9_-]{20,40}\\.eyJ[A-Za-z0-9_-]{20,40}\\.[A-Za-z0-9_-]{20,40}"
        ),
        kind("", "([0-9][ -]?){12,18}[0-9]"),
        kind("\"customer_token\" ?: ?\"", "[^\"\\\\]{8,40}"),
        kind("payment_source_token=", "[A-Za-z0-9-]{8,40}"),
    ]
}

proptest! {
    #[test]
    fn a_planted_secret_never_survives(
        before in around(),
        (known, hidden) in secret(),
        after in around(),
    ) {
        let clean = redact(&format!("{before}{known}{hidden}{after}"));
        prop_assert!(!clean.contains(&hidden), "{clean}");
    }

    #[test]
    fn no_text_panics_or_comes_back_too_long(text in ".*") {
        prop_assert!(redact(&text).chars().count() <= 2_000);
    }
}
