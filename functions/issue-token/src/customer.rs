use access::verify_password;
use domain::{CustomerId, Tenant};
use routing::SourceAddress;
use service::Context;

use crate::oauth::OauthError;
use crate::tries::PasswordTry;

/// The customer of that user name, if that is their password. One who is not there takes as long to
/// refuse as a wrong password, and waits as long between two tries.
pub async fn authenticate_customer(
    context: &Context,
    tenant: Tenant,
    address: Option<SourceAddress>,
    username: &str,
    password: &str,
) -> Result<Option<CustomerId>, OauthError> {
    let begun = PasswordTry::begin(context, tenant, address, username).await;
    let begun = begun.map_err(OauthError::too_many_tries)?;
    let credentials = context.store.credentials(tenant, username).await;
    let credentials = credentials.map_err(OauthError::failed)?;
    let hash = credentials
        .as_ref()
        .and_then(|it| it.password_hash.as_deref());
    let matches = verify_password(password, hash).map_err(OauthError::failed)?;
    let customer = credentials.filter(|_| matches);
    if customer.is_some() {
        begun.succeed(context).await;
    }
    Ok(customer.map(|it| it.customer))
}
