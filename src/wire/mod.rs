//! What is spoken over ONE stream: TLS, one HTTP connection, one DNS exchange, one SOCKS or CONNECT handshake. Knows no
//! routes.

pub mod connect;
pub mod dns;
pub mod http;
pub mod shadowsocks;
pub mod socks;
pub mod tls;
