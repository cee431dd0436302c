/// What of a request does not even read, a sentence for the caller, as an extension of the request: put
/// there by whoever took it from the network, and refused by whoever answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);
