//! What happens at Stripe without a request of the shop's.

use serde_json::Value;

use crate::form::Form;
use crate::vendor::{self, NotPossible};

use super::call::Received;
use super::error::ApiError;
use super::events::Cause;
use super::params::Params;
use super::state::{State, Work};
use super::{Stripe, charges, payment_intents, payment_methods, refunds};

impl Stripe {
    /// Lets what is held of a PaymentIntent run out before its time.
    ///
    /// # Errors
    /// There is no such intent, or nothing is held of it.
    pub fn expire_hold(&self, payment_intent: &str) -> Result<(), NotPossible> {
        self.act(payment_intent, "", payment_intents::expire)
    }

    /// Ends a refund that is pending, well.
    ///
    /// # Errors
    /// There is no such refund, or it has ended.
    pub fn succeed_refund(&self, refund: &str) -> Result<(), NotPossible> {
        self.act(refund, "status=succeeded", refunds::settle)
    }

    /// Lets a refund fail, also one that had succeeded: the shopper's bank sent the money back.
    ///
    /// # Errors
    /// There is no such refund, or it has failed.
    pub fn fail_refund(&self, refund: &str) -> Result<(), NotPossible> {
        self.act(refund, "status=failed", refunds::settle)
    }

    /// Opens a dispute about a charge that was captured.
    ///
    /// # Errors
    /// There is no such charge, or it cannot be disputed.
    pub fn dispute(&self, charge: &str) -> Result<(), NotPossible> {
        self.act(charge, "", charges::dispute)
    }

    /// Gives a saved card another expiry, as banks do, and tells of it.
    ///
    /// # Errors
    /// There is no such payment method, or it is no customer's.
    pub fn renew(&self, payment_method: &str) -> Result<(), NotPossible> {
        self.act(payment_method, "", payment_methods::renew)
    }

    /// Runs an endpoint of the stand-in's own in the account that has the object.
    fn act(&self, id: &str, form: &str, run: Run) -> Result<(), NotPossible> {
        let form = Form::parse(form.as_bytes());
        let form = form.map_err(|error| NotPossible::State(error.to_string()))?;
        self.happen(|work| {
            let owner = work.state.owner_of(id).map(str::to_owned);
            let owner = owner.ok_or(NotPossible::Unknown)?;
            let call = Received {
                id,
                params: Params(&form),
            };
            let done = in_account(work, &owner, |work| run(work, &call));
            done.map(drop)
                .map_err(|error| NotPossible::State(error.message().to_owned()))
        })
    }
}

type Run = fn(&mut Work<'_>, &Received<'_>) -> Result<Value, ApiError>;

/// What goes on by itself, in all accounts.
pub(super) fn pass_time(work: &mut vendor::Work<'_, State>) {
    let names: Vec<String> = work.state.accounts.keys().cloned().collect();
    for name in names {
        in_account(work, &name, |work| {
            payment_intents::expire_due(work);
            refunds::go_on_due(work);
        });
    }
}

/// Works in an account, out of the map meanwhile, so that the others can be looked at.
fn in_account<R>(
    work: &mut vendor::Work<'_, State>,
    name: &str,
    what: impl FnOnce(&mut Work<'_>) -> R,
) -> R {
    let mut account = work.state.accounts.remove(name).unwrap_or_default();
    let mut happened = Vec::new();
    let done = what(&mut Work {
        account: &mut account,
        account_id: name,
        others: &work.state.accounts,
        ids: work.ids,
        now: work.now,
        is_publishable: false,
        events: &mut happened,
        base_url: work.base_url,
    });
    work.state.accounts.insert(name.to_owned(), account);
    let (ids, now, listeners) = (work.ids, work.now, work.listeners);
    let events = happened
        .into_iter()
        .map(|it| it.event(ids, name, now, listeners, Cause::default()));
    work.events.extend(events);
    done
}
