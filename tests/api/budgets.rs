//! A running Billfold whose round trips to DynamoDB are counted.

use std::sync::Arc;

use billfold::Options;

use crate::app::{App, ORDER, Reply};
use crate::calls::Calls;

/// Requests held to how many round trips they may take, no more and no fewer.
pub struct Budgets {
    pub app: App,
    pub calls: Calls,
    /// Those that took another number.
    pub over: Vec<String>,
}

impl Budgets {
    pub async fn start() -> Self {
        Self::start_in(|_| None).await
    }

    pub async fn start_in(environment: fn(&str) -> Option<String>) -> Self {
        let calls = Calls::default();
        let interceptor = calls.clone();
        let app = App::start_with(Options {
            environment,
            engine_client: Arc::new(move |builder| builder.interceptor(interceptor.clone())),
            ..Options::in_memory(0)
        })
        .await;
        // The catalogue is read once and kept.
        app.get(&app.integration(), &format!("/api/orders/{ORDER}"))
            .await;
        Self {
            app,
            calls,
            over: Vec::new(),
        }
    }

    /// Notes a request that took more or fewer round trips than its budget says.
    pub fn check(&mut self, what: &str, reply: &Reply, budget: usize) {
        let taken = self.calls.take();
        println!("{what}: {taken} of {budget}");
        if reply.status >= 400 || taken != budget {
            self.over
                .push(format!("{what}: {taken}, not {budget} ({})", reply.status));
        }
    }

    pub async fn get(&mut self, token: &str, path: &str, budget: usize) {
        self.calls.take();
        let reply = self.app.get(token, path).await;
        self.check(path, &reply, budget);
    }
}
