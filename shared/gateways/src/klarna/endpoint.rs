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
    ];

    pub const fn method(self) -> Method {
        match self {
            Self::CreateSession | Self::UpdateSession | Self::MintToken => Method::POST,
            Self::ReadSession | Self::ReadToken => Method::GET,
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
        }
    }

    /// Whether the request carries an idempotency key: where asking twice makes two.
    pub const fn takes_key(self) -> bool {
        matches!(self, Self::MintToken)
    }
}
