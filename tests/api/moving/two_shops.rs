//! A shop in one table, and another table that it is moved to: with other keys, and the same vendors.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use billfold::export::{Export, Exported, NewExportKey};
use billfold::import::{Import, Imported};
use billfold::{Options, demo};
use clap::Parser;
use decisions::Change;
use domain::catalog::Catalog;
use domain::record::Place;
use domain::{CustomerId, Id, Mode, ResourceType, Tenant};
use gateways::credentials_name;
use outbound::TrustedOrigins;
use secrets::{Secrets, SecretsFile, WritableSecrets};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::{App, Reply, SECOND_ORDER};
use crate::ways::{EVERY, KLARNA, STRIPE, Way};

#[derive(Parser)]
struct ExportLine {
    #[command(flatten)]
    export: Export,
}

#[derive(Parser)]
struct ImportLine {
    #[command(flatten)]
    import: Import,
}

#[derive(Parser)]
struct KeyLine {
    #[command(flatten)]
    key: NewExportKey,
}

thread_local! {
    /// Where the vendors of this test's first server are; a test has a thread of its own.
    static VENDORS: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
}

fn environment(name: &str) -> Option<String> {
    VENDORS.with_borrow(|vendors| {
        let found = vendors.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, url)| url.clone())
    })
}

/// A shop with paid, saved and reused payment sources of every gateway.
pub struct Shop {
    pub app: App,
    pub saved: Vec<(&'static Way, String)>,
    folder: TempDir,
}

/// The other table, and the organization in it that the shop is to be.
pub struct Elsewhere {
    pub app: App,
    pub organization: Id,
    folder: PathBuf,
}

fn options(folder: &Path) -> Options {
    Options {
        data: Some(folder.to_owned()),
        environment,
        ..Options::in_memory(0)
    }
}

impl Shop {
    pub async fn open() -> Self {
        Self::of(App::start().await)
    }

    pub fn of(app: App) -> Self {
        Self {
            app,
            saved: Vec::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With every order of the demo's paid and saved, one reused, some placed and one captured.
    pub async fn busy() -> Self {
        let mut shop = Self::open().await;
        let app = &shop.app;
        for way in EVERY {
            shop.saved.push((way, way.saved(app).await.id));
        }
        for way in [&STRIPE, &KLARNA] {
            let placed = app.place(&app.customer(), way.order).await;
            assert_eq!(placed.status, 200, "{}", placed.body);
        }
        app.moved_on(STRIPE.order, "_approve_and_capture").await;
        app.keep_an_address().await;
        app.set_country(SECOND_ORDER, "DE").await;
        let customer = app.customer();
        let reused = app.reuse(&customer, SECOND_ORDER, &shop.saved[0].1).await;
        assert_eq!(reused.status, 200, "{}", reused.body);
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A key pair: the files of the private and the public key.
    pub fn key(&self, name: &str) -> (String, String) {
        let (private, public) = (self.path(name), self.path(&format!("{name}.pub")));
        let words = ["key".into(), private.clone().into_os_string()];
        let printed = KeyLine::try_parse_from(words).unwrap().key.run().unwrap();
        std::fs::write(&public, printed + "\n").unwrap();
        (private.display().to_string(), public.display().to_string())
    }

    /// Exports the shop into a file of that name, and gives its path.
    pub async fn export(&self, name: &str, more: &[&str]) -> PathBuf {
        let path = self.path(name);
        self.exported(name, more).await.unwrap();
        path
    }

    pub async fn exported(&self, name: &str, more: &[&str]) -> Result<Exported, String> {
        let path = self.path(name).display().to_string();
        let organization = demo::tenant().organization;
        let words = ["export", "--organization", organization.as_str()];
        let words = [&words[..], &["--mode", "test", "--output", &path], more].concat();
        let line = ExportLine::try_parse_from(words).map_err(|error| error.to_string())?;
        let done = line.export.run_at(&self.app.running.context.store).await;
        done.map_err(|error| error.to_string())
    }

    /// With tokens, for the key of that name, which is made.
    pub async fn export_with_tokens(&self) -> (PathBuf, String) {
        let (private, public) = self.key("key");
        let path = self
            .export("tokens.ndjson", &["--with-tokens", "--to", &public])
            .await;
        (path, private)
    }

    /// A server with other keys and the same vendors, and an empty organization in its table.
    pub async fn elsewhere(&self) -> Elsewhere {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        self.elsewhere_in(folder).await
    }

    /// The same, where the lookup key was moved before.
    pub async fn elsewhere_with_the_same_lookup_key(&self) -> Elsewhere {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let secrets = SecretsFile::open(&folder.join("secrets.json")).unwrap();
        let lookup = self.app.running.secrets.get(service::LOOKUP).await;
        secrets.put(service::LOOKUP, lookup.unwrap()).await.unwrap();
        drop(secrets);
        self.elsewhere_in(folder).await
    }

    async fn elsewhere_in(&self, folder: PathBuf) -> Elsewhere {
        let stand_ins = &self.app.running.stand_ins;
        let url = |it: Option<&String>| it.cloned().unwrap_or_default();
        let vendors = vec![
            (
                "STRIPE_API_BASE",
                url(stand_ins.stripe.as_ref().map(|it| &it.url)),
            ),
            (
                "CHECKOUT_COM_API_BASE",
                url(stand_ins.checkout_com.as_ref().map(|it| &it.url)),
            ),
            (
                "KLARNA_API_BASE",
                url(stand_ins.klarna.as_ref().map(|it| &it.url)),
            ),
            (TrustedOrigins::VARIABLE, stand_ins.external.url.clone()),
        ];
        VENDORS.set(vendors);
        let app = App::start_with(options(&folder)).await;
        let made = app
            .admin("make-organization --name Moved --slug moved")
            .await;
        let organization = made.unwrap().parse().unwrap();
        Elsewhere {
            app,
            organization,
            folder,
        }
    }
}

impl Elsewhere {
    /// The same table, with processes that remember nothing.
    pub async fn restarted(self) -> Self {
        self.app.running.stop().await;
        let app = App::start_with(options(&self.folder)).await;
        Self { app, ..self }
    }

    pub fn tenant(&self) -> Tenant {
        Tenant {
            organization: self.organization,
            mode: Mode::Test,
        }
    }

    /// What the import comes to, or why it does not; and a line for each record that differs.
    pub async fn import(
        &self,
        file: &Path,
        more: &[&str],
    ) -> (Result<Imported, (u8, String)>, Vec<String>) {
        let file = file.display().to_string();
        let words = [
            "import",
            &file,
            "--organization",
            self.organization.as_str(),
        ];
        let words = [&words[..], more].concat();
        let line = ImportLine::try_parse_from(words).unwrap();
        let store = self.app.running.context.store.afresh();
        let mut told = Vec::new();
        let done = line.import.run_at(&store, |line| told.push(line)).await;
        let done = done.map_err(|error| (error.exit_code(), error.to_string()));
        (done, told)
    }

    /// An import that makes what there is.
    pub async fn imported(&self, file: &Path, more: &[&str]) -> Imported {
        let (done, told) = self.import(file, more).await;
        assert_eq!(told, [""; 0]);
        done.unwrap()
    }

    /// The gateways get what an operator gives them: credentials, and the external one its secret.
    pub async fn give_credentials(&self, shop: &Shop) {
        let (from, to) = (&shop.app.running, &self.app.running);
        let here = catalog_of(&shop.app, demo::tenant()).await;
        let there = catalog_of(&self.app, self.tenant()).await;
        for kind in [
            ResourceType::StripeGateways,
            ResourceType::CheckoutComGateways,
            ResourceType::KlarnaGateways,
        ] {
            for gateway in here.of(kind) {
                let name = credentials_name(demo::tenant(), gateway.id);
                let secret = from.secrets.get(&name).await.unwrap();
                let name = credentials_name(self.tenant(), gateway.id);
                to.secrets.put(&name, secret).await.unwrap();
            }
        }
        let kind = ResourceType::ExternalGateways;
        let secret = here.of(kind)[0].text("shared_secret").unwrap().to_owned();
        let mut gateway = there.of(kind)[0].clone();
        assert_eq!(gateway.text("shared_secret"), None, "credentials stay");
        gateway.set("shared_secret", secret);
        let change = Change::put(gateway, Place::Catalog);
        let store = &to.context.store;
        let given = store.commit(demo::OPERATOR, self.tenant(), &[change]).await;
        given.unwrap();
    }

    pub fn integration(&self) -> String {
        self.token("integration", None)
    }

    pub fn customer(&self) -> String {
        self.token("sales_channel", Some(demo::customer()))
    }

    fn token(&self, kind: &str, owner: Option<CustomerId>) -> String {
        self.app
            .token_for(self.organization, kind, owner, Mode::Test)
    }

    /// An answer as the shop's first table would have given it.
    pub async fn reads(&self, path: &str) -> Value {
        let reply = self.app.get(&self.integration(), path).await;
        plain(&self.app, self.organization, &reply)
    }
}

impl App {
    /// The customer has an entry in the address book.
    async fn keep_an_address(&self) {
        let customer = self.customer();
        let address = json!({ "data": { "type": "addresses", "attributes": {
            "first_name": "Ada", "last_name": "Rossi", "line_1": "Via Larga 1", "city": "Milano",
            "country_code": "IT", "state_code": "MI", "zip_code": "20122", "phone": "+39 02",
        } } });
        let address = self.post(&customer, "/api/addresses", &address).await;
        assert_eq!(address.status, 201, "{}", address.body);
        let entry = json!({ "data": { "type": "customer_addresses", "relationships": {
            "address": { "data": { "type": "addresses", "id": address.id() } },
        } } });
        let entry = self
            .post(&customer, "/api/customer_addresses", &entry)
            .await;
        assert_eq!(entry.status, 201, "{}", entry.body);
    }
}

impl Shop {
    pub async fn reads(&self, path: &str) -> Value {
        let reply = self.app.get(&self.app.integration(), path).await;
        plain(&self.app, demo::tenant().organization, &reply)
    }
}

async fn catalog_of(app: &App, tenant: Tenant) -> Arc<Catalog> {
    let store = app.running.context.store.afresh();
    store.read_catalog(tenant, app.now()).await.unwrap()
}

/// An answer without what says where it was given.
fn plain(app: &App, organization: Id, reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let text = reply.body.to_string();
    let text = text.replace(&app.running.url, "here");
    serde_json::from_str(&text.replace(organization.as_str(), "shop")).unwrap()
}
