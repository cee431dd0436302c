use http::Method;

/// A request that this adapter can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    CreateCustomer,
    CreatePayment,
    ReadPayment,
    UpdatePayment,
    CancelPayment,
    ReadMethod,
    AttachMethod,
    DetachMethod,
}

impl Endpoint {
    #[cfg(test)]
    pub const ALL: [Self; 8] = [
        Self::CreateCustomer,
        Self::CreatePayment,
        Self::ReadPayment,
        Self::UpdatePayment,
        Self::CancelPayment,
        Self::ReadMethod,
        Self::AttachMethod,
        Self::DetachMethod,
    ];

    pub const fn method(self) -> Method {
        match self {
            Self::ReadPayment | Self::ReadMethod => Method::GET,
            _ => Method::POST,
        }
    }

    /// The path; `{id}` stands for what is asked about.
    pub const fn template(self) -> &'static str {
        match self {
            Self::CreateCustomer => "/v1/customers",
            Self::CreatePayment => "/v1/payment_intents",
            Self::ReadPayment | Self::UpdatePayment => "/v1/payment_intents/{id}",
            Self::CancelPayment => "/v1/payment_intents/{id}/cancel",
            Self::ReadMethod => "/v1/payment_methods/{id}",
            Self::AttachMethod => "/v1/payment_methods/{id}/attach",
            Self::DetachMethod => "/v1/payment_methods/{id}/detach",
        }
    }

    /// The path and query for this id, which is one of Stripe's. A payment is read with its
    /// PaymentMethod whole.
    pub fn target(self, id: &str) -> String {
        let path = self.template().replace("{id}", id);
        match self {
            Self::ReadPayment => format!("{path}?expand%5B%5D=payment_method"),
            _ => path,
        }
    }

    /// What the log calls it.
    pub const fn step(self) -> &'static str {
        match self {
            Self::CreateCustomer => "create_customer",
            Self::CreatePayment => "create_payment",
            Self::ReadPayment => "read_payment",
            Self::UpdatePayment => "update_payment",
            Self::CancelPayment => "release",
            Self::ReadMethod => "read_payment_method",
            Self::AttachMethod => "attach",
            Self::DetachMethod => "forget",
        }
    }
}
