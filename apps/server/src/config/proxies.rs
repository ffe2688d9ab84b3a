//! Which proxies are believed when they say who has called them.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// Proxies that are believed when they say who has called them: their addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads addresses and networks with commas or spaces between, as in `10.0.0.0/8, 192.0.2.7`.
    pub fn parse(text: &str) -> Option<Self> {
        let items = text.split([',', ' ']).filter(|item| !item.is_empty());
        let network = |item: &str| match item.parse::<IpAddr>() {
            Ok(address) => Some(IpNet::from(address.to_canonical())),
            Err(_) => item.parse().ok(),
        };
        items.map(network).collect::<Option<_>>().map(Self)
    }

    /// Tells whether no proxy is believed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns who has called: the peer, or where that is a proxy of ours, whoever called that one, and so on.
    ///
    /// `forwarded` is what `X-Forwarded-For` says, header by header. Its right end was written by the nearest proxy;
    /// whatever stands left of what our own proxies wrote is the caller's to make up, and is not read.
    pub fn caller<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut caller = peer.to_canonical();
        for hop in forwarded.flat_map(|header| header.split(',')).rev() {
            if !self.trusts(caller) {
                break;
            }
            let Some(before) = address(hop.trim()) else { break };
            caller = before.to_canonical();
        }
        caller
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Reads an address, which some proxies write with a port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().map(|socket| socket.ip());
    bare.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::parse(proxies).unwrap();
        proxies.caller(peer.parse().unwrap(), forwarded.iter().copied()).to_string()
    }

    #[test]
    fn without_proxies_the_peer_has_called_whatever_the_header_says() {
        assert_eq!(caller("", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn a_header_from_a_stranger_is_not_read() {
        assert_eq!(caller("10.0.0.0/8", "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn a_proxy_says_who_has_called_it_and_what_the_caller_made_up_is_not_read() {
        for forwarded in [&["203.0.113.9"][..], &["198.51.100.1, 203.0.113.9"], &["1.1.1.1", "203.0.113.9"]] {
            assert_eq!(caller("10.0.0.0/8", "10.1.2.3", forwarded), "203.0.113.9", "{forwarded:?}");
        }
    }

    #[test]
    fn of_a_chain_of_proxies_the_first_stranger_has_called() {
        let chain = &["198.51.100.1, 203.0.113.9, 192.0.2.7"];
        assert_eq!(caller("10.0.0.0/8, 192.0.2.7", "10.1.2.3", chain), "203.0.113.9");
    }

    #[test]
    fn where_a_proxy_says_nothing_or_nonsense_the_last_address_that_is_known_has_called() {
        assert_eq!(caller("10.0.0.0/8", "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(caller("10.0.0.0/8", "10.1.2.3", &["198.51.100.1, unknown"]), "10.1.2.3");
        assert_eq!(caller("10.0.0.0/8", "10.1.2.3", &["10.9.9.9"]), "10.9.9.9");
    }

    #[test]
    fn ports_brackets_and_both_spellings_of_an_address_are_understood() {
        assert_eq!(caller("10.0.0.0/8", "::ffff:10.1.2.3", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(caller("::1", "::1", &["[2001:db8::9]:4711"]), "2001:db8::9");
        assert_eq!(caller("::1", "::1", &["[2001:db8::9]"]), "2001:db8::9");
        assert_eq!(caller("::1", "::1", &["::ffff:203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn what_is_no_list_of_addresses_is_not_taken() {
        for text in ["proxy.internal", "10.0.0.0/33", "10.0.0.0/8; 10.0.0.1", "10.0.0.0/8,x"] {
            assert_eq!(TrustedProxies::parse(text), None, "{text}");
        }
        assert_eq!(TrustedProxies::parse("10.0.0.1 ,, ::1").unwrap().0.len(), 2);
    }
}
