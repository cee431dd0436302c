//! GET /api/orders/{id}.
