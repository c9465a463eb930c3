//! A resolver for Tor's exits, which query servers and do not read `/etc/hosts`.

use std::fmt::{self, Write as _};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Where names lead; `None` for one that does not exist.
#[derive(Clone)]
pub struct Resolve(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<Ipv4Addr> + Send + Sync;

impl Resolve {
    /// By this function of a name in lower case.
    pub fn by(names: impl Fn(&str) -> Option<Ipv4Addr> + Send + Sync + 'static) -> Self {
        Self(Arc::new(names))
    }

    /// Every name leads here.
    pub fn all_to(address: Ipv4Addr) -> Self {
        Self::by(move |_| Some(address))
    }
}

impl fmt::Debug for Resolve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolve(..)")
    }
}

/// The resolver, on a port of loopback.
#[derive(Debug)]
pub(super) struct Names {
    at: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Names {
    pub(super) fn start(names: Resolve) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let at = socket.local_addr()?;
        let over = Arc::<AtomicBool>::default();
        let thread = {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                let mut buffer = [0; 512];
                while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Some(answer) = buffer.get(..length).and_then(|query| answer(query, &names)) {
                        let _ = socket.send_to(&answer, from);
                    }
                }
            })
        };
        Ok(Self { at, over, thread: Some(thread) })
    }

    /// The content of a resolv.conf that names this resolver, with its port: Tor's own parser takes one.
    pub(super) fn resolv_conf(&self) -> String {
        format!("nameserver {}\n", self.at)
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
            let _ = socket.send_to(&[0], self.at);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// RFC 1035 section 4.1: the query as an answer, with one A record; for other types, without a record.
fn answer(query: &[u8], names: &Resolve) -> Option<Vec<u8>> {
    let mut name = String::new();
    let mut at = 12;
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        let label = query.get(at..at + length)?;
        let dot = if name.is_empty() { "" } else { "." };
        let _ = write!(name, "{dot}{}", String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length;
    }
    let question = query.get(12..at + 4)?;
    let is_address = question.ends_with(&[0, 1, 0, 1]);
    let address = (names.0)(&name);
    let record = address.filter(|_| is_address);
    let mut answer = query.get(..2)?.to_vec();
    // A response with recursion; 3 is "no such name".
    answer.extend([0x81, if address.is_some() { 0x80 } else { 0x83 }]);
    answer.extend([0, 1, 0, u8::from(record.is_some()), 0, 0, 0, 0]);
    answer.extend(question);
    if let Some(address) = record {
        // The name above, type A, class IN, a minute, four bytes.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(kind: u8) -> Vec<u8> {
        let mut query = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4];
        query.extend(b"SITE\x04test\x00");
        query.extend([0, kind, 0, 1]);
        query
    }

    #[test]
    fn names_are_answered_and_others_do_not_exist() {
        let names = Resolve::by(|name| (name == "site.test").then_some(Ipv4Addr::new(127, 0, 0, 9)));
        let known = answer(&query(1), &names).unwrap_or_default();
        assert!(known.starts_with(&[7, 7, 0x81, 0x80, 0, 1, 0, 1]) && known.ends_with(&[127, 0, 0, 9]), "{known:?}");
        let without_record = answer(&query(28), &names).unwrap_or_default();
        assert_eq!(without_record.get(3..8), Some(&[0x80, 0, 1, 0, 0][..]));
        let unknown = answer(&query(1), &Resolve::by(|_| None)).unwrap_or_default();
        assert_eq!(unknown.get(3..8), Some(&[0x83, 0, 1, 0, 0][..]));
        for cut in 0..query(1).len() {
            assert_eq!(answer(query(1).get(..cut).unwrap_or_default(), &names), None, "{cut}");
        }
    }
}
