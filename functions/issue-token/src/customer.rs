use access::verify_password;
use domain::{CustomerId, Tenant};
use service::Context;

use crate::oauth::OauthError;

/// The customer of that user name, if that is their password. One who is not there takes as long to
/// refuse as a wrong password.
pub async fn authenticate_customer(
    context: &Context,
    tenant: Tenant,
    username: &str,
    password: &str,
) -> Result<Option<CustomerId>, OauthError> {
    let credentials = context.store.credentials(tenant, username).await;
    let credentials = credentials.map_err(OauthError::failed)?;
    let hash = credentials
        .as_ref()
        .and_then(|it| it.password_hash.as_deref());
    let matches = verify_password(password, hash).map_err(OauthError::failed)?;
    let customer = credentials.filter(|_| matches);
    Ok(customer.map(|it| it.customer))
}
