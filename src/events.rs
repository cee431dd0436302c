//! What the stand-ins tell the API by themselves, as the vendors do: signed events, sent again until they are
//! taken.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use outbound::{HttpTransport, Limits, Transport};
use sandbox::{Delivery, Disorder, EventEndpoint, UnknownAccount};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::api::wait_for;
use crate::demo;
use crate::stand_ins::StandIns;
use crate::telling::Telling;

/// How long a vendor waits for an answer: Checkout.com, ten seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells the API at this URL what happens at the demo's gateways.
///
/// # Errors
/// The demo's keys name no account.
pub fn tell(stand_ins: &StandIns, api: &str) -> Result<(), UnknownAccount> {
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
    Ok(())
}

/// Sends what is due, in this order and as often as that says.
pub async fn deliver(stand_ins: &StandIns, disorder: Disorder) -> Vec<Delivery> {
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new());
    let send = |request: Request<Bytes>| {
        let transport = transport.clone();
        async move {
            let answer = transport.send(request, Limits::within(PATIENCE)).await;
            let status: Option<StatusCode> = answer.ok().map(|it| it.status());
            status
        }
    };
    let mut deliveries = Vec::new();
    if let Some(served) = &stand_ins.stripe {
        deliveries.extend(served.stand_in.deliver_events(disorder, send).await);
    }
    if let Some(served) = &stand_ins.checkout_com {
        deliveries.extend(served.stand_in.deliver_events(disorder, send).await);
    }
    deliveries
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
                _ = timer.tick() => telling.note(deliver(&stand_ins, telling.disorder()).await),
                () = &mut stopped => return,
            }
        }
    })
}
