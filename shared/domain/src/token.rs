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

/// A text that is stored as a token, and so sealed, though those who work with it take it as text.
pub mod as_token {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Token;

    /// Writes the text as a token.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(
        text: &Option<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        text.as_ref().map(Token::new).serialize(serializer)
    }

    /// Reads the text of a token, or one that was stored as it is.
    ///
    /// # Errors
    /// It is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        let token = Option::<Token>::deserialize(deserializer)?;
        Ok(token.map(|it| it.expose().to_owned()))
    }
}

/// Members that are stored as one token, and so sealed: some of them may be tokens.
pub mod members_as_token {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::{Map, Value};

    use super::{SECRET, Token};

    /// Writes the members' JSON text as a token.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(
        members: &Map<String, Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(members).map_err(serde::ser::Error::custom)?;
        Token::new(text).serialize(serializer)
    }

    /// Reads the members of a token, or those that were stored as they are.
    ///
    /// # Errors
    /// It is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Map<String, Value>, D::Error> {
        let members = Map::deserialize(deserializer)?;
        match members.get(SECRET) {
            Some(Value::String(text)) => serde_json::from_str(text).map_err(D::Error::custom),
            _ => Ok(members),
        }
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
        #[derive(serde::Deserialize, serde::Serialize)]
        struct State {
            #[serde(with = "as_token")]
            payment: Option<String>,
            #[serde(with = "members_as_token")]
            snapshot: serde_json::Map<String, Value>,
        }
        let clear = json!({ "payment": "pi_1", "snapshot": { "id": "pm_1" } });
        let state: State = serde_json::from_value(clear).unwrap();
        let stored = serde_json::to_value(&state).unwrap();
        assert_eq!(stored["payment"], json!({ "$secret": "pi_1" }));
        assert_eq!(stored["snapshot"], json!({ "$secret": r#"{"id":"pm_1"}"# }));
        let read: State = serde_json::from_value(stored).unwrap();
        assert_eq!(read.payment.as_deref(), Some("pi_1"));
        assert_eq!(read.snapshot["id"], "pm_1");
        for other in [json!(1), json!({}), json!({ "$secret": 1 })] {
            assert!(serde_json::from_value::<Token>(other).is_err());
        }
    }
}
