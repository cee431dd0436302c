//! Content negotiation (JSON:API 1.1, "content negotiation").

use domain::Refusal;
use domain::refusal::Code;

/// The media type of every document.
pub const MEDIA_TYPE: &str = "application/vnd.api+json";

/// Refuses a body that is not of the media type, or carries parameters other than `profile`.
///
/// # Errors
/// [`Code::UnsupportedMediaType`].
pub fn check_content_type(content_type: Option<&str>) -> Result<(), Refusal> {
    let (essence, parameters) = split(content_type.unwrap_or_default());
    if essence.eq_ignore_ascii_case(MEDIA_TYPE) && parameters.iter().all(|it| is_profile(it)) {
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
    let acceptable = accept.split(',').any(|range| {
        let (essence, parameters) = split(range);
        if parameters.iter().any(|it| is_weight_of_nothing(it)) {
            return false;
        }
        let ours = essence.eq_ignore_ascii_case(MEDIA_TYPE)
            && parameters.iter().all(|it| is_profile(it) || is_weight(it));
        ours || matches!(essence, "*/*" | "application/*")
    });
    if acceptable {
        return Ok(());
    }
    let detail = format!("Answers are {MEDIA_TYPE}; send Accept: {MEDIA_TYPE}.");
    Err(Refusal::new(Code::NotAcceptable, detail).at_header("Accept"))
}

fn split(media_type: &str) -> (&str, Vec<&str>) {
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    (essence, parts.filter(|it| !it.is_empty()).collect())
}

fn is_profile(parameter: &str) -> bool {
    parameter.starts_with("profile=")
}

fn is_weight(parameter: &str) -> bool {
    weight(parameter).is_some()
}

/// `q=0`: not acceptable (RFC 9110, section 12.4.2).
fn is_weight_of_nothing(parameter: &str) -> bool {
    weight(parameter).is_some_and(|it| it.parse() == Ok(0.0_f32))
}

fn weight(parameter: &str) -> Option<&str> {
    parameter
        .strip_prefix("q=")
        .or(parameter.strip_prefix("Q="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_of_the_media_type_without_parameters() {
        assert!(check_content_type(Some("application/vnd.api+json")).is_ok());
        assert!(check_content_type(Some("application/vnd.api+json; profile=\"x\"")).is_ok());
        for other in [
            None,
            Some("application/json"),
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
        ] {
            assert!(check_accept(Some(accept)).is_err(), "{accept}");
        }
    }
}
