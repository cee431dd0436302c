use domain::gateway::{GatewayAnswer, GatewayRefusal, GatewayRequest};

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
