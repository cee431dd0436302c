//! The lists of wallet entries.
