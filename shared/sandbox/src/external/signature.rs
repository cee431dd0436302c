use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(super) const HEADER: &str = "x-commercelayer-signature";

/// Whether `sent` is base64(HMAC-SHA256(`body`, `shared_secret`)). The comparison takes as long for a
/// wrong signature as for the right one, so that nobody can find it byte by byte; and it is made over
/// the body as it came, since JSON that is read and written again may be other bytes.
pub(super) fn is_valid(sent: Option<&str>, body: &[u8], shared_secret: &str) -> bool {
    let Some(sent) = sent.and_then(|text| STANDARD.decode(text).ok()) else {
        return false;
    };
    Hmac::<Sha256>::new_from_slice(shared_secret.as_bytes())
        .is_ok_and(|mac| mac.chain_update(body).verify_slice(&sent).is_ok())
}

/// base64(HMAC-SHA256(`body`, `shared_secret`)), as this gateway signs what it tells by itself.
pub(super) fn of(body: &[u8], shared_secret: &str) -> Option<String> {
    let mac = Hmac::<Sha256>::new_from_slice(shared_secret.as_bytes()).ok()?;
    let signature = mac.chain_update(body).finalize().into_bytes();
    Some(STANDARD.encode(signature))
}
