//! A resolver for Tor's exits, which query servers and do not read `/etc/hosts`: every name is loopback.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Answers on port 53 of its own loopback address: a resolv.conf has no room for a port.
pub(crate) struct Names {
    address: Ipv4Addr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Names {
    pub(crate) fn start() -> Self {
        let [.., high, low] = std::process::id().to_be_bytes();
        let mut candidates = (53..=253).map(|last| Ipv4Addr::new(127, high, low, last));
        let (address, socket) = candidates
            .find_map(|address| Some((address, UdpSocket::bind((address, 53)).ok()?)))
            .expect("a free address");
        let over = Arc::<AtomicBool>::default();
        let thread = {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                let mut buffer = [0; 512];
                while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Some(answer) = answer(&buffer[..length]) {
                        let _ = socket.send_to(&answer, from);
                    }
                }
            })
        };
        Self { address, over, thread: Some(thread) }
    }

    /// The content of a resolv.conf that names this resolver.
    pub(crate) fn resolv_conf(&self) -> String {
        format!("nameserver {}\n", self.address)
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Ok(socket) = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)) {
            let _ = socket.send_to(&[0], (self.address, 53));
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// RFC 1035 section 4.1: the query as an answer, with one A record; for other types, without a record.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let mut end = 12;
    while *query.get(end)? != 0 {
        end += 1 + usize::from(query[end]);
    }
    let question = query.get(12..end + 5)?;
    let is_address = question[question.len() - 4..] == [0, 1, 0, 1];
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(is_address), 0, 0, 0, 0]);
    answer.extend(question);
    if is_address {
        // The name above, type A, class IN, a minute, four bytes.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
    }
    Some(answer)
}
