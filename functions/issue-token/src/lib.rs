//! POST /oauth/token and the keys that verify its tokens.
