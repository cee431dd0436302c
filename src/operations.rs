//! `billfold operations`: what is owed to gateways and what is stuck, at a running Billfold, over its API.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use clap::{Args, Subcommand};
use http::{Method, Request, StatusCode, header};
use outbound::{HttpTransport, Limits, Transport};
use serde_json::{Value, json};

use crate::demo;

/// What the list shows, under these heads.
const COLUMNS: [(&str, &str); 6] = [
    ("STATUS", "status"),
    ("STEP", "step"),
    ("PROBLEM", "problem"),
    ("TRIES", "tries"),
    ("DUE AT", "due_at"),
    ("PAYMENT", "payment"),
];

/// Operations of the organization and mode of an integration.
#[derive(Debug, Args)]
pub struct Operations {
    /// Where the API is.
    #[arg(
        long,
        env = "BILLFOLD_URL",
        default_value = "http://localhost:9000",
        global = true
    )]
    url: String,
    /// The integration's client_id; the demo's by default. Its secret is taken from BILLFOLD_CLIENT_SECRET.
    #[arg(long, env = "BILLFOLD_CLIENT_ID", default_value = demo::INTEGRATION, global = true)]
    client_id: String,
    #[command(subcommand)]
    command: Option<OperationsCommand>,
}

#[derive(Debug, Subcommand)]
enum OperationsCommand {
    /// Lists what is owed, under way or stuck (the default).
    List {
        /// What is stuck alone, with what happened.
        #[arg(long)]
        stuck: bool,
    },
    /// Has an operation tried again with the next sweep, within a minute.
    Retry {
        /// The operation's id.
        id: String,
    },
    /// Says that somebody has seen to an operation that is stuck: it is owed no more.
    Settle {
        /// The operation's id.
        id: String,
    },
}

/// Why the operations cannot be told or changed.
#[derive(Debug, thiserror::Error)]
pub enum OperationsError {
    /// The URL is none.
    #[error("{0} is no URL; give the API's with --url or BILLFOLD_URL")]
    Url(String),
    /// Nothing answers there.
    #[error("{url} does not answer ({problem}); give the API's URL with --url or BILLFOLD_URL")]
    Silent {
        /// What was asked.
        url: String,
        /// What happened.
        problem: String,
    },
    /// The API gives no token.
    #[error(
        "no token for {client_id} ({problem}); give an integration's --client-id, and its secret as BILLFOLD_CLIENT_SECRET"
    )]
    Token {
        /// The client.
        client_id: String,
        /// What the API says.
        problem: String,
    },
    /// The API refuses.
    #[error("{0}")]
    Refused(String),
}

impl Operations {
    /// Does what is asked, and says what to print.
    ///
    /// # Errors
    /// The API does not answer, or refuses; the text says what to do.
    pub async fn run(&self) -> Result<String, OperationsError> {
        let api = Api::sign_in(self).await?;
        match &self.command {
            None => api.list(false).await,
            Some(OperationsCommand::List { stuck }) => api.list(*stuck).await,
            Some(OperationsCommand::Retry { id }) => {
                api.change(id, "_retry").await?;
                Ok(format!("{id} is tried again with the next sweep"))
            }
            Some(OperationsCommand::Settle { id }) => {
                api.change(id, "_settle").await?;
                Ok(format!("{id} is settled"))
            }
        }
    }
}

/// The API, with a token.
struct Api<'a> {
    url: &'a str,
    token: String,
    transport: HttpTransport,
}

impl<'a> Api<'a> {
    async fn sign_in(asked: &'a Operations) -> Result<Self, OperationsError> {
        let secret = std::env::var("BILLFOLD_CLIENT_SECRET").ok();
        let secret = secret.unwrap_or_else(|| demo::INTEGRATION_SECRET.to_owned());
        let mut api = Self {
            url: asked.url.trim_end_matches('/'),
            token: String::new(),
            transport: HttpTransport::new(),
        };
        let body = json!({
            "grant_type": "client_credentials",
            "client_id": asked.client_id,
            "client_secret": secret,
        });
        let (status, answer) = api.send(Method::POST, "/oauth/token", Some(&body)).await?;
        match answer["access_token"].as_str() {
            Some(token) => api.token = token.to_owned(),
            None => {
                return Err(OperationsError::Token {
                    client_id: asked.client_id.clone(),
                    problem: said(status, &answer),
                });
            }
        }
        Ok(api)
    }

    async fn list(&self, stuck: bool) -> Result<String, OperationsError> {
        let filter = if stuck {
            "filter[q][status_eq]=stuck&"
        } else {
            ""
        };
        let mut operations = Vec::new();
        for page in 1.. {
            let path = format!("/api/operations?{filter}page[size]=25&page[number]={page}");
            let (status, answer) = self.send(Method::GET, &path, None).await?;
            let Some(records) = answer["data"].as_array() else {
                return Err(OperationsError::Refused(said(status, &answer)));
            };
            operations.extend(records.iter().cloned());
            if answer["meta"]["page_count"]
                .as_u64()
                .is_none_or(|it| page >= it)
            {
                break;
            }
        }
        Ok(printed(&operations))
    }

    async fn change(&self, id: &str, trigger: &str) -> Result<(), OperationsError> {
        let body = json!({ "data": {
            "type": "operations",
            "id": id,
            "attributes": { trigger: true },
        } });
        let path = format!("/api/operations/{id}");
        match self.send(Method::PATCH, &path, Some(&body)).await? {
            (StatusCode::OK, _) => Ok(()),
            (StatusCode::NOT_FOUND, _) => {
                let detail = format!("there is no operation {id}: it was settled, or never there");
                Err(OperationsError::Refused(detail))
            }
            (status, answer) => Err(OperationsError::Refused(said(status, &answer))),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), OperationsError> {
        let url = format!("{}{path}", self.url);
        let media_type = match path.starts_with("/oauth/") {
            true => "application/json",
            false => "application/vnd.api+json",
        };
        let mut request = Request::builder()
            .method(method)
            .uri(&url)
            .header(header::CONTENT_TYPE, media_type);
        if !self.token.is_empty() {
            let bearer = format!("Bearer {}", self.token);
            request = request.header(header::AUTHORIZATION, bearer);
        }
        let body = body.map_or_else(Bytes::new, |it| Bytes::from(it.to_string()));
        let request = request.body(body);
        let request = request.map_err(|_| OperationsError::Url(self.url.to_owned()))?;
        let limits = Limits::within(Duration::from_secs(30));
        let sent = self.transport.send(request, limits).await;
        let response = sent.map_err(|problem| OperationsError::Silent {
            url: self.url.to_owned(),
            problem: problem.to_string(),
        })?;
        let answer = serde_json::from_slice(response.body()).unwrap_or_default();
        Ok((response.status(), answer))
    }
}

/// What the API says of its refusal, as one line.
fn said(status: StatusCode, answer: &Value) -> String {
    let of_api = answer["errors"][0]["detail"].as_str();
    let of_tokens = answer["error_description"].as_str();
    let said = of_api.or(of_tokens).unwrap_or("not as Billfold answers");
    format!("{said} ({})", status.as_u16())
}

/// A line for each, and below it what happened to those that are stuck.
fn printed(operations: &[Value]) -> String {
    if operations.is_empty() {
        return "there are none".to_owned();
    }
    let cell = |operation: &Value, name: &str| match &operation["attributes"][name] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let width = |head: &str, name: &str| {
        let cells = operations.iter().map(|it| cell(it, name).len());
        cells.chain([head.len()]).max().unwrap_or_default()
    };
    let mut text = format!("{:10}", "ID");
    for (head, name) in COLUMNS {
        let _written = write!(text, "  {head:0$}", width(head, name));
    }
    for operation in operations {
        let id = operation["id"].as_str().unwrap_or_default();
        let _written = write!(text, "\n{id:10}");
        for (head, name) in COLUMNS {
            let _written = write!(text, "  {:1$}", cell(operation, name), width(head, name));
        }
        if let Some(detail) = operation["attributes"]["problem_detail"].as_str() {
            let _written = write!(text, "\n            {detail}");
        }
    }
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_printed_below_each_other_with_what_happened() {
        let stuck = json!({ "id": "WmOodsVPmQ", "attributes": {
            "status": "stuck", "step": "release", "problem": "refused", "tries": 3,
            "due_at": "2026-03-01T12:00:00.000Z", "payment": "pi_1",
            "problem_detail": "The payment was captured.",
        } });
        let owed = json!({ "id": "eqRZMSaNqM", "attributes": {
            "status": "owed", "step": "forget", "tries": 1, "due_at": "2026-03-01T12:00:00.000Z",
        } });
        let lines = [
            "ID          STATUS  STEP     PROBLEM  TRIES  DUE AT                    PAYMENT",
            "WmOodsVPmQ  stuck   release  refused  3      2026-03-01T12:00:00.000Z  pi_1",
            "            The payment was captured.",
            "eqRZMSaNqM  owed    forget   -        1      2026-03-01T12:00:00.000Z  -",
        ];
        assert_eq!(printed(&[stuck, owed]), lines.join("\n"));
        assert_eq!(printed(&[]), "there are none");
    }
}
