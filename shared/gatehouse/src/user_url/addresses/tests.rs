use ipnet::IpNet;
use proptest::prelude::*;

use super::*;

/// Written down a second time, as texts: the nets whose addresses must never count as public.
const NOT_PUBLIC: [&str; 38] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "::1/128",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::10.0.0.0/104",
    "64:ff9b::127.0.0.0/104",
    "64:ff9b::169.254.0.0/112",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

#[test]
fn addresses_of_the_internet_are_public() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "52.95.110.1",
        "168.63.129.17",
        "2600:9000:5300::1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::200e",
        "2001:4860:4860::8888",
        "64:ff9b::8.8.8.8",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn private_nets_end_where_the_registry_says() {
    for address in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::",
        "2003::",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff:1000::",
    ] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn no_net_is_public_at_its_ends() {
    for net in NOT_PUBLIC {
        let net: IpNet = net.parse().unwrap();
        assert!(!is_public(net.network()), "{}", net.network());
        assert!(!is_public(net.broadcast()), "{}", net.broadcast());
    }
}

/// Some address of some net.
fn not_public() -> impl Strategy<Value = IpAddr> {
    (proptest::sample::select(&NOT_PUBLIC[..]), any::<u128>()).prop_map(|(net, random)| {
        match net.parse().unwrap() {
            IpNet::V4(net) => {
                let host = u32::try_from(random >> 96).unwrap() & u32::from(net.hostmask());
                IpAddr::V4((u32::from(net.network()) | host).into())
            }
            IpNet::V6(net) => {
                let host = random & u128::from(net.hostmask());
                IpAddr::V6((u128::from(net.network()) | host).into())
            }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn no_address_of_a_private_net_is_public(address in not_public()) {
        prop_assert!(!is_public(address), "{address}");
    }

    #[test]
    fn ipv4_written_as_ipv6_is_no_way_around(address in any::<u32>()) {
        let address = Ipv4Addr::from(address);
        for written in [address.to_ipv6_mapped(), address.to_ipv6_compatible()] {
            prop_assert!(!is_public(written.into()), "{written}");
        }
        let [a, b, c, d] = address.octets();
        let over_nat64 = Ipv6Addr::new(
            0x64, 0xff9b, 0, 0, 0, 0, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]),
        );
        prop_assert_eq!(is_public(over_nat64.into()), is_public(address.into()));
    }
}
