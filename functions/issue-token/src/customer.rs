use access::verify_password;
use domain::{CustomerId, Tenant};
use futures_util::future;
use routing::SourceAddress;
use service::Context;
use store::{Credentials, StoreError};

use crate::oauth::OauthError;
use crate::tries::Account;

/// The customer of that user name, if that is their password. One who is not there takes as long to
/// refuse as a wrong password, and waits as long between two tries.
pub async fn authenticate_customer(
    context: &Context,
    tenant: Tenant,
    address: Option<SourceAddress>,
    username: &str,
    password: &str,
) -> Result<Option<CustomerId>, OauthError> {
    let account = Account::find(context, tenant, address, username).await;
    let account = account.map_err(OauthError::too_many_tries)?;
    let (begun, credentials) = future::join(
        account.begin_try(context),
        context.store.credentials(tenant, username),
    )
    .await;
    let begun = begun.map_err(OauthError::too_many_tries)?;
    let customer = match check(credentials, password) {
        Ok(customer) => customer,
        Err(error) => {
            begun.take_back(context).await;
            return Err(error);
        }
    };
    if customer.is_some() {
        begun.succeed(context).await;
    }
    Ok(customer)
}

fn check(
    credentials: Result<Option<Credentials>, StoreError>,
    password: &str,
) -> Result<Option<CustomerId>, OauthError> {
    let credentials = credentials.map_err(OauthError::failed)?;
    let hash = credentials
        .as_ref()
        .and_then(|it| it.password_hash.as_deref());
    let matches = verify_password(password, hash).map_err(OauthError::failed)?;
    Ok(credentials.filter(|_| matches).map(|it| it.customer))
}
