//! What the service reads for a command.

use decisions::Command;
use decisions::commands::{
    CreateSource, DeleteSource, DropReused, Hear, Observe, PatchOrder, PatchSource,
    PatchTransaction, Resume, Watched,
};
use domain::order::OrderStatus;
use domain::purchase::Purchase;
use domain::{ResourceType, SourceId};

use super::World;

/// A command, and what has to be read for it beside order, wallet and catalogue.
pub trait Asked: Command<State = Purchase, Answer = Purchase> {
    /// The payment source, which may be superseded.
    fn source(&self) -> Option<SourceId> {
        None
    }

    /// Line items, addresses and transactions.
    fn children(&self, world: &World) -> bool;

    /// The wallet of the order's customer, where the caller may use it.
    fn wallet(&self) -> bool {
        true
    }
}

fn needs_basket(kind: ResourceType) -> bool {
    kind.payment_rules().is_some_and(|it| it.needs_basket)
}

impl Asked for CreateSource {
    fn children(&self, _: &World) -> bool {
        needs_basket(self.kind)
    }
}

impl Asked for PatchOrder {
    fn children(&self, world: &World) -> bool {
        self.save || self.lifecycle.is_asked() || world.order.status == OrderStatus::Draft
    }

    fn wallet(&self) -> bool {
        self.needs_wallet()
    }
}

impl Asked for PatchTransaction {
    fn children(&self, _: &World) -> bool {
        true
    }

    fn wallet(&self) -> bool {
        false
    }
}

impl Asked for PatchSource {
    fn source(&self) -> Option<SourceId> {
        Some(self.id)
    }

    fn children(&self, world: &World) -> bool {
        let source = world.source.as_ref();
        source.is_some_and(|it| needs_basket(it.record.kind))
    }
}

impl Asked for DeleteSource {
    fn source(&self) -> Option<SourceId> {
        Some(self.id)
    }

    fn children(&self, _: &World) -> bool {
        false
    }
}

impl Asked for DropReused {
    fn children(&self, _: &World) -> bool {
        false
    }
}

impl Asked for Resume {
    fn children(&self, _: &World) -> bool {
        true
    }
}

impl Asked for Hear {
    fn children(&self, _: &World) -> bool {
        true
    }
}

impl Asked for Observe {
    fn children(&self, _: &World) -> bool {
        true
    }
}

impl Asked for Watched {
    fn children(&self, _: &World) -> bool {
        false
    }

    fn wallet(&self) -> bool {
        false
    }
}
