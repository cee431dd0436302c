//! The stand-ins for the gateways, each on a port of its own, unless an `*_API_BASE` variable points
//! elsewhere; and the reference of an external gateway, which a shop would run itself.

use std::path::PathBuf;
use std::sync::Arc;

use outbound::TrustedOrigins;
use sandbox::StandIn;
use sandbox::checkout_com::CheckoutCom;
use sandbox::external::External;
use sandbox::klarna::Klarna;
use sandbox::stripe::Stripe;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::wait_for;
use crate::starting::{LOOPBACK, Options, StartError, listen};

/// A stand-in that is served.
#[derive(Debug, Clone)]
pub struct Served<S> {
    /// The stand-in itself.
    pub stand_in: S,
    /// Where it is reached: `http://127.0.0.1:9001`.
    pub url: String,
}

/// The stand-ins that are served.
#[derive(Debug, Clone)]
pub struct StandIns {
    /// Stripe's; none where `STRIPE_API_BASE` points elsewhere.
    pub stripe: Option<Served<Stripe>>,
    /// Checkout.com's; none where `CHECKOUT_COM_API_BASE` points elsewhere.
    pub checkout_com: Option<Served<CheckoutCom>>,
    /// Klarna's; none where `KLARNA_API_BASE` points elsewhere.
    pub klarna: Option<Served<Klarna>>,
    /// The reference of an external gateway.
    pub external: Served<External>,
}

impl StandIns {
    /// What the environment says of a variable, with the stand-ins' URLs in it.
    pub fn lookup(&self, options: &Options, name: &str) -> Option<String> {
        let base = match name {
            "STRIPE_API_BASE" => self.stripe.as_ref().map(|it| &it.url),
            "CHECKOUT_COM_API_BASE" => self.checkout_com.as_ref().map(|it| &it.url),
            "KLARNA_API_BASE" => self.klarna.as_ref().map(|it| &it.url),
            TrustedOrigins::VARIABLE => return Some(self.trusted_origins(options)),
            _ => None,
        };
        base.cloned().or_else(|| (options.environment)(name))
    }

    /// The reference gateway is on this machine, where URLs that users type do not lead otherwise.
    fn trusted_origins(&self, options: &Options) -> String {
        let own = &self.external.url;
        match (options.environment)(TrustedOrigins::VARIABLE) {
            Some(others) => format!("{own} {others}"),
            None => own.clone(),
        }
    }
}

/// Serves stand-ins until told to stop, on the ports that follow the API's.
pub struct Starting<'a> {
    /// How the server is started.
    pub options: &'a Options,
    /// The API's port.
    pub api_port: u16,
    /// Tells when to stop.
    pub stopping: &'a watch::Receiver<bool>,
    /// The tasks that serve.
    pub tasks: &'a mut Vec<JoinHandle<()>>,
}

impl Starting<'_> {
    /// Starts those that are wanted. `shared_secret` is what the demo's external gateway signs with.
    ///
    /// # Errors
    /// A port is taken; a state file does not read.
    pub async fn start(mut self, shared_secret: String) -> Result<StandIns, StartError> {
        let external = sandbox::external::Api::new(shared_secret);
        Ok(StandIns {
            stripe: match self.is_elsewhere("STRIPE_API_BASE") {
                true => None,
                false => Some(self.serve(1, "stripe", Stripe::new).await?),
            },
            checkout_com: match self.is_elsewhere("CHECKOUT_COM_API_BASE") {
                true => None,
                false => Some(self.serve(2, "checkout-com", CheckoutCom::new).await?),
            },
            klarna: match self.is_elsewhere("KLARNA_API_BASE") {
                true => None,
                false => Some(self.serve(3, "klarna", Klarna::new).await?),
            },
            external: self
                .serve(4, "external", |options| External::with(external, options))
                .await?,
        })
    }

    fn is_elsewhere(&self, variable: &str) -> bool {
        (self.options.environment)(variable).is_some_and(|base| !base.is_empty())
    }

    async fn serve<S: StandIn>(
        &mut self,
        offset: u16,
        name: &'static str,
        make: impl FnOnce(sandbox::Options) -> Result<S, sandbox::StateFileError>,
    ) -> Result<Served<S>, StartError> {
        let port = match self.options.port {
            0 => 0,
            _ => self.api_port.saturating_add(offset),
        };
        let listener = listen(LOOPBACK, port, "--port").await?;
        let address = listener.local_addr().map_err(|problem| StartError::Port {
            port,
            option: "--port",
            problem,
        })?;
        let stand_in = make(self.sandbox_options(name)).map_err(|error| StartError::StandIn {
            name,
            problem: error.to_string(),
        })?;
        let serving = sandbox::serve(listener, stand_in.clone(), wait_for(self.stopping.clone()));
        self.tasks.push(tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(name, %error, "a stand-in failed");
            }
        }));
        Ok(Served {
            stand_in,
            url: format!("http://{address}"),
        })
    }

    fn sandbox_options(&self, name: &str) -> sandbox::Options {
        let (clock, random) = (self.options.clock.clone(), self.options.random.clone());
        sandbox::Options {
            clock: Arc::new(move || clock.now().unix_millis()),
            random: Arc::new(move |bytes: &mut [u8]| random.fill(bytes)),
            state_file: self.state_file(name),
        }
    }

    fn state_file(&self, name: &str) -> Option<PathBuf> {
        let folder = self.options.data.as_ref()?;
        Some(folder.join(format!("{name}.json")))
    }
}
