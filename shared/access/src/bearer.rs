use crate::InvalidToken;

/// The token of an `Authorization` header's value, `Bearer {token}`, the scheme in any case
/// (RFC 9110, section 11.1).
///
/// # Errors
/// [`InvalidToken::Missing`] for no header, another scheme, no token, or more than one word after
/// the scheme.
pub fn from_authorization_header(value: Option<&str>) -> Result<&str, InvalidToken> {
    let (scheme, token) = value
        .and_then(|value| value.trim().split_once(' '))
        .ok_or(InvalidToken::Missing)?;
    let token = token.trim_start();
    let one_word = !token.is_empty() && !token.contains(char::is_whitespace);
    if scheme.eq_ignore_ascii_case("bearer") && one_word {
        Ok(token)
    } else {
        Err(InvalidToken::Missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(from_authorization_header(Some(value)), Ok("a.b.c"));
        }
    }

    #[test]
    fn anything_else_is_no_token() {
        for value in [
            "",
            "a.b.c",
            "Bearer",
            "Bearer ",
            "Basic a.b.c",
            "Bearer a b",
        ] {
            let result = from_authorization_header(Some(value));
            assert_eq!(result, Err(InvalidToken::Missing), "{value:?}");
        }
        assert_eq!(from_authorization_header(None), Err(InvalidToken::Missing));
    }
}
