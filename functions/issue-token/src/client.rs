//! Who asks: the client, and what scope it may have.

use access::client_secret_matches;
use domain::MarketId;
use service::Context;
use store::ApiClient;

use crate::oauth::{OauthError, TokenRequest};

/// The client that the request names, if it proves that it is the one.
pub async fn authenticate_client(
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

/// The scope that is granted, and the markets that it stands for. A sales channel is always held to
/// its markets; a client without markets has all of them. A blank scope is none, since an empty list
/// of markets would stand for all.
pub fn scope(
    client: &ApiClient,
    asked: Option<&str>,
) -> Result<(String, Vec<MarketId>), OauthError> {
    let asked = asked.map(str::trim).filter(|it| !it.is_empty());
    if client.markets.is_empty() {
        return match asked {
            None | Some("market:all") => Ok(("market:all".to_owned(), Vec::new())),
            Some(_) => Err(OauthError::invalid_scope()),
        };
    }
    let Some(asked) = asked else {
        let codes = client
            .markets
            .iter()
            .map(|(code, _)| format!("market:code:{code}"));
        let codes: Vec<_> = codes.collect();
        let markets = client.markets.iter().map(|(_, id)| *id);
        return Ok((codes.join(" "), markets.collect()));
    };
    let markets: Option<Vec<MarketId>> = asked
        .split_whitespace()
        .map(|part| market_of(client, part))
        .collect();
    let markets = markets.ok_or_else(OauthError::invalid_scope)?;
    Ok((asked.to_owned(), markets))
}

fn market_of(client: &ApiClient, scope: &str) -> Option<MarketId> {
    let is_named = |(code, id): &&(String, MarketId)| {
        scope.strip_prefix("market:code:") == Some(code)
            || scope.strip_prefix("market:id:") == Some(id.as_str())
    };
    client.markets.iter().find(is_named).map(|(_, id)| *id)
}
