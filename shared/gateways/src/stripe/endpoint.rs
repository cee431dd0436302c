use http::Method;

/// A request that this adapter can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    CreateCustomer,
    ReadCustomer,
    CreatePayment,
    ReadPayment,
    UpdatePayment,
    ConfirmPayment,
    CapturePayment,
    VoidPayment,
    CancelPayment,
    CreateRefund,
    ReadRefund,
    ListRefunds,
    ReadMethod,
    AttachMethod,
    DetachMethod,
}

impl Endpoint {
    #[cfg(test)]
    pub const ALL: [Self; 15] = [
        Self::CreateCustomer,
        Self::ReadCustomer,
        Self::CreatePayment,
        Self::ReadPayment,
        Self::UpdatePayment,
        Self::ConfirmPayment,
        Self::CapturePayment,
        Self::VoidPayment,
        Self::CancelPayment,
        Self::CreateRefund,
        Self::ReadRefund,
        Self::ListRefunds,
        Self::ReadMethod,
        Self::AttachMethod,
        Self::DetachMethod,
    ];

    pub const fn method(self) -> Method {
        match self {
            Self::ReadCustomer
            | Self::ReadPayment
            | Self::ReadRefund
            | Self::ListRefunds
            | Self::ReadMethod => Method::GET,
            _ => Method::POST,
        }
    }

    /// The path; `{id}` stands for what is asked about.
    pub const fn template(self) -> &'static str {
        match self {
            Self::CreateCustomer => "/v1/customers",
            Self::ReadCustomer => "/v1/customers/{id}",
            Self::CreatePayment => "/v1/payment_intents",
            Self::ReadPayment | Self::UpdatePayment => "/v1/payment_intents/{id}",
            Self::ConfirmPayment => "/v1/payment_intents/{id}/confirm",
            Self::CapturePayment => "/v1/payment_intents/{id}/capture",
            Self::VoidPayment | Self::CancelPayment => "/v1/payment_intents/{id}/cancel",
            Self::CreateRefund => "/v1/refunds",
            Self::ReadRefund => "/v1/refunds/{id}",
            Self::ListRefunds => "/v1/refunds?limit=100&payment_intent={id}",
            Self::ReadMethod => "/v1/payment_methods/{id}",
            Self::AttachMethod => "/v1/payment_methods/{id}/attach",
            Self::DetachMethod => "/v1/payment_methods/{id}/detach",
        }
    }

    /// The path and query for this id, which is one of Stripe's. A payment is read with its
    /// PaymentMethod and its Charge whole.
    pub fn target(self, id: &str) -> String {
        let path = self.template().replace("{id}", id);
        match self {
            Self::ReadPayment => {
                format!("{path}?expand%5B%5D=payment_method&expand%5B%5D=latest_charge")
            }
            _ => path,
        }
    }

    /// Whether its step is noted before it is asked for: then it is asked for again with the same bytes.
    pub const fn is_noted(self) -> bool {
        matches!(
            self,
            Self::ConfirmPayment | Self::CapturePayment | Self::VoidPayment | Self::CreateRefund
        )
    }

    /// What the log calls it.
    pub const fn step(self) -> &'static str {
        match self {
            Self::CreateCustomer => "create_customer",
            Self::ReadCustomer => "read_customer",
            Self::CreatePayment => "create_payment",
            Self::ReadPayment => "read_payment",
            Self::UpdatePayment => "update_payment",
            Self::ConfirmPayment => "authorize_payment",
            Self::CapturePayment => "capture",
            Self::VoidPayment => "void",
            Self::CancelPayment => "release",
            Self::CreateRefund => "refund",
            Self::ReadRefund | Self::ListRefunds => "read_transaction",
            Self::ReadMethod => "read_payment_method",
            Self::AttachMethod => "attach",
            Self::DetachMethod => "forget",
        }
    }
}
