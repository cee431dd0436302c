//! Everything in one process.

use std::path::Path;
use std::sync::Arc;

use access::{Issuers, Signer};
use gateways::{BaseUrls, Gateways};
use issue_token::Issuing;
use outbound::{GuardedTransport, HttpTransport, TrustedOrigins};
use secrets::{SecretError, Secrets, SecretsFile};
use service::{Configuration, Context, DeclineLimits, Keys};
use store::aws_sdk_dynamodb::Client;
use store::{Sealer, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{Api, wait_for};
use crate::engine::{Engine, TABLE};
use crate::stand_ins::{StandIns, Starting};
use crate::starting::{Options, StartError, listen};
use crate::{demo, keys};

/// How many requests a caller may make in a minute, unless the environment says otherwise: more than
/// a suite of tests makes.
const REQUESTS_IN_A_MINUTE: u32 = 60_000;

/// A running server.
pub struct Running {
    /// Where the API is reached: `http://localhost:9000`.
    pub url: String,
    /// The stand-ins for the gateways.
    pub stand_ins: StandIns,
    /// What every endpoint needs.
    pub context: Context,
    /// The gateways.
    pub gateways: Arc<Gateways>,
    /// What tokens are issued with.
    pub issuing: Arc<Issuing>,
    /// Whether this start made the demo data.
    pub is_first_start: bool,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    engine: Engine,
    client: Client,
}

impl Running {
    /// A client of the database engine, and the table's name: for looking at what is stored.
    pub fn table(&self) -> (store::aws_sdk_dynamodb::Client, &'static str) {
        (self.client.clone(), TABLE)
    }

    /// Stops accepting requests, finishes those that are under way, and then stops everything else.
    pub async fn stop(self) {
        // Nobody listening means that everything has stopped already.
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task failed");
            }
        }
        self.engine.stopped().await;
    }
}

/// Starts everything: engine, stand-ins, functions, sweeper.
///
/// # Errors
/// A port is taken, or data and keys cannot be used; the text says what to do.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let listener = listen(options.port).await?;
    let port = listener.local_addr().map_or(options.port, |it| it.port());
    if let Some(path) = &options.data {
        make_folder(path)?;
    }
    let (stop, stopping) = watch::channel(false);
    let secrets = open_secrets(&options)?;
    let engine_file = options
        .data
        .as_ref()
        .map(|folder| folder.join("table.sqlite"));
    let engine = Engine::start(
        engine_file.as_deref(),
        options.engine_port,
        wait_for(stopping.clone()),
    )
    .await?;

    keys::make_missing(secrets.as_ref(), options.random.as_ref()).await?;
    let signer = Arc::new(signer(secrets.as_ref(), port).await?);
    let client = (options.engine_client)(engine.client_configuration());
    let client = Client::from_conf(client.build());
    let mut context = context(&options, &client, secrets.as_ref(), &signer, port).await?;

    let mut tasks = Vec::new();
    let starting = Starting {
        options: &options,
        api_port: port,
        stopping: &stopping,
        tasks: &mut tasks,
    };
    let shared_secret = demo::shared_secret(&context).await?;
    let stand_ins = starting.start(shared_secret.clone()).await?;
    context.configuration.trusted_origins = trusted_origins(&options, &stand_ins)?;
    let external = demo::ExternalGateway {
        token_url: format!("{}/token", stand_ins.external.url),
        shared_secret,
    };
    let is_first_start = demo::fill(&context, secrets.as_ref(), &external).await?;
    demo::point_to(&context, &external).await?;
    let gateways = Arc::new(gateways(&options, secrets, &context, &stand_ins)?);
    let issuing = Arc::new(Issuing {
        signer,
        random: options.random.clone(),
    });
    let api = Api {
        context: context.clone(),
        gateways: gateways.clone(),
        issuing: issuing.clone(),
    };
    tasks.push(api.clone().serve(listener, stopping.clone()));
    tasks.push(api.sweep_on_a_timer(stopping));
    Ok(Running {
        url: format!("http://localhost:{port}"),
        stand_ins,
        context,
        gateways,
        issuing,
        is_first_start,
        stop,
        tasks,
        engine,
        client,
    })
}

/// Makes the folder, for its owner alone.
fn make_folder(path: &Path) -> Result<(), StartError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|problem| StartError::Folder {
        path: path.to_owned(),
        problem,
    })
}

fn open_secrets(options: &Options) -> Result<Arc<dyn Secrets>, StartError> {
    let secrets = match &options.data {
        Some(folder) => SecretsFile::open(&folder.join("secrets.json"))?,
        None => SecretsFile::in_memory(),
    };
    Ok(Arc::new(secrets))
}

async fn signer(secrets: &dyn Secrets, port: u16) -> Result<Signer, StartError> {
    let failed = |error: &dyn std::fmt::Display| StartError::Signing(error.to_string());
    let pem = match secrets.get(service::SIGNING).await {
        Err(SecretError::Missing(_)) => {
            let key = access::generate_key().map_err(|error| failed(&error))?;
            secrets.put(service::SIGNING, key.clone()).await?;
            key
        }
        there => there?,
    };
    let issuer = format!("https://auth.localhost:{port}");
    Signer::from_pem(&pem, issuer).map_err(|error| failed(&error))
}

async fn context(
    options: &Options,
    client: &Client,
    secrets: &dyn Secrets,
    signer: &Signer,
    port: u16,
) -> Result<Context, StartError> {
    let keys = Keys::read(secrets).await?;
    store::table::create(client, TABLE).await?;
    let store = Store::new(
        client.clone(),
        TABLE,
        Sealer::new(keys.sealing, options.random.clone()),
        keys.lookup,
        options.random.clone(),
    );
    store.mark().await?;
    let failed = |error: &dyn std::fmt::Display| StartError::Signing(error.to_string());
    let issuers = Issuers::from_json(&demo::issuers(signer)).map_err(|error| failed(&error))?;
    Ok(Context {
        store,
        issuers: Arc::new(issuers),
        clock: options.clock.clone(),
        sleep: options.sleep.clone(),
        random: options.random.clone(),
        configuration: Configuration {
            public_url: format!("http://localhost:{port}"),
            domain: None,
            // The reference gateway, which is one of them, is not served yet.
            trusted_origins: TrustedOrigins::default(),
            rate_limit: limit(options, Configuration::RATE_LIMIT)?,
            token_rate_limit: limit(options, Configuration::TOKEN_RATE_LIMIT)?,
            declined: DeclineLimits::read(options.environment).map_err(StartError::Variable)?,
            adopted_table: None,
        },
    })
}

fn limit(options: &Options, name: &str) -> Result<u32, StartError> {
    let value = (options.environment)(name);
    Configuration::limit(name, value.as_deref(), REQUESTS_IN_A_MINUTE).map_err(StartError::Variable)
}

fn trusted_origins(options: &Options, stand_ins: &StandIns) -> Result<TrustedOrigins, StartError> {
    let listed = stand_ins.lookup(options, TrustedOrigins::VARIABLE);
    TrustedOrigins::parse(&listed.unwrap_or_default())
        .map_err(|error| StartError::Variable(error.to_string()))
}

fn gateways(
    options: &Options,
    secrets: Arc<dyn Secrets>,
    context: &Context,
    stand_ins: &StandIns,
) -> Result<Gateways, StartError> {
    let lookup = |name: &str| stand_ins.lookup(options, name);
    let bases =
        BaseUrls::from_lookup(lookup).map_err(|error| StartError::Variable(error.to_string()))?;
    let trusted = context.configuration.trusted_origins.clone();
    Ok(Gateways {
        transport: Arc::new(HttpTransport::new()),
        guarded: Arc::new(GuardedTransport::new(trusted)),
        circuits: Arc::new(context.store.clone()),
        secrets,
        clock: options.clock.clone(),
        sleep: options.sleep.clone(),
        bases,
    })
}
