//! The digits of a text, in the groups in which people write them.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

/// The zeros of Unicode's decimal digits (general category Nd, Unicode 16); nine follow each.
const ZEROS: &[u32] = &[
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
    0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50,
    0x11DA0, 0x11F50, 0x16130, 0x16A60, 0x16AC0, 0x16B50, 0x16D70, 0x1E140, 0x1E2F0, 0x1E4F0,
    0x1E5F1, 0x1E950,
];

/// The length of a UUID as text.
const UUID: usize = 36;

/// The parts of a text that have nothing in them but digits and what separates groups of them, each as
/// its groups. Compatibility forms are digits (full-width, superscript); a UUID is no part.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Vec<Vec<u8>>> {
    let text = normalised(text);
    let mut rest = text.as_ref();
    let (mut words, mut word, mut group) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(it) = rest.chars().next() {
        let uuid = rest.get(..UUID).filter(|it| is_uuid(it));
        match digit(it) {
            Some(digit) if uuid.is_none() => group.push(digit),
            _ => {
                end(&mut group, &mut word);
                if uuid.is_some() || !separates(it) {
                    end(&mut word, &mut words);
                }
            }
        }
        rest = rest
            .get(uuid.map_or(it.len_utf8(), str::len)..)
            .unwrap_or_default();
    }
    end(&mut group, &mut word);
    end(&mut word, &mut words);
    words.into_iter()
}

fn end<T>(part: &mut Vec<T>, of: &mut Vec<Vec<T>>) {
    if !part.is_empty() {
        of.push(std::mem::take(part));
    }
}

fn normalised(text: &str) -> Cow<'_, str> {
    match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => ComposingNormalizerBorrowed::new_nfkc().normalize(text),
    }
}

fn digit(it: char) -> Option<u8> {
    let code = u32::from(it);
    let at = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    u8::try_from(code - ZEROS.get(at)?)
        .ok()
        .filter(|it| *it < 10)
}

/// Whether people write it between groups of digits, or it cannot be seen.
fn separates(it: char) -> bool {
    it.is_whitespace()
        || matches!(it, '-' | '.' | '/' | '_' | '\u{ad}' | '\u{2212}')
        || ('\u{200b}'..='\u{200f}').contains(&it)
        || ('\u{2010}'..='\u{2015}').contains(&it)
        || matches!(it, '\u{2060}' | '\u{feff}')
}

/// Whether it is a UUID: made at random, a few in a million begin as card numbers do.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}
