use domain::gateway::GatewayRefusal;
use http::Method;

use crate::refusals::unknown;

/// A request that this adapter can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    CreateCustomer,
    ReadCustomer,
    OpenSession,
    RequestPayment,
    ReadPayment,
    ListPayments,
    VoidPayment,
    CaptureHold,
    VoidHold,
    RefundPayment,
    ListActions,
    ReadInstrument,
    DeleteInstrument,
}

impl Endpoint {
    #[cfg(test)]
    pub const ALL: [Self; 13] = [
        Self::CreateCustomer,
        Self::ReadCustomer,
        Self::OpenSession,
        Self::RequestPayment,
        Self::ReadPayment,
        Self::ListPayments,
        Self::VoidPayment,
        Self::CaptureHold,
        Self::VoidHold,
        Self::RefundPayment,
        Self::ListActions,
        Self::ReadInstrument,
        Self::DeleteInstrument,
    ];

    pub const fn method(self) -> Method {
        match self {
            Self::ReadCustomer
            | Self::ReadPayment
            | Self::ListPayments
            | Self::ListActions
            | Self::ReadInstrument => Method::GET,
            Self::DeleteInstrument => Method::DELETE,
            Self::CreateCustomer
            | Self::OpenSession
            | Self::RequestPayment
            | Self::VoidPayment
            | Self::CaptureHold
            | Self::VoidHold
            | Self::RefundPayment => Method::POST,
        }
    }

    /// The path; `{id}` stands for what is asked about.
    pub const fn template(self) -> &'static str {
        match self {
            Self::CreateCustomer => "/customers",
            Self::ReadCustomer => "/customers/{id}",
            Self::OpenSession => "/payment-sessions",
            Self::RequestPayment => "/payments",
            Self::ReadPayment => "/payments/{id}",
            Self::ListPayments => "/payments?limit=100&reference={id}",
            Self::VoidPayment | Self::VoidHold => "/payments/{id}/voids",
            Self::CaptureHold => "/payments/{id}/captures",
            Self::RefundPayment => "/payments/{id}/refunds",
            Self::ListActions => "/payments/{id}/actions",
            Self::ReadInstrument | Self::DeleteInstrument => "/instruments/{id}",
        }
    }

    /// What the log calls it.
    pub const fn step(self) -> &'static str {
        match self {
            Self::CreateCustomer => "create_customer",
            Self::ReadCustomer => "read_customer",
            Self::OpenSession => "open_session",
            Self::RequestPayment => "authorize_payment",
            Self::ReadPayment => "read_payment",
            Self::ListPayments => "list_payments",
            Self::VoidPayment => "release",
            Self::CaptureHold => "capture",
            Self::VoidHold => "void",
            Self::RefundPayment => "refund",
            Self::ListActions => "read_transaction",
            Self::ReadInstrument => "read_instrument",
            Self::DeleteInstrument => "forget",
        }
    }

    /// Whether the vendor takes an idempotency key
    /// (checkout.com/docs/payments/manage-payments/idempotency). Where it does not, asking twice does
    /// no harm: an e-mail has one customer, and a session that nobody pays in comes to nothing.
    pub const fn takes_key(self) -> bool {
        matches!(
            self,
            Self::RequestPayment
                | Self::VoidPayment
                | Self::CaptureHold
                | Self::VoidHold
                | Self::RefundPayment
        )
    }
}

/// Whether this is an id of the vendor's of that kind, `pay_mbabizu24mvu3mela5njyhpit4`, so that it
/// never becomes another path. The vendor's ids have 26 characters after the kind; how many exactly is
/// left to it.
pub(super) fn is_id(text: &str, kind: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.strip_prefix(kind)
        .is_some_and(|rest| !rest.is_empty() && rest.len() <= LONGEST_ID && rest.bytes().all(fits))
}

/// A reference of the vendor's as part of a path. What is none never becomes another path.
pub(super) fn segment<'r>(reference: &'r str, kinds: &[&str]) -> Result<&'r str, GatewayRefusal> {
    match kinds.iter().any(|kind| is_id(reference, kind)) {
        true => Ok(reference),
        false => Err(unknown()),
    }
}

const LONGEST_ID: usize = 64;

/// The most payments that are listed at a time (checkout.com/docs, "Get a list of payments").
pub(super) const MOST_LISTED: usize = 100;
