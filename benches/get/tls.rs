//! The TLS of the reqwest sides: the engine's own settings, so that the two differ only in the engine.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// The result of `byway::internals::wire::tls`, with this authority in addition to the bundled ones.
pub(crate) fn same(authority: CertificateDer<'static>) -> ClientConfig {
    use kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    let provider = CryptoProvider {
        kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1],
        ..aws_lc_rs::default_provider()
    };
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add(authority).expect("a root");
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption = Resumption::in_memory_sessions(64);
    config
}
