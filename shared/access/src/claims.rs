use domain::{Caller, Id, MarketId, Mode, Role, Tenant};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::InvalidToken;

/// The claims of an access token, as Commerce Layer writes them. Those that decide who asks, and
/// when, have to be there and of their type; the others are for clients, and read if they can be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose records the token is for.
    pub organization: OrganizationClaim,
    /// The application that the token was issued to.
    pub application: ApplicationClaim,
    /// On whose behalf the application acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerClaim>,
    /// What a sales channel is held to; absent where it is held to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketClaim>,
    /// What a `jwt-bearer` grant's assertion had it carry; it decides nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_claim: Option<Value>,
    /// The session whose refresh tokens end when the token is revoked. Commerce Layer has none.
    #[serde(
        default,
        deserialize_with = "if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub sid: Option<String>,
    /// What was asked for, `market:code:europe` or `market:all`; several are separated by spaces.
    #[serde(default, deserialize_with = "if_readable")]
    pub scope: String,
    /// The instant from which the token is no longer valid, in seconds since 1970.
    #[serde(deserialize_with = "seconds")]
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    #[serde(
        default,
        deserialize_with = "some_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub iat: Option<i64>,
    /// The instant before which it is not valid, in seconds since 1970. Commerce Layer has none.
    #[serde(
        default,
        deserialize_with = "some_seconds",
        skip_serializing_if = "Option::is_none"
    )]
    pub nbf: Option<i64>,
    /// Whether it opens test records, or live ones.
    pub test: bool,
    /// A random number from 0 up to 1, so that no two tokens are the same.
    #[serde(default, deserialize_with = "if_readable")]
    pub rand: f64,
    /// Who issued it, `https://auth.{domain}`. Clients find the API's host by it.
    pub iss: String,
}

/// The claim `organization`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationClaim {
    /// The organization's id.
    pub id: Id,
    /// The first label of its host name.
    pub slug: String,
    /// Whether it has an enterprise plan.
    #[serde(default, deserialize_with = "if_readable")]
    pub enterprise: bool,
    /// Where it is hosted, `eu-west-1`.
    #[serde(default, deserialize_with = "if_readable")]
    pub region: String,
}

/// The claim `application`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationClaim {
    /// The application's id.
    #[serde(default, deserialize_with = "if_readable")]
    pub id: String,
    /// Its client id. Tokens of 2021 have none.
    #[serde(default, deserialize_with = "if_readable")]
    pub client_id: String,
    /// `sales_channel` or `integration`; Commerce Layer knows others.
    pub kind: String,
    /// Whether it runs where it cannot keep a secret.
    #[serde(default, deserialize_with = "if_readable")]
    pub public: bool,
    /// Whether it has a secret.
    #[serde(default, deserialize_with = "if_readable")]
    pub confidential: bool,
}

/// The claim `owner`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerClaim {
    /// The id of the customer or user.
    pub id: String,
    /// `Customer` or `User`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The claim `market`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarketClaim {
    /// The markets that the token is held to.
    pub id: Vec<MarketId>,
    /// The stock locations of those markets.
    #[serde(default, deserialize_with = "if_readable")]
    pub stock_location_ids: Vec<Id>,
    /// The markets' geocoder.
    #[serde(default, deserialize_with = "if_readable")]
    pub geocoder_id: Option<Id>,
    /// Whether prices may come from outside.
    #[serde(default, deserialize_with = "if_readable")]
    pub allows_external_prices: bool,
}

impl Claims {
    /// Who asks, by these claims, with a token of this mark.
    ///
    /// # Errors
    /// The application is neither a sales channel nor an integration; the owner is not a customer;
    /// an integration has an owner, so that it is unclear whether it speaks for the shop or for one
    /// customer; a market claim names no market, which would otherwise read as all of them.
    pub fn caller(&self, token: Id) -> Result<Caller, InvalidToken> {
        let client_id = match self.application.client_id.as_str() {
            "" => &self.application.id,
            client_id => client_id,
        };
        Ok(Caller {
            tenant: Tenant {
                organization: self.organization.id,
                mode: self.mode(),
            },
            slug: self.organization.slug.clone(),
            client_id: client_id.to_owned(),
            role: self.role()?,
            markets: self.markets()?,
            token,
        })
    }

    /// Whether the token opens test records, or live ones.
    pub const fn mode(&self) -> Mode {
        match self.test {
            true => Mode::Test,
            false => Mode::Live,
        }
    }

    fn role(&self) -> Result<Role, InvalidToken> {
        match (self.application.kind.as_str(), &self.owner) {
            ("sales_channel", None) => Ok(Role::Guest),
            ("sales_channel", Some(owner)) if owner.kind == "Customer" => owner
                .id
                .parse()
                .map(Role::Customer)
                .map_err(|_| InvalidToken::Malformed),
            ("integration", None) => Ok(Role::Integration),
            ("sales_channel" | "integration", Some(_)) => Err(InvalidToken::Owner),
            _ => Err(InvalidToken::ApplicationKind),
        }
    }

    fn markets(&self) -> Result<Vec<MarketId>, InvalidToken> {
        let all = self.scope.split_whitespace().any(|it| it == "market:all");
        match &self.market {
            Some(market) if !all && market.id.is_empty() => Err(InvalidToken::Malformed),
            Some(market) if !all => Ok(market.id.clone()),
            _ => Ok(Vec::new()),
        }
    }
}

/// A claim that decides nothing here: another issuer's null or odd type is no reason to refuse.
fn if_readable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Seconds since 1970, rounded down: RFC 7519 lets them have a fraction.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    f64::deserialize(deserializer).map(|seconds| seconds.floor() as i64)
}

fn some_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let seconds = Option::<f64>::deserialize(deserializer)?;
    Ok(seconds.map(|seconds| seconds.floor() as i64))
}

#[cfg(test)]
mod tests;
