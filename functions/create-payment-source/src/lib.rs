//! POST /api/{type of payment source}.
