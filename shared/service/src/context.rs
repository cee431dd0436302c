use std::sync::Arc;
use std::time::Duration;

use access::{Issuers, NamedKey};
use domain::{Clock, Deadline, Random, Sleep, Timestamp};
use futures_util::future;
use gatehouse::user_url::TrustedOrigins;
use store::{SealingKey, Store};

use crate::Front;
use crate::Renewed;

/// How long a request may take, from its arrival: clients give up at 15 s.
const BUDGET: Duration = Duration::from_secs(12);

/// What every endpoint needs, built once by `main`.
#[derive(Clone)]
pub struct Context {
    /// The table.
    pub store: Store,
    /// What tokens are sealed with in the table, which the table uses.
    pub sealing: Arc<Renewed<Vec<SealingKey>>>,
    /// Whose tokens are taken.
    pub issuers: Arc<Renewed<Issuers>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Waits between two attempts.
    pub sleep: Arc<dyn Sleep>,
    /// Ids and nonces.
    pub random: Arc<dyn Random>,
    /// What is set from outside.
    pub configuration: Configuration,
}

/// What is set from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Where the API is reached, without a slash at its end: what links begin with. Never taken
    /// from a request's Host header, which the caller writes.
    pub public_url: String,
    /// The domain under which organizations have hosts of their own (`example.com` for
    /// `demo.example.com`); none where hosts carry no slug.
    pub domain: Option<String>,
    /// Origins that the URLs of external gateways may lead to at any address.
    pub trusted_origins: TrustedOrigins,
    /// How many requests a caller may make in a minute; 0 where they are not counted.
    pub rate_limit: u32,
    /// How many requests the guests of an application may make from one address in a minute, all together; 0 where
    /// they are not counted together.
    pub address_rate_limit: u32,
    /// How many requests for tokens an address may make in a minute; 0 where they are not counted.
    pub token_rate_limit: u32,
    /// How many attempts to pay a gateway may decline.
    pub declined: DeclineLimits,
    /// DynamoDB's own id of the table, where it is a copy whose original is gone.
    pub adopted_table: Option<String>,
    /// The distribution of CloudFront's that requests may come through; none where they come here at once.
    pub front: Option<Front>,
}

/// How many attempts to pay a gateway may decline; 0 where they are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclineLimits {
    /// For an order, in an hour.
    pub of_order: u32,
    /// For a customer, in an hour.
    pub of_customer: u32,
    /// From an address, in ten minutes; integrations are not held to it.
    pub of_address: u32,
}

impl DeclineLimits {
    /// The limits that the variables `DECLINED_PER_ORDER`, `DECLINED_PER_CUSTOMER` and
    /// `DECLINED_PER_ADDRESS` set: 10, 20 and 30 where they do not.
    ///
    /// # Errors
    /// One is no whole number; the text says which.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let limit = |name, default| Configuration::limit(name, variable(name).as_deref(), default);
        Ok(Self {
            of_order: limit("DECLINED_PER_ORDER", 10)?,
            of_customer: limit("DECLINED_PER_CUSTOMER", 20)?,
            of_address: limit("DECLINED_PER_ADDRESS", 30)?,
        })
    }
}

impl Context {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Reads the keys again that are old, before anything is done with them.
    pub async fn renew_keys(&self) {
        future::join(self.sealing.renew_when_old(), self.issuers.renew_when_old()).await;
    }

    /// The issuers with which to check this token: where they lack the issuer or the key that it names, they are
    /// looked up, and where its issuer publishes its keys, those are.
    pub async fn issuers_for(&self, bearer: &str) -> Arc<Issuers> {
        let Some(named) = NamedKey::of(bearer) else {
            return self.issuers.current();
        };
        if self.issuers.current().lack(&named) {
            self.issuers.look_up(|it| !it.lack(&named)).await;
        }
        let issuers = self.issuers.current();
        issuers.look_up(&named).await;
        issuers
    }

    /// The deadline of a request that arrives now.
    pub fn deadline(&self) -> Deadline {
        Deadline::after(self.now(), BUDGET)
    }
}

impl Configuration {
    /// The variable that sets [`Self::rate_limit`].
    pub const RATE_LIMIT: &'static str = "RATE_LIMIT";
    /// The variable that sets [`Self::address_rate_limit`].
    pub const ADDRESS_RATE_LIMIT: &'static str = "ADDRESS_RATE_LIMIT";
    /// The variable that sets [`Self::token_rate_limit`].
    pub const TOKEN_RATE_LIMIT: &'static str = "TOKEN_RATE_LIMIT";

    /// Reads a limit that the variable of this name sets to `value`; `default` where it is not set or
    /// empty.
    ///
    /// # Errors
    /// It is no whole number; the text says which variable it is.
    pub fn limit(name: &str, value: Option<&str>, default: u32) -> Result<u32, String> {
        let value = value.map(str::trim).filter(|it| !it.is_empty());
        let parsed = value.map(str::parse).transpose();
        let parsed = parsed.map_err(|_| format!("{name} is a whole number, 0 for no limit"))?;
        Ok(parsed.unwrap_or(default))
    }

    /// The slug that a host carries: the first label of a host right under the configured domain.
    pub fn slug_of<'h>(&self, host: &'h str) -> Option<&'h str> {
        let host = host.split(':').next().unwrap_or_default();
        let domain = self.domain.as_deref()?;
        let slug = host.strip_suffix(domain)?.strip_suffix('.')?;
        (!slug.is_empty() && !slug.contains('.')).then_some(slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_the_default() {
        let limit = |value| Configuration::limit(Configuration::RATE_LIMIT, value, 600);
        assert_eq!(limit(None), Ok(600));
        assert_eq!(limit(Some(" ")), Ok(600));
        assert_eq!(limit(Some("3")), Ok(3));
        assert_eq!(limit(Some("0")), Ok(0));
        for value in ["many", "-1", "1.5"] {
            assert!(limit(Some(value)).unwrap_err().contains("RATE_LIMIT"));
        }
    }

    #[test]
    fn only_hosts_right_under_the_domain_carry_a_slug() {
        let configuration = Configuration {
            public_url: "https://api.example.com".to_owned(),
            domain: Some("example.com".to_owned()),
            trusted_origins: TrustedOrigins::default(),
            rate_limit: 0,
            address_rate_limit: 0,
            token_rate_limit: 0,
            declined: DeclineLimits::read(|_| None).unwrap(),
            adopted_table: None,
            front: None,
        };
        assert_eq!(configuration.slug_of("demo.example.com:443"), Some("demo"));
        for host in [
            "example.com",
            "a.b.example.com",
            "localhost:9000",
            "badexample.com",
            "",
        ] {
            assert_eq!(configuration.slug_of(host), None, "{host}");
        }
    }
}
