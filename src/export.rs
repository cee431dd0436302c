//! `billfold export`: an organization's records of one mode, out of the table that the environment names.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use aws::Table;
use clap::Args;
use domain::{Clock, Id, Mode, ResourceType, Tenant, Timestamp};
use store::{Store, StoreError};
use system::SystemClock;

use crate::moving::{
    KeyError, Leaving, LeavingError, Progress, PublicKey, Tokens, Writer, make_pair,
};
use crate::reconcile::mode;

/// Writes an organization's records of one mode, a line of JSON for each, to be imported into another table.
///
/// It reads TABLE_NAME and SECRETS_PREFIX (or SECRETS_FILE) as the functions do, and the account from the
/// environment. Nothing is changed. What is written meanwhile may be in it or not: stop what writes first. Sessions,
/// clients of the API, counters of requests and gateways' credentials stay where they are; tokens and passwords do
/// unless they are asked for.
#[derive(Debug, Args)]
pub struct Export {
    /// The organization's id.
    #[arg(long)]
    organization: Id,
    /// live or test.
    #[arg(long, value_parser = mode)]
    mode: Mode,
    /// The file to be written, its owner's alone; it is there once it is complete. `-` is standard output.
    #[arg(long, default_value = "-")]
    output: PathBuf,
    /// Takes tokens and passwords along, sealed for the key that --to names.
    #[arg(long, requires = "to")]
    with_tokens: bool,
    /// The file of the public key, as `billfold new-export-key` prints it.
    #[arg(long, requires = "with_tokens", value_name = "PUBLIC_KEY_FILE")]
    to: Option<PathBuf>,
}

/// Makes a key pair for an export's tokens: where they are to be imported.
///
/// The private key is written to the file, and the public one is printed.
#[derive(Debug, Args)]
pub struct NewExportKey {
    /// The file of the private key, which must not be there yet.
    file: PathBuf,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The environment, the account or the keys.
    #[error("the table cannot be used: {0}")]
    Environment(String),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The table, in the midst of it.
    #[error("{0}; nothing was exported, run it again")]
    Table(#[from] StoreError),
    /// What was read.
    #[error("{0}; nothing was exported")]
    Leaving(#[from] LeavingError),
    /// The file.
    #[error("the export cannot be written: {0}")]
    Output(#[from] io::Error),
    /// There is no such organization.
    #[error("there is no organization {0} in that mode; `billfold admin organizations` lists them")]
    NoOrganization(Id),
}

/// What an export came to: how many lines there are of each type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// How many lines, by type.
    pub counts: BTreeMap<String, u64>,
}

impl std::fmt::Display for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (kind, count) in &self.counts {
            writeln!(f, "{count:>9} {kind}")?;
        }
        let all: u64 = self.counts.values().sum();
        write!(f, "{all:>9} in all")?;
        match self.counts.get("operations") {
            None => Ok(()),
            Some(owed) => write!(
                f,
                "\n{owed} of them are owed to gateways, or under way there: they are for reading, stay with this table, and are its to carry on"
            ),
        }
    }
}

impl NewExportKey {
    /// Makes the key pair; the text is the public key.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub fn run(&self) -> Result<String, KeyError> {
        make_pair(&self.file)
    }
}

impl Export {
    /// Exports from the table of the environment, and says on standard error what there was.
    ///
    /// # Errors
    /// What went wrong; there is no file then.
    pub async fn run(&self) -> Result<(), ExportError> {
        logging::start_on_terminal();
        let table = Table::read().await;
        let table = table.map_err(|error| ExportError::Environment(error.to_string()))?;
        let exported = self.run_at(&table.store).await?;
        eprintln!("{exported}");
        Ok(())
    }

    /// The same, from this table.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_at(&self, store: &Store) -> Result<Exported, ExportError> {
        let tokens = match &self.to {
            Some(file) if self.with_tokens => Tokens::For(PublicKey::read(file)?),
            _ => Tokens::Left,
        };
        let tenant = Tenant {
            organization: self.organization,
            mode: self.mode,
        };
        let now = SystemClock.now();
        if self.output == Path::new("-") {
            let out = BufWriter::new(io::stdout());
            return Ok(export(store, tenant, now, tokens, out).await?.1);
        }
        let unfinished = unfinished(&self.output);
        let exported = self.write_file(store, tenant, now, tokens, &unfinished);
        let exported = exported.await;
        if exported.is_err() {
            // What is left of it is of no use; that it cannot be removed is not what went wrong.
            let _removed = fs::remove_file(&unfinished);
        }
        exported
    }

    async fn write_file(
        &self,
        store: &Store,
        tenant: Tenant,
        now: Timestamp,
        tokens: Tokens,
        unfinished: &Path,
    ) -> Result<Exported, ExportError> {
        let out = BufWriter::new(owners_file(unfinished)?);
        let (out, exported) = export(store, tenant, now, tokens, out).await?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        fs::rename(unfinished, &self.output)?;
        Ok(exported)
    }
}

/// Writes a tenant's records, as they are at `now`. A page of the table is in memory at a time.
///
/// # Errors
/// The organization is not there; the table does not answer, or a record does not read; it cannot be written.
async fn export<W: Write>(
    store: &Store,
    tenant: Tenant,
    now: Timestamp,
    tokens: Tokens,
    out: W,
) -> Result<(W, Exported), ExportError> {
    let catalog = store.read_catalog(tenant, now).await?;
    if catalog
        .get(ResourceType::Organizations, tenant.organization)
        .is_none()
    {
        return Err(ExportError::NoOrganization(tenant.organization));
    }
    let leaving = Leaving::new(tenant, now, tokens);
    let mut writer = Writer::begin(out, leaving.header(store).await?)?;
    let mut progress = Progress::of("records exported");
    let mut after = None;
    loop {
        let page = store.export_page(tenant, after.as_ref()).await?;
        for moved in page.moved {
            if let Some(line) = leaving.line(moved)? {
                writer.line(&line)?;
                progress.step();
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let (out, counts) = writer.end()?;
    Ok((out, Exported { counts }))
}

/// The file while it is being written, beside the one that it becomes.
fn unfinished(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".unfinished");
    PathBuf::from(name)
}

/// A new file that is its owner's alone, in the place of one that was left unfinished.
fn owners_file(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
