//! Everything in one process.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use access::Issuers;
use gateways::{BaseUrls, Gateways};
use issue_token::Issuing;
use outbound::{GuardedTransport, HttpTransport, TrustedOrigins};
use sandbox::{CallbackDelivery, Delivery, Disorder};
use secrets::{Secrets, SecretsFile};
use service::{Configuration, Context, DeclineLimits, Front, Keys, Renewed};
use store::aws_sdk_dynamodb::Client;
use store::{Sealer, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{Api, wait_for};
use crate::engine::{Engine, TABLE};
use crate::https::{Https, Serving};
use crate::page::{Facts, Page};
use crate::stand_ins::{StandIns, Starting};
use crate::starting::{Options, StartError, listen, port_of};
use crate::telling::Telling;
use crate::{data_folder, demo, events, keys};

/// How many requests a caller may make in a minute, unless the environment says otherwise: more than
/// a suite of tests makes.
const REQUESTS_IN_A_MINUTE: u32 = 60_000;

/// A running server.
pub struct Running {
    /// Where the API is reached: `http://localhost:9000`.
    pub url: String,
    /// What the API listens on.
    pub listening: SocketAddr,
    /// Where hosts of a domain are served over TLS as well.
    pub https: Option<Https>,
    /// The file of the certificate of these hosts; none where it is kept in memory alone.
    pub certificate: Option<PathBuf>,
    /// The stand-ins for the gateways.
    pub stand_ins: StandIns,
    /// What every endpoint needs.
    pub context: Context,
    /// The gateways.
    pub gateways: Arc<Gateways>,
    /// Where credentials and keys are kept.
    pub secrets: Arc<SecretsFile>,
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

    /// What another process begins with over the same table and secrets: what this one has read, it has not.
    ///
    /// # Errors
    /// As [`start`].
    pub async fn another_process(
        &self,
        options: &Options,
    ) -> Result<(Context, Issuing), StartError> {
        let addresses = Addresses {
            url: &self.url,
            https: self.https.as_ref(),
        };
        let (mut context, issuing) =
            process(options, &self.client, &self.gateways.secrets, addresses).await?;
        context.configuration = self.context.configuration.clone();
        Ok((context, issuing))
    }

    /// Has the stand-ins tell the API what happened, in this order and as often as that says.
    pub async fn deliver_events(&self, disorder: Disorder) -> Vec<Delivery> {
        events::deliver(&self.stand_ins, disorder).await
    }

    /// Has Klarna and the external gateway tell what they have decided by now.
    pub async fn call_back(&self) -> Vec<CallbackDelivery> {
        events::call_back(&self.stand_ins).await
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
    let listener = listen(options.listen, options.port, "--port").await?;
    let asked = SocketAddr::new(options.listen, options.port);
    let listening = listener.local_addr().unwrap_or(asked);
    let port = listening.port();
    let url = format!("http://localhost:{port}");
    let https = match options.https.clone() {
        Some(wanted) => Some(listen_to(options.listen, wanted).await?),
        None => None,
    };
    if let Some(path) = &options.data {
        data_folder::prepare(path)?;
    }
    let (stop, stopping) = watch::channel(false);
    let secrets = open_secrets(&options)?;
    let engine = engine(&options, &stopping).await?;

    let signing_key = options.signing_key.clone();
    keys::make_missing(secrets.as_ref(), options.random.as_ref(), signing_key).await?;
    let client = (options.engine_client)(engine.client_configuration(options.environment));
    let client = Client::from_conf(client.build());
    let addresses = Addresses {
        url: &url,
        https: https.as_ref().map(|(https, _)| https),
    };
    let read_only: Arc<dyn Secrets> = secrets.clone();
    let started = process(&options, &client, &read_only, addresses).await?;
    let (mut context, issuing) = started;

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
        url: stand_ins.external.url.clone(),
        shared_secret,
    };
    let is_first_start = demo::fill(&context, secrets.as_ref(), &external).await?;
    demo::point_to(&context, &external).await?;
    let gateways = gateways(&options, read_only, &context, &stand_ins, &url)?;
    let gateways = Arc::new(gateways);
    let issuing = Arc::new(issuing);
    let api = Api {
        context: context.clone(),
        gateways: gateways.clone(),
        secrets: secrets.clone(),
        issuing: issuing.clone(),
    };
    let telling = Arc::new(Telling::new(options.clock.clone()));
    let page = options.page.then(|| {
        let facts = Facts {
            url: url.clone(),
            data: options.data.clone(),
            table: TABLE,
        };
        let (telling, stopping) = (telling.clone(), stopping.clone());
        Page::new(facts, &stand_ins, telling, listening, stopping)
    });
    tasks.push(api.clone().serve(listener, page, stopping.clone()));
    let folder = options.data.as_ref();
    let certificate = folder.map(|it| it.join(data_folder::CERTIFICATE));
    let https = match https {
        Some((https, listener)) => {
            let serving = Serving {
                https: https.clone(),
                secrets: secrets.clone(),
                shown_in: certificate.clone(),
                clock: options.clock.clone(),
            };
            let served = serving.serve(api.clone(), listener, stopping.clone());
            tasks.push(served.await?);
            Some(https)
        }
        None => None,
    };
    tasks.push(api.sweep_on_a_timer(stopping.clone()));
    events::tell(&stand_ins, &url)?;
    if let Some(every) = options.events_every {
        tasks.push(events::deliver_on_a_timer(
            stand_ins.clone(),
            telling,
            every,
            stopping,
        ));
    }
    Ok(Running {
        url,
        listening,
        https,
        certificate,
        stand_ins,
        context,
        gateways,
        secrets,
        issuing,
        is_first_start,
        stop,
        tasks,
        engine,
        client,
    })
}

/// The engine of the table: another where one is named, else the embedded one.
async fn engine(options: &Options, stopping: &watch::Receiver<bool>) -> Result<Engine, StartError> {
    if let Some(url) = &options.dynamodb_endpoint {
        return Ok(Engine::at(url)?);
    }
    let folder = options.data.as_ref();
    let file = folder.map(|it| it.join(data_folder::TABLE));
    let stopped = wait_for(stopping.clone());
    Ok(Engine::start(file.as_deref(), options.engine_port, stopped).await?)
}

/// Listens where the domain's hosts are to be served, and says on which port that is.
async fn listen_to(address: IpAddr, wanted: Https) -> Result<(Https, TcpListener), StartError> {
    let listener = listen(address, wanted.port, "--https").await?;
    let port = port_of(&listener, wanted.port);
    Ok((Https { port, ..wanted }, listener))
}

/// Where the API is reached.
#[derive(Clone, Copy)]
struct Addresses<'a> {
    url: &'a str,
    https: Option<&'a Https>,
}

impl Addresses<'_> {
    fn public_url(&self) -> String {
        self.https
            .map_or_else(|| self.url.to_owned(), Https::api_url)
    }

    fn issuer(&self) -> String {
        let own = || self.url.replacen("http://", "https://auth.", 1);
        self.https.map_or_else(own, Https::issuer)
    }
}

/// What a process begins with over this table and these secrets.
async fn process(
    options: &Options,
    client: &Client,
    secrets: &Arc<dyn Secrets>,
    addresses: Addresses<'_>,
) -> Result<(Context, Issuing), StartError> {
    let sealed_with = Keys::read(secrets, options.clock.clone()).await?;
    let issuer = addresses.issuer();
    let signer = keys::signer(secrets, &issuer, options.clock.clone()).await?;
    let issuers = keys::issuers(secrets, &issuer, options.clock.clone()).await?;
    let context = context(options, client, sealed_with, issuers, addresses).await?;
    let issuing = Issuing {
        signer: Arc::new(signer),
        random: options.random.clone(),
    };
    Ok((context, issuing))
}

fn open_secrets(options: &Options) -> Result<Arc<SecretsFile>, StartError> {
    let secrets = match &options.data {
        Some(folder) => SecretsFile::open(&folder.join(data_folder::SECRETS))?,
        None => SecretsFile::in_memory(),
    };
    Ok(Arc::new(secrets))
}

async fn context(
    options: &Options,
    client: &Client,
    keys: Keys,
    issuers: Renewed<Issuers>,
    addresses: Addresses<'_>,
) -> Result<Context, StartError> {
    store::table::create(client, TABLE).await?;
    let store = Store::new(
        client.clone(),
        TABLE,
        Sealer::new(keys.sealing.clone(), options.random.clone()),
        keys.lookup,
        options.random.clone(),
    );
    store.mark().await?;
    Ok(Context {
        store,
        sealing: keys.sealing,
        issuers: Arc::new(issuers),
        clock: options.clock.clone(),
        sleep: options.sleep.clone(),
        random: options.random.clone(),
        configuration: Configuration {
            public_url: addresses.public_url(),
            domain: addresses.https.map(|it| it.domain().to_owned()),
            // The reference gateway, which is one of them, is not served yet.
            trusted_origins: TrustedOrigins::default(),
            rate_limit: limit(options, Configuration::RATE_LIMIT)?,
            address_rate_limit: limit(options, Configuration::ADDRESS_RATE_LIMIT)?,
            token_rate_limit: limit(options, Configuration::TOKEN_RATE_LIMIT)?,
            declined: DeclineLimits::read(options.environment).map_err(StartError::Variable)?,
            adopted_table: None,
            front: Front::read((options.environment)(Front::VARIABLE).as_deref())
                .map_err(StartError::Variable)?,
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
    url: &str,
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
        // The stand-ins trust no certificate of ours.
        public_url: Some(url.to_owned()),
    })
}
