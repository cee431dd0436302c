//! Time that passes when a test says so.

use std::sync::Arc;
use std::time::Duration;

use billfold::{Options, router};
use domain::Sleep;
use futures_util::future::BoxFuture;

use crate::app::App;
use crate::faults::TestClock;

/// Pauses that take no time.
struct NoPause;

impl Sleep for NoPause {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Pauses that end sooner than a deployment's do where these are long: how long they are is for those who decide it.
pub struct Brief(pub Arc<dyn Sleep>);

impl Brief {
    /// Longer than the table takes to answer.
    const LONGEST: Duration = Duration::from_millis(250);
}

impl Sleep for Brief {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration.min(Self::LONGEST))
    }
}

impl App {
    /// Billfold with pauses that take no time, and a clock to put forward.
    pub async fn start_timeless() -> (Self, Arc<TestClock>) {
        let clock = Arc::new(TestClock::default());
        let options = Options {
            clock: clock.clone(),
            sleep: Arc::new(NoPause),
            ..Options::in_memory(0)
        };
        (Self::start_with(options).await, clock)
    }

    /// Carries on what is owed and due, as the sweeper does.
    pub async fn sweep(&self) {
        let (context, gateways) = (&self.running.context, self.running.gateways.as_ref());
        router::sweep(context, gateways).await.unwrap();
    }
}
