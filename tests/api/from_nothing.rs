//! From an empty table to the first saved card, by the commands of the documents: what is written there is what is
//! sent.

use std::collections::BTreeMap;
use std::path::Path;

use http::Method;
use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::tokens::TOKEN;

const LOCAL: &str = "http://localhost:9000";
const ADMIN: &str = "cargo run -q -- admin ";

/// The blocks of commands of a document below a heading.
fn commands(document: &str, heading: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = std::fs::read_to_string(path).unwrap();
    let (_, below) = text.split_once(&format!("\n{heading}\n")).unwrap();
    let below = below.split("\n## ").next().unwrap();
    let blocks = below.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

fn block_with<'a>(blocks: &'a [String], command: &str) -> &'a str {
    let mut found = blocks.iter().filter(|it| it.contains(command));
    let block = found.next().unwrap_or_else(|| panic!("no {command}"));
    assert!(found.next().is_none(), "two blocks have {command}");
    block
}

/// The words of the first command of a text, as a shell reads them.
fn words(text: &str, values: &BTreeMap<String, String>) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, None);
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match (quoted, next) {
            (None, '|' | ')' | '\n') => break,
            (None, ' ') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quoted = Some(next);
                word.get_or_insert_default();
            }
            (Some(quote), _) if next == quote => quoted = None,
            (None | Some('"'), '$') => {
                let mut name = String::new();
                while let Some(more) = rest.next_if(|it| it.is_ascii_uppercase() || *it == '_') {
                    name.push(more);
                }
                word.get_or_insert_default().push_str(&values[&name]);
            }
            _ => word.get_or_insert_default().push(next),
        }
    }
    words.extend(word);
    words
}

/// The word after this one.
fn after<'a>(words: &'a [String], option: &str) -> Option<&'a str> {
    let position = words.iter().position(|it| it == option)?;
    words.get(position + 1).map(String::as_str)
}

struct Shop {
    app: App,
    /// What the commands have set.
    values: BTreeMap<String, String>,
    /// What stands here for the demo's of the documents.
    instead: Vec<(&'static str, String)>,
}

impl Shop {
    /// Gives each of the block's commands to `billfold admin`, and says what they print.
    async fn admin(&mut self, block: &str) -> Vec<String> {
        let mut printed = Vec::new();
        for (at, _) in block.match_indices(ADMIN) {
            let words = words(&block[at + ADMIN.len()..], &self.values);
            let told = self.app.admin_by(words).await.unwrap();
            self.keep(&block[..at], &told);
            printed.push(told);
        }
        printed
    }

    /// Sends the block's request, and keeps what it keeps of the answer.
    async fn send(&mut self, block: &str) -> Reply {
        let mut block = block.to_owned();
        for (demo, ours) in &self.instead {
            block = block.replace(demo, ours);
        }
        let at = block.find("curl ").unwrap();
        let words = words(&block[at..], &self.values);
        let path = words.iter().find_map(|it| it.strip_prefix(LOCAL)).unwrap();
        let body = after(&words, "-d").map(|it| serde_json::from_str::<Value>(it).unwrap());
        let method = after(&words, "-X").unwrap_or(if body.is_some() { "POST" } else { "GET" });
        let token = words
            .iter()
            .find_map(|it| it.strip_prefix("Authorization: Bearer "));
        let reply = match token {
            None => self.app.oauth(path, &body.unwrap()).await,
            Some(token) => {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                self.app.send(method, token, path, body.as_ref()).await
            }
        };
        assert!(reply.status < 300, "{block}\n{}", reply.body);
        let picked = block[at..].split_once(" | jq -r .");
        if let Some(picked) = picked.and_then(|(_, it)| it.split(')').next()) {
            let pointer = format!("/{}", picked.replace('.', "/"));
            let value = reply.body.pointer(&pointer).unwrap();
            self.keep(&block[..at], value.as_str().unwrap());
        }
        reply
    }

    /// Where a command is within `NAME=$(…)`, what stands before it says so.
    fn keep(&mut self, before: &str, value: &str) {
        let line = before.lines().next_back().unwrap_or_default();
        if let Some(name) = line.strip_suffix("=$(") {
            self.values.insert(name.to_owned(), value.to_owned());
        }
    }
}

#[tokio::test]
async fn the_documents_lead_from_an_empty_table_to_a_saved_card() {
    let mut shop = Shop {
        app: App::start().await,
        values: BTreeMap::new(),
        instead: Vec::new(),
    };
    let deploying = commands("docs/operating.md", "## Deploying");
    let made = shop
        .admin(block_with(&deploying, "admin make-organization"))
        .await;
    let [organization, secret, _] = made.as_slice() else {
        panic!("{made:?}");
    };
    assert_eq!(shop.values["ORGANIZATION"], *organization);

    let managing = commands("docs/managing.md", "## Gateways and payment methods");
    shop.instead = vec![
        ("demo-integration-secret", secret.clone()),
        ("demo-integration", "my-back-end".to_owned()),
    ];
    shop.send(block_with(&managing, TOKEN)).await;
    shop.send(block_with(&managing, "/api/stripe_gateways"))
        .await;
    let method = shop
        .send(block_with(&managing, "/api/payment_methods"))
        .await;
    let market = json!({ "data": { "type": "markets", "attributes": {
        "name": "Europe", "code": "europe", "currency_code": "EUR",
    } } });
    let integration = shop.values["INTEGRATION"].clone();
    let market = shop.app.post(&integration, "/api/markets", &market).await;
    assert_eq!(market.status, 201, "{}", market.body);

    let orders = commands("docs/managing.md", "## Orders, customers and the rest");
    shop.instead = vec![("dlQbPhNNop", market.id()), ("WmOodsVPmQ", method.id())];
    shop.send(block_with(&orders, "9000/api/orders \\")).await;
    let order = shop.values["ORDER"].clone();
    let owner = format!("/api/orders/{order}/customer");
    let customer = shop.app.get(&integration, &owner).await.id();
    let password = json!({ "data": { "type": "customers", "id": customer, "attributes": {
        "password": "a-long-password",
    } } });
    let customer = format!("/api/customers/{customer}");
    let given = shop.app.patch(&integration, &customer, &password).await;
    assert_eq!(given.status, 200, "{}", given.body);

    let saving = commands("README.md", "## A card, saved and used again");
    shop.instead = vec![
        ("demo-sales-channel", "my-storefront".to_owned()),
        // It may sell in all markets, and is held to none.
        ("market:code:europe", "market:all".to_owned()),
        (
            "customer@example.com",
            "new.customer@example.com".to_owned(),
        ),
        ("demo-customer", "a-long-password".to_owned()),
        ("qaMAhZkZvd", order),
    ];
    shop.send(block_with(&saving, TOKEN)).await;
    shop.send(block_with(&saving, "?include=payment_method'"))
        .await;
    let source = shop.send(block_with(&saving, "/api/stripe_payments")).await;
    let confirmed = shop.app.confirm_at("pk_test_second", &source).await;
    assert_eq!(confirmed["status"], "requires_capture", "{confirmed}");
    shop.send(block_with(
        &saving,
        "_save_payment_source_to_customer_wallet",
    ))
    .await;
    let wallet = shop.send(block_with(&saving, "WALLET=")).await;
    let saved = &wallet.body["data"][0]["attributes"]["name"];
    assert_eq!(*saved, "XXXX-XXXX-XXXX-4242", "{}", wallet.body);
}

#[cfg(unix)]
#[test]
fn the_signing_key_of_the_document_is_the_issuers() {
    use access::Signer;

    let folder = signing_key_from("shift 3; \"$BILLFOLD\" \"$@\"");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let signer = Signer::from_pem(&read("kept.pem").into(), "https://auth.example.com").unwrap();
    let issuers: Value = serde_json::from_str(&read("issuers.json")).unwrap();
    assert_eq!(issuers, json!([signer.as_issuer()]));
    for left in ["key.txt", "signing.pem"] {
        assert!(!folder.path().join(left).exists(), "{left}");
    }
}

/// One key of some hundred and fifty has the letters of its own last line in it.
#[cfg(unix)]
#[test]
fn a_signing_key_is_taken_whole_whatever_letters_are_in_it() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIBEGINw\nwENDAgEA\nAAAA\n-----END PRIVATE KEY-----\n";
    let folder = signing_key_from(&format!("printf '%s[]\n' '{pem}'"));
    let kept = std::fs::read_to_string(folder.path().join("kept.pem"));
    assert_eq!(kept.unwrap(), pem);
}

/// Where the document's commands leave a signing key and its issuer that this command prints. AWS is asked for nothing:
/// what it would have been given is kept.
#[cfg(unix)]
fn signing_key_from(command: &str) -> tempfile::TempDir {
    let deploying = commands("docs/operating.md", "## Deploying");
    let block = block_with(&deploying, "new-signing-key");
    let folder = tempfile::tempdir().unwrap();
    let script =
        format!("cargo() {{ {command}; }}\naws() {{ cp \"${{6#file://}}\" kept.pem; }}\n{block}");
    let status = std::process::Command::new("sh")
        .args(["-euc", &script])
        .env("BILLFOLD", env!("CARGO_BIN_EXE_billfold"))
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
    folder
}
