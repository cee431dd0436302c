//! The command line.

use secrecy::ExposeSecret;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use access::Signer;
use clap::{Args, Parser, Subcommand};

use crate::admin::{Admin, AdminError};
use crate::doctor::{Doctor, DoctorError};
use crate::export::{Export, ExportError, NewExportKey};
use crate::greeting::greet;
use crate::import::{Import, ImportError};
use crate::moving::KeyError;
use crate::operations::{Operations, OperationsError};
use crate::reconcile::{Reconcile, ReconcileError};
use crate::reseal::{Reseal, ResealError};
use crate::routes::RoutesError;
use crate::starting::LOOPBACK;
use crate::{Domain, Https, Options, StartError, router, routes, start};

/// How often the stand-ins tell what happened at them.
const EVENTS_EVERY: Duration = Duration::from_secs(1);

/// A wallet of saved payment sources that speaks the Commerce Layer API.
#[derive(Debug, Parser)]
#[command(name = "billfold", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API here, with demo data and stand-ins for Stripe, Checkout.com, Klarna and an external gateway (the default).
    ///
    /// The stand-ins listen on the four ports after the API's, in this order: 9001 to 9004 by default.
    /// Where STRIPE_API_BASE, CHECKOUT_COM_API_BASE or KLARNA_API_BASE is set, requests go there, and that
    /// stand-in is left out.
    Serve(Serve),
    /// Lists what is owed to gateways at a running Billfold, and settles what is stuck.
    Operations(Operations),
    Admin(Admin),
    Doctor(Doctor),
    Reconcile(Reconcile),
    Reseal(Reseal),
    Export(Export),
    Import(Import),
    NewExportKey(NewExportKey),
    /// Prints a new key for signing tokens (PKCS#8 PEM), and the issuer's public keys to configure.
    NewSigningKey(NewSigningKey),
    /// Prints the API's OpenAPI document, made of the declarations and routes.
    Openapi,
    /// Prints the functions' routes: method, path, and which function answers.
    Routes(Routes),
}

#[derive(Debug, Args)]
struct Serve {
    /// The port of the API; the gateways' stand-ins listen on the next four. 0 takes any that are free.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// Serves hosts of this domain over TLS as well, with --https: demo.DOMAIN for the API, auth.DOMAIN for
    /// tokens, as Commerce Layer's own clients ask for them. Names under localhost lead to this machine.
    #[arg(long, requires = "https")]
    domain: Option<Domain>,
    /// The port of the domain's hosts. Clients that leave out the port need 443.
    #[arg(long, requires = "domain", value_name = "PORT")]
    https: Option<u16>,
    /// The port of the database engine, for functions under `cargo lambda watch`; any by default.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    engine_port: u16,
    /// Another DynamoDB that has the table, such as DynamoDB Local at http://localhost:8000, in the place of the
    /// embedded engine. Region and credentials are taken from AWS_REGION, AWS_ACCESS_KEY_ID and so on; the keys that
    /// the table is sealed with stay in the data folder.
    #[arg(long, conflicts_with_all = ["engine_port", "ephemeral"])]
    dynamodb_endpoint: Option<String>,
    /// Keeps all data in memory: it is gone when the server stops.
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
    /// The folder where data is kept.
    #[arg(long, default_value = ".billfold")]
    data: PathBuf,
    /// The address that the API listens on. Others than loopback let in whoever reaches them, with the demo's
    /// passwords, which everybody knows.
    #[arg(long, default_value = "127.0.0.1")]
    listen: IpAddr,
    /// Serves no page at `/`.
    #[arg(long)]
    no_page: bool,
    /// Prints tokens, commands to try and where the gateways are when it has started.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, Args)]
struct Routes {
    /// Writes the files that are made of the routes instead, in the repository's folder: the router of
    /// `cargo lambda watch` in Cargo.toml, the events in template.yaml, the routes that every function
    /// knows of the others, and the OpenAPI document.
    #[arg(long)]
    write: bool,
}

#[derive(Debug, Args)]
struct NewSigningKey {
    /// The issuer that the key is for: https://auth. and the domain.
    #[arg(long)]
    issuer: String,
}

/// What went wrong, for people.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The server did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A key could not be made.
    #[error("no key could be made: {0}")]
    Key(String),
    /// The operations cannot be told or changed.
    #[error(transparent)]
    Operations(#[from] OperationsError),
    /// No organization or client was made or changed.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The deployment has problems.
    #[error(transparent)]
    Doctor(#[from] DoctorError),
    /// The books are not known to be the gateways'.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The table is not sealed anew.
    #[error(transparent)]
    Reseal(#[from] ResealError),
    /// Nothing was exported.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Not everything was imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// No key was made for an export.
    #[error(transparent)]
    ExportKey(#[from] KeyError),
    /// The files that are made of the routes.
    #[error(transparent)]
    Routes(#[from] RoutesError),
    /// The signal that stops the server cannot be heard.
    #[error("Ctrl-C cannot be heard: {0}")]
    Signal(#[from] std::io::Error),
}

impl CliError {
    /// The exit code of the process.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Import(error) => error.exit_code(),
            _ => 1,
        }
    }
}

/// Runs what the command line asks for.
///
/// # Errors
/// What went wrong, and what to do about it.
pub async fn run() -> Result<(), CliError> {
    match Arguments::parse().command {
        Some(Command::NewSigningKey(asked)) => new_signing_key(&asked),
        Some(Command::Operations(asked)) => {
            println!("{}", asked.run().await?);
            Ok(())
        }
        Some(Command::Admin(asked)) => {
            println!("{}", asked.run().await?);
            Ok(())
        }
        Some(Command::Doctor(asked)) => {
            println!("{}", asked.run().await?);
            Ok(())
        }
        Some(Command::Reconcile(asked)) => {
            println!("{}", asked.run().await?);
            Ok(())
        }
        Some(Command::Reseal(asked)) => {
            println!("{}", asked.run().await?);
            Ok(())
        }
        Some(Command::Export(asked)) => Ok(asked.run().await?),
        Some(Command::Import(asked)) => Ok(asked.run().await?),
        Some(Command::NewExportKey(asked)) => {
            println!("{}", asked.run()?);
            Ok(())
        }
        Some(Command::Openapi) => {
            print!("{}", openapi::print(&router::description()));
            Ok(())
        }
        Some(Command::Routes(asked)) => show_routes(&asked),
        Some(Command::Serve(serve)) => serve_until_stopped(serve).await,
        None => {
            let defaults = Serve {
                port: 9000,
                domain: None,
                https: None,
                engine_port: 0,
                dynamodb_endpoint: None,
                ephemeral: false,
                data: PathBuf::from(".billfold"),
                listen: LOOPBACK,
                no_page: false,
                verbose: false,
            };
            serve_until_stopped(defaults).await
        }
    }
}

fn show_routes(asked: &Routes) -> Result<(), CliError> {
    if !asked.write {
        print!("{}", routes::list());
        return Ok(());
    }
    for file in routes::write(Path::new("."))? {
        println!("{file} is written anew");
    }
    Ok(())
}

async fn serve_until_stopped(serve: Serve) -> Result<(), CliError> {
    logging::start_on_terminal();
    let (is_page, is_verbose) = (!serve.no_page, serve.verbose);
    let https = serve.domain.zip(serve.https);
    let running = start(Options {
        listen: serve.listen,
        page: is_page,
        https: https.map(|(domain, port)| Https { domain, port }),
        data: (!serve.ephemeral).then_some(serve.data),
        engine_port: serve.engine_port,
        dynamodb_endpoint: serve.dynamodb_endpoint,
        environment: |name| std::env::var(name).ok(),
        events_every: Some(EVENTS_EVERY),
        ..Options::in_memory(serve.port)
    })
    .await?;
    println!("{}", greet(&running, is_page, is_verbose));
    stop_signal().await?;
    println!("stopping");
    running.stop().await;
    Ok(())
}

async fn stop_signal() -> Result<(), std::io::Error> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn new_signing_key(asked: &NewSigningKey) -> Result<(), CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::Key(error.to_string());
    let pem = access::generate_key().map_err(|error| failed(&error))?;
    let signer = Signer::from_pem(&pem, asked.issuer.as_str()).map_err(|error| failed(&error))?;
    let issuers = serde_json::json!([signer.as_issuer()]);
    println!("{}\n{issuers}", pem.expose_secret());
    Ok(())
}
