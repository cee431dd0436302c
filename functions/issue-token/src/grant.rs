//! What a client is granted: `client_credentials`, and for customers `password`, `refresh_token`,
//! `authorization_code` and `jwt-bearer`.

use access::{ApplicationClaim, Assertion, Grant, OrganizationClaim, read_assertion};
use domain::{CustomerId, MarketId};
use service::Context;
use store::{ApiClient, ClientKind};

use crate::Issuing;
use crate::client::{authenticate_client, scope};
use crate::code;
use crate::customer::authenticate_customer;
use crate::granted::Granted;
use crate::oauth::{OauthError, TokenRequest};
use crate::session::{self, Opened};

/// Decides what the request is granted.
pub async fn grant(
    context: &Context,
    issuing: &Issuing,
    asked: &TokenRequest,
) -> Result<Granted, OauthError> {
    let way = match asked.require("grant_type")? {
        "client_credentials" => Way::Client,
        "password" => Way::Password,
        "refresh_token" => Way::RefreshToken,
        "authorization_code" => Way::Code,
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => Way::Assertion,
        _ => return Err(OauthError::unsupported_grant_type()),
    };
    let client = authenticate_client(context, asked).await?;
    match way {
        Way::Client => {
            let (scope, markets) = scope(&client, asked.get("scope"))?;
            let grant = token_grant(client, None, scope, markets);
            Ok(Granted {
                grant,
                session: None,
            })
        }
        Way::Password => {
            let (scope, markets) = scope(&client, asked.get("scope"))?;
            let customer = named_customer(context, &client, asked).await?;
            let begun = session::begin(context, issuing, &client, customer, scope, None);
            let session = begun.await?;
            Ok(customers(client, session, markets))
        }
        Way::RefreshToken => {
            let (session, markets) = session::renew(context, issuing, &client, asked).await?;
            Ok(customers(client, session, markets))
        }
        Way::Code => {
            let (session, markets) = code::redeem(context, issuing, &client, asked).await?;
            Ok(customers(client, session, markets))
        }
        Way::Assertion => {
            let (scope, markets) = scope(&client, asked.get("scope"))?;
            let asserted = asserted_customer(context, &client, asked).await?;
            let (customer, claim) = (asserted.customer, asserted.custom_claim);
            let begun = session::begin(context, issuing, &client, customer, scope, claim);
            let session = begun.await?;
            Ok(customers(client, session, markets))
        }
    }
}

/// How a token is asked for.
enum Way {
    Client,
    Password,
    RefreshToken,
    Code,
    Assertion,
}

fn customers(client: ApiClient, session: Opened, markets: Vec<MarketId>) -> Granted {
    let (owner, scope) = (session.owner, session.scope.clone());
    Granted {
        grant: token_grant(client, Some(owner), scope, markets),
        session: Some(session),
    }
}

fn token_grant(
    client: ApiClient,
    owner: Option<CustomerId>,
    scope: String,
    markets: Vec<MarketId>,
) -> Grant {
    let (kind, confidential) = match client.kind {
        ClientKind::Integration => ("integration", true),
        ClientKind::SalesChannel => ("sales_channel", client.secret_hash.is_some()),
    };
    Grant {
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
            public: !confidential,
            confidential,
        },
        owner,
        markets,
        scope,
    }
}

async fn named_customer(
    context: &Context,
    client: &ApiClient,
    asked: &TokenRequest,
) -> Result<CustomerId, OauthError> {
    let (username, password) = (asked.require("username")?, asked.require("password")?);
    if client.kind != ClientKind::SalesChannel {
        return Err(OauthError::unsupported_grant_type());
    }
    let customer = authenticate_customer(context, client.tenant, asked.address, username, password);
    let customer = customer.await?;
    customer.ok_or_else(OauthError::invalid_grant)
}

/// Anybody can sign an assertion, so that the client's own secret is what it stands on: a client
/// without one gets nothing for it. An integration's tokens speak for no customer.
async fn asserted_customer(
    context: &Context,
    client: &ApiClient,
    asked: &TokenRequest,
) -> Result<Assertion, OauthError> {
    let assertion = asked.require("assertion")?;
    if client.kind != ClientKind::SalesChannel {
        return Err(OauthError::unsupported_grant_type());
    }
    if client.secret_hash.is_none() {
        return Err(OauthError::invalid_client());
    }
    let assertion = read_assertion(assertion, context.now()).map_err(|reason| {
        tracing::info!(%reason, "assertion refused");
        OauthError::invalid_assertion()
    })?;
    let store = &context.store;
    let exists = store.customer_exists(client.tenant, assertion.customer);
    match exists.await.map_err(OauthError::failed)? {
        true => Ok(assertion),
        false => Err(OauthError::invalid_assertion()),
    }
}
