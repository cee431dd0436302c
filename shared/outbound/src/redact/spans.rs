//! Where the secrets of a text are, in bytes. Each kind is looked for on its own in the whole text,
//! so that none hides from one search behind what another has taken; each search is linear in the
//! text, which may be a gateway's whole answer.

use std::ops::Range;

type Span = Range<usize>;

const KEY_PREFIXES: [&str; 6] = ["sk_", "pk_", "rk_", "whsec_", "src_", "tok_"];
const KEY_MODES: [&str; 3] = ["test_", "live_", "sbox_"];

/// Ends of the names of members and fields whose values are secret, in lower case.
const SECRET_NAMES: [&str; 7] = [
    "token",
    "token_id",
    "secret",
    "password",
    "api_key",
    "assertion",
    "authorization",
];

/// The shortest run of digits that is hidden. Card numbers have 13 to 19; a longer run may hold one.
const MIN_DIGITS: usize = 13;

/// Backslashes before a quote in JSON within JSON within JSON within JSON.
const MAX_ESCAPES: usize = 7;

/// Every secret of `text`, in no order; they may overlap.
pub(super) fn all(text: &str) -> Vec<Span> {
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    keys(text, &mut spans);
    client_secrets(text, &mut spans);
    json_web_tokens(text, &mut spans);
    credentials(&lower, &mut spans);
    named_values(&lower, &mut spans);
    digits(text, &mut spans);
    spans
}

/// `sk_test_…` and its like. Inside a word (`%3Dsk_live_…`, but `risk_level` and `network_status`
/// too) what follows has to look like a key.
fn keys(text: &str, spans: &mut Vec<Span>) {
    for prefix in KEY_PREFIXES {
        let mut searched = 0;
        for (at, _) in text.match_indices(prefix) {
            if at < searched {
                continue;
            }
            let after = at + prefix.len();
            let mode = KEY_MODES
                .iter()
                .find(|mode| text[after..].starts_with(**mode));
            let start = after + mode.map_or(0, |mode| mode.len());
            let inside_word = text[..at]
                .ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_');
            let certain = !inside_word || mode.is_some() || prefix == "whsec_";
            if !certain && !looks_random(&text[start..]) {
                continue;
            }
            searched = run_end(text, start, is_key_byte);
            if searched - start >= 4 {
                spans.push(start..searched);
            }
        }
    }
}

/// The last part of `pi_…_secret_…`, `seti_…_secret_…` and their like.
fn client_secrets(text: &str, spans: &mut Vec<Span>) {
    for (at, infix) in text.match_indices("_secret_") {
        let start = at + infix.len();
        if looks_random(&text[start..]) {
            spans.push(start..word_end(text, start));
        }
    }
}

/// Anything in base64url that begins as a JSON object does, so that a token is known by its first
/// part already.
fn json_web_tokens(text: &str, spans: &mut Vec<Span>) {
    let mut searched = 0;
    for (at, begin) in text.match_indices("eyJ") {
        if at < searched {
            continue;
        }
        let start = at + begin.len();
        searched = run_end(text, start, |byte| {
            is_word_byte(byte) || b"-.".contains(&byte)
        });
        if searched - start >= 8 {
            spans.push(start..searched);
        }
    }
}

/// What follows `Bearer` or `Basic` (RFC 9110, token68).
fn credentials(lower: &str, spans: &mut Vec<Span>) {
    for scheme in ["bearer", "basic"] {
        for (at, _) in lower.match_indices(scheme) {
            let after = at + scheme.len();
            let start = run_end(lower, after, |byte| byte == b' ' || byte == b'\t');
            let end = run_end(lower, start, |byte| {
                byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
            });
            if start > after && end - start >= 6 {
                spans.push(start..end);
            }
        }
    }
}

/// The values of `"…token": "…"`, also where the JSON is itself inside a JSON string, and of
/// `…token=…`.
fn named_values(lower: &str, spans: &mut Vec<Span>) {
    for name in SECRET_NAMES {
        let mut searched = 0;
        for (at, _) in lower.match_indices(name) {
            let after = at + name.len();
            if let Some(value) = quoted_value(lower, after) {
                spans.push(value);
            } else if after >= searched && lower[after..].starts_with('=') {
                let ends = |byte: u8| byte.is_ascii_whitespace() || b"&\"'".contains(&byte);
                searched = run_end(lower, after + 1, |byte| !ends(byte));
                spans.push(after + 1..searched);
            }
        }
    }
    spans.retain(|span| !span.is_empty());
}

/// What is between the quotes of `": "…"`.
fn quoted_value(text: &str, at: usize) -> Option<Span> {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let quote = run_end(text, at, |byte| byte == b'\\');
    let colon = run_end(text, after(text, quote, b'"')?, blank);
    let escapes = run_end(text, after(text, colon, b':')?, blank);
    let opening = run_end(text, escapes, |byte| byte == b'\\');
    let start = after(text, opening, b'"')?;

    let depth = opening - escapes;
    if depth > MAX_ESCAPES {
        return None;
    }
    // A quote inside the value has more backslashes before it than the one that opened it.
    let mut backslashes = 0;
    for (offset, byte) in text[start..].bytes().enumerate() {
        match byte {
            b'"' if backslashes == depth => return Some(start..start + offset - depth),
            b'\\' => backslashes += 1,
            _ => backslashes = 0,
        }
    }
    Some(start..text.len())
}

/// Runs of at least [`MIN_DIGITS`] digits, from the first digit to the last.
fn digits(text: &str, spans: &mut Vec<Span>) {
    let mut run = 0..0;
    let mut count = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if count == 0 {
                    run.start = at;
                }
                count += 1;
                run.end = at + 1;
            }
            b' ' | b'-' => {}
            _ => {
                if count >= MIN_DIGITS {
                    spans.push(run.clone());
                }
                count = 0;
            }
        }
    }
    if count >= MIN_DIGITS {
        spans.push(run);
    }
}

/// Whether `text` begins with something that no name would: a long stretch without an underscore, or
/// digits or capitals soon.
fn looks_random(text: &str) -> bool {
    let soon = &text.as_bytes()[..text.len().min(24)];
    let length = soon.iter().position(|byte| !is_word_byte(*byte));
    let word = &soon[..length.unwrap_or(soon.len())];
    let stretch = word.iter().position(|byte| *byte == b'_');
    let odd = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    stretch.unwrap_or(word.len()) >= 20 || (word.len() >= 8 && word.iter().any(odd))
}

fn after(text: &str, at: usize, byte: u8) -> Option<usize> {
    (text.as_bytes().get(at) == Some(&byte)).then_some(at + 1)
}

fn word_end(text: &str, start: usize) -> usize {
    run_end(text, start, is_word_byte)
}

/// Where the run of bytes that are `part` ends. The end is a character's boundary as long as `part`
/// treats all bytes outside ASCII alike.
fn run_end(text: &str, start: usize, part: impl Fn(u8) -> bool) -> usize {
    let rest = &text.as_bytes()[start..];
    let length = rest.iter().position(|byte| !part(*byte));
    start + length.unwrap_or(rest.len())
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Keys of webhooks are base64.
fn is_key_byte(byte: u8) -> bool {
    is_word_byte(byte) || b"-+/=".contains(&byte)
}
