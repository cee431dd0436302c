//! Deciding by replay: what every decision takes, and what it may come to.
//!
//! A decision is a function of the state as it was read, the command, and the gateways' answers so far.
//! Where it needs an answer that it does not have yet, it stops with [`Step::Ask`]; whoever runs it asks
//! the gateway, keeps the answer, and has the same decision made again, from the start. Nothing else is
//! kept between two steps, so that a repeat after a crash goes the same way, with the same idempotency
//! keys. Where another request was first, the state is read anew, and the decision made without the
//! former answers, but for those that cannot be asked for twice.

mod answers;
mod call_gateway;
mod change;
pub mod commands;
mod input;
pub mod manage;
mod milestone;
mod permit;
mod read_event;
mod state;

use std::ops::ControlFlow;

use domain::gateway::{GatewayCall, NotedRequest};
use domain::operation::Operation;
use domain::purchase::Purchase;
use domain::refusal::{Refusal, Refusals};

pub use answers::Answers;
pub use call_gateway::CallGateway;
pub use change::{AsRead, Change, OrderLine, Unique, catalog_after};
pub use input::{DocumentWriter, Input};
pub use milestone::{Counted, Milestone, milestones};
pub use permit::{Permit, PermittedTo};
pub use read_event::{GatewayEvent, NotAnEvent, ReadEvent, SentEvent};
pub use state::State;

/// Something that is asked for, decided on a state.
pub trait Command {
    /// What the decision rests on, as it was read.
    type State: State;
    /// What the caller is answered with.
    type Answer;

    /// The next step.
    fn next(&self, state: &Self::State, answers: &Answers, input: Input<'_>) -> Step<Self::Answer>;
}

/// What a decision comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<T> {
    /// Ask a gateway, and decide again with its answer.
    Ask(Box<Ask>),
    /// Write the changes, all or none, then answer.
    Commit(Box<Commit<T>>),
    /// Answer; there is nothing to write.
    Answer(Box<T>),
    /// Refuse; nothing was changed.
    Refuse(Refusals),
    /// Read the state again: what was read is of two moments.
    ReadAgain,
}

/// A gateway step that a decision waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The call that takes the step.
    pub call: GatewayCall,
    /// What is written before it is made, all or none: that the step is under way, where it may take
    /// effect though its answer is lost.
    pub noted: Vec<Change>,
}

impl Ask {
    /// The operation under which the step is noted, where it is.
    pub fn noted_operation(&self) -> Option<&Operation> {
        self.noted.iter().find_map(|change| match change {
            Change::Owe(operation) => Some(operation),
            _ => None,
        })
    }

    /// Takes the request as it will be sent into the call and its note.
    pub fn write(&mut self, request: Option<NotedRequest>) {
        for change in &mut self.noted {
            if let Change::Owe(operation) = change {
                operation.noted.clone_from(&request);
            }
        }
        self.call.noted = request;
    }
}

/// Changes, and the answer once they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit<T> {
    /// What is written, in one transaction.
    pub changes: Vec<Change>,
    /// The answer after it; or a refusal that itself left a trace: an attempt is counted, a customer
    /// made at a gateway is remembered.
    pub answer: Result<Box<T>, Refusal>,
}

/// A part of a decision: it goes on with what the part came to, or stops at a step. To wait for a
/// gateway is such a step, and no error.
pub type Decided<T, A = Purchase> = ControlFlow<Step<A>, T>;

/// Results of rules, as parts of a decision.
pub trait OrStop<T> {
    /// Goes on with the value, or stops with the refusal.
    fn or_stop<A>(self) -> Decided<T, A>;
}

impl<T> OrStop<T> for Result<T, Refusal> {
    fn or_stop<A>(self) -> Decided<T, A> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(refusal) => stop(refusal),
        }
    }
}

/// Stops a decision with a refusal.
pub fn stop<T, A>(refusal: Refusal) -> Decided<T, A> {
    ControlFlow::Break(refusal.into())
}

impl<A> Step<A> {
    /// The same step; where it refuses after a gateway was asked, about this attribute of the body.
    pub fn about(self, attribute: &str) -> Self {
        match self {
            Self::Commit(mut commit) => {
                commit.answer = commit
                    .answer
                    .map_err(|refusal| refusal.at_attribute(attribute));
                Self::Commit(commit)
            }
            step => step,
        }
    }

    /// The step that writes these changes and answers with this.
    pub fn commit(changes: Vec<Change>, answer: A) -> Self {
        Self::Commit(Box::new(Commit {
            changes,
            answer: Ok(Box::new(answer)),
        }))
    }
}

impl<A> From<Refusal> for Step<A> {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse(refusal.into())
    }
}
