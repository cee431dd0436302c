use std::time::Duration;

use access::verify_password;
use domain::{CustomerId, Tenant};
use routing::SourceAddress;
use service::Context;
use store::{AttemptPlace, Limited, Taken};

use crate::oauth::OauthError;

/// How many passwords of an account may be tried in vain from one address, and within which time.
const FROM_AN_ADDRESS: (u32, Duration) = (10, Duration::from_secs(15 * 60));

/// From all addresses together: many, so that it takes many to keep a customer from signing in.
const FROM_ALL: (u32, Duration) = (200, Duration::from_secs(15 * 60));

/// The customer of that user name, if that is their password. One who is not there takes as long to
/// refuse as a wrong password, and is held to the same limits.
pub async fn authenticate_customer(
    context: &Context,
    tenant: Tenant,
    address: Option<SourceAddress>,
    username: &str,
    password: &str,
) -> Result<Option<CustomerId>, OauthError> {
    let tries = take(context, tenant, address, username).await?;
    let credentials = context.store.credentials(tenant, username).await;
    let credentials = credentials.map_err(OauthError::failed)?;
    let hash = credentials
        .as_ref()
        .and_then(|it| it.password_hash.as_deref());
    let matches = verify_password(password, hash).map_err(OauthError::failed)?;
    let customer = credentials.filter(|_| matches);
    if customer.is_some() {
        give_back(context, &tries).await;
    }
    Ok(customer.map(|it| it.customer))
}

/// A try counts from before the password is checked, so that those at the same time count together.
async fn take(
    context: &Context,
    tenant: Tenant,
    address: Option<SourceAddress>,
    username: &str,
) -> Result<Vec<AttemptPlace>, OauthError> {
    let account = username.trim().to_lowercase();
    let address = address.map(|it| it.to_string()).unwrap_or_default();
    let (mut places, mut wait) = (Vec::new(), None);
    for (who, (most, within)) in [
        (
            vec!["password".to_owned(), account.clone(), address],
            FROM_AN_ADDRESS,
        ),
        (vec!["password".to_owned(), account], FROM_ALL),
    ] {
        let limited = Limited { who, most, within };
        match context
            .store
            .take_place(tenant, &limited, context.now())
            .await
        {
            Ok(Taken::Place(place)) => places.push(place),
            Ok(Taken::Full(seconds)) => wait = wait.max(Some(seconds)),
            // A counter that does not answer refuses nobody.
            Err(error) => tracing::error!(%error, "a try of a password is not counted"),
        }
    }
    match wait {
        None => Ok(places),
        Some(retry_after) => {
            give_back(context, &places).await;
            Err(OauthError::too_many_tries(retry_after))
        }
    }
}

async fn give_back(context: &Context, places: &[AttemptPlace]) {
    for place in places {
        if let Err(error) = context.store.give_back(place).await {
            tracing::error!(%error, "a try of a password stays counted");
        }
    }
}
