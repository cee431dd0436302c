//! GET /api/{type of payment source}/{id}.
