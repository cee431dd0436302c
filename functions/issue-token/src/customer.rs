use std::time::Duration;

use access::verify_password;
use decisions::Unique;
use domain::{CustomerId, ResourceType, Tenant};
use routing::SourceAddress;
use service::{Context, Places};
use store::Limited;

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
    // It counts from before the password is checked, so that those at the same time count together.
    let tries = Places::take(context, tenant, &limits(address, username)).await;
    let tries = tries.map_err(OauthError::too_many_tries)?;
    let credentials = context.store.credentials(tenant, username).await;
    let credentials = credentials.map_err(OauthError::failed)?;
    let hash = credentials
        .as_ref()
        .and_then(|it| it.password_hash.as_deref());
    let matches = verify_password(password, hash).map_err(OauthError::failed)?;
    let customer = credentials.filter(|_| matches);
    if customer.is_some() {
        tries.give_back(context).await;
    }
    Ok(customer.map(|it| it.customer))
}

/// What holds a try of an account's password.
fn limits(address: Option<SourceAddress>, username: &str) -> [Limited; 2] {
    // As accounts are told apart, so that another spelling is no other account.
    let account = Unique::new(ResourceType::Customers, username).value;
    let address = address.map(|it| it.to_string()).unwrap_or_default();
    let limited = |who: &[&str], (most, within)| Limited {
        who: who.iter().map(|it| (*it).to_owned()).collect(),
        most,
        within,
    };
    [
        limited(&["password", &account, &address], FROM_AN_ADDRESS),
        limited(&["password", &account], FROM_ALL),
    ]
}
