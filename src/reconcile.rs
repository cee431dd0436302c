//! Comparing a deployed table's books with the gateways, from the command line.

use std::sync::Arc;
use std::time::Duration;

use aws::Environment;
use clap::Args;
use decisions::{CallGateway, Permit, PermittedTo};
use domain::{Id, Mode, Tenant, Timestamp};
use gateways::Gateways;
use service::{Context, Difference, Failure, Read};

/// Compares the books with the gateways: reads each payment where it was made, and tells what differs.
///
/// It needs the environment of a function (TABLE_NAME, SECRETS_PREFIX or SECRETS_FILE, PUBLIC_URL, ISSUERS), and the
/// account from there as well. Nothing is changed without --apply. The exit code is 1 where something differs and
/// was not taken, or could not be told. Payments at external gateways cannot be read and are left out.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// The organization's id.
    #[arg(long)]
    organization: Id,
    /// live or test.
    #[arg(long, value_parser = mode)]
    mode: Mode,
    /// Payments whose source was made within so many days.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Takes the gateways' word, as their events would.
    #[arg(long)]
    apply: bool,
}

/// Why the books are not known to be the gateways'.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The environment, the account or the keys.
    #[error("the table cannot be used: {0}")]
    Environment(String),
    /// The table, in the midst of it.
    #[error("{0}; run it again")]
    Table(Failure),
    /// What the table says was another's to carry on.
    #[error(
        "the table is a copy of another, {0}: say that the original is gone with ADOPTED_TABLE, or leave --apply out"
    )]
    Copy(String),
    /// They differ.
    #[error("{0}{hint}", hint = hint(.0))]
    Differ(Reconciled),
}

/// What was read, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// How many payments were read.
    pub read: usize,
    /// Of how many the books say something else.
    pub differ: usize,
    /// Of how many the gateway's word was taken.
    pub taken: usize,
    /// Of how many nothing can be told.
    pub unknown: usize,
}

impl std::fmt::Display for Reconciled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            read,
            differ,
            taken,
            unknown,
        } = self;
        write!(
            f,
            "{read} payments read, {differ} differ, {taken} of them taken, {unknown} not to be told"
        )
    }
}

fn hint(reconciled: &Reconciled) -> &'static str {
    match reconciled.differ > 0 && reconciled.taken == 0 {
        true => "; take the gateways' word with --apply, where it can be taken",
        false => "; see at the gateways to what is left, then run it again",
    }
}

impl Reconcile {
    /// Compares the books of the environment's table; the text says what was read.
    ///
    /// # Errors
    /// What differs, or went wrong, and how to go on.
    pub async fn run(self) -> Result<String, ReconcileError> {
        logging::start_on_terminal();
        let unusable =
            |error: &dyn std::fmt::Display| ReconcileError::Environment(error.to_string());
        let environment = Environment::connect().await.map_err(|it| unusable(&it))?;
        let context = &environment.context;
        let gateways = Gateways::over_http(
            environment.secrets.clone(),
            Arc::new(context.store.clone()),
            |name| std::env::var(name).ok(),
        );
        let gateways = gateways.map_err(|it| unusable(&it))?;
        let tenant = Tenant {
            organization: self.organization,
            mode: self.mode,
        };
        let since = before(context.now(), self.days);
        let print = |line: String| println!("{line}");
        let reconciled = reconcile(context, &gateways, tenant, since, self.apply, print).await?;
        Ok(reconciled.to_string())
    }
}

/// Compares a tenant's books with the gateways, and prints a line for each difference.
///
/// # Errors
/// They differ and were not all taken, or cannot be told; the gateways' word is to be taken in a copy of the table;
/// the table does not answer.
pub async fn reconcile(
    context: &Context,
    gateways: &dyn CallGateway,
    tenant: Tenant,
    since: Timestamp,
    is_applied: bool,
    mut print: impl FnMut(String),
) -> Result<Reconciled, ReconcileError> {
    if is_applied {
        let permit = Permit::grant(PermittedTo::Operator);
        let adopted = context.configuration.adopted_table.as_deref();
        let copy = context.store.copy(&permit, adopted).await;
        if let Some(copy) = copy.map_err(|it| ReconcileError::Table(it.into()))? {
            return Err(ReconcileError::Copy(copy.id));
        }
    }
    let mut reconciled = Reconciled::default();
    let tell = |read: Read| {
        reconciled.read += 1;
        match read {
            Read::Same => {}
            Read::Differs(difference) => {
                reconciled.differ += 1;
                reconciled.taken += usize::from(difference.is_taken);
                print(line(&difference));
            }
            Read::Unknown { order, failure } => {
                reconciled.unknown += 1;
                print(format!("order {order}: {}", said(failure)));
            }
        }
    };
    let done = service::reconcile(context, gateways, tenant, since, is_applied, tell).await;
    done.map_err(ReconcileError::Table)?;
    match reconciled.differ == reconciled.taken && reconciled.unknown == 0 {
        true => Ok(reconciled),
        false => Err(ReconcileError::Differ(reconciled)),
    }
}

fn line(difference: &Difference) -> String {
    let Difference {
        order,
        gateway,
        payment,
        what,
        ..
    } = difference;
    format!(
        "order {order}, payment {payment} at gateway {gateway}: {}",
        what.join("; ")
    )
}

/// What it failed of, as a caller of the API would read it.
fn said(failure: Failure) -> String {
    let refusals = failure.refusals();
    let details: Vec<_> = refusals.iter().map(|it| it.detail.clone()).collect();
    details.join(" ")
}

fn before(now: Timestamp, days: u16) -> Timestamp {
    let span = Duration::from_hours(24 * u64::from(days));
    let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_unix_millis(now.unix_millis().saturating_sub(millis))
}

/// The mode of that name, for the command line.
pub(crate) fn mode(text: &str) -> Result<Mode, String> {
    Mode::named(text).ok_or_else(|| "live or test".to_owned())
}
