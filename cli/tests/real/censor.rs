//! A censor on a real socket, at the end of the direct path.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The address that `byway --resolve` is given.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Accepts, reads the ClientHello, and resets.
pub(crate) struct Censor {
    port: u16,
    seen: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Censor {
    pub(crate) fn start(port: u16) -> Self {
        let listener = TcpListener::bind((ADDRESS, port)).unwrap();
        let (seen, over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let thread = {
            let (seen, over) = (Arc::clone(&seen), Arc::clone(&over));
            std::thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                    seen.fetch_add(1, Ordering::SeqCst);
                    reset(&stream);
                }
            })
        };
        Self { port, seen, over, thread: Some(thread) }
    }

    /// The number of connections that came.
    pub(crate) fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

impl Drop for Censor {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((ADDRESS, self.port)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits for the first bytes and leaves them unread: closing such a socket sends a reset (RFC 2525 section 2.17).
fn reset(stream: &TcpStream) {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    loop {
        match stream.peek(&mut [0; 1]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}
