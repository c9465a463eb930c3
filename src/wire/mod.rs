//! What is spoken over ONE stream: TLS, one HTTP connection, one DNS exchange, one SOCKS handshake. Knows no routes.

pub mod dns;
pub mod http;
pub mod socks;
pub mod tls;
