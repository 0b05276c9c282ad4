//! Which addresses may be called: by default only public ones, so that no author's mistake and no customer's words reach the
//! machines around the server (server-side request forgery).
//!
//! Two gates, since either alone leaks: a literal host (`http://2130706433` is 127.0.0.1) is never resolved, so it is checked
//! as parsed; a name is checked by what the resolver gives, at the moment of connecting, so that a name that changes its
//! address between check and use is caught too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Which addresses that are not public may be called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrivateAddresses {
    /// None.
    #[default]
    Refused,
    /// Those of this machine: for a demo, and for tests.
    Loopback,
    /// All: the bot's back end is in a private network.
    Allowed,
}

/// An address that may not be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address is not public, and this place's configuration does not allow that")]
pub(crate) struct AddressRefused;

impl PrivateAddresses {
    /// Whether an address may be called.
    pub(crate) fn admit(self, address: IpAddr) -> bool {
        match self {
            PrivateAddresses::Allowed => true,
            PrivateAddresses::Loopback => is_public(address) || embedded(address).is_loopback(),
            PrivateAddresses::Refused => is_public(address),
        }
    }

    /// Checks a host that is written as an address; names are left to the resolver.
    ///
    /// # Errors
    /// [`AddressRefused`], also for an address without a host.
    pub(crate) fn check_literal(self, url: &Url) -> Result<(), AddressRefused> {
        let host = url.host_str().ok_or(AddressRefused)?;
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        match literal.parse::<IpAddr>() {
            Ok(address) if !self.admit(address) => Err(AddressRefused),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// The system's resolver, without the addresses that may not be called.
pub(crate) struct GuardedResolver(pub(crate) PrivateAddresses);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> =
                found.filter(|found| private.admit(found.ip())).collect();
            if admitted.is_empty() {
                return Err(AddressRefused.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match embedded(address) {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The IPv4 address that an IPv6 one only wraps: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    if v6.is_loopback() || v6.is_unspecified() {
        return address;
    }
    let s = v6.segments();
    let wrapped = match s {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => Some((high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some((high, low)),
        [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    wrapped.map_or(address, |(high, low)| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    })
}

/// After IANA's registry of special-purpose IPv4 addresses.
fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = a == 0
        || v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special
}

/// After IANA's registry of special-purpose IPv6 addresses.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let s = v6.segments();
    let special = v6.is_loopback()
        || v6.is_unspecified()
        || v6.is_multicast()
        || v6.is_unique_local()
        || v6.is_unicast_link_local()
        || (s[0] & 0xffc0) == 0xfec0
        || (s[0] == 0x2001 && s[1] < 0x200)
        || (s[0] == 0x2001 && s[1] == 0xdb8)
        || (s[0] == 0x64 && s[1] == 0xff9b)
        || (s[0] == 0x100 && s[1] == 0 && s[2] == 0 && s[3] == 0);
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(private: PrivateAddresses, url: &str) -> bool {
        let url: Url = url.parse().unwrap();
        private.check_literal(&url).is_ok()
    }

    #[test]
    fn literal_hosts_that_are_not_public_are_refused_in_every_writing() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://10.0.0.8/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
            "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::10.0.0.1]/",
            "http://[2002:7f00:1::]/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://[ff02::1]/",
        ] {
            assert!(!admitted(PrivateAddresses::Refused, url), "{url}");
        }
    }

    #[test]
    fn public_literals_and_names_pass_the_first_gate() {
        for url in [
            "http://9.9.9.9/",
            "http://[2620:fe::fe]/",
            "https://bank.example/",
        ] {
            assert!(admitted(PrivateAddresses::Refused, url), "{url}");
        }
    }

    #[test]
    fn loopback_allows_this_machine_and_nothing_else_that_is_private() {
        for url in [
            "http://127.0.0.1:8081/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(admitted(PrivateAddresses::Loopback, url), "{url}");
        }
        for url in ["http://10.0.0.8/", "http://169.254.169.254/"] {
            assert!(!admitted(PrivateAddresses::Loopback, url), "{url}");
            assert!(admitted(PrivateAddresses::Allowed, url), "{url}");
        }
    }
}
