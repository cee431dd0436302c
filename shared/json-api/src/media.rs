//! Content negotiation (JSON:API 1.1, "content negotiation").

use domain::Refusal;
use domain::refusal::Code;
use mediatype::names::{_STAR, APPLICATION, JSON};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams};

/// The media type of every document.
pub const MEDIA_TYPE: &str = "application/vnd.api+json";

const SUBTYPE: Name<'_> = Name::new_unchecked("vnd.api");
const OURS: MediaType<'_> = MediaType::from_parts(APPLICATION, SUBTYPE, Some(JSON), &[]);
const PROFILE: Name<'_> = Name::new_unchecked("profile");
const WEIGHT: Name<'_> = Name::new_unchecked("q");

/// Refuses a body that is not of the media type, or carries parameters other than `profile`.
///
/// # Errors
/// [`Code::UnsupportedMediaType`].
pub fn check_content_type(content_type: Option<&str>) -> Result<(), Refusal> {
    let given = content_type.and_then(parse);
    if given.is_some_and(|it| it.essence() == OURS && it.params().all(|it| it.0 == PROFILE)) {
        return Ok(());
    }
    let detail = format!("Send the body with Content-Type: {MEDIA_TYPE}, without parameters.");
    Err(Refusal::new(Code::UnsupportedMediaType, detail).at_header("Content-Type"))
}

/// Refuses a request that takes neither the media type nor everything. Instances with parameters
/// other than `profile` do not count.
///
/// # Errors
/// [`Code::NotAcceptable`].
pub fn check_accept(accept: Option<&str>) -> Result<(), Refusal> {
    let Some(accept) = accept.filter(|it| !it.trim().is_empty()) else {
        return Ok(());
    };
    if MediaTypeList::new(accept)
        .flatten()
        .any(|it| takes_ours(&it))
    {
        return Ok(());
    }
    let detail = format!("Answers are {MEDIA_TYPE}; send Accept: {MEDIA_TYPE}.");
    Err(Refusal::new(Code::NotAcceptable, detail).at_header("Accept"))
}

/// Whether a `Content-Type` is this media type, whatever its parameters and its case.
pub fn is_media_type(content_type: Option<&str>, expected: &str) -> bool {
    match (content_type.and_then(parse), parse(expected)) {
        (Some(given), Some(expected)) => given.essence() == expected.essence(),
        _ => false,
    }
}

/// A media type that may end with a separator, after which no parameter comes (RFC 9110, section 5.6.6).
fn parse(text: &str) -> Option<MediaType<'_>> {
    let text = text.trim().trim_end_matches([';', ' ', '\t']);
    MediaType::parse(text).ok()
}

fn takes_ours(range: &MediaType<'_>) -> bool {
    let mut weights = range.params().filter(|it| it.0 == WEIGHT);
    // `q=0`: not acceptable (RFC 9110, section 12.4.2).
    if weights.any(|it| it.1.unquoted_str().parse() == Ok(0.0_f32)) {
        return false;
    }
    let essence = range.essence();
    let is_clean = range.params().all(|it| it.0 == PROFILE || it.0 == WEIGHT);
    let takes_all = [
        MediaType::new(_STAR, _STAR),
        MediaType::new(APPLICATION, _STAR),
    ];
    (essence == OURS && is_clean) || takes_all.contains(&essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_of_the_media_type_without_parameters() {
        assert!(check_content_type(Some("application/vnd.api+json")).is_ok());
        for ours in [
            "application/vnd.api+json; profile=\"x\"",
            "Application/VND.API+json;Profile=\"a b\"",
            " application/vnd.api+json ;",
        ] {
            assert!(check_content_type(Some(ours)).is_ok(), "{ours}");
        }
        for other in [
            None,
            Some("application/json"),
            Some("application/vnd.api"),
            Some("application/vnd.api+json, text/html"),
            Some("vnd.api+json"),
            Some("application/vnd.api+json; charset=utf-8"),
            Some("application/vnd.api+json; ext=\"x\""),
        ] {
            let refusal = check_content_type(other).unwrap_err();
            assert_eq!(refusal.code, Code::UnsupportedMediaType, "{other:?}");
        }
    }

    #[test]
    fn one_clean_instance_is_enough_to_accept() {
        for accept in [
            None,
            Some("*/*"),
            Some("APPLICATION/*"),
            Some("text/html, Application/Vnd.Api+JSON;Q=0.1;Profile=\"https://example.com/a,b\""),
            Some("text/html;, ;, application/vnd.api+json"),
            Some("application/vnd.api+json"),
            Some("application/vnd.api+json; charset=utf-8, application/vnd.api+json;q=0.5"),
        ] {
            assert!(check_accept(accept).is_ok(), "{accept:?}");
        }
        for accept in [
            "text/html",
            "application/vnd.api+json; charset=utf-8",
            "application/vnd.api+json;q=0",
            "text/html, */*;q=0.0",
            "*/*;Q=0.000",
            "text/html; a=\", application/vnd.api+json, \"",
        ] {
            assert!(check_accept(Some(accept)).is_err(), "{accept}");
        }
    }

    #[test]
    fn a_form_is_one_in_any_case() {
        let form = "application/x-www-form-urlencoded";
        for given in [form, "Application/X-WWW-Form-Urlencoded; charset=UTF-8"] {
            assert!(is_media_type(Some(given), form), "{given}");
        }
        for other in [
            None,
            Some(""),
            Some("application/json"),
            Some("application/x-www-form"),
        ] {
            assert!(!is_media_type(other, form), "{other:?}");
        }
    }
}
