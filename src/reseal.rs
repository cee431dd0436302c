//! Sealing a deployed table anew, from the command line.

use aws::Table;
use clap::Args;
use decisions::{Permit, PermittedTo};
use store::{Key, Resealed, Store, StoreError};

/// After how many items the command says how far it is.
const TOLD_EVERY: usize = 10_000;

/// Seals everything in the table anew that is not sealed with the newest key.
///
/// It reads TABLE_NAME and SECRETS_PREFIX (or SECRETS_FILE) as the functions do, and the account from the
/// environment. Requests go on meanwhile. Run it again if it was cut short, from where it was or from the
/// start: what is done already is left as it is.
#[derive(Debug, Args)]
pub struct Reseal {
    /// Goes on after this item, as the command has printed it.
    #[arg(long, value_parser = key)]
    after: Option<Key>,
}

/// Why a table is not sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The environment, the account or the keys.
    #[error("the table cannot be used: {0}")]
    Environment(String),
    /// The table, in the midst of it.
    #[error("{problem}; go on with `billfold reseal{}`", going_on(after.as_ref()))]
    Table {
        /// Why.
        problem: StoreError,
        /// The last item that everything before is done of.
        after: Option<Key>,
    },
    /// Items that do not read.
    #[error("these items do not read, and stay as they are:\n{}", .0.join("\n"))]
    Unreadable(Vec<String>),
}

impl Reseal {
    /// Seals the table of the environment anew; the text says what was done.
    ///
    /// # Errors
    /// What went wrong, and how to go on.
    pub async fn run(self) -> Result<String, ResealError> {
        logging::start_on_terminal();
        let table = Table::read().await;
        let table = table.map_err(|error| ResealError::Environment(error.to_string()))?;
        let done = reseal(&table.store, self.after, |so_far| {
            let (seen, resealed) = (so_far.seen, so_far.resealed);
            let next = going_on(so_far.next.as_ref());
            eprintln!("{seen} items seen, {resealed} sealed anew; goes on with{next}");
        });
        let done = done.await?;
        Ok(format!(
            "{} items seen, {} sealed anew",
            done.seen, done.resealed
        ))
    }
}

/// Seals a table anew after this item, page by page, and tells now and then how far it is.
///
/// # Errors
/// The table does not answer, or items do not read.
pub async fn reseal(
    store: &Store,
    after: Option<Key>,
    tell: impl Fn(&Resealed),
) -> Result<Resealed, ResealError> {
    let permit = Permit::grant(PermittedTo::Operator);
    let mut so_far = Resealed {
        next: after,
        ..Resealed::default()
    };
    let mut told = 0;
    loop {
        let page = store.reseal_page(&permit, so_far.next.as_ref()).await;
        let page = page.map_err(|problem| ResealError::Table {
            problem,
            after: so_far.next.clone(),
        })?;
        so_far.seen += page.seen;
        so_far.resealed += page.resealed;
        so_far.unreadable.extend(page.unreadable);
        so_far.next = page.next;
        if so_far.next.is_none() {
            break;
        }
        if so_far.seen >= told + TOLD_EVERY {
            told = so_far.seen;
            tell(&so_far);
        }
    }
    match so_far.unreadable.is_empty() {
        true => Ok(so_far),
        false => Err(ResealError::Unreadable(so_far.unreadable)),
    }
}

fn going_on(after: Option<&Key>) -> String {
    after.map_or_else(String::new, |it| format!(" --after '{} {}'", it.pk, it.sk))
}

fn key(text: &str) -> Result<Key, String> {
    let (pk, sk) = text.split_once(' ').ok_or("not as it was printed")?;
    Ok(Key {
        pk: pk.to_owned(),
        sk: sk.to_owned(),
    })
}
