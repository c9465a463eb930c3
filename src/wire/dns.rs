//! One DNS exchange: messages of RFC 1035 by hickory-proto, over a datagram or a stream of ours.
