//! A request that is allowed and well formed, and running it.

use serde_json::Value;

use crate::ids::Ids;

use super::auth::Caller;
use super::call::Received;
use super::error::ApiError;
use super::events::Happened;
use super::expand;
use super::params::Params;
use super::payment_intents::for_browsers;
use super::routes::Route;
use super::state::{State, Work};

pub(super) struct Task<'a> {
    pub(super) caller: &'a Caller,
    pub(super) route: &'a Route<'a>,
    pub(super) params: Params<'a>,
    pub(super) now: i64,
    pub(super) base_url: &'a str,
}

impl Task<'_> {
    pub(super) fn run(
        &self,
        ids: &Ids,
        state: &mut State,
        events: &mut Vec<Happened>,
    ) -> Result<Value, ApiError> {
        let account_id = &self.caller.account;
        // Out of the map while it is worked on, so that the others can be looked at meanwhile.
        let mut account = state.accounts.remove(account_id).unwrap_or_default();
        let mut work = Work {
            account: &mut account,
            account_id,
            others: &state.accounts,
            ids,
            now: self.now,
            is_publishable: self.caller.is_publishable,
            events,
            base_url: self.base_url,
        };
        let call = Received {
            id: self.route.id,
            params: self.params,
        };
        let result = (self.route.endpoint.run)(&mut work, &call).map(|mut value| {
            expand::apply(&mut value, self.params, &work);
            if self.caller.is_publishable {
                for_browsers(value)
            } else {
                value
            }
        });
        state.accounts.insert(account_id.clone(), account);
        result
    }
}
