//! `billfold admin`: organizations and the clients of the API, in the table that the environment names.

use std::fmt::Write as _;

use access::{digest_client_secret, generate_client_secret};
use aws::Table;
use clap::{Args, Subcommand, ValueEnum};
use decisions::{Permit, PermittedTo};
use domain::record::{Place, Record};
use domain::{Clock, Id, MarketId, Mode, Random, ResourceType, Tenant};
use secrecy::ExposeSecret;
use serde_json::json;
use store::{ApiClient, ClientKind, Store, StoreError, is_client_id};
use system::{SystemClock, SystemRandom};

const OPERATOR: &Permit = &Permit::grant(PermittedTo::Operator);

/// What the record of an organization remembers of its host.
const SLUG: &str = "slug";

/// Makes organizations and the clients of the API, which tokens are issued to.
///
/// It reads TABLE_NAME and SECRETS_PREFIX (or SECRETS_FILE) as the functions do, and the account from the
/// environment.
#[derive(Debug, Args)]
pub struct Admin {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Makes an organization in test and live mode, and prints its id.
    MakeOrganization {
        /// Its name, as shoppers read it.
        #[arg(long)]
        name: String,
        /// Its host under the domain: lower-case letters, digits and hyphens.
        #[arg(long, value_parser = slug)]
        slug: String,
    },
    /// Lists the organizations. Reads the whole table.
    Organizations,
    /// Makes a client of the API, and prints its secret, where it has one: it is not shown again.
    MakeClient(MakeClient),
    /// Lists the clients of the API. Reads the whole table.
    Clients,
    /// Gives a client another secret, and prints it. The former is not taken any more.
    RotateSecret {
        /// The client's client_id.
        client_id: String,
    },
    /// Deletes a client: it gets no token any more. Those that it has run out by themselves, within four hours.
    DeleteClient {
        /// The client's client_id.
        client_id: String,
    },
}

#[derive(Debug, Args)]
struct MakeClient {
    /// Its client_id: letters, digits, `-`, `_` and `.`, another than any organization's.
    client_id: String,
    /// The organization's id.
    #[arg(long, value_parser = id)]
    organization: Id,
    /// The mode that its tokens are for.
    #[arg(long, value_enum)]
    mode: ModeNamed,
    /// What it is.
    #[arg(long, value_enum)]
    kind: Kind,
    /// A market that a sales channel may sell in, by its code; as many as there are. Without any it may in all.
    #[arg(long = "market")]
    markets: Vec<String>,
    /// Where customers may be sent back to who have signed in; as many as there are.
    #[arg(long = "redirect-uri", value_parser = redirect_uri)]
    redirect_uris: Vec<String>,
    /// Gives a sales channel a secret, so that its server can ask for customers' tokens by assertion. An
    /// integration has one anyway.
    #[arg(long)]
    with_secret: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModeNamed {
    Test,
    Live,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// The shop's own back end.
    Integration,
    /// A storefront.
    SalesChannel,
}

/// Why nothing was made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The environment, the account or the keys.
    #[error("the table cannot be used: {0}")]
    Environment(String),
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
    /// There is no such organization.
    #[error("there is no organization {id} in {mode} mode; make it with `billfold admin make-organization`", mode = .mode.as_str())]
    NoOrganization {
        /// What was given.
        id: Id,
        /// In which mode.
        mode: Mode,
    },
    /// The client's name is taken.
    #[error("there is a client {0} already; client_ids are unique among all organizations")]
    Taken(String),
    /// The client's name is none.
    #[error("{0} is no client_id: up to 128 letters, digits, `-`, `_` and `.`")]
    NoClientId(String),
    /// There is no such client.
    #[error("there is no client {0}; `billfold admin clients` lists them")]
    NoClient(String),
    /// A client that proves itself by nothing.
    #[error("{0} has no secret, so there is none to change")]
    NoSecret(String),
    /// There is no such market.
    #[error("the organization has no market of the code {code}; it has {known}")]
    NoMarket {
        /// What was given.
        code: String,
        /// Those that there are.
        known: String,
    },
}

impl Admin {
    /// Does what is asked, and says what to print.
    ///
    /// # Errors
    /// What went wrong, and what to do.
    pub async fn run(&self) -> Result<String, AdminError> {
        logging::start_on_terminal();
        let table = Table::read().await;
        let table = table.map_err(|error| AdminError::Environment(error.to_string()))?;
        self.run_at(&table.store).await
    }

    /// The same, at this table.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_at(&self, store: &Store) -> Result<String, AdminError> {
        match &self.command {
            AdminCommand::MakeOrganization { name, slug } => {
                make_organization(store, name, slug).await
            }
            AdminCommand::Organizations => organizations(store).await,
            AdminCommand::MakeClient(asked) => asked.make(store).await,
            AdminCommand::Clients => clients(store).await,
            AdminCommand::RotateSecret { client_id } => rotate(store, client_id).await,
            AdminCommand::DeleteClient { client_id } => {
                match store.delete_api_client(OPERATOR, client_id).await {
                    Ok(()) => Ok(format!("{client_id} is deleted")),
                    Err(StoreError::Conflict) => Err(AdminError::NoClient(client_id.clone())),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}

async fn make_organization(store: &Store, name: &str, slug: &str) -> Result<String, AdminError> {
    let random: &dyn Random = &SystemRandom;
    let organization = random.id();
    let now = SystemClock.now();
    let mut record = Record::new(ResourceType::Organizations, organization, now);
    record.set("name", name);
    record.set("config", json!({}));
    record.write_state(&json!({ SLUG: slug }));
    for mode in [Mode::Test, Mode::Live] {
        let tenant = Tenant { organization, mode };
        store
            .create(OPERATOR, tenant, Place::Catalog, &record)
            .await?;
    }
    Ok(organization.to_string())
}

async fn organizations(store: &Store) -> Result<String, AdminError> {
    let mut told = String::from("ID          MODE  SLUG                  NAME");
    for (tenant, record) in store.organizations(OPERATOR).await? {
        let (id, mode) = (tenant.organization, tenant.mode.as_str());
        let (slug, name) = (slug_of(&record), record.text("name").unwrap_or_default());
        write!(told, "\n{id}  {mode}  {slug:20}  {name}").unwrap_or_default();
    }
    Ok(told)
}

async fn clients(store: &Store) -> Result<String, AdminError> {
    let mut told = String::from("CLIENT_ID                       ORGANIZATION  MODE  SECRET  KIND");
    for client in store.api_clients(OPERATOR).await? {
        let (id, mode) = (client.tenant.organization, client.tenant.mode.as_str());
        let secret = client.secret_hash.map_or("no", |_| "yes");
        let kind = match client.kind {
            ClientKind::Integration => "integration",
            ClientKind::SalesChannel => "sales channel",
        };
        let named = client.client_id;
        write!(told, "\n{named:30}  {id}    {mode}  {secret:6}  {kind}").unwrap_or_default();
    }
    Ok(told)
}

async fn rotate(store: &Store, client_id: &str) -> Result<String, AdminError> {
    let client = store.api_client(client_id).await?;
    let mut client = client.ok_or_else(|| AdminError::NoClient(client_id.to_owned()))?;
    if client.secret_hash.is_none() {
        return Err(AdminError::NoSecret(client_id.to_owned()));
    }
    let secret = generate_client_secret(&SystemRandom);
    client.secret_hash = Some(digest_client_secret(secret.expose_secret()));
    match store.change_api_client(OPERATOR, &client).await {
        Ok(()) => Ok(secret.expose_secret().to_owned()),
        Err(StoreError::Conflict) => Err(AdminError::NoClient(client_id.to_owned())),
        Err(error) => Err(error.into()),
    }
}

impl MakeClient {
    async fn make(&self, store: &Store) -> Result<String, AdminError> {
        let tenant = Tenant {
            organization: self.organization,
            mode: match self.mode {
                ModeNamed::Test => Mode::Test,
                ModeNamed::Live => Mode::Live,
            },
        };
        if !is_client_id(&self.client_id) {
            return Err(AdminError::NoClientId(self.client_id.clone()));
        }
        let catalog = store.read_catalog(tenant, SystemClock.now()).await?;
        let organization = catalog.get(ResourceType::Organizations, self.organization);
        let organization = organization.ok_or(AdminError::NoOrganization {
            id: self.organization,
            mode: tenant.mode,
        })?;
        let known: Vec<_> = catalog
            .of(ResourceType::Markets)
            .into_iter()
            .filter_map(|it| Some((it.text("code")?.to_owned(), MarketId::new(it.id))))
            .collect();
        let market = |code: &String| {
            let found = known.iter().find(|(it, _)| it == code).cloned();
            found.ok_or_else(|| AdminError::NoMarket {
                code: code.clone(),
                known: match known.is_empty() {
                    true => "none yet".to_owned(),
                    false => {
                        let codes: Vec<_> = known.iter().map(|(code, _)| code.as_str()).collect();
                        codes.join(", ")
                    }
                },
            })
        };
        let markets = self.markets.iter().map(market);
        let has_secret = self.with_secret || matches!(self.kind, Kind::Integration);
        let secret = has_secret.then(|| generate_client_secret(&SystemRandom));
        let secret = secret.as_ref().map(ExposeSecret::expose_secret);
        let random: &dyn Random = &SystemRandom;
        let client = ApiClient {
            client_id: self.client_id.clone(),
            id: random.id(),
            tenant,
            slug: slug_of(organization).to_owned(),
            kind: match self.kind {
                Kind::Integration => ClientKind::Integration,
                Kind::SalesChannel => ClientKind::SalesChannel,
            },
            secret_hash: secret.map(digest_client_secret),
            markets: markets.collect::<Result<_, _>>()?,
            redirect_uris: self.redirect_uris.clone(),
        };
        match store.create_api_client(&client).await {
            Ok(()) => Ok(secret.map_or_else(
                || format!("{} is made; it has no secret", self.client_id),
                str::to_owned,
            )),
            Err(StoreError::Conflict) => Err(AdminError::Taken(self.client_id.clone())),
            Err(error) => Err(error.into()),
        }
    }
}

fn slug_of(organization: &Record) -> &str {
    let slug = organization.state.get(SLUG).and_then(|it| it.as_str());
    slug.unwrap_or_default()
}

fn slug(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = (1..=63).contains(&text.len()) && text.bytes().all(allowed);
    match is_label && !text.starts_with('-') && !text.ends_with('-') {
        true => Ok(text.to_owned()),
        false => Err("1 to 63 lower-case letters, digits and hyphens, none at an end".to_owned()),
    }
}

fn id(text: &str) -> Result<Id, String> {
    text.parse()
        .map_err(|_| "no id, as `billfold admin organizations` lists them".to_owned())
}

fn redirect_uri(text: &str) -> Result<String, String> {
    let uri: http::Uri = text.parse().map_err(|_| "no URL".to_owned())?;
    match (uri.scheme_str(), text.contains('#')) {
        (Some("https" | "http"), false) => Ok(text.to_owned()),
        _ => Err("an http or https URL without a fragment".to_owned()),
    }
}
