//! HTTPS records: how a host wants to be spoken to (RFC 9460).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::rdata::svcb::{SvcParamKey, SvcParamValue};
use hickory_proto::rr::rdata::{A, AAAA, SVCB};
use hickory_proto::rr::{Name, RData, Record};

/// What one HTTPS record says of a host, as far as it serves here: a record in service mode for the host itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceBinding {
    /// Its priority: the smallest is preferred (RFC 9460 section 2.4.1).
    pub priority: u16,
    /// The protocols that it names for ALPN (section 7.1), `http/1.1` being meant besides unless it says otherwise.
    pub alpn: Vec<Vec<u8>>,
    /// Keys for an encrypted ClientHello (RFC 9848).
    pub ech: Option<EchConfigList>,
    /// Addresses that may be used until A and AAAA are there (RFC 9460 section 7.3).
    pub hints: Vec<IpAddr>,
}

/// An `ECHConfigList` (RFC 9849 section 4), as a host publishes it: not parsed yet.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EchConfigList(Arc<[u8]>);

impl EchConfigList {
    /// These bytes, the length in front included.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for EchConfigList {
    /// Without the bytes: they name the host's provider.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EchConfigList(..)")
    }
}

/// The records in service mode that can be followed, the preferred one first.
pub(super) fn bindings<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<ServiceBinding> {
    let mut bindings: Vec<_> = records
        .filter_map(|record| match &record.data {
            RData::HTTPS(https) => binding(&https.0, &record.name),
            _ => None,
        })
        .take(MAX_BINDINGS)
        .collect();
    bindings.sort_by_key(|binding| binding.priority);
    bindings
}

/// A record that sends us to another name or port, or that wants something understood which is not, is passed over:
/// "a client MUST consider it incompatible" (section 8), and the host remains where A and AAAA say.
fn binding(record: &SVCB, owner: &Name) -> Option<ServiceBinding> {
    let here = record.target_name.is_root() || record.target_name == *owner;
    if record.svc_priority == 0 || !here {
        return None;
    }
    let mut binding = ServiceBinding { priority: record.svc_priority, ..ServiceBinding::default() };
    for (_, value) in record.svc_params.iter().take(MAX_PARAMETERS) {
        match value {
            SvcParamValue::Mandatory(mandatory) if !mandatory.0.iter().all(is_understood) => return None,
            SvcParamValue::Port(_) => return None,
            SvcParamValue::Alpn(alpn) => {
                binding.alpn = alpn.0.iter().take(MAX_PARAMETERS).map(|id| id.as_bytes().to_vec()).collect();
            }
            SvcParamValue::EchConfigList(list) if list.0.len() <= MAX_ECH => {
                binding.ech = Some(EchConfigList::new(&list.0));
            }
            SvcParamValue::Ipv4Hint(hint) => {
                binding.hints.extend(hint.0.iter().take(MAX_PARAMETERS).map(|A(address)| IpAddr::V4(*address)));
            }
            SvcParamValue::Ipv6Hint(hint) => {
                binding.hints.extend(hint.0.iter().take(MAX_PARAMETERS).map(|AAAA(address)| IpAddr::V6(*address)));
            }
            _ => {}
        }
    }
    Some(binding)
}

fn is_understood(key: &SvcParamKey) -> bool {
    matches!(
        key,
        SvcParamKey::Alpn
            | SvcParamKey::NoDefaultAlpn
            | SvcParamKey::Ipv4Hint
            | SvcParamKey::Ipv6Hint
            | SvcParamKey::EchConfigList
    )
}

/// How many records of one host are looked at: large hosts publish two or three.
const MAX_BINDINGS: usize = 8;

/// How many parameters, protocols and hints of one record are.
const MAX_PARAMETERS: usize = 16;

/// An ECH config list takes some hundred bytes; one with post-quantum keys some thousand.
const MAX_ECH: usize = 8 * 1024;
