//! GET /api/customer_payment_sources/{id}.
