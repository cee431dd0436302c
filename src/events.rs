//! What the stand-ins tell the API by themselves, as the vendors do: signed events, sent again until they are
//! taken.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use outbound::{HttpTransport, Limits, Transport};
use sandbox::{
    CallbackDelivery, Delivery, Disorder, EventEndpoint, StateFileError, UnknownAccount,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::api::wait_for;
use crate::demo;
use crate::stand_ins::StandIns;
use crate::telling::Telling;

/// How long a vendor waits for an answer: Checkout.com, ten seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the stand-ins cannot tell the API what happens.
#[derive(Debug, thiserror::Error)]
pub enum CannotTell {
    /// The demo's keys name no account.
    #[error(transparent)]
    UnknownAccount(#[from] UnknownAccount),
    /// The reference gateway cannot keep where it tells.
    #[error(transparent)]
    NotKept(#[from] StateFileError),
}

/// Tells the API at this URL what happens at the demo's gateways. Klarna's is told where with each session.
///
/// # Errors
/// As [`CannotTell`].
pub fn tell(stand_ins: &StandIns, api: &str) -> Result<(), CannotTell> {
    let [stripe, checkout_com] = demo::event_sources();
    let endpoint = |source: &demo::EventSource| EventEndpoint {
        url: format!("{api}{}", source.path),
        secret: source.secret.to_owned(),
    };
    if let Some(served) = &stand_ins.stripe {
        let (key, endpoint) = (stripe.key, endpoint(&stripe));
        served.stand_in.send_events_to(key, endpoint)?;
    }
    if let Some(served) = &stand_ins.checkout_com {
        let (key, endpoint) = (checkout_com.key, endpoint(&checkout_com));
        served.stand_in.send_events_to(key, endpoint)?;
    }
    let url = format!("{api}{}", demo::external_events_path());
    stand_ins.external.stand_in.send_decisions_to(url)?;
    Ok(())
}

/// Sends what is due, in this order and as often as that says.
pub async fn deliver(stand_ins: &StandIns, disorder: Disorder) -> Vec<Delivery> {
    let (post, mut deliveries) = (Post::new(), Vec::new());
    let send = |request| post.send(request);
    if let Some(served) = &stand_ins.stripe {
        deliveries.extend(served.stand_in.deliver_events(disorder, send).await);
    }
    if let Some(served) = &stand_ins.checkout_com {
        deliveries.extend(served.stand_in.deliver_events(disorder, send).await);
    }
    deliveries
}

/// Has Klarna and the external gateway tell what they have decided by now.
pub async fn call_back(stand_ins: &StandIns) -> Vec<CallbackDelivery> {
    let (post, mut deliveries) = (Post::new(), Vec::new());
    let send = |request| post.send(request);
    if let Some(served) = &stand_ins.klarna {
        deliveries.extend(served.stand_in.deliver_callbacks(send).await);
    }
    let external = &stand_ins.external.stand_in;
    deliveries.extend(external.deliver_callbacks(send).await);
    deliveries
}

struct Post(Arc<dyn Transport>);

impl Post {
    fn new() -> Self {
        Self(Arc::new(HttpTransport::new()))
    }

    /// The status of the answer, if there is one.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Option<StatusCode>> + use<> {
        let transport = self.0.clone();
        async move {
            let answer = transport.send(request, Limits::within(PATIENCE)).await;
            answer.ok().map(|it| it.status())
        }
    }
}

/// Sends what is due, again and again, until told to stop.
pub fn deliver_on_a_timer(
    stand_ins: StandIns,
    telling: Arc<Telling>,
    every: Duration,
    stopping: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut timer = interval(every);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = wait_for(stopping);
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                _ = timer.tick() => {
                    telling.note(deliver(&stand_ins, telling.disorder()).await);
                    call_back(&stand_ins).await;
                }
                () = &mut stopped => return,
            }
        }
    })
}
