use http::Method;

/// The requests that the adapter makes, all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    CreateSession,
    ReadSession,
    UpdateSession,
    ReleaseAuthorization,
    MintToken,
    ReadToken,
    CancelToken,
    PlaceOrder,
    PlaceTokenOrder,
    ReadOrder,
    CaptureOrder,
    CancelOrder,
    ReleaseRemaining,
    RefundOrder,
}

impl Endpoint {
    #[cfg(test)]
    pub const ALL: &[Self] = &[
        Self::CreateSession,
        Self::ReadSession,
        Self::UpdateSession,
        Self::ReleaseAuthorization,
        Self::MintToken,
        Self::ReadToken,
        Self::CancelToken,
        Self::PlaceOrder,
        Self::PlaceTokenOrder,
        Self::ReadOrder,
        Self::CaptureOrder,
        Self::CancelOrder,
        Self::ReleaseRemaining,
        Self::RefundOrder,
    ];

    pub const fn method(self) -> Method {
        match self {
            Self::CreateSession | Self::UpdateSession | Self::MintToken => Method::POST,
            Self::PlaceOrder | Self::PlaceTokenOrder => Method::POST,
            Self::CaptureOrder | Self::RefundOrder => Method::POST,
            Self::CancelOrder | Self::ReleaseRemaining => Method::POST,
            Self::ReadSession | Self::ReadToken | Self::ReadOrder => Method::GET,
            Self::ReleaseAuthorization => Method::DELETE,
            Self::CancelToken => Method::PATCH,
        }
    }

    /// The path, in which `{id}` stands for what is asked about.
    pub const fn template(self) -> &'static str {
        match self {
            Self::CreateSession => "/payments/v1/sessions",
            Self::ReadSession | Self::UpdateSession => "/payments/v1/sessions/{id}",
            Self::ReleaseAuthorization => "/payments/v1/authorizations/{id}",
            Self::MintToken => "/payments/v1/authorizations/{id}/customer-token",
            Self::ReadToken => "/customer-token/v1/tokens/{id}",
            Self::CancelToken => "/customer-token/v1/tokens/{id}/status",
            Self::PlaceOrder => "/payments/v1/authorizations/{id}/order",
            Self::PlaceTokenOrder => "/customer-token/v1/tokens/{id}/order",
            Self::ReadOrder => "/ordermanagement/v1/orders/{id}",
            Self::CaptureOrder => "/ordermanagement/v1/orders/{id}/captures",
            Self::CancelOrder => "/ordermanagement/v1/orders/{id}/cancel",
            Self::ReleaseRemaining => {
                "/ordermanagement/v1/orders/{id}/release-remaining-authorization"
            }
            Self::RefundOrder => "/ordermanagement/v1/orders/{id}/refunds",
        }
    }

    /// What the log calls it.
    pub const fn step(self) -> &'static str {
        match self {
            Self::CreateSession => "create_session",
            Self::ReadSession => "read_session",
            Self::UpdateSession => "update_session",
            Self::ReleaseAuthorization => "release_authorization",
            Self::MintToken => "mint_token",
            Self::ReadToken => "read_token",
            Self::CancelToken => "cancel_token",
            Self::PlaceOrder => "place_order",
            Self::PlaceTokenOrder => "place_token_order",
            Self::ReadOrder => "read_order",
            Self::CaptureOrder => "capture_order",
            Self::CancelOrder => "cancel_order",
            Self::ReleaseRemaining => "release_remaining",
            Self::RefundOrder => "refund_order",
        }
    }

    /// Whether the request carries an idempotency key: where asking twice makes two, and where Klarna
    /// declares one. An order of an authorization has none: the same request again has the same answer.
    pub const fn takes_key(self) -> bool {
        matches!(
            self,
            Self::MintToken
                | Self::PlaceTokenOrder
                | Self::CaptureOrder
                | Self::CancelOrder
                | Self::ReleaseRemaining
                | Self::RefundOrder
        )
    }
}
