//! `billfold doctor`: a deployment that is well, and what is found where it is not.

use std::sync::Arc;

use access::JwksUri;
use billfold::doctor::{Count, Deployment, Level};
use billfold::{Options, demo};
use bytes::Bytes;
use domain::{BoxFuture, Mode};
use http::{Request, Response};
use outbound::{HttpTransport, Limits, Transport, TransportError};
use secrecy::SecretString;
use secrets::WritableSecrets;
use serde_json::json;
use service::{FetchError, FetchKeySet};

use crate::app::App;

const PUBLIC_URL: &str = "https://api.example.com";
const STRIPE_GATEWAY: &str = "PxTsWkGgNl";

/// The API at its public URL: the app, over http.
struct AtPublicUrl(String);

impl Transport for AtPublicUrl {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let (mut parts, body) = request.into_parts();
        let here = parts.uri.to_string().replace(PUBLIC_URL, &self.0);
        parts.uri = here.parse().unwrap();
        Box::pin(async move {
            let request = Request::from_parts(parts, body);
            HttpTransport::new().send(request, limits).await
        })
    }
}

/// Issuers' hosts, none of which answers.
struct Down;

impl FetchKeySet for Down {
    fn fetch(&self, _: JwksUri) -> BoxFuture<'static, Result<Vec<u8>, FetchError>> {
        Box::pin(async { Err(FetchError::Status(503)) })
    }
}

impl App {
    /// What the doctor finds of the app as a deployment with these variables in place of its own.
    async fn examined(&self, changes: &[(&str, &str)]) -> (Count, Vec<String>) {
        let signer = self.running.issuing.signer.current();
        let (client, table) = self.running.table();
        let options = Options::in_memory(0);
        let lookup = |name: &str| {
            if let Some((_, value)) = changes.iter().find(|(it, _)| *it == name) {
                return Some((*value).to_owned());
            }
            Some(match name {
                "TABLE_NAME" => table.to_owned(),
                "PUBLIC_URL" => PUBLIC_URL.to_owned(),
                "ISSUERS" => demo::issuers(&signer),
                "ISSUER" => signer.issuer().to_owned(),
                "SECRETS_PREFIX" => "billfold".to_owned(),
                _ => return self.running.stand_ins.lookup(&options, name),
            })
        };
        let deployment = Deployment {
            lookup: &lookup,
            client,
            secrets: Some(self.running.secrets.clone()),
            key_sets: Arc::new(Down),
            transport: Arc::new(AtPublicUrl(self.running.url.clone())),
        };
        let mut lines = Vec::new();
        let tell = |finding: &billfold::doctor::Finding| {
            if finding.level != Level::Good {
                lines.push(finding.to_string());
            }
        };
        let count = deployment.examine(&[], tell).await;
        (count, lines)
    }

    async fn put_keys(&self, gateway: &str, keys: serde_json::Value) {
        let organization = demo::tenant().organization;
        let name = format!("gateways/{organization}/{}/{gateway}", Mode::Test.as_str());
        let secrets = &self.running.secrets;
        let keys = SecretString::from(keys.to_string());
        secrets.put(&name, keys).await.unwrap();
    }
}

/// The lines that tell of a problem.
fn problems(lines: &[String]) -> Vec<&String> {
    lines
        .iter()
        .filter(|it| it.starts_with("problem"))
        .collect()
}

#[tokio::test]
async fn a_deployment_that_is_well_has_no_problem_and_is_left_as_it_is() {
    let app = App::start().await;
    app.running.context.store.mark().await.unwrap();
    let before = app.table().await;
    let (count, lines) = app.examined(&[]).await;
    assert_eq!(problems(&lines), [""; 0], "{lines:?}");
    assert_eq!(count.problems, 0);
    assert!(count.checks > 15, "{count}");
    assert_eq!(app.table().await, before);
}

#[tokio::test]
async fn a_gateway_whose_vendor_refuses_the_key_is_named_with_what_to_do() {
    let app = App::start().await;
    for (keys, said) in [
        (json!({ "login": "sk_live_other_mode" }), "other mode"),
        (
            json!({ "login": "nonsense" }),
            "refuses the credentials: status 401",
        ),
        (json!({}), "not a JSON object with this gateway's keys"),
    ] {
        app.put_keys(STRIPE_GATEWAY, keys).await;
        let (count, lines) = app.examined(&[]).await;
        let [line] = problems(&lines)[..] else {
            panic!("{lines:?}");
        };
        assert_eq!(count.problems, 1);
        for part in [
            "stripe_gateways",
            STRIPE_GATEWAY,
            said,
            "give it the vendor's current keys",
        ] {
            assert!(line.contains(part), "{line}");
        }
        assert!(
            !line.contains("sk_live") && !line.contains("nonsense"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn issuers_that_cannot_be_relied_on_are_told() {
    let app = App::start().await;
    let signer = app.running.issuing.signer.current();
    let by_url =
        json!({ "iss": "https://login.shop.example", "jwks_uri": "https://shop.example/keys" });
    let with_other = json!([signer.as_issuer(), by_url]).to_string();
    for (issuers, said) in [
        ("[]", "is not among the issuers"),
        ("not JSON", "issuers are a list"),
        (
            with_other.as_str(),
            "https://shop.example/keys: answered with 503",
        ),
    ] {
        let (_, lines) = app.examined(&[("ISSUERS", issuers)]).await;
        let found = problems(&lines);
        assert!(matches!(found[..], [it] if it.contains(said)), "{lines:?}");
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_is_told() {
    let app = App::start().await;
    let (_, lines) = app.examined(&[("TABLE_NAME", "elsewhere")]).await;
    let found = problems(&lines);
    assert!(
        found.iter().any(|it| it.contains("table elsewhere")),
        "{lines:?}"
    );
}
