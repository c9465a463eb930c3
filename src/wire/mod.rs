//! The protocols over a SINGLE stream: TLS, one HTTP connection, one DNS exchange, one SOCKS or CONNECT handshake. This
//! module knows no routes.

pub mod connect;
pub mod dns;
pub mod http;
mod message_fault;
pub mod shadowsocks;
pub mod socks;
mod status_line;
pub mod tls;

pub use message_fault::MessageFault;
