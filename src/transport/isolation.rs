//! Which circuits, connections and sessions may be shared, and what a Tor port learns of that.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use url::Host;

use super::Destination;

/// Separates circuits, connections and TLS sessions of one community or site from those of another.
///
/// It is a label: a community's address, a site's host, or a word that the app chose. Only its keyed hash ever leaves
/// the process. The default has no label and isolates each site.
///
/// A site is a host, not a registrable domain: the project has no list of public suffixes, and without one
/// `a.github.io` and `b.github.io` would be one site. Two hosts of one owner therefore get two circuits, which costs a
/// round trip and reveals nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Isolation {
    label: Arc<str>,
    by_site: bool,
    /// How often the user has asked for a new identity.
    identity: u64,
}

impl Isolation {
    /// One isolation for everything with this label, on any site.
    pub fn of(label: &str) -> Self {
        Self { label: label.into(), by_site: false, identity: 0 }
    }

    /// A separate isolation for each site, distinct from that of the same site under another label.
    pub fn by_site(label: &str) -> Self {
        Self { label: label.into(), by_site: true, identity: 0 }
    }

    /// Whether each site has its own isolation.
    pub fn is_by_site(&self) -> bool {
        self.by_site
    }

    /// The isolation for this destination: the site's own if sites are isolated.
    #[must_use]
    pub fn at(&self, destination: &Destination) -> Self {
        if !self.by_site {
            return self.clone();
        }
        // No label of an app and no address holds a NUL, so no two of these can collide.
        let label = match &destination.host {
            Host::Domain(name) => ["site\0", &self.label, "\0", name].concat(),
            address => format!("site\0{}\0{address}", self.label),
        };
        Self { label: label.into(), by_site: false, identity: self.identity }
    }

    /// The same under another identity, which shares nothing with this one.
    #[must_use]
    pub fn under(self, identity: u64) -> Self {
        Self { identity, ..self }
    }

    /// The label.
    pub fn label(&self) -> &str {
        &self.label
    }
}

impl Default for Isolation {
    fn default() -> Self {
        Self::by_site("")
    }
}

impl fmt::Debug for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Isolation(..)")
    }
}

/// Turns an isolation's label into credentials for Tor's SOCKS port, which separates the circuits of different
/// credentials. The label says which community is read, so only its keyed hash leaves, under a key that lives as long
/// as the dialer.
pub(super) struct IsolationSecret(hmac::Key);

impl IsolationSecret {
    #[expect(clippy::expect_used, reason = "aws-lc ends the process itself where the system gives no randomness")]
    pub(super) fn draw() -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        Self(hmac::Key::generate(hmac::HMAC_SHA256, &random).expect("the system gives randomness"))
    }

    /// User and password: the halves of one keyed hash.
    pub(super) fn credentials(&self, isolation: &Isolation, circuit: Circuit) -> (String, String) {
        let circuit: u8 = match circuit {
            Circuit::First => 1,
            Circuit::Second => 2,
        };
        let named = [&isolation.identity.to_be_bytes()[..], &[circuit], isolation.label().as_bytes()].concat();
        let tag = hmac::sign(&self.0, &named);
        let (user, password) = tag.as_ref().split_at(tag.as_ref().len() / 2);
        (hex(user), hex(password))
    }
}

/// Which circuit of an isolation carries a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circuit {
    /// The one that everything with this isolation shares.
    First,
    /// Another one, for what the first did not carry.
    Second,
}

impl fmt::Debug for IsolationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IsolationSecret(..)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sites_are_isolated_unless_a_label_holds_for_all() {
        let [one, two]: [Destination; 2] = ["one.example:443", "two.example:443"].map(|text| text.parse().unwrap());
        let plain: Destination = "one.example:80".parse().unwrap();
        for isolation in [Isolation::default(), Isolation::by_site("app")] {
            assert_ne!(isolation.at(&one), isolation.at(&two));
            assert_eq!(isolation.at(&one), isolation.at(&plain), "a site is a host");
            assert_eq!(isolation.at(&one).at(&two), isolation.at(&one), "once a site's, always that site's");
        }
        assert_ne!(Isolation::default().at(&one), Isolation::by_site("app").at(&one));
        assert_eq!(Isolation::of("app").at(&one), Isolation::of("app").at(&two));
    }

    #[test]
    fn communities_sites_and_identities_have_circuits_of_their_own() {
        let [one, two]: [Destination; 2] = ["one.example:443", "two.example:443"].map(|text| text.parse().unwrap());
        let isolations = [
            Isolation::of("club1"),
            Isolation::of("club2"),
            Isolation::of("club1").under(1),
            Isolation::default().at(&one),
            Isolation::default().at(&two),
            Isolation::default().under(1).at(&one),
        ];
        let secret = IsolationSecret::draw();
        let all = [Circuit::First, Circuit::Second]
            .map(|circuit| isolations.each_ref().map(|isolation| (isolation, circuit)));
        let all = all.concat();
        let circuits: Vec<_> = all.iter().map(|(isolation, circuit)| secret.credentials(isolation, *circuit)).collect();
        for (at, (isolation, circuit)) in all.into_iter().enumerate() {
            assert!(!circuits.iter().skip(at + 1).any(|other| *other == circuits[at]), "{at}");
            assert_eq!(circuits[at], secret.credentials(isolation, circuit), "the same each time");
            assert_ne!(circuits[at], IsolationSecret::draw().credentials(isolation, circuit), "another process");
        }
    }
}
