//! Certificates: the lab's own authority, and the possible faults of a certificate.
//!
//! ECDSA P-256 throughout: a key and a certificate cost well under a millisecond, so every host of every test has its
//! own. Validity dates are fixed, around the lab's wall clock and around real time.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// Which certificate a host shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Certificate {
    /// Issued by the lab's authority for the host's names and addresses.
    #[default]
    Valid,
    /// The same, but it expired in 2021.
    Expired,
    /// The same, but it becomes valid in 2048.
    NotYetValid,
    /// Issued by the lab's authority for another name.
    ForName(String),
    /// Signed only by itself.
    SelfSigned,
    /// Issued for the right names by another authority, as a middlebox does.
    OtherAuthority,
}

/// An authority that issues certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    /// A new authority of this name, with a key of its own.
    pub fn new(name: &str) -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params.distinguished_name = common_name(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
        (params.not_before, params.not_after) = (date_time_ymd(2009, 1, 1), date_time_ymd(2049, 1, 1));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.self_signed(&key)?;
        Ok(Self { der: certificate.der().clone(), pem: certificate.pem(), issuer: Issuer::new(params, key) })
    }

    /// The authority's certificate, PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The authority's certificate, DER.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// A TLS server's configuration for these names, with ALPN `h2` (if `http2`) and `http/1.1`.
    pub fn server(
        &self,
        names: &[String],
        certificate: &Certificate,
        http2: bool,
    ) -> Result<Arc<ServerConfig>, rcgen::Error> {
        let names = match certificate {
            Certificate::ForName(other) => vec![other.clone()],
            _ => names.to_vec(),
        };
        let mut params = CertificateParams::new(names.clone())?;
        params.distinguished_name = common_name(names.first().map_or("lab", String::as_str));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (from, to) = match certificate {
            Certificate::Expired => (2020, 2021),
            Certificate::NotYetValid => (2048, 2049),
            _ => (2010, 2048),
        };
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let chain = match certificate {
            Certificate::SelfSigned => vec![params.self_signed(&key)?.der().clone()],
            Certificate::OtherAuthority => {
                let other = Authority::new("Trusted Root of the Middlebox")?;
                vec![params.signed_by(&key, &other.issuer)?.der().clone(), other.der]
            }
            _ => vec![params.signed_by(&key, &self.issuer)?.der().clone()],
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|_| rcgen::Error::CouldNotParseCertificate)?;
        // One record per segment, as content networks do at the start of a flow: what arrived before a freeze can be
        // read.
        config.max_fragment_size = Some(crate::link::MSS);
        config.alpn_protocols =
            if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
        Ok(Arc::new(config))
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(..)")
    }
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
