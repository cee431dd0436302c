//! The sealing codec: every token that is stored passes through it.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{BoxFuture, CustomerId, GatewayId, Random, Tenant};

use crate::keys::Key;

/// A key of 32 random bytes, and the name under which sealed values refer to it.
#[derive(Clone)]
pub struct SealingKey {
    /// Letters and digits: `k1`.
    pub id: String,
    /// AES-256.
    pub key: [u8; 32],
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey {}", self.id)
    }
}

/// Seals texts with the newest key and opens them with the key that they name (AES-256-GCM). A
/// sealed text is `{key id}.{version of the binding}.{nonce, ciphertext and tag in base64url}`; of the
/// first version, which is opened and not written any more, `{key id}.{nonce, …}`.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<dyn SealingKeys>,
    random: Arc<dyn Random>,
}

/// The sealing keys that a process knows, and may come to know while it runs.
pub trait SealingKeys: Send + Sync {
    /// The keys that are known now, the newest last.
    fn known(&self) -> Arc<Vec<SealingKey>>;

    /// Has the keys read again because this one is not known, unless that was tried just now.
    fn look_up<'a>(&'a self, id: &'a str) -> BoxFuture<'a, ()>;
}

/// Keys that never change.
impl SealingKeys for Vec<SealingKey> {
    fn known(&self) -> Arc<Vec<SealingKey>> {
        Arc::new(self.clone())
    }

    fn look_up<'a>(&'a self, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

/// The sealing of one item: with one key, whichever becomes the newest meanwhile.
pub struct Sealing {
    key: SealingKey,
    random: Arc<dyn Random>,
    binding: Binding,
    has_sealed: Cell<bool>,
}

/// The version of the binding that new texts are sealed with.
const VERSION: &str = "2";

/// How many bytes bindings seldom have more of.
const LONG_BINDING: usize = 320;

/// How long the shortest sealed payload is, in bytes: nonce and tag of an empty text.
const SHORTEST_PAYLOAD: usize = NONCE_LEN + 16;

/// To whom a sealed text belongs, and where it stands. One that is moved to another customer, gateway,
/// mode or organization does not open, nor in another item or for another record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The organization and mode.
    pub tenant: Tenant,
    /// The gateway's id, or nothing.
    pub gateway: String,
    /// The customer's id, or nothing for guests.
    pub customer: String,
    /// The item that it stands in.
    pub item: Key,
    /// Type and id of the record that the item stores: an order's slot holds one source after another.
    pub record: String,
}

/// A sealed text that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct CannotOpen;

impl Sealer {
    /// Seals with the last of `keys`.
    pub const fn new(keys: Arc<dyn SealingKeys>, random: Arc<dyn Random>) -> Self {
        Self { keys, random }
    }

    /// Begins to seal what belongs there, with the newest key.
    ///
    /// # Errors
    /// There is no key.
    pub fn sealing(&self, binding: Binding) -> Result<Sealing, CannotOpen> {
        Ok(Sealing {
            key: self.keys.known().last().ok_or(CannotOpen)?.clone(),
            random: Arc::clone(&self.random),
            binding,
            has_sealed: Cell::new(false),
        })
    }

    /// The id of the key that new values are sealed with.
    pub fn newest(&self) -> Option<String> {
        self.keys.known().last().map(|it| it.id.clone())
    }

    /// Has the key of this id looked up, where it is not known.
    pub async fn know(&self, id: &str) {
        if !self.keys.known().iter().any(|it| it.id == id) {
            self.keys.look_up(id).await;
        }
    }

    /// Opens a sealed text that stands in this attribute, or at this path of a state.
    ///
    /// # Errors
    /// It was changed, belongs to somebody else or somewhere else, or its key is not known.
    pub fn open(
        &self,
        sealed: &str,
        binding: &Binding,
        attribute: &str,
    ) -> Result<String, CannotOpen> {
        let sealed = Sealed::parse(sealed).ok_or(CannotOpen)?;
        let keys = self.keys.known();
        let key = keys.iter().find(|it| it.id == sealed.key);
        let key = key.ok_or(CannotOpen)?;
        let bound_to = match sealed.version {
            None => binding.to_bytes_of_first_version(),
            Some(VERSION) => binding.to_bytes(attribute),
            Some(_) => return Err(CannotOpen),
        };
        let (nonce, ciphertext) = sealed
            .payload
            .split_at_checked(NONCE_LEN)
            .ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut ciphertext = ciphertext.to_vec();
        let text = aes(key)?
            .open_in_place(nonce, Aad::from(bound_to), &mut ciphertext)
            .map_err(|_| CannotOpen)?;
        String::from_utf8(text.to_vec()).map_err(|_| CannotOpen)
    }
}

impl Sealing {
    /// Seals the text of an attribute, or of a member of a state by its path.
    ///
    /// # Errors
    /// The cryptographic library failed.
    pub fn seal(&self, text: &str, attribute: &str) -> Result<String, CannotOpen> {
        let nonce: [u8; NONCE_LEN] = self.random.bytes();
        let mut sealed = text.as_bytes().to_vec();
        aes(&self.key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.binding.to_bytes(attribute)),
                &mut sealed,
            )
            .map_err(|_| CannotOpen)?;
        self.has_sealed.set(true);
        let payload = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Ok(format!("{}.{VERSION}.{payload}", self.key.id))
    }

    /// The id of the key, where something was sealed with it.
    pub fn used_key(&self) -> Option<String> {
        self.has_sealed.get().then(|| self.key.id.clone())
    }
}

/// A sealed text, taken apart.
struct Sealed<'a> {
    key: &'a str,
    version: Option<&'a str>,
    payload: Vec<u8>,
}

impl<'a> Sealed<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (key, rest) = text.split_once('.')?;
        let (version, payload) = match rest.split_once('.') {
            Some((version, payload)) => (Some(version), payload),
            None => (None, rest),
        };
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        (payload.len() >= SHORTEST_PAYLOAD).then_some(Self {
            key,
            version,
            payload,
        })
    }
}

/// Whether a text reads as a sealed one: of attributes that earlier versions kept in clear.
pub fn is_sealed(text: &str) -> bool {
    Sealed::parse(text).is_some()
}

fn aes(key: &SealingKey) -> Result<LessSafeKey, CannotOpen> {
    let unbound = UnboundKey::new(&AES_256_GCM, &key.key).map_err(|_| CannotOpen)?;
    Ok(LessSafeKey::new(unbound))
}

impl Binding {
    /// Of a customer's record at a gateway.
    pub fn of_gateway_customer(
        tenant: Tenant,
        customer: CustomerId,
        gateway: GatewayId,
        item: Key,
    ) -> Self {
        Self {
            tenant,
            gateway: gateway.to_string(),
            customer: customer.to_string(),
            item,
            record: crate::read::GATEWAY_CUSTOMER.to_owned(),
        }
    }

    /// Each part with its length before it, so that no two bindings are the same bytes.
    fn to_bytes(&self, attribute: &str) -> Vec<u8> {
        let parts = [
            VERSION,
            self.tenant.organization.as_str(),
            self.tenant.mode.as_str(),
            &self.gateway,
            &self.customer,
            &self.item.pk,
            &self.item.sk,
            &self.record,
            attribute,
        ];
        let mut text = String::with_capacity(LONG_BINDING);
        for part in parts {
            text.extend([part.len().to_string().as_str(), ":", part]);
        }
        text.into_bytes()
    }

    fn to_bytes_of_first_version(&self) -> Vec<u8> {
        let parts = [
            self.tenant.organization.as_str(),
            self.tenant.mode.as_str(),
            &self.gateway,
            &self.customer,
        ];
        parts.join("#").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use domain::Mode;
    use proptest::prelude::*;
    use system::SystemRandom;

    use super::*;

    fn sealer(ids: &[&str]) -> Sealer {
        let key = |id: &&str| SealingKey {
            id: (*id).to_owned(),
            key: [id.len() as u8; 32],
        };
        let keys: Vec<_> = ids.iter().map(key).collect();
        Sealer::new(Arc::new(keys), Arc::new(SystemRandom))
    }

    fn sealed(text: &str, attribute: &str) -> String {
        let sealing = sealer(&["k"]).sealing(binding("a")).unwrap();
        assert_eq!(sealing.used_key(), None);
        let sealed = sealing.seal(text, attribute).unwrap();
        assert_eq!(sealing.used_key().as_deref(), Some("k"));
        sealed
    }

    fn binding(customer: &str) -> Binding {
        Binding {
            tenant: Tenant {
                organization: "QvGbMhxJzD".parse().unwrap(),
                mode: Mode::Test,
            },
            gateway: "WmOodsVPmQ".to_owned(),
            customer: customer.to_owned(),
            item: Key {
                pk: "QvGbMhxJzD#test#order#1".to_owned(),
                sk: "source".to_owned(),
            },
            record: "stripe_payments#1".to_owned(),
        }
    }

    #[test]
    fn a_sealed_token_opens_nowhere_else() {
        let here = binding("a");
        let sealed = sealed("pm_1", "stripe_id");
        assert!(!sealed.contains("pm_1"));
        let live = Tenant {
            mode: Mode::Live,
            ..here.tenant
        };
        let at = |pk: &str, sk: &str| Binding {
            item: Key {
                pk: pk.to_owned(),
                sk: sk.to_owned(),
            },
            ..binding("a")
        };
        let (pk, sk) = (here.item.pk.as_str(), here.item.sk.as_str());
        for (elsewhere, attribute) in [
            (binding("b"), "stripe_id"),
            (binding("a"), "client_secret"),
            (at("QvGbMhxJzD#test#order#2", sk), "stripe_id"),
            (at(pk, "stripe_payments#1"), "stripe_id"),
            (
                Binding {
                    record: "stripe_payments#2".to_owned(),
                    ..binding("a")
                },
                "stripe_id",
            ),
            (
                Binding {
                    gateway: String::new(),
                    ..binding("a")
                },
                "stripe_id",
            ),
            (
                Binding {
                    tenant: live,
                    ..binding("a")
                },
                "stripe_id",
            ),
        ] {
            let opened = sealer(&["k"]).open(&sealed, &elsewhere, attribute);
            assert_eq!(opened, Err(CannotOpen), "{elsewhere:?} {attribute}");
        }
        let opened = sealer(&["k"]).open(&sealed, &here, "stripe_id");
        assert_eq!(opened.as_deref(), Ok("pm_1"));
    }

    #[test]
    fn a_binding_does_not_pass_for_one_of_another_version() {
        let sealed = sealed("pm_1", "a");
        let (key, payload) = sealed.split_once(".2.").unwrap();
        for changed in [format!("{key}.{payload}"), format!("{key}.3.{payload}")] {
            assert_eq!(
                sealer(&["k"]).open(&changed, &binding("a"), "a"),
                Err(CannotOpen)
            );
        }
    }

    #[test]
    fn an_older_key_still_opens() {
        let sealed = sealed("pm_1", "a");
        let opened = sealer(&["k", "k2"]).open(&sealed, &binding("a"), "a");
        assert_eq!(opened.as_deref(), Ok("pm_1"));
        assert_eq!(
            sealer(&["k2"]).open(&sealed, &binding("a"), "a"),
            Err(CannotOpen)
        );
    }

    #[test]
    fn what_was_kept_in_clear_does_not_pass_for_sealed() {
        let sealed = sealed("", "a");
        assert!(is_sealed(&sealed));
        for clear in ["pi_3MtwBwLkdIwHu7ix28a3tqPa", r#"{"id":"pm_1"}"#, "", "k.a"] {
            assert!(!is_sealed(clear), "{clear}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in ".*") {
            let sealed = sealed(&text, "a");
            prop_assert_eq!(sealer(&["k"]).open(&sealed, &binding("a"), "a"), Ok(text));
        }

        #[test]
        fn nothing_else_opens(text in ".*") {
            prop_assert_eq!(sealer(&["k"]).open(&text, &binding("a"), "a"), Err(CannotOpen));
        }
    }
}
