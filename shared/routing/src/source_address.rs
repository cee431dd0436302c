use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The address that a request came from, as an extension of the request: put there by whoever took it
/// from the network, never read from a header, which the caller writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceAddress(pub IpAddr);

impl fmt::Display for SourceAddress {
    /// An IPv6 address by its first 64 bits: a subscriber has all the others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.to_canonical() {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let network = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
                write!(f, "{network}/64")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_one_whatever_address_of_its_network_it_takes() {
        let shown = |text: &str| SourceAddress(text.parse().unwrap()).to_string();
        assert_eq!(shown("192.0.2.1"), "192.0.2.1");
        assert_eq!(shown("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(shown("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    }
}
