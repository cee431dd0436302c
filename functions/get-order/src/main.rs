//! GET /api/orders/{id}.

fn main() {}
