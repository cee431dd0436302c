//! Error objects: one HTTP status, title and `code` for each kind of refusal.

use domain::Refusal;
use domain::refusal::{Code, ErrorSource, Refusals};
use serde_json::{Value, json};

/// The HTTP status of the whole answer: that of the refusals where they agree; else 401 where one is
/// about permission, or 400.
pub fn status_of(refusals: &Refusals) -> u16 {
    let mut statuses = refusals.iter().map(|refusal| status(refusal.code));
    let first = statuses.next().unwrap_or(500);
    if refusals.iter().any(|it| it.code == Code::Unauthorized) {
        return status(Code::Unauthorized);
    }
    match statuses.all(|other| other == first) {
        true => first,
        false => 400,
    }
}

/// The HTTP status of a kind of refusal.
pub const fn status(code: Code) -> u16 {
    row(code).0
}

/// Status, `code` and title of a kind of refusal: Commerce Layer's where it has them.
/// The `code` of an error object.
pub const fn code_of(code: Code) -> &'static str {
    row(code).1
}

const fn row(code: Code) -> (u16, &'static str, &'static str) {
    match code {
        Code::BadRequest => (400, "BAD_REQUEST", "Bad request"),
        Code::ParamNotAllowed => (400, "PARAM_NOT_ALLOWED", "Param not allowed"),
        Code::InvalidInclude => (400, "INVALID_INCLUDE", "Invalid include"),
        Code::InvalidResource => (400, "INVALID_RESOURCE", "Invalid resource"),
        Code::InvalidField => (400, "INVALID_FIELD", "Invalid field"),
        Code::InvalidFieldFormat => (400, "INVALID_FIELD_FORMAT", "Invalid field format"),
        Code::FilterNotAllowed => (400, "FILTER_NOT_ALLOWED", "Filter not allowed"),
        Code::InvalidFiltersSyntax => (400, "INVALID_FILTERS_SYNTAX", "Invalid filters syntax"),
        Code::InvalidFilterValue => (400, "INVALID_FILTER_VALUE", "Invalid filter value"),
        Code::InvalidSortCriteria => (400, "INVALID_SORT_CRITERIA", "Invalid sort criteria"),
        Code::InvalidPageObject => (400, "INVALID_PAGE_OBJECT", "Invalid page object"),
        Code::InvalidPageValue => (400, "INVALID_PAGE_VALUE", "Invalid page value"),
        Code::InvalidToken => (401, "INVALID_TOKEN", "Invalid token"),
        Code::Unauthorized => (401, "UNAUTHORIZED", "Access denied"),
        Code::Forbidden => (403, "FORBIDDEN", "Forbidden"),
        Code::RecordNotFound => (404, "RECORD_NOT_FOUND", "Record not found"),
        Code::MethodNotAllowed => (405, "METHOD_NOT_ALLOWED", "Method not allowed"),
        Code::NotAcceptable => (406, "NOT_ACCEPTABLE", "Not acceptable"),
        Code::Conflict => (409, "CONFLICT", "Conflict"),
        Code::PreconditionFailed => (412, "PRECONDITION_FAILED", "Precondition failed"),
        Code::Locked => (423, "LOCKED", "Locked"),
        Code::PayloadTooLarge => (413, "PAYLOAD_TOO_LARGE", "Payload too large"),
        Code::UnsupportedMediaType => (415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"),
        Code::ValidationError => (422, "VALIDATION_ERROR", "Validation error"),
        Code::Blank => (422, "VALIDATION_ERROR", "can't be blank"),
        Code::Taken => (422, "VALIDATION_ERROR", "has already been taken"),
        Code::CannotTransition => (422, "VALIDATION_ERROR", "cannot transition"),
        Code::ShopperRequired => (422, "SHOPPER_REQUIRED", "Shopper required"),
        Code::PaymentSourceNotReady => {
            (422, "PAYMENT_SOURCE_NOT_READY", "Payment source not ready")
        }
        Code::PaymentSourceNotReusable | Code::GatewayCustomerUnknown => (
            422,
            "PAYMENT_SOURCE_NOT_REUSABLE",
            "Payment source not reusable",
        ),
        Code::PaymentDeclined => (422, "PAYMENT_DECLINED", "Payment declined"),
        Code::TriggerNotSupported => (422, "TRIGGER_NOT_SUPPORTED", "Trigger not supported"),
        Code::ResourceNotSupported => (422, "RESOURCE_NOT_SUPPORTED", "Resource not supported"),
        Code::PanDetected => (422, "PAN_DETECTED", "Card number detected"),
        Code::RecordTooLarge => (422, "RECORD_TOO_LARGE", "Record too large"),
        Code::TooManyRequests => (429, "THROTTLED", "Too Many Requests"),
        Code::Unavailable => (503, "SERVICE_UNAVAILABLE", "Service unavailable"),
        Code::GatewayError => (502, "GATEWAY_ERROR", "Gateway error"),
        Code::InternalError => (500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    }
}

/// The error document of a request that is refused.
pub fn error_document(refusals: &Refusals) -> Value {
    let errors: Vec<_> = refusals.iter().map(error_object).collect();
    json!({ "errors": errors })
}

fn error_object(refusal: &Refusal) -> Value {
    let (status, code, title) = row(refusal.code);
    let mut error = json!({
        "title": title,
        "detail": refusal.detail,
        "code": code,
        "status": status.to_string(),
    });
    if let Some(source) = &refusal.error_source {
        error["source"] = match source {
            ErrorSource::Pointer(pointer) => json!({ "pointer": pointer }),
            ErrorSource::Parameter(name) => json!({ "parameter": name }),
            ErrorSource::Header(name) => json!({ "header": name }),
        };
    }
    match refusal.code {
        Code::Blank => error["meta"] = json!({ "error": "blank" }),
        Code::Taken => error["meta"] = json!({ "error": "taken" }),
        // Commerce Layer's title is what its text says after the attribute.
        Code::CannotTransition => {
            let told = refusal.detail.split_once(" - ");
            error["title"] = json!(told.map_or(title, |(_, told)| told));
        }
        _ => {}
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_object_is_commerce_layers() {
        let document = error_document(&Refusal::not_found().into());
        assert_eq!(
            document,
            json!({"errors": [{
                "title": "Record not found",
                "detail": "The requested resource was not found. Please double-check the resource id.",
                "code": "RECORD_NOT_FOUND",
                "status": "404",
            }]})
        );
    }

    #[test]
    fn what_is_missing_is_told_as_commerce_layer_tells_it() {
        let refusal = Refusal::blank("name").at_attribute("name");
        assert_eq!(
            error_document(&refusal.into()),
            json!({"errors": [{
                "title": "can't be blank",
                "detail": "name - can't be blank",
                "code": "VALIDATION_ERROR",
                "status": "422",
                "source": { "pointer": "/data/attributes/name" },
                "meta": { "error": "blank" },
            }]})
        );
    }

    #[test]
    fn several_refusals_answer_with_what_they_have_in_common() {
        let invalid = || Refusal::invalid("x").at_attribute("a");
        let unknown = Refusal::new(Code::ParamNotAllowed, "y");
        let both = |a, b| status_of(&Refusals::all(vec![a, b]).unwrap());
        assert_eq!(both(invalid(), invalid()), 422);
        assert_eq!(both(invalid(), unknown), 400);
        assert_eq!(both(invalid(), Refusal::unauthorized()), 401);
    }
}
