//! What a client is granted: `client_credentials`, and `password` for customers.

use access::{ApplicationClaim, Grant, OrganizationClaim, client_secret_matches, verify_password};
use domain::Id;
use service::Context;
use store::{ApiClient, ClientKind};

use crate::oauth::{OauthError, TokenRequest};

/// Decides what the request is granted.
pub async fn grant(context: &Context, asked: &TokenRequest) -> Result<Grant, OauthError> {
    let owned = match asked.require("grant_type")? {
        "client_credentials" => false,
        "password" => true,
        _ => return Err(OauthError::unsupported_grant_type()),
    };
    let client = authenticate_client(context, asked).await?;
    let (scope, markets) = scope(&client, asked.get("scope"))?;
    let owner = match owned {
        true => Some(authenticate_customer(context, &client, asked).await?),
        false => None,
    };
    let (kind, public) = match client.kind {
        ClientKind::Integration => ("integration", false),
        ClientKind::SalesChannel => ("sales_channel", true),
    };
    Ok(Grant {
        organization: OrganizationClaim {
            id: client.tenant.organization,
            slug: client.slug,
            enterprise: false,
            region: String::new(),
        },
        mode: client.tenant.mode,
        application: ApplicationClaim {
            id: client.id.to_string(),
            client_id: client.client_id,
            kind: kind.to_owned(),
            public,
            confidential: !public,
        },
        owner,
        markets,
        scope,
    })
}

async fn authenticate_client(
    context: &Context,
    asked: &TokenRequest,
) -> Result<ApiClient, OauthError> {
    let client_id = asked.require("client_id")?;
    let client = context.store.api_client(client_id).await;
    let client = client.map_err(OauthError::failed)?;
    let client = client.ok_or_else(OauthError::invalid_client)?;
    let proven = match &client.secret_hash {
        None => true,
        Some(hash) => {
            let secret = asked.get("client_secret");
            secret.is_some_and(|secret| client_secret_matches(secret, hash))
        }
    };
    match proven {
        true => Ok(client),
        false => Err(OauthError::invalid_client()),
    }
}

/// A customer who is not there takes as long to refuse as a wrong password.
async fn authenticate_customer(
    context: &Context,
    client: &ApiClient,
    asked: &TokenRequest,
) -> Result<Id, OauthError> {
    let (username, password) = (asked.require("username")?, asked.require("password")?);
    if client.kind != ClientKind::SalesChannel {
        return Err(OauthError::unsupported_grant_type());
    }
    let credentials = context.store.credentials(client.tenant, username).await;
    let credentials = credentials.map_err(OauthError::failed)?;
    let hash = credentials
        .as_ref()
        .and_then(|it| it.password_hash.as_deref());
    let matches = verify_password(password, hash).map_err(OauthError::failed)?;
    credentials
        .filter(|_| matches)
        .map(|it| it.customer)
        .ok_or_else(OauthError::invalid_grant)
}

/// The scope that is granted, and the markets that it stands for. A sales channel is always held to
/// its markets; a client without markets has all of them.
fn scope(client: &ApiClient, asked: Option<&str>) -> Result<(String, Vec<Id>), OauthError> {
    if client.markets.is_empty() {
        return match asked {
            None | Some("market:all" | "") => Ok(("market:all".to_owned(), Vec::new())),
            Some(_) => Err(OauthError::invalid_scope()),
        };
    }
    let asked = asked.filter(|it| !it.is_empty());
    let Some(asked) = asked else {
        let codes = client
            .markets
            .iter()
            .map(|(code, _)| format!("market:code:{code}"));
        let codes: Vec<_> = codes.collect();
        let markets = client.markets.iter().map(|(_, id)| *id);
        return Ok((codes.join(" "), markets.collect()));
    };
    let markets: Option<Vec<Id>> = asked
        .split_whitespace()
        .map(|part| market_of(client, part))
        .collect();
    let markets = markets.ok_or_else(OauthError::invalid_scope)?;
    Ok((asked.to_owned(), markets))
}

fn market_of(client: &ApiClient, scope: &str) -> Option<Id> {
    let is_named = |(code, id): &&(String, Id)| {
        scope.strip_prefix("market:code:") == Some(code)
            || scope.strip_prefix("market:id:") == Some(id.as_str())
    };
    client.markets.iter().find(is_named).map(|(_, id)| *id)
}
