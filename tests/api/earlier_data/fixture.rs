//! What version 0.1.0 left behind; tests/fixtures/table-0.1.0/README.md says what is in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use billfold::{Engine, Options};
use serde_json::Value;
use tempfile::TempDir;

use crate::app::App;
use crate::faults::TestClock;
use crate::ways::Way;

/// The file of the database in a data folder.
const DATABASE: &str = "table.sqlite";

/// The table's name.
const TABLE: &str = "billfold";

/// In which form the earlier table is opened.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// The data folder, with the database file as the engine of that time wrote it.
    Folder,
    /// The table's items, one a line, put into a database of today's engine.
    Lines,
}

pub const BOTH: [Form; 2] = [Form::Folder, Form::Lines];

/// Billfold over the earlier table, at the time when that was left.
pub struct Earlier {
    pub app: App,
    pub clock: Arc<TestClock>,
    /// What the shop and its shoppers remember of that time.
    pub held: Value,
    items: Vec<Value>,
    _folder: TempDir,
}

impl Earlier {
    pub async fn open(form: Form) -> Self {
        let (folder, items) = (copy_of_folder(), items());
        if let Form::Lines = form {
            let file = folder.path().join(DATABASE);
            fs::remove_file(&file).unwrap();
            fill(&file, &items).await;
        }
        let held: Value = serde_json::from_str(&read("held.json")).unwrap();
        let left_at = held["left_at"].as_str().unwrap().parse().unwrap();
        let clock = Arc::new(TestClock::at(left_at));
        let app = App::start_with(Options {
            data: Some(folder.path().to_owned()),
            clock: clock.clone(),
            ..Options::in_memory(0)
        });
        let app = app.await;
        assert!(!app.running.is_first_start, "{form:?}: demo data is there");
        Self {
            app,
            clock,
            held,
            items,
            _folder: folder,
        }
    }

    /// Every record that the API shows, as the table has it.
    pub fn records(&self) -> impl Iterator<Item = &Value> {
        let is_record = |it: &&Value| it.get("attributes").is_some();
        self.items.iter().filter(is_record)
    }

    /// The records of this type.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.records().filter(move |it| it["type"] == kind)
    }

    /// The id of the order of this number.
    pub fn order(&self, number: &str) -> &str {
        let mut orders = self.of_type("orders");
        let found = orders.find(|it| it["attributes"]["number"] == number);
        let found = found.unwrap_or_else(|| panic!("no order {number}"));
        found["id"].as_str().unwrap()
    }

    /// The id of a gateway's order in this situation.
    pub fn order_at(&self, way: &Way, situation: &str) -> &str {
        let gateway = way.kind.trim_end_matches("_payments").replace('_', "-");
        self.order(&format!("{gateway}-{situation}"))
    }

    /// The payment source that stands, or stood, on an order.
    pub fn source_of(&self, order: &str) -> &Value {
        let partition = format!("#order#{order}");
        let is_its = |it: &&Value| {
            let (pk, kind) = (it["pk"].as_str().unwrap(), it["type"].as_str().unwrap());
            pk.ends_with(&partition) && kind.ends_with("_payments")
        };
        self.records().find(is_its).unwrap()
    }
}

/// The table's items, as they are in `table.jsonl`.
pub fn items() -> Vec<Value> {
    let lines = read("table.jsonl");
    let item = |line| serde_json::from_str(line).unwrap();
    lines.lines().map(item).collect()
}

/// A folder of its own for each test. Its files are its owner's alone, which a checkout does not keep.
fn copy_of_folder() -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join("folder")).unwrap() {
        let entry = entry.unwrap();
        let to = copy.path().join(entry.file_name());
        fs::write(&to, fs::read(entry.path()).unwrap()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    copy
}

/// Makes a database file of today's engine, with a table of these items.
async fn fill(file: &Path, items: &[Value]) {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async {
        stopped.await.unwrap();
    };
    let engine = Engine::start(Some(file), 0, stopped).await.unwrap();
    let client = engine.client();
    store::table::create(&client, TABLE).await.unwrap();
    for item in items {
        let item = serde_dynamo::aws_sdk_dynamodb_1::to_item(item).unwrap();
        let put = client.put_item().table_name(TABLE).set_item(Some(item));
        put.send().await.unwrap();
    }
    stop.send(()).unwrap();
    engine.stopped().await;
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/table-0.1.0")
}
