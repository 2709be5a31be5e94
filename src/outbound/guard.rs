//! Which addresses outgoing requests may reach: the public internet (IANA special-purpose registries, RFC 6890), and
//! what the operator allows besides. Asked for every address that a connection is about to be made to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The rule for one kind of request.
#[derive(Clone, Debug)]
pub(super) enum Guard {
    /// Public addresses, and these networks.
    Public(Vec<IpNet>),
    /// This machine alone, for plain http in tests.
    Loopback,
}

impl Guard {
    /// Whether a connection to `address` may be made.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        let address = embedded(address);
        match self {
            Self::Public(allowed) => is_public(address) || allowed.iter().any(|network| network.contains(&address)),
            Self::Loopback => address.is_loopback(),
        }
    }
}

/// The IPv4 address that an IPv6 spelling leads to: mapped (RFC 4291 §2.5.5.2) or translated (RFC 6052 §2.1).
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address.to_canonical() else { return address.to_canonical() };
    match six.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => IpAddr::V6(six),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

const fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

// Only global unicast (2000::/3), without protocol assignments and Teredo (2001::/23), documentation (2001:db8::/32,
// 3fff::/20) and 6to4 (2002::/16), whose addresses can lead to any IPv4 address.
const fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let global = segments[0] & 0xe000 == 0x2000;
    let special = match segments[0] {
        0x2001 => segments[1] < 0x200 || segments[1] == 0xdb8,
        0x2002 => true,
        0x3fff => segments[1] < 0x1000,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Guard {
        Guard::Public(Vec::new())
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn c5_no_special_address_is_admitted_in_any_spelling() {
        for bad in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:0.0.0.0",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::10.0.0.1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:0808:0808::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public().admits(ip(bad)), "{bad}");
        }
    }

    #[test]
    fn the_public_internet_is_admitted() {
        for good in [
            "1.1.1.1",
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert!(public().admits(ip(good)), "{good}");
        }
    }

    #[test]
    fn the_operators_networks_are_admitted_and_nothing_beside_them() {
        let guard = Guard::Public(vec!["10.1.0.0/16".parse().unwrap(), "fd00:1::/32".parse().unwrap()]);
        for good in ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::5", "8.8.8.8"] {
            assert!(guard.admits(ip(good)), "{good}");
        }
        for bad in ["10.2.0.1", "127.0.0.1", "fd00:2::5", "169.254.169.254"] {
            assert!(!guard.admits(ip(bad)), "{bad}");
        }
    }

    #[test]
    fn the_loopback_rule_admits_nothing_else() {
        for good in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(Guard::Loopback.admits(ip(good)), "{good}");
        }
        for bad in ["8.8.8.8", "0.0.0.0", "10.0.0.1", "::"] {
            assert!(!Guard::Loopback.admits(ip(bad)), "{bad}");
        }
    }
}
