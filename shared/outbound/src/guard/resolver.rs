use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use gatehouse::user_url::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Answers a name's addresses; ports do not matter.
pub(super) type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Asks the system, as the client would by itself.
pub(super) fn system_lookup(name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

/// Answers a name's addresses if all of them are public. One that is not refuses the name: a client
/// tries the addresses in turn, and no honest name has such a mix.
pub(super) struct PublicResolver {
    lookup: Lookup,
}

impl PublicResolver {
    pub fn new(lookup: Lookup) -> Self {
        Self { lookup }
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let found = (self.lookup)(name.clone());
        Box::pin(async move {
            let addresses = found.await?;
            let not_public = addresses.iter().find(|found| !is_public(found.ip()));
            if let Some(address) = not_public.map(SocketAddr::ip) {
                return Err(Refused { name, address }.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// Why a name is not connected to.
#[derive(Debug, thiserror::Error)]
#[error("{name} resolves to {address}, which is not a public address")]
pub(crate) struct Refused {
    name: String,
    address: IpAddr,
}

impl Refused {
    /// The refusal that an error of the client's stems from, if any.
    pub fn behind<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        std::iter::successors(Some(error), |error| (*error).source())
            .find_map(|error| error.downcast_ref())
    }
}
