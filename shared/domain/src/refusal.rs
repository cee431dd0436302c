//! Why a request is refused, in the caller's terms.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a request is refused, and where in it the cause stands. Knows nothing of HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct Refusal {
    /// Which kind of refusal.
    pub code: Code,
    /// What to do about it, a sentence for the caller.
    pub detail: String,
    /// What in the request caused it.
    pub error_source: Option<ErrorSource>,
}

/// Kinds of refusal: the `code` of an error object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request cannot be read.
    BadRequest,
    /// An attribute, parameter or relationship that is not there to be given.
    ParamNotAllowed,
    /// A relationship that cannot be included, or more of them than are.
    InvalidInclude,
    /// A resource type that is not there.
    InvalidResource,
    /// A field that a resource type does not have.
    InvalidField,
    /// Fields that are named without their resource type.
    InvalidFieldFormat,
    /// What records cannot be filtered by.
    FilterNotAllowed,
    /// A filter that does not read.
    InvalidFiltersSyntax,
    /// A value that a filter does not take.
    InvalidFilterValue,
    /// What records cannot be sorted by.
    InvalidSortCriteria,
    /// A page that is given without saying what of it.
    InvalidPageObject,
    /// A page's number or size that is none.
    InvalidPageValue,
    /// No token, or one that is not valid.
    InvalidToken,
    /// The caller may not do this.
    Unauthorized,
    /// A client-made id.
    Forbidden,
    /// Not there, or not for this caller to know of.
    RecordNotFound,
    /// The route does not take this method.
    MethodNotAllowed,
    /// The answer cannot be had in the media type that is asked for.
    NotAcceptable,
    /// Type or id are not those of the URL, or another request changed the record meanwhile.
    Conflict,
    /// The record is not in the state that the request demands.
    PreconditionFailed,
    /// Other records need this one: it cannot be deleted.
    Locked,
    /// The body is larger than allowed.
    PayloadTooLarge,
    /// The body is not of the API's media type.
    UnsupportedMediaType,
    /// A value breaks a rule.
    ValidationError,
    /// A value that has to be there is not: a validation error of a title of its own.
    Blank,
    /// A value that only one record may have is another's: a validation error of a title of its own.
    Taken,
    /// The order does not take this step from where it stands: a validation error of a title of its own.
    CannotTransition,
    /// The payment waits for the shopper, whom the bank or the gateway asks for.
    ShopperRequired,
    /// The payment source cannot be used or kept yet.
    PaymentSourceNotReady,
    /// The payment source cannot be kept, now or later.
    PaymentSourceNotReusable,
    /// The gateway does not know its record of the customer any more: what was kept with that cannot be used
    /// again, so that callers read it as [`Self::PaymentSourceNotReusable`].
    GatewayCustomerUnknown,
    /// The gateway declined.
    PaymentDeclined,
    /// A trigger of Commerce Layer's that is not carried out.
    TriggerNotSupported,
    /// A type of Commerce Layer's that is not held here.
    ResourceNotSupported,
    /// A value looks like a card number.
    PanDetected,
    /// The record would outgrow the table's limit.
    RecordTooLarge,
    /// The caller makes more requests than it may.
    TooManyRequests,
    /// It cannot be done yet, and can be tried again as it is.
    Unavailable,
    /// The gateway did not give a usable answer in time.
    GatewayError,
    /// A defect of ours.
    InternalError,
}

/// The part of a request that an error is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorSource {
    /// A JSON pointer into the body: `/data/attributes/options`.
    Pointer(String),
    /// A query parameter.
    Parameter(String),
    /// A header.
    Header(String),
}

impl Refusal {
    /// A refusal of that kind, about nothing in particular.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            error_source: None,
        }
    }

    /// The same, about what stands at this pointer of the body.
    pub fn at(self, pointer: impl Into<String>) -> Self {
        Self {
            error_source: Some(ErrorSource::Pointer(pointer.into())),
            ..self
        }
    }

    /// The same, about this attribute of the body.
    pub fn at_attribute(self, name: impl fmt::Display) -> Self {
        self.at(format!("/data/attributes/{name}"))
    }

    /// The same, about this relationship of the body.
    pub fn at_relationship(self, name: impl fmt::Display) -> Self {
        self.at(format!("/data/relationships/{name}"))
    }

    /// The same, about this query parameter.
    pub fn at_parameter(self, name: impl Into<String>) -> Self {
        Self {
            error_source: Some(ErrorSource::Parameter(name.into())),
            ..self
        }
    }

    /// The same, about this header.
    pub fn at_header(self, name: impl Into<String>) -> Self {
        Self {
            error_source: Some(ErrorSource::Header(name.into())),
            ..self
        }
    }

    /// A value that breaks a rule.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Code::ValidationError, detail)
    }

    /// An attribute or relationship that has to be there and is not (Commerce Layer's text).
    pub fn blank(name: &str) -> Self {
        Self::new(Code::Blank, format!("{name} - can't be blank"))
    }

    /// A value that only one record may have and that another has (Commerce Layer's text).
    pub fn taken(name: &str) -> Self {
        Self::new(Code::Taken, format!("{name} - has already been taken"))
    }

    /// A record that is not there for this caller (Commerce Layer's text).
    pub fn not_found() -> Self {
        Self::new(
            Code::RecordNotFound,
            "The requested resource was not found. Please double-check the resource id.",
        )
    }

    /// Something that this caller may not do (Commerce Layer's text).
    pub fn unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            "You are not authorized to perform this action on the requested resource.",
        )
    }
}

/// One or more refusals of the same request, each about something else in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals(Vec<Refusal>);

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

impl From<Vec<Refusal>> for Refusals {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self(refusals)
    }
}

impl Refusals {
    /// All of `refusals`; nothing if there are none.
    pub fn all(refusals: Vec<Refusal>) -> Option<Self> {
        (!refusals.is_empty()).then_some(Self(refusals))
    }

    /// The same, about this attribute of the body.
    pub fn at_attribute(self, name: &str) -> Self {
        let placed = self.0.into_iter().map(|it| it.at_attribute(name));
        Self(placed.collect())
    }

    /// The same, about this relationship of the body.
    pub fn at_relationship(self, name: &str) -> Self {
        let placed = self.0.into_iter().map(|it| it.at_relationship(name));
        Self(placed.collect())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Refusal> {
        self.0.iter()
    }
}
