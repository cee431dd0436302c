//! Texts as long as Klarna takes them.

/// The start of a text, without the space around it, in at most so many UTF-16 units: who counts
/// characters counts no more, and who counts as JavaScript does, no more either. None where nothing
/// is left.
pub(super) fn at_most(text: &str, most: usize) -> Option<String> {
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= most
    };
    let start: String = text.trim().chars().take_while(fits).collect();
    let start = start.trim_end();
    (!start.is_empty()).then(|| start.to_owned())
}

/// A country of ISO 3166, two letters, in capitals.
pub(super) fn country(text: &str) -> Option<String> {
    letters(text.trim()).map(|it| it.to_ascii_uppercase())
}

/// The language that a text such as `de`, `de-AT` or `de_AT` names, in small letters.
pub(super) fn language(text: &str) -> Option<String> {
    let language = text.trim().split(['-', '_']).next()?;
    letters(language).map(|it| it.to_ascii_lowercase())
}

fn letters(text: &str) -> Option<&str> {
    let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_two.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_never_empty() {
        assert_eq!(at_most(" ab cd ", 3).as_deref(), Some("ab"));
        assert_eq!(at_most("abcd", 3).as_deref(), Some("abc"));
        assert_eq!(at_most("é🎁🎁", 3).as_deref(), Some("é🎁"));
        assert_eq!(at_most("  ", 3), None);
        assert_eq!(at_most("🎁", 1), None);
    }

    #[test]
    fn countries_and_languages_are_two_letters() {
        assert_eq!(country("it").as_deref(), Some("IT"));
        for other in ["", "ITA", "1T", "é"] {
            assert_eq!(country(other), None);
        }
        for german in ["de", "DE", "de-AT", "de_AT"] {
            assert_eq!(language(german).as_deref(), Some("de"));
        }
        for other in ["", "german", "-de"] {
            assert_eq!(language(other), None);
        }
    }
}
