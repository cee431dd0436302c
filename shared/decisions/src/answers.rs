use domain::gateway::{GatewayAnswer, GatewayRefusal, GatewayRequest};
use domain::refusal::Code;

/// The definitive answers that a command has had so far.
#[derive(Debug, Clone, Default)]
pub struct Answers(Vec<(GatewayRequest, Result<GatewayAnswer, GatewayRefusal>)>);

impl Answers {
    /// Keeps an answer.
    pub fn keep(&mut self, request: GatewayRequest, answer: Result<GatewayAnswer, GatewayRefusal>) {
        self.0.push((request, answer));
    }

    /// The answer to this very request. A document that goes with it does not make it another.
    pub fn to(&self, request: &GatewayRequest) -> Option<&Result<GatewayAnswer, GatewayRefusal>> {
        self.0
            .iter()
            .find(|(asked, _)| asked.is_same(request))
            .map(|(_, answer)| answer)
    }

    /// The requests that a gateway refused because it does not know this customer of its own any more.
    pub fn lost(&self, customer_token: &str) -> impl Iterator<Item = &GatewayRequest> {
        let is_lost = |answer: &Result<GatewayAnswer, GatewayRefusal>| {
            answer
                .as_ref()
                .is_err_and(|it| it.code == Code::GatewayCustomerUnknown)
        };
        self.0
            .iter()
            .filter(move |(asked, answer)| {
                asked.customer_token() == Some(customer_token) && is_lost(answer)
            })
            .map(|(asked, _)| asked)
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answers to steps that must not be taken twice: they stand, though the decision is made
    /// anew.
    pub fn into_noted(self) -> Self {
        let noted = self.0.into_iter().filter(|(asked, _)| asked.is_noted());
        Self(noted.collect())
    }
}
