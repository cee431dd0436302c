//! What the page knows when it opens.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::Page;
use crate::demo;

/// What runs.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Where the API is reached: `http://localhost:9000`.
    pub url: String,
    /// The folder where data is kept; none where it is kept in memory.
    pub data: Option<PathBuf>,
    /// The table's name.
    pub table: &'static str,
}

/// The version that runs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Page {
    /// For the page's modules: the demo's clients, as the documentation tells them, and the stand-ins.
    pub(super) fn facts(&self) -> Value {
        let gateways: Vec<_> = self.0.gateways.iter().map(|it| it.facts()).collect();
        json!({
            "url": self.0.facts.url,
            "gateways": gateways,
            "customer": {
                "grant_type": "password",
                "client_id": demo::SALES_CHANNEL,
                "scope": demo::SCOPE,
                "username": demo::CUSTOMER_EMAIL,
                "password": demo::CUSTOMER_PASSWORD,
            },
            "integration": {
                "grant_type": "client_credentials",
                "client_id": demo::INTEGRATION,
                "client_secret": demo::INTEGRATION_SECRET,
            },
            "basket": demo::basket(),
        })
    }
}
