//! What happens at Checkout.com without a request of the shop's.

use crate::vendor::{self, NotPossible};

use super::CheckoutCom;
use super::events::Teller;
use super::objects::payment::ActionKind;
use super::state::State;

impl CheckoutCom {
    /// Leaves captures, voids and refunds accepted and not done, until [`Self::settle_actions`]. Else each
    /// is done before the next request.
    ///
    /// # Errors
    /// It could not be kept in the state file.
    pub fn hold_actions(&self) -> Result<(), NotPossible> {
        self.happen(|work| {
            work.state.holds_actions = true;
            Ok(())
        })
    }

    /// Does what was accepted and is not done yet.
    ///
    /// # Errors
    /// It could not be kept in the state file.
    pub fn settle_actions(&self) -> Result<(), NotPossible> {
        self.happen(|work| {
            settle(work);
            Ok(())
        })
    }

    /// Declines the next capture, void or refund that is to be done, after it was accepted.
    ///
    /// # Errors
    /// It could not be kept in the state file.
    pub fn decline_next(&self, kind: ActionKind) -> Result<(), NotPossible> {
        self.happen(|work| {
            work.state.declines.push(kind);
            Ok(())
        })
    }

    /// Lets the hold of a payment, or what is left of it, end before its time.
    ///
    /// # Errors
    /// There is no such payment, or nothing is held of it.
    pub fn expire_hold(&self, payment: &str) -> Result<(), NotPossible> {
        self.happen(|work| {
            let owner = work.state.owner_of_payment(payment).map(str::to_owned);
            let owner = owner.ok_or(NotPossible::Unknown)?;
            match expire(work, &owner, payment) {
                true => Ok(()),
                false => Err(NotPossible::State("nothing is held of it".to_owned())),
            }
        })
    }
}

/// What goes on by itself, in all accounts.
pub(super) fn pass_time(work: &mut vendor::Work<'_, State>) {
    if !work.state.holds_actions {
        settle(work);
    }
    for (account, payment) in work.state.expired_by(work.now) {
        expire(work, &account, &payment);
    }
}

/// Whether there was something to expire.
pub(super) fn expire(work: &mut vendor::Work<'_, State>, account: &str, payment: &str) -> bool {
    let teller = Teller {
        ids: work.ids,
        account,
        now: work.now,
    };
    let payment = work.state.account(account).payment_mut(payment);
    let Some(payment) = payment.filter(|it| it.available() > 0) else {
        return false;
    };
    payment.expire();
    work.events.push(teller.expired(payment));
    true
}

/// Whether there was something for the shopper to ask back.
pub(super) fn dispute(work: &mut vendor::Work<'_, State>, payment: &str) -> bool {
    let teller = Teller {
        ids: work.ids,
        account: work.account,
        now: work.now,
    };
    let payment = work.state.account(work.account).payment(payment);
    let Some(payment) = payment.filter(|it| it.refundable() > 0) else {
        return false;
    };
    let told = teller.disputed(payment);
    work.events.push(told);
    true
}

fn settle(work: &mut vendor::Work<'_, State>) {
    let (ids, now) = (work.ids, work.now);
    let State {
        accounts, declines, ..
    } = &mut *work.state;
    for (account, all) in accounts {
        let teller = Teller { ids, account, now };
        for payment in all
            .payments
            .values_mut()
            .filter(|it| !it.accepted.is_empty())
        {
            let told = payment.actions.len();
            payment.settle_accepted(now, declines);
            work.events.extend(teller.since(payment, told));
        }
    }
}
