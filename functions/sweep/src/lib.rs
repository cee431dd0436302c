//! Carries on what is owed to gateways: releases of payments, and sources to be forgotten. Runs on a
//! schedule, and on a timer in the local server.

use std::time::Duration;

use decisions::CallGateway;
use domain::Deadline;
use service::{Context, Failure, Swept};

/// How long one step that is owed may take.
const BUDGET: Duration = Duration::from_secs(10);

/// How long a sweep begins steps: almost until the next begins, so that there is hardly a time without one. The
/// function may take as much longer as a step does.
const LONGEST: Duration = Duration::from_secs(55);

/// Carries on everything that is due.
///
/// # Errors
/// The table does not answer.
pub async fn run(context: &Context, gateways: &dyn CallGateway) -> Result<Swept, Failure> {
    let deadline = || Deadline::after(context.now(), BUDGET);
    let until = Deadline::after(context.now(), LONGEST);
    service::sweep(context, gateways, until, deadline).await
}
