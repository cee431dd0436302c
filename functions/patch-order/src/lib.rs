//! PATCH /api/orders/{id}.
