//! What the tests of this crate share.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use domain::Random;
use domain::{Mode, Timestamp};
use secrecy::SecretString;
use serde_json::Value;

use crate::{
    ApplicationClaim, Grant, Issuers, IssuersError, OrganizationClaim, Signer, generate_key,
};

/// Randomness that counts, so that a test comes out the same each time.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// The issuer of [`signer`].
pub(crate) const ISSUER: &str = "https://auth.localhost";

/// The PEM of one RSA key, made once per process: making one takes a while.
pub(crate) fn pem() -> &'static SecretString {
    static PEM: OnceLock<SecretString> = OnceLock::new();
    PEM.get_or_init(|| generate_key().unwrap())
}

/// Signs with [`pem`] in the name of [`ISSUER`].
pub(crate) fn signer() -> Signer {
    Signer::from_pem(pem(), ISSUER).unwrap()
}

/// The issuers of a configuration in which none publishes its keys.
pub(crate) fn listed(text: &str) -> Result<Issuers, IssuersError> {
    Issuers::from_json(text, |uri| unreachable!("{uri}"))
}

/// Whom [`ISSUER`] may speak for: every organization.
pub(crate) fn everybody() -> Value {
    signer().as_issuer()["speaks_for"].clone()
}

/// 2024-08-30T06:40:00Z.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_725_000_000_000)
}

/// What the demo's customer is granted.
pub(crate) fn grant() -> Grant {
    Grant {
        organization: OrganizationClaim {
            id: "enWoxFMOnp".parse().unwrap(),
            slug: "demo".to_owned(),
            enterprise: false,
            region: "local".to_owned(),
        },
        mode: Mode::Test,
        application: ApplicationClaim {
            id: "iNXGEiPKVL".to_owned(),
            client_id: "demo-sales-channel".to_owned(),
            kind: "sales_channel".to_owned(),
            public: true,
            confidential: false,
        },
        owner: Some("jqWerTyUio".parse().unwrap()),
        markets: vec!["dlQbPhNNop".parse().unwrap()],
        scope: "market:code:europe".to_owned(),
    }
}
