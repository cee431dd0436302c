use domain::OperationId;
use domain::operation::{Operation, Owner};

use crate::Change;

/// A noted step that an answer has come to.
#[derive(Clone)]
pub struct Settled {
    owner: Owner,
    id: OperationId,
    is_refused: bool,
}

impl Settled {
    pub(super) const fn new(operation: &Operation, is_refused: bool) -> Self {
        Self {
            owner: operation.owner,
            id: operation.id,
            is_refused,
        }
    }

    /// Whether the gateway refused it, so that nothing came of it.
    pub(super) const fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// That nothing is owed for it any more. It goes into a commit beside what came of the step, or its
    /// release.
    pub(super) const fn change(&self) -> Change {
        Change::Settle(self.owner, self.id)
    }
}
