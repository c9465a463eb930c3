//! HTTPS records (RFC 9460): the service parameters of a host.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::rdata::svcb::{SvcParamKey, SvcParamValue};
use hickory_proto::rr::rdata::{A, AAAA, SVCB};
use hickory_proto::rr::{Name, RData, Record};

/// The supported part of one HTTPS record: a record in service mode for the host itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceBinding {
    /// The priority: the smallest is preferred (RFC 9460 section 2.4.1).
    pub priority: u16,
    /// The ALPN protocols (section 7.1). `http/1.1` is implied unless the record says otherwise.
    pub alpn: Vec<Vec<u8>>,
    /// Keys for an encrypted ClientHello (RFC 9848).
    pub ech: Option<EchConfigList>,
    /// Addresses to use until A and AAAA have arrived (RFC 9460 section 7.3).
    pub hints: Vec<IpAddr>,
}

/// An `ECHConfigList` (RFC 9849 section 4) as a host publishes it, unparsed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EchConfigList(Arc<[u8]>);

impl EchConfigList {
    /// A list with these bytes, including the length prefix.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for EchConfigList {
    /// Does not show the bytes: they name the host's provider.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EchConfigList(..)")
    }
}

/// The records in service mode that can be followed, preferred first.
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

/// Skips a record that leads to another name or port, or that has a mandatory parameter which is not supported: "a
/// client MUST consider it incompatible" (section 8). The host remains reachable through A and AAAA.
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

/// The most records read per host: large hosts publish two or three.
const MAX_BINDINGS: usize = 8;

/// The most parameters, protocols and hints read per record.
const MAX_PARAMETERS: usize = 16;

/// An ECH config list takes some hundred bytes; with post-quantum keys it takes some thousand.
const MAX_ECH: usize = 8 * 1024;
