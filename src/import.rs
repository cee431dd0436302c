//! `billfold import`: an export, into the table that the environment names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use aws::Table;
use clap::Args;
use decisions::{Permit, PermittedTo};
use domain::record::Place;
use domain::{Clock, Id, Mode, ResourceType, Tenant};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use store::{Import as Outcome, Moved, Store, StoreError};
use system::SystemClock;

use crate::moving::{
    Arriving, FileError, FileProblem, Header, KeyError, PrivateKey, Progress, Reader, WrongKey,
};

const OPERATOR: &Permit = &Permit::grant(PermittedTo::Operator);

/// What is not written because the order, customer or wallet that it stands with is another here: that one is told of.
const WITH_ANOTHER: &str = "what it stands with differs";

/// How many orders, customers and other records are written at the same time.
const WRITES_AT_ONCE: usize = 16;

/// Writes the records of an export into this table.
///
/// It reads TABLE_NAME and SECRETS_PREFIX (or SECRETS_FILE) as the functions do, and the account from the
/// environment. The whole file is read and checked first. A record is written where nothing stands; one that is there
/// and equal is passed over, so that an import that was cut short is run again; one that differs is reported and left
/// alone. The exit code is 1 where any differs, and 2 where the file or the command is no good.
#[derive(Debug, Args)]
pub struct Import {
    /// The file that `billfold export` wrote.
    file: PathBuf,
    /// The file of the private key that the tokens are sealed for.
    #[arg(long, value_name = "PRIVATE_KEY_FILE")]
    key: Option<PathBuf>,
    /// Writes nothing, and says what would be made, is there, or differs.
    #[arg(long)]
    dry_run: bool,
    /// The organization here whose records they are to be; the one of the same id by default. It has to be there.
    #[arg(long)]
    organization: Option<Id>,
    /// Has this table capture and release the payments that come along: nobody uses the table that they come from
    /// any more, and nothing is carried on there. Without it orders come with their books, and their payments stay
    /// with the table that made them.
    #[arg(long, requires = "key")]
    take_over: bool,
}

/// Why not everything was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The environment, the account or the keys.
    #[error("the table cannot be used: {0}")]
    Environment(String),
    /// A key's file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key that is not the file's.
    #[error("{0}; nothing was imported")]
    WrongKey(#[from] WrongKey),
    /// The file.
    #[error("{0}; nothing was imported")]
    File(#[from] FileError),
    /// There is no such organization.
    #[error("there is no organization {id} in {mode} mode here: make one with `billfold admin make-organization`, and name it with --organization", mode = .mode.as_str())]
    NoOrganization {
        /// Which.
        id: Id,
        /// In which mode.
        mode: Mode,
    },
    /// The table, in the midst of it.
    #[error("{0}; run it again, it goes on where it was")]
    Table(#[from] StoreError),
    /// The file is another than it was when it was checked.
    #[error("{0}; the file was changed while it was imported")]
    Changed(FileError),
    /// Some records were left alone.
    #[error("{0}")]
    Differ(Imported),
}

/// What an import came to, or would.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Whether nothing was written.
    pub is_rehearsal: bool,
    /// How many records were made, by type.
    pub made: BTreeMap<&'static str, u64>,
    /// How many were there, and equal.
    pub same: u64,
    /// How many differ from what is there, and were left alone.
    pub differ: u64,
    /// How many operations are left to the table that they come from.
    pub left: u64,
}

impl ImportError {
    /// The exit code of the process.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Environment(_) | Self::Table(_) | Self::Changed(_) | Self::Differ(_) => 1,
            Self::Key(_) | Self::WrongKey(_) | Self::File(_) | Self::NoOrganization { .. } => 2,
        }
    }
}

impl std::fmt::Display for Imported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (kind, count) in &self.made {
            writeln!(f, "{count:>9} {kind}")?;
        }
        let made: u64 = self.made.values().sum();
        let done = match self.is_rehearsal {
            true => "would be made",
            false => "made",
        };
        let (same, differ) = (self.same, self.differ);
        write!(f, "{made:>9} {done}, {same} there already, {differ} differ")?;
        match self.left {
            0 => Ok(()),
            left => write!(
                f,
                "\n{left} operations are not imported: what is owed to gateways is carried on by the table that owes it"
            ),
        }
    }
}

impl Import {
    /// Imports into the table of the environment, and says on standard error what came of it.
    ///
    /// # Errors
    /// What went wrong, or differs.
    pub async fn run(&self) -> Result<(), ImportError> {
        logging::start_on_terminal();
        let table = Table::read().await;
        let table = table.map_err(|error| ImportError::Environment(error.to_string()))?;
        let imported = self
            .run_at(&table.store, |line| eprintln!("{line}"))
            .await?;
        eprintln!("{imported}");
        Ok(())
    }

    /// The same, into this table; a line is told for each record that differs.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_at(
        &self,
        store: &Store,
        tell: impl FnMut(String),
    ) -> Result<Imported, ImportError> {
        let (header, _) = open(&self.file)?;
        let tenant = Tenant {
            organization: self.organization.unwrap_or(header.organization),
            mode: header.mode,
        };
        let catalog = store.read_catalog(tenant, SystemClock.now()).await?;
        if catalog
            .get(ResourceType::Organizations, tenant.organization)
            .is_none()
        {
            return Err(ImportError::NoOrganization {
                id: tenant.organization,
                mode: tenant.mode,
            });
        }
        let mut progress = Progress::of("records checked");
        let mut arrivals = self.arrivals(store)?;
        while arrivals.next()?.is_some() {
            progress.step();
        }
        drop(progress);
        if self.take_over && !self.dry_run {
            store.take_over(OPERATOR, &header.table).await?;
        }
        let arrivals = self.arrivals(store)?;
        self.write(store, tenant, arrivals, tell).await
    }

    async fn write(
        &self,
        store: &Store,
        tenant: Tenant,
        mut arrivals: Arrivals,
        mut tell: impl FnMut(String),
    ) -> Result<Imported, ImportError> {
        let mut imported = Imported {
            is_rehearsal: self.dry_run,
            ..Imported::default()
        };
        let mut progress = Progress::of(match self.dry_run {
            true => "records compared",
            false => "records imported",
        });
        let (mut under_way, mut is_over) = (FuturesUnordered::new(), false);
        loop {
            while !is_over && under_way.len() < WRITES_AT_ONCE {
                let together = arrivals.next_together().map_err(ImportError::Changed)?;
                is_over = together.is_empty();
                under_way.push(self.import(store, tenant, together));
            }
            let Some(done) = under_way.next().await else {
                break;
            };
            for (kind, which, outcome) in done? {
                progress.step();
                match outcome {
                    Outcome::Made => *imported.made.entry(kind).or_default() += 1,
                    Outcome::Same => imported.same += 1,
                    Outcome::Left => imported.left += 1,
                    Outcome::Differs(how) => {
                        imported.differ += 1;
                        if how != WITH_ANOTHER {
                            tell(format!("{kind} {which} differs: {how}"));
                        }
                    }
                }
            }
        }
        match imported.differ {
            0 => Ok(imported),
            _ => Err(ImportError::Differ(imported)),
        }
    }

    /// Imports what stands together, in its order: nothing comes to stand with an order, a customer or a wallet that
    /// is another here.
    async fn import(
        &self,
        store: &Store,
        tenant: Tenant,
        together: Vec<Moved>,
    ) -> Result<Vec<(&'static str, String, Outcome)>, StoreError> {
        let has_other_wallet = match together.iter().find(|it| matches!(it, Moved::Head { .. })) {
            Some(head) => differs(&store.import(OPERATOR, tenant, head.clone(), true).await?),
            None => false,
        };
        let (mut done, mut has_other_root) = (Vec::new(), false);
        for moved in together {
            let (kind, which) = name(&moved);
            let is_left = has_other_root || (has_other_wallet && is_of_wallet(&moved));
            let is_root = is_root(&moved);
            let outcome = store.import(OPERATOR, tenant, moved, self.dry_run || is_left);
            let outcome = match outcome.await? {
                Outcome::Made if is_left => Outcome::Differs(WITH_ANOTHER),
                outcome => outcome,
            };
            has_other_root |= is_root && differs(&outcome);
            done.push((kind, which, outcome));
        }
        Ok(done)
    }

    /// What the file brings, from its beginning.
    fn arrivals(&self, store: &Store) -> Result<Arrivals, ImportError> {
        let key = self.key.as_deref().map(PrivateKey::read).transpose()?;
        let (header, reader) = open(&self.file)?;
        let arriving = Arriving::new(&header, key, self.take_over, store.lookup().clone())?;
        Ok(Arrivals {
            reader,
            arriving,
            root: None,
            is_over: false,
        })
    }
}

/// What a file brings, line by line.
struct Arrivals {
    reader: Reader<BufReader<File>>,
    arriving: Arriving,
    /// What the next that stand together begin with, where it was read already.
    root: Option<Moved>,
    /// Whether the file was read to its end.
    is_over: bool,
}

impl Arrivals {
    /// An order or a customer with all that stands with it, or one record that stands by itself; nothing at the end.
    fn next_together(&mut self) -> Result<Vec<Moved>, FileError> {
        let mut together = Vec::from_iter(self.root.take());
        while !self.is_over {
            match self.next()? {
                None => self.is_over = true,
                Some(root) if is_root(&root) && !together.is_empty() => {
                    self.root = Some(root);
                    break;
                }
                Some(moved) => together.push(moved),
            }
        }
        Ok(together)
    }

    fn next(&mut self) -> Result<Option<Moved>, FileError> {
        let Some(line) = self.reader.next()? else {
            return Ok(None);
        };
        let moved = self.arriving.take(line);
        let moved = moved.map_err(|problem| self.reader.wrong(FileProblem::Line(problem)))?;
        Ok(Some(moved))
    }
}

fn open(path: &Path) -> Result<(Header, Reader<BufReader<File>>), FileError> {
    let file = File::open(path).map_err(|error| FileError {
        line: 0,
        problem: error.into(),
    })?;
    Reader::begin(BufReader::new(file))
}

/// Whether others may stand with it, and it with none.
fn is_root(moved: &Moved) -> bool {
    match moved {
        Moved::Record(it) => matches!(
            it.place,
            Place::Order | Place::Customer | Place::Catalog | Place::Own
        ),
        Moved::OrderNumber(_) => true,
        Moved::GatewayCustomer { .. } | Moved::Head { .. } | Moved::Operation(_) => false,
    }
}

fn is_of_wallet(moved: &Moved) -> bool {
    match moved {
        Moved::Record(it) => matches!(it.place, Place::Wallet(_)),
        Moved::GatewayCustomer { .. } | Moved::Head { .. } => true,
        Moved::Operation(_) | Moved::OrderNumber(_) => false,
    }
}

const fn differs(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Differs(_))
}

/// What something that arrives is called, for people.
fn name(moved: &Moved) -> (&'static str, String) {
    match moved {
        Moved::Record(it) => (it.record.kind.name(), it.record.id.to_string()),
        Moved::GatewayCustomer { customer, .. } => ("gateway_customers", customer.to_string()),
        Moved::Head { customer, .. } => ("wallets", customer.to_string()),
        Moved::Operation(it) => ("operations", it.id.to_string()),
        Moved::OrderNumber(number) => ("order_numbers", number.to_string()),
    }
}
