//! POST /api/{type of payment source}.

fn main() {}
