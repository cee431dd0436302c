//! Pauses between passwords that are tried in vain, and who is not held to which.

use std::time::Duration;

use decisions::Unique;
use domain::{ResourceType, Tenant};
use routing::SourceAddress;
use service::Context;
use store::{Begun, Paused, StoreError, Try};

/// How long an address is known to be an account's after a sign-in from it.
const KNOWN_FOR: Duration = Duration::from_secs(90 * 24 * 3600);

/// How many passwords of an account are tried in vain from an address without a pause, and the longest pause:
/// what somebody waits at most who shares their address with whoever is guessing.
const FROM_AN_ADDRESS: (u32, Duration) = (5, Duration::from_secs(15 * 60));

/// From all addresses together that the account has not signed in from: short, since who signs in from a new
/// address waits with those who guess.
const FROM_UNKNOWN: (u32, Duration) = (20, Duration::from_secs(60));

/// A try of an account's password that has begun. A table that does not answer holds nobody.
pub struct PasswordTry {
    of_address: Option<Try>,
    of_account: Option<Try>,
    tenant: Tenant,
    known: Vec<String>,
}

impl PasswordTry {
    /// Begins a try: it counts from before the password is checked.
    ///
    /// # Errors
    /// It is to wait, for so many seconds.
    pub async fn begin(
        context: &Context,
        tenant: Tenant,
        address: Option<SourceAddress>,
        username: &str,
    ) -> Result<Self, u64> {
        // As accounts are told apart, so that another spelling is no other account.
        let account = Unique::new(ResourceType::Customers, username).value;
        let address = address.map(|it| it.to_string()).unwrap_or_default();
        let who = |parts: &[&str]| parts.iter().map(|it| (*it).to_owned()).collect();
        let paused = |parts: &[&str], (free, longest)| Paused {
            who: who(parts),
            free,
            longest,
        };
        let from_address = paused(&["tried", &account, &address], FROM_AN_ADDRESS);
        let mut begun = Self {
            of_address: take(context, tenant, &from_address).await?,
            of_account: None,
            tenant,
            known: who(&["signed in", &account, &address]),
        };
        if !begun.is_of_known_address(context).await {
            let of_account = paused(&["tried", &account], FROM_UNKNOWN);
            match take(context, tenant, &of_account).await {
                Ok(of_account) => begun.of_account = of_account,
                Err(wait) => {
                    // What is not tried is not held against the address.
                    begun.take_back(context).await;
                    return Err(wait);
                }
            }
        }
        Ok(begun)
    }

    /// The password was right: what was tried from this address before it is forgotten, and the address is the
    /// account's from now on.
    pub async fn succeed(self, context: &Context) {
        let until = context.now().plus(KNOWN_FOR);
        say(context.store.note(self.tenant, &self.known, until).await);
        if let Some(begun) = &self.of_address {
            say(context.store.forget_tries(begun).await);
        }
        if let Some(begun) = &self.of_account {
            say(context.store.take_back(begun).await);
        }
    }

    async fn is_of_known_address(&self, context: &Context) -> bool {
        let noted = context
            .store
            .is_noted(self.tenant, &self.known, context.now());
        noted.await.unwrap_or_else(|error| {
            tracing::error!(%error, "the try is not counted");
            true
        })
    }

    async fn take_back(&self, context: &Context) {
        if let Some(begun) = &self.of_address {
            say(context.store.take_back(begun).await);
        }
    }
}

async fn take(context: &Context, tenant: Tenant, paused: &Paused) -> Result<Option<Try>, u64> {
    match context.store.begin_try(tenant, paused, context.now()).await {
        Ok(Begun::Try(begun)) => Ok(Some(begun)),
        Ok(Begun::Wait(seconds)) => Err(seconds),
        Err(error) => {
            tracing::error!(%error, "the try is not counted");
            Ok(None)
        }
    }
}

fn say(written: Result<(), StoreError>) {
    if let Err(error) = written {
        tracing::error!(%error, "a try stays counted");
    }
}
