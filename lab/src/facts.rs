//! What a middlebox knows about a flow or a datagram, and what a client said in it.

use std::net::SocketAddr;

use crate::client_hello::{ClientHello, Progress, Reassembler};

/// What is known about a flow.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) to: SocketAddr,
    pub(crate) said: Said,
    /// What was sent inside a tunnel.
    pub(crate) tunnelled: Said,
    pub(crate) first_name: Option<String>,
    /// The name in the first record, with segments reassembled.
    pub(crate) record_name: Option<String>,
    /// The name in a single segment, with records reassembled.
    pub(crate) segment_name: Option<String>,
    pub(crate) query: Option<String>,
    /// It is a datagram, not a flow.
    pub(crate) datagram: bool,
    pub(crate) payload: Vec<u8>,
}

/// What a client sends in cleartext: in a ClientHello, or at the head of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) hello: ClientHello,
    pub(crate) method: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) path: Option<String>,
}

impl Facts {
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self {
            to,
            said: Said::default(),
            tunnelled: Said::default(),
            first_name: None,
            record_name: None,
            segment_name: None,
            query: None,
            datagram: false,
            payload: Vec::new(),
        }
    }

    /// A datagram that is not a DNS query.
    pub(crate) fn of_datagram(to: SocketAddr) -> Self {
        Self { datagram: true, ..Self::new(to) }
    }

    /// A DNS query in a datagram to `resolver`.
    pub(crate) fn of_query(name: &str, resolver: SocketAddr) -> Self {
        Self { query: Some(name.to_owned()), datagram: true, ..Self::new(resolver) }
    }

    pub(crate) fn payload_contains(&self, text: &[u8]) -> bool {
        !text.is_empty() && self.payload.windows(text.len()).any(|window| window == text)
    }
}

impl Said {
    /// Reads a cleartext request's head as far as it is there.
    pub(crate) fn read_request(&mut self, payload: &[u8]) {
        let text = String::from_utf8_lossy(payload);
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next());
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return;
        }
        self.method = Some(method.to_owned());
        self.path = target.map(str::to_owned);
        for line in lines {
            if let Some((_, value)) = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("host")) {
                let host = value.trim();
                self.host = Some(host.rsplit_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase());
            }
        }
    }

    /// Looks for a ClientHello that does not begin the flow.
    pub(crate) fn find_hello(&mut self, payload: &[u8]) {
        let starts = payload.windows(3).enumerate().filter(|(_, w)| w[0] == 22 && w[1] == 3 && w[2] <= 4);
        for (start, _) in starts {
            if let Progress::Complete(hello) = Reassembler::default().push(&payload[start..]) {
                self.hello = hello;
                return;
            }
        }
    }
}
