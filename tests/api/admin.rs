//! `billfold admin`: from an empty table to a token, and what a wrong word does.

use billfold::admin::Admin;
use clap::Parser;
use serde_json::{Value, json};

use crate::app::App;
use crate::tokens::TOKEN;

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    admin: Admin,
}

impl App {
    /// What the command prints, or why it does nothing.
    pub async fn admin(&self, words: &str) -> Result<String, String> {
        self.admin_by(words.split(' ').map(str::to_owned).collect())
            .await
    }

    /// The same, of words that may have spaces in them.
    pub async fn admin_by(&self, words: Vec<String>) -> Result<String, String> {
        let words = std::iter::once("admin".to_owned()).chain(words);
        let asked = CommandLine::try_parse_from(words).map_err(|error| error.to_string())?;
        let done = asked.admin.run_at(&self.running.context.store).await;
        done.map_err(|error| error.to_string())
    }

    async fn token_by(&self, client: &str, secret: Option<&str>) -> (u16, Value) {
        let mut body = json!({ "grant_type": "client_credentials", "client_id": client });
        if let Some(secret) = secret {
            body["client_secret"] = json!(secret);
        }
        let reply = self.oauth(TOKEN, &body).await;
        (reply.status, reply.body)
    }
}

#[tokio::test]
async fn an_organization_and_its_clients_are_made_and_get_tokens() {
    let app = App::start().await;
    let organization = app
        .admin("make-organization --name Acme --slug acme")
        .await
        .unwrap();
    let listed = app.admin("organizations").await.unwrap();
    let lines: Vec<_> = listed.lines().filter(|it| it.contains("Acme")).collect();
    assert_eq!(lines.len(), 2, "test and live: {listed}");
    assert!(
        lines
            .iter()
            .all(|it| it.starts_with(&organization) && it.contains("acme"))
    );

    let of = format!("--organization {organization} --mode test");
    let made = format!("make-client acme-shop {of} --kind integration");
    let secret = app.admin(&made).await.unwrap();
    assert_eq!(secret.len(), 43);
    let (status, answer) = app.token_by("acme-shop", Some(&secret)).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    let read = app.get(token, "/api/organization").await;
    assert_eq!(read.status, 200, "{}", read.body);
    assert_eq!(*read.attribute("name"), "Acme");
    assert_eq!(*read.attribute("slug"), "acme");

    let market = json!({ "data": { "type": "markets", "attributes": {
        "name": "Europe", "code": "eu", "currency_code": "EUR",
    } } });
    let market = app.post(token, "/api/markets", &market).await;
    assert_eq!(market.status, 201, "{}", market.body);
    let made = format!("make-client acme-web {of} --kind sales-channel --market eu");
    let told = app.admin(&made).await.unwrap();
    assert_eq!(told, "acme-web is made; it has no secret");
    let (status, answer) = app.token_by("acme-web", None).await;
    assert_eq!(status, 200, "{answer}");
    let listed = app.admin("clients").await.unwrap();
    assert_eq!(
        listed.lines().filter(|it| it.starts_with("acme-")).count(),
        2
    );
    assert!(!listed.contains(&secret));
}

#[tokio::test]
async fn a_secret_that_was_changed_and_a_client_that_is_gone_get_no_token() {
    let app = App::start().await;
    let organization = app
        .admin("make-organization --name Acme --slug acme")
        .await
        .unwrap();
    let made =
        format!("make-client acme --organization {organization} --mode live --kind integration");
    let first = app.admin(&made).await.unwrap();
    let second = app.admin("rotate-secret acme").await.unwrap();
    assert_eq!(app.token_by("acme", Some(&first)).await.0, 401);
    assert_eq!(app.token_by("acme", Some(&second)).await.0, 200);
    assert_eq!(
        app.admin("delete-client acme").await.unwrap(),
        "acme is deleted"
    );
    assert_eq!(app.token_by("acme", Some(&second)).await.0, 401);
    for gone in ["delete-client acme", "rotate-secret acme"] {
        let problem = app.admin(gone).await.unwrap_err();
        assert!(problem.starts_with("there is no client acme"), "{problem}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_told_and_makes_nothing() {
    let app = App::start().await;
    let organization = app
        .admin("make-organization --name Acme --slug acme")
        .await
        .unwrap();
    let of = format!("--organization {organization} --mode test");
    let before = app.table().await;
    for (words, problem) in [
        (
            "make-organization --name Acme --slug Acme".to_owned(),
            "lower-case",
        ),
        (
            "make-organization --name Acme --slug a-".to_owned(),
            "lower-case",
        ),
        (
            format!("make-client demo-integration {of} --kind integration"),
            "there is a client demo-integration already",
        ),
        (
            format!("make-client a/b {of} --kind integration"),
            "is no client_id",
        ),
        (
            format!("make-client a {of} --kind customer"),
            "invalid value",
        ),
        (
            format!("make-client a {of} --kind sales-channel --market us"),
            "no market of the code us; it has none yet",
        ),
        (
            format!("make-client a {of} --kind sales-channel --redirect-uri shop"),
            "an http or https URL",
        ),
        (
            "make-client a --organization aaaaaaaaaa --mode test --kind integration".to_owned(),
            "there is no organization aaaaaaaaaa in test mode",
        ),
        (
            "make-client a --organization x --mode test --kind integration".to_owned(),
            "no id",
        ),
        (
            "rotate-secret demo-sales-channel".to_owned(),
            "has no secret",
        ),
    ] {
        let told = app.admin(&words).await.unwrap_err();
        assert!(told.contains(problem), "{words}: {told}");
    }
    assert_eq!(app.table().await, before);
}
