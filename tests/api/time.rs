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
