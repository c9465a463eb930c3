//! What is spoken over ONE stream: TLS, one HTTP connection, one DNS exchange, one SOCKS or CONNECT handshake. Knows no
//! routes.

pub mod connect;
pub mod dns;
pub mod http;
mod message_fault;
pub mod shadowsocks;
pub mod socks;
mod status_line;
pub mod tls;

pub use message_fault::MessageFault;
