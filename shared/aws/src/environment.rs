use std::path::Path;
use std::sync::Arc;

use access::{Issuers, Signer};
use aws_config::SdkConfig;
use domain::BoxFuture;
use futures_util::future;
use gatehouse::user_url::TrustedOrigins;
use lambda_runtime::Error;
use secrecy::ExposeSecret;
use secrets::{SecretError, Secrets, SecretsFile, WritableSecrets};
use service::{Configuration, Context, DeclineLimits, Front, KeySets, Keys, Renewed};
use store::aws_sdk_dynamodb::Client;
use store::{Sealer, SealingKey, Store};
use system::{SystemClock, SystemRandom, TokioSleep};

use crate::{HttpsKeySets, SecretsManager, sdk};

/// What `main` makes of the environment.
pub struct Environment {
    /// What every endpoint needs.
    pub context: Context,
    /// Where credentials are kept.
    pub secrets: Arc<dyn Secrets>,
}

impl Environment {
    /// Reads the environment (`TABLE_NAME`, `PUBLIC_URL`, `ISSUERS`, `DOMAIN`,
    /// `EXTERNAL_GATEWAY_TRUSTED_ORIGINS`, `RATE_LIMIT`, `ADDRESS_RATE_LIMIT`, `TOKEN_RATE_LIMIT`, and where secrets are: `SECRETS_PREFIX` or `SECRETS_FILE`),
    /// connects to the table, and starts logging.
    ///
    /// # Errors
    /// A variable is missing or does not read; the keys cannot be had. The function does not start.
    pub async fn read() -> Result<Self, Error> {
        logging::start_in_function();
        let account = Account::of_function();
        let secrets = account.secrets()?;
        Self::at(&account, secrets).await
    }

    /// The same, of a function that changes secrets, and what it changes them with.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_writable() -> Result<(Self, Arc<dyn WritableSecrets>), Error> {
        logging::start_in_function();
        let account = Account::of_function();
        let secrets = account.writable_secrets()?;
        let environment = Self::at(&account, secrets.clone()).await?;
        Ok((environment, secrets))
    }

    /// The same, of a process that is no function and logs in its own way.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn connect() -> Result<Self, Error> {
        let account = Account::of_environment().await;
        let secrets = account.secrets()?;
        Self::at(&account, secrets).await
    }

    async fn at(account: &Account, secrets: Arc<dyn Secrets>) -> Result<Self, Error> {
        let client = account.dynamodb();
        let name = variable("TABLE_NAME")?;
        let connected = async { Ok(store::connect(&client, &name).await) };
        let keys = async { Ok(Keys::read(&secrets, Arc::new(SystemClock)).await?) };
        // The handshakes with the table fall into the time that the keys take.
        let (keys, issuers, mark) = future::try_join3(keys, issuers(&secrets), connected).await?;
        let Table { store, sealing } = Table::of(client.clone(), name.clone(), keys);
        let store = store.knowing(mark);
        let context = Context {
            store,
            sealing,
            issuers: Arc::new(issuers),
            clock: Arc::new(SystemClock),
            sleep: Arc::new(TokioSleep),
            random: Arc::new(SystemRandom),
            configuration: Configuration {
                public_url: variable("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
                domain: std::env::var("DOMAIN").ok().filter(|it| !it.is_empty()),
                trusted_origins: trusted_origins()?,
                rate_limit: limit(Configuration::RATE_LIMIT, 600)?,
                address_rate_limit: limit(Configuration::ADDRESS_RATE_LIMIT, 6_000)?,
                token_rate_limit: limit(Configuration::TOKEN_RATE_LIMIT, 30)?,
                declined: DeclineLimits::read(|name| std::env::var(name).ok())?,
                adopted_table: std::env::var("ADOPTED_TABLE")
                    .ok()
                    .filter(|it| !it.is_empty()),
                front: Front::read(std::env::var(Front::VARIABLE).ok().as_deref())?,
            },
        };
        Ok(Self { context, secrets })
    }

    /// What signs tokens in the name of `ISSUER`, read again while the function runs.
    ///
    /// # Errors
    /// The variable is not set; the keys cannot be had.
    pub async fn signer(&self) -> Result<Renewed<Signer>, Error> {
        let (secrets, issuer) = (Arc::clone(&self.secrets), variable("ISSUER")?);
        let read = move || -> BoxFuture<'static, Result<Signer, Error>> {
            let (secrets, issuer) = (Arc::clone(&secrets), issuer.clone());
            Box::pin(async move {
                let pem = secrets.latest(service::SIGNING).await?;
                Ok(Signer::from_pem(&pem, issuer)?)
            })
        };
        Renewed::first(read, Arc::new(SystemClock)).await
    }
}

/// The AWS account of the environment: region, credentials, endpoints.
#[derive(Debug)]
pub struct Account(SdkConfig);

impl Account {
    /// The account as the environment names it. Nothing is asked of it yet.
    pub async fn of_environment() -> Self {
        Self(sdk::of_environment().await)
    }

    /// The account that a function runs in.
    fn of_function() -> Self {
        Self(sdk::of_function(|name| std::env::var(name).ok()))
    }

    /// A client of its DynamoDB.
    pub fn dynamodb(&self) -> Client {
        Client::new(&self.0)
    }

    /// Secrets are in AWS Secrets Manager under `SECRETS_PREFIX`, or on one machine in `SECRETS_FILE`.
    ///
    /// # Errors
    /// Neither variable is set; the file cannot be used.
    pub fn secrets(&self) -> Result<Arc<dyn Secrets>, Error> {
        self.kept(|file| Arc::new(file) as _, |manager| Arc::new(manager) as _)
    }

    /// The same, to be changed.
    ///
    /// # Errors
    /// As [`Self::secrets`].
    pub fn writable_secrets(&self) -> Result<Arc<dyn WritableSecrets>, Error> {
        self.kept(|file| Arc::new(file) as _, |manager| Arc::new(manager) as _)
    }

    fn kept<T: ?Sized>(
        &self,
        in_file: fn(SecretsFile) -> Arc<T>,
        in_manager: fn(SecretsManager) -> Arc<T>,
    ) -> Result<Arc<T>, Error> {
        Ok(match std::env::var("SECRETS_FILE") {
            Ok(path) => in_file(SecretsFile::open(Path::new(&path))?),
            Err(_) => in_manager(SecretsManager::new(&self.0, variable("SECRETS_PREFIX")?)),
        })
    }
}

/// The table as the environment names it, with its keys.
pub struct Table {
    /// The table.
    pub store: Store,
    /// What tokens are sealed with in it.
    pub sealing: Arc<Renewed<Vec<SealingKey>>>,
}

impl Table {
    /// Reads `TABLE_NAME`, and where secrets are: `SECRETS_PREFIX` or `SECRETS_FILE`.
    ///
    /// # Errors
    /// A variable is missing; the keys cannot be had.
    pub async fn read() -> Result<Self, Error> {
        let account = Account::of_environment().await;
        let keys = Keys::read(&account.secrets()?, Arc::new(SystemClock)).await?;
        Ok(Self::of(account.dynamodb(), variable("TABLE_NAME")?, keys))
    }

    fn of(client: Client, name: String, keys: Keys) -> Self {
        let random = Arc::new(SystemRandom);
        let sealer = Sealer::new(keys.sealing.clone(), random.clone());
        Self {
            store: Store::new(client, name, sealer, keys.lookup, random),
            sealing: keys.sealing,
        }
    }
}

/// The issuers of the secret, or of `ISSUERS` where there is none; read again while the function runs.
async fn issuers(secrets: &Arc<dyn Secrets>) -> Result<Renewed<Issuers>, Error> {
    let (secrets, configured) = (Arc::clone(secrets), variable("ISSUERS")?);
    let key_sets = KeySets::new(Arc::new(HttpsKeySets::default()), Arc::new(SystemClock));
    let key_sets = Arc::new(key_sets);
    let read = move || -> BoxFuture<'static, Result<Issuers, Error>> {
        let (secrets, configured) = (Arc::clone(&secrets), configured.clone());
        let key_sets = Arc::clone(&key_sets);
        Box::pin(async move {
            let published = |uri| key_sets.at(uri);
            Ok(match secrets.latest(service::ISSUERS).await {
                Ok(listed) => Issuers::from_json(listed.expose_secret(), published)?,
                Err(SecretError::Missing(_)) => Issuers::from_json(&configured, published)?,
                Err(error) => return Err(error.into()),
            })
        })
    };
    Renewed::first(read, Arc::new(SystemClock)).await
}

/// None where the variable is not set. The error is the text: what stops a process is logged as Rust
/// writes it, which for a type would be its name and parts.
fn trusted_origins() -> Result<TrustedOrigins, Error> {
    let listed = std::env::var(TrustedOrigins::VARIABLE).unwrap_or_default();
    TrustedOrigins::parse(&listed).map_err(|error| error.to_string().into())
}

fn limit(name: &str, default: u32) -> Result<u32, Error> {
    let value = std::env::var(name).ok();
    Configuration::limit(name, value.as_deref(), default).map_err(Error::from)
}

/// An environment variable that has to be there.
///
/// # Errors
/// The variable is not set.
pub fn variable(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is not set").into())
}
