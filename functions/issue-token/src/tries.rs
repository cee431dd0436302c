//! Pauses between passwords that are tried in vain, and who is not held to which.

use std::time::Duration;

use decisions::Unique;
use domain::{ResourceType, Tenant};
use futures_util::future;
use routing::SourceAddress;
use service::Context;
use store::{Begun, Paused, Seen, StoreError, Try};

/// How long an address is known to be an account's after a sign-in from it.
const KNOWN_FOR: Duration = Duration::from_secs(90 * 24 * 3600);

/// How many passwords of an account are tried in vain from an address without a pause, and the longest pause:
/// what somebody waits at most who shares their address with whoever is guessing.
const FROM_AN_ADDRESS: (u32, Duration) = (5, Duration::from_secs(15 * 60));

/// From all addresses together that the account has not signed in from: short, since who signs in from a new
/// address waits with those who guess.
const FROM_UNKNOWN: (u32, Duration) = (20, Duration::from_secs(60));

/// What is to be waited for before an account's password is tried, and was seen not to be.
struct Waiting {
    paused: Paused,
    seen: Seen,
}

/// An account whose password may be tried. A table that does not answer holds nobody.
pub struct Account {
    of_address: Option<Waiting>,
    of_account: Option<Waiting>,
    known: Option<Seen>,
}

/// A try of an account's password that has begun.
pub struct PasswordTry {
    of_address: Option<Try>,
    of_account: Option<Try>,
    known: Option<Seen>,
}

impl Account {
    /// The account of this name, as it is tried from an address. One round trip.
    ///
    /// # Errors
    /// The next try is to wait, for so many seconds.
    pub async fn find(
        context: &Context,
        tenant: Tenant,
        address: Option<SourceAddress>,
        username: &str,
    ) -> Result<Self, u64> {
        // As accounts are told apart, so that another spelling is no other account.
        let account = Unique::new(ResourceType::Customers, username).value;
        let address = address.map(|it| it.to_string()).unwrap_or_default();
        let who = |parts: &[&str]| parts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (known, of_address, of_account) = future::join3(
            see(context, tenant, who(&["signed in", &account, &address])),
            Waiting::see(
                context,
                tenant,
                who(&["tried", &account, &address]),
                FROM_AN_ADDRESS,
            ),
            Waiting::see(context, tenant, who(&["tried", &account]), FROM_UNKNOWN),
        )
        .await;
        let now = context.now();
        let is_known = known.as_ref().is_none_or(|it| it.is_noted(now));
        let found = Self {
            of_address,
            of_account: of_account.filter(|_| !is_known),
            known,
        };
        let both = [&found.of_address, &found.of_account];
        let wait = both.iter().find_map(|it| it.as_ref()?.seen.wait(now));
        match wait {
            Some(wait) => Err(wait),
            None => Ok(found),
        }
    }

    /// Begins a try: it counts from before the password is checked. One round trip.
    ///
    /// # Errors
    /// It is to wait, for so many seconds: others were first.
    pub async fn begin_try(self, context: &Context) -> Result<PasswordTry, u64> {
        let (of_address, of_account) = future::join(
            Waiting::begin(self.of_address, context),
            Waiting::begin(self.of_account, context),
        )
        .await;
        let wait = of_address
            .as_ref()
            .err()
            .or(of_account.as_ref().err())
            .copied();
        let begun = PasswordTry {
            of_address: of_address.ok().flatten(),
            of_account: of_account.ok().flatten(),
            known: self.known,
        };
        match wait {
            // What is not tried does not count.
            Some(wait) => {
                begun.take_back(context).await;
                Err(wait)
            }
            None => Ok(begun),
        }
    }
}

impl Waiting {
    async fn see(
        context: &Context,
        tenant: Tenant,
        who: Vec<String>,
        (free, longest): (u32, Duration),
    ) -> Option<Self> {
        let seen = see(context, tenant, who).await?;
        let paused = Paused { free, longest };
        Some(Self { paused, seen })
    }

    async fn begin(waiting: Option<Self>, context: &Context) -> Result<Option<Try>, u64> {
        let Some(Self { paused, seen }) = waiting else {
            return Ok(None);
        };
        match context.store.begin_try(seen, &paused, context.now()).await {
            Ok(Begun::Try(begun)) => Ok(Some(begun)),
            Ok(Begun::Wait(seconds)) => Err(seconds),
            Err(error) => {
                tracing::error!(%error, "the try is not counted");
                Ok(None)
            }
        }
    }
}

impl PasswordTry {
    /// The password was right: what was tried from this address before it is forgotten, and the address is the
    /// account's from now on. One round trip.
    pub async fn succeed(self, context: &Context) {
        let store = &context.store;
        let known = async {
            if let Some(seen) = &self.known {
                say(store.note(seen, context.now().plus(KNOWN_FOR)).await);
            }
        };
        let of_address = async {
            if let Some(begun) = &self.of_address {
                say(store.forget_tries(begun).await);
            }
        };
        let of_account = take_back(context, self.of_account.as_ref());
        future::join3(known, of_address, of_account).await;
    }

    /// The password was not tried in the end: it does not count. One round trip.
    pub async fn take_back(self, context: &Context) {
        let of_address = take_back(context, self.of_address.as_ref());
        let of_account = take_back(context, self.of_account.as_ref());
        future::join(of_address, of_account).await;
    }
}

async fn see(context: &Context, tenant: Tenant, who: Vec<String>) -> Option<Seen> {
    match context.store.see(tenant, &who).await {
        Ok(seen) => Some(seen),
        Err(error) => {
            tracing::error!(%error, "the try is not counted");
            None
        }
    }
}

async fn take_back(context: &Context, begun: Option<&Try>) {
    if let Some(begun) = begun {
        say(context.store.take_back(begun).await);
    }
}

fn say(written: Result<(), StoreError>) {
    if let Err(error) = written {
        tracing::error!(%error, "a try stays counted");
    }
}
