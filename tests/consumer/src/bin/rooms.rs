//! Refused: the rooms are private. E0603
use byway::fetch::HttpClient as _;
use byway::reach::Ledger as _;
use byway::store::Batch as _;
use byway::transport::Dialer as _;
use byway::wire::tls::TlsClient as _;

fn main() {}
