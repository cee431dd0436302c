//! Carrying on operations, as the sweeper does.

use decisions::Change;
use decisions::commands::{Observe, Resume, Watched};
use domain::gateway::{GatewayAnswer, GatewayRequest, Outcome};
use domain::operation::{Operation, Owner, StuckReason};
use domain::purchase::Purchase;
use domain::till::Till;
use domain::wallet::Head;
use domain::{Role, TableMark};

use super::driver::lookup;
use super::{Ended, World, caller, tenant};

impl World {
    /// Carries on all operations, whenever they are due.
    pub fn sweep(&mut self) {
        for id in self.owed.keys().copied().collect::<Vec<_>>() {
            let Some(operation) = self.owed.get(&id) else {
                continue;
            };
            if operation.stuck.is_some() {
                continue;
            }
            let begun = operation.begun(self.now);
            self.owed.insert(id, begun.clone());
            let ended = match (is_resumed(&begun), begun.owner) {
                (true, Owner::Order(_)) => self.resume(&begun).map(|_| ()),
                _ => self.pay(&begun),
            };
            match ended {
                Ok(()) => {}
                Err(Ended::Unanswered) => assert_eq!(self.owed.get(&id), Some(&begun)),
                Err(other) => panic!("swept to {other:?}"),
            }
        }
    }

    /// What a commit has made owed of the order's money is asked for at once.
    pub fn move_at_once(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Owe(operation) = change
                && matches!(operation.request, GatewayRequest::Move(_))
            {
                match self.resume(operation) {
                    Ok(_) | Err(Ended::Unanswered) => {}
                    Err(other) => panic!("moved to {other:?}"),
                }
            }
        }
    }

    /// Looks at all sessions that are watched and due.
    pub fn watch(&mut self) {
        for operation in self.watched.values().cloned().collect::<Vec<_>>() {
            if operation.due_at <= self.now {
                let begun = operation.begun(self.now);
                self.watched.insert(begun.id, begun.clone());
                self.look(begun);
            }
        }
    }

    fn look(&mut self, operation: Operation) {
        if let GatewayRequest::ReadPayment { payment } = &operation.request {
            return self.read_hold(&operation, payment.clone());
        }
        let call = operation.call(tenant(), &TableMark::NONE, &self.read(None).catalog);
        let Ok(answer) = self.gateway.perform(&call) else {
            return;
        };
        let Ok(GatewayAnswer::Payments(payments)) = answer else {
            panic!("looked at: {answer:?}");
        };
        let here = self.order.id();
        if let Owner::Order(order) = operation.owner {
            self.visit(order);
        }
        let asking = std::mem::replace(&mut self.caller, caller(Role::Integration));
        let command = Watched {
            operation,
            payments,
        };
        self.run(&command).unwrap();
        self.caller = asking;
        self.visit(here);
    }

    /// A hold may be decided, or over, by now.
    fn read_hold(&mut self, operation: &Operation, payment: String) {
        let here = self.order.id();
        if let Owner::Order(order) = operation.owner {
            self.visit(order);
        }
        let asking = std::mem::replace(&mut self.caller, caller(Role::Integration));
        let ended = self.run(&Observe {
            gateway: operation.gateway,
            payment,
            is_disputed: false,
        });
        assert!(matches!(ended, Ok(_) | Err(Ended::Unanswered)), "{ended:?}");
        let till = Till::of(&self.transactions).unwrap();
        if ended.is_ok() && !till.is_read_again(operation.subject) {
            self.watched.remove(&operation.id);
        }
        self.caller = asking;
        self.visit(here);
    }

    /// Pays what is owed; a debt that the gateway refuses is left to people. A token that was saved again meanwhile is not
    /// forgotten; one that is, is known to the head while it is.
    fn pay(&mut self, operation: &Operation) -> Result<(), Ended> {
        if self.begin_forgetting(operation) {
            let catalog = self.read(None).catalog;
            let call = operation.call(tenant(), &TableMark::NONE, &catalog);
            let answer = self.gateway.perform(&call);
            match answer.map_err(|_| Ended::Unanswered)? {
                Ok(GatewayAnswer::Kept(token)) => self.forget_kept(operation, &token),
                Ok(_) => {}
                Err(refusal) => {
                    let reason = StuckReason::Refused;
                    let stuck = operation.clone();
                    let stuck = stuck.left_to_people(reason, refusal.detail, self.now);
                    self.owed.insert(operation.id, stuck);
                    return Ok(());
                }
            }
        }
        if let Some((head, token)) = self.forgets(operation) {
            head.end_forgetting(operation.gateway, token, &lookup());
            head.version += 1;
        }
        self.owed.remove(&operation.id);
        Ok(())
    }

    /// What paid a payment that was let go of is kept by the gateway: it is to be forgotten too, unless that was
    /// known when the payment was dropped.
    fn forget_kept(&mut self, released: &Operation, token: &str) {
        let here = self.order.id();
        if let Owner::Order(order) = released.owner {
            self.visit(order);
        }
        let sources = self.source.iter().chain(&self.superseded);
        let mut sources = sources.filter(|it| it.id() == released.subject);
        let customer = match sources.next().map(|it| &it.state) {
            Some(state) if state.entry.is_some() => None,
            Some(state) if state.instrument.as_ref().is_some_and(|it| it == token) => None,
            Some(state) => state.customer,
            None => self.order.customer(),
        };
        self.visit(here);
        if let Some(customer) = customer {
            let (gateway, kind) = (released.gateway, released.gateway_kind);
            let forget = Operation::forget(customer, gateway, kind, token, self.now);
            self.owed.insert(forget.id, forget);
        }
    }

    fn begin_forgetting(&mut self, operation: &Operation) -> bool {
        let gateway = operation.gateway;
        match self.forgets(operation) {
            Some((head, token)) if head.holds(gateway, token, &lookup()) => false,
            Some((head, token)) => {
                head.begin_forgetting(gateway, token, &lookup());
                head.version += 1;
                true
            }
            None => true,
        }
    }

    /// The head of the wallet that a token is forgotten for, and the token.
    fn forgets<'o>(&mut self, operation: &'o Operation) -> Option<(&mut Head, &'o str)> {
        let (
            GatewayRequest::Forget {
                payment_source_token,
            },
            Owner::Customer(customer),
        ) = (&operation.request, operation.owner)
        else {
            return None;
        };
        let wallet = self.wallets.get_mut(&customer)?;
        Some((&mut wallet.head, payment_source_token))
    }

    /// Carries on a step that was noted, as the tenant's own back end.
    pub fn resume(&mut self, operation: &Operation) -> Result<Option<Purchase>, Ended> {
        let here = self.order.id();
        if let Owner::Order(order) = operation.owner {
            self.visit(order);
        }
        let asking = std::mem::replace(&mut self.caller, caller(Role::Integration));
        let ended = self.resume_here(operation);
        self.caller = asking;
        self.visit(here);
        ended
    }

    fn resume_here(&mut self, operation: &Operation) -> Result<Option<Purchase>, Ended> {
        let read = self.read_whole();
        let call = self.with_input(|input| Resume::call(operation, &read, input));
        let Some(call) = call else {
            self.owed.remove(&operation.id);
            return Ok(None);
        };
        let answer = self.gateway.perform(&call);
        let answer = answer.map_err(|_| Ended::Unanswered)?;
        let is_pending = matches!(
            &answer,
            Ok(GatewayAnswer::Moved(moved)) if moved.outcome == Outcome::Pending
        );
        if operation.reads_later() && is_pending {
            return Ok(None);
        }
        let command = Resume {
            operation: operation.clone(),
            answer,
        };
        self.run(&command).map(Some)
    }
}

/// Whether the gateway's answer is one that the order waits for.
fn is_resumed(operation: &Operation) -> bool {
    operation.request.is_noted() || operation.reads_later()
}
