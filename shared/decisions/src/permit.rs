/// Leave to change something: without it neither a gateway is called nor anything committed.
///
/// A request gets it from the rate limit, so that what the limit refuses is not carried out and no
/// handler can forget to ask; what runs by itself gets it for what it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    to: PermittedTo,
}

/// Who may change something, and by what right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermittedTo {
    /// A request that the rate limit lets in, or that is held to none.
    Request,
    /// The sweeper, which carries on what is owed.
    Sweeper,
    /// A gateway that sends an event.
    GatewayEvent,
    /// A command of whoever runs the deployment: demo data, an import.
    Operator,
}

impl Permit {
    /// Grants a permit. A request's is granted where it is counted and nowhere else.
    pub const fn grant(to: PermittedTo) -> Self {
        Self { to }
    }

    /// Who may.
    pub const fn to(&self) -> PermittedTo {
        self.to
    }
}
