//! The lists of wallet entries.

fn main() {}
