//! SHA-256, and how bytes are written.

use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN};

/// SHA-256 over `parts`, each preceded by its length in bytes, so that `["ab", "c"]` and
/// `["a", "bc"]` differ.
pub fn digest(parts: &[&str]) -> [u8; SHA256_OUTPUT_LEN] {
    let mut hash = Context::new(&SHA256);
    for part in parts {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut digest = [0; SHA256_OUTPUT_LEN];
    digest.copy_from_slice(hash.finish().as_ref());
    digest
}

/// [`digest`] in lower-case hexadecimal, 64 characters.
pub fn hex_digest(parts: &[&str]) -> String {
    hex(&digest(parts))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|it| [it >> 4, it & 0xf]);
    let digits = digits.filter_map(|it| char::from_digit(it.into(), 16));
    digits.collect()
}
