//! The client side of one SOCKS5 handshake (RFC 1928, RFC 1929, Tor extended errors: proposal 304).
