use crate::{Id, hex};

/// Gives random bytes fit for keys and tokens.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random + '_ {
    /// A fresh record id.
    pub fn id(&self) -> Id {
        Id::from_random(self.bytes())
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// 32 random lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hex(&self.bytes::<16>())
    }
}
