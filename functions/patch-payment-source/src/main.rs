//! PATCH /api/{type of payment source}/{id}.

fn main() {}
