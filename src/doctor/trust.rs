//! Whose tokens are taken, and whether those that are issued here are.

use std::cell::RefCell;
use std::sync::Arc;

use access::{
    ApplicationClaim, Grant, InvalidToken, Issuers, JwksUri, KeySet, NamedKey, OrganizationClaim,
    Signer,
};
use domain::{Clock, Id, Mode};
use secrecy::{ExposeSecret, SecretString};
use secrets::{SecretError, Secrets};
use service::{FetchKeySet, KeySets};
use system::{SystemClock, SystemRandom};

use super::finding::Finding;

const ISSUERS: &str = "issuers";
const SIGNING: &str = "keys/signing";
const AS_PRINTED: &str =
    "write the list as `billfold new-signing-key` prints it (docs/operating.md, Issuers)";

/// Whether issuers and signing keys read, and go together.
pub async fn trust(
    secrets: &dyn Secrets,
    key_sets: Arc<dyn FetchKeySet>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let (configured, place) = match secrets.latest(service::ISSUERS).await {
        Ok(listed) => (listed.expose_secret().to_owned(), service::ISSUERS),
        Err(SecretError::Missing(_)) => match lookup("ISSUERS") {
            Some(listed) => (listed, "ISSUERS"),
            // That it is not set is told with the other variables.
            None => return Vec::new(),
        },
        Err(error) => {
            let advice = "see to the account's leave to read secrets";
            return vec![Finding::problem(
                service::ISSUERS,
                error.to_string(),
                advice,
            )];
        }
    };
    let published = RefCell::new(Vec::new());
    let known = KeySets::new(Arc::clone(&key_sets), Arc::new(SystemClock));
    let issuers = Issuers::from_json(&configured, |uri| {
        published.borrow_mut().push(uri.clone());
        known.at(uri)
    });
    let issuers = match issuers {
        Ok(issuers) => issuers,
        Err(error) => return vec![Finding::problem(place, error.to_string(), AS_PRINTED)],
    };
    let mut findings = vec![Finding::good(ISSUERS, format!("{place} reads"))];
    for uri in published.into_inner() {
        findings.push(publishes(key_sets.as_ref(), uri).await);
    }
    if let Some(issuer) = lookup("ISSUER").filter(|it| !it.is_empty()) {
        findings.push(signs(secrets, &issuers, &issuer).await);
    }
    findings
}

async fn publishes(key_sets: &dyn FetchKeySet, uri: JwksUri) -> Finding {
    let read = match key_sets.fetch(uri.clone()).await {
        Ok(text) => KeySet::from_json(&text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match read {
        Ok(_) => Finding::good(ISSUERS, format!("{uri} has keys")),
        Err(problem) => Finding::problem(
            ISSUERS,
            format!("{uri}: {problem}"),
            "see to the issuer's host, and to jwks_uri: until it answers, its tokens are refused",
        ),
    }
}

/// Whether a token that is issued here is taken: one is signed, and shown to nobody.
async fn signs(secrets: &dyn Secrets, issuers: &Issuers, issuer: &str) -> Finding {
    let pem = match secrets.latest(service::SIGNING).await {
        Ok(pem) => pem,
        Err(error) => {
            let advice = "make it with `billfold new-signing-key` (docs/operating.md, Deploying)";
            return Finding::problem(SIGNING, error.to_string(), advice);
        }
    };
    let token = match token(&pem, issuer) {
        Ok(token) => token,
        Err(error) => {
            let advice = "put the PEM that `billfold new-signing-key` prints, and nothing else";
            return Finding::problem(SIGNING, error, advice);
        }
    };
    if let Some(named) = NamedKey::of(&token) {
        issuers.look_up(&named).await;
    }
    match issuers.verify(&token, SystemClock.now()) {
        // An issuer need not speak for the organization that this token is made up for.
        Ok(_) | Err(InvalidToken::Reach) => {
            Finding::good(SIGNING, format!("its tokens are taken as {issuer}'s"))
        }
        Err(InvalidToken::UnknownIssuer) => Finding::problem(
            "ISSUER",
            format!("{issuer} is not among the issuers"),
            "list it with the public half of keys/signing: its tokens are refused",
        ),
        Err(refusal) => Finding::problem(
            SIGNING,
            format!("its tokens are refused as {issuer}'s: {refusal}"),
            "put the public half of its last key among the issuer's keys",
        ),
    }
}

fn token(pem: &SecretString, issuer: &str) -> Result<String, String> {
    let signer = Signer::from_pem(pem, issuer).map_err(|error| error.to_string())?;
    let grant = Grant {
        organization: OrganizationClaim {
            id: Id::derived(&["doctor"]),
            slug: "doctor".to_owned(),
            enterprise: false,
            region: String::new(),
        },
        mode: Mode::Test,
        application: ApplicationClaim {
            id: "doctor".to_owned(),
            client_id: "doctor".to_owned(),
            kind: "sales_channel".to_owned(),
            public: true,
            confidential: false,
        },
        owner: None,
        markets: Vec::new(),
        scope: String::new(),
    };
    let token = signer.issue(grant, SystemClock.now(), &SystemRandom);
    token.map_err(|error| error.to_string())
}
