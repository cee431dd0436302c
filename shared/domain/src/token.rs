//! Tokens: what pays or opens something at a gateway.

use secrecy::{ExposeSecret, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The one member of a token as JSON, by which the table's codec knows what to seal.
pub const SECRET: &str = "$secret";

/// What pays or opens something at a gateway. It is never printed, and it is sealed where a state that
/// holds it is stored: because of its type, not of the name of a member.
///
/// ```compile_fail,E0277
/// fn print(token: &domain::Token) {
///     println!("{token}");
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Token(SecretString);

impl Token {
    /// Takes a text as token.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for those who send or compare it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Token {}

impl PartialEq<str> for Token {
    fn eq(&self, other: &str) -> bool {
        self.expose() == other
    }
}

impl PartialEq<&str> for Token {
    fn eq(&self, other: &&str) -> bool {
        self.expose() == *other
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(SECRET, self.expose())])
    }
}

/// A token that was stored before its type said what it is was a text.
impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = value.as_str().or_else(|| value.get(SECRET)?.as_str());
        text.map(Self::new)
            .ok_or_else(|| D::Error::custom("no token"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_not_printed() {
        assert!(!format!("{:?}", Token::new("pm_hush")).contains("hush"));
    }

    #[test]
    fn a_token_comes_back_from_what_is_stored_now_and_from_what_was() {
        let token = Token::new("pm_1");
        let stored = serde_json::to_value(&token).unwrap();
        assert_eq!(stored, json!({ "$secret": "pm_1" }));
        for stored in [stored, json!("pm_1")] {
            assert_eq!(serde_json::from_value::<Token>(stored).unwrap(), token);
        }
        for other in [json!(1), json!({}), json!({ "$secret": 1 })] {
            assert!(serde_json::from_value::<Token>(other).is_err());
        }
    }
}
