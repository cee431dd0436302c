//! PATCH /api/orders/{id}.

fn main() {}
