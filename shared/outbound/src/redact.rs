//! Texts from outside, made fit for the log: a gateway's error, its raw answer, a request as text.

mod spans;

/// The longest text that comes back, in characters.
const MAX_CHARS: usize = 2_000;

/// `text` with its secrets and tokens masked, cut at 2,000 characters. A mask keeps what tells the
/// kind of secret and says how many characters it hides: `sk_test_****(24)`, `Bearer ****(612)`,
/// `pi_3Nd_secret_****(25)`, `****(16)` for a card number.
///
/// Masked are `sk_`, `pk_`, `rk_` and `whsec_` keys, `src_` and `tok_` tokens, `…_secret_…` client
/// secrets, Bearer and Basic credentials, JSON Web Tokens, 13 or more digits (spaces and dashes
/// between them ignored), and the values of JSON members and form fields that are named token,
/// secret, password and the like. In doubt it masks: a word too many costs nothing.
pub fn redact(text: &str) -> String {
    let mut hidden = spans::all(text);
    hidden.sort_unstable_by_key(|span| span.start);

    let mut clean = String::with_capacity(text.len().min(MAX_CHARS));
    let mut end = 0;
    let mut spans = hidden.into_iter().peekable();
    while let Some(mut span) = spans.next() {
        while let Some(next) = spans.next_if(|next| next.start <= span.end) {
            span.end = span.end.max(next.end);
        }
        clean.push_str(&text[end..span.start]);
        let length = text[span.clone()].chars().count();
        clean.push_str(&format!("****({length})"));
        end = span.end;
    }
    clean.push_str(&text[end..]);

    // The cut comes last: half a token would no longer be known as one.
    if let Some((cut, _)) = clean.char_indices().nth(MAX_CHARS) {
        clean.truncate(cut);
    }
    clean
}

#[cfg(test)]
mod tests;
