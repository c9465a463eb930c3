//! The system's resolver, with lookups that can be cancelled.
//!
//! `getaddrinfo` blocks its thread and cannot be interrupted; a silent resolver holds it for half a minute. A runtime
//! that shuts down waits for its blocking tasks, so a lookup on one of those would delay an app that closes. Here each
//! lookup has its own thread: the caller stops waiting when it drops the future, and the thread ends when the system's
//! resolver does. The number of threads is bounded.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread;

use tokio::sync::{Semaphore, oneshot};

/// Runs lookups with the system's resolver. Clones share the bound.
#[derive(Clone, Debug)]
pub(super) struct SystemResolver {
    free: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(THREADS)) }
    }
}

impl SystemResolver {
    /// The addresses of a host by `getaddrinfo`, in its order. Dropping the future stops waiting.
    pub(super) async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let name = absolute(host);
        self.run(move || look_up(&name)).await
    }

    /// Runs a blocking call on its own thread, and waits while all threads are in use. A cancelled lookup holds its
    /// permit until its thread has ended.
    async fn run<T: Send + 'static>(&self, call: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
        // The semaphore is never closed.
        let place = self.free.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (answer, answered) = oneshot::channel();
        thread::Builder::new().name(NAME.to_owned()).stack_size(STACK).spawn(move || {
            let result = call();
            drop(place);
            // The caller may have cancelled the lookup.
            let _ = answer.send(result);
        })?;
        // The sender is dropped unsent only when the call panicked.
        answered.await.unwrap_or_else(|_| Err(io::Error::other("the system's resolver panicked")))
    }
}

/// The name to pass to getaddrinfo: with a final dot if it contains a dot and is not an address.
///
/// Without the final dot, the C library appends each domain of its search list (`search` in resolv.conf(5), which a
/// network hands out by DHCP) to a name that is not found. It then returns the address of `site.example.SEARCHDOMAIN`:
/// another host, chosen by the network's operator. A name without a dot belongs to the user's own network. It has no
/// meaning without that list, and keeps it.
fn absolute(host: &str) -> String {
    let stays = !host.contains('.') || host.ends_with('.') || host.parse::<IpAddr>().is_ok();
    if stays { host.to_owned() } else { format!("{host}.") }
}

fn look_up(name: &str) -> io::Result<Vec<IpAddr>> {
    #[cfg(unix)]
    if name.ends_with('.') {
        let known = super::hosts::addresses(name);
        if !known.is_empty() {
            return Ok(known);
        }
    }
    ask_system(name)
}

/// Returns the reason of a failure as [`Net::lookup`](super::Net::lookup) defines it. glibc and musl return
/// `EAI_NONAME` for NXDOMAIN and `EAI_AGAIN` for SERVFAIL, REFUSED and silence.
#[cfg(all(target_os = "linux", any(target_env = "gnu", target_env = "musl")))]
fn ask_system(name: &str) -> io::Result<Vec<IpAddr>> {
    use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(name), None, Some(hints)).map_err(|error| match error.kind() {
        LookupErrorKind::NoName => io::Error::from(io::ErrorKind::NotFound),
        LookupErrorKind::NoData => io::Error::from(io::ErrorKind::AddrNotAvailable),
        _ => io::Error::from(error),
    })?;
    found.map(|info| info.map(|info| info.sockaddr.ip())).collect()
}

/// Returns no reason: Apple's `getaddrinfo` returns `EAI_NONAME` without a network as well, Android's `EAI_NODATA`.
#[cfg(not(all(target_os = "linux", any(target_env = "gnu", target_env = "musl"))))]
fn ask_system(name: &str) -> io::Result<Vec<IpAddr>> {
    use std::net::ToSocketAddrs as _;
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

/// A page names dozens of hosts, and a silent resolver holds each lookup for 30 s (resolv.conf(5): 5 s, two tries,
/// three servers). A phone can spare this many threads.
const THREADS: usize = 32;

/// `getaddrinfo` of musl and bionic needs some 20 kB of stack; glibc loads NSS modules in it.
const STACK: usize = 256 * 1024;

/// Shown by debuggers and `ps`. It has no host name.
const NAME: &str = "byway-lookup";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::sync::mpsc;
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_name_with_a_dot_is_asked_for_absolutely() {
        for (host, asked) in [
            ("site.example", "site.example."),
            ("site.example.", "site.example."),
            ("nas", "nas"),
            ("localhost", "localhost"),
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ] {
            assert_eq!(absolute(host), asked, "{host}");
        }
    }

    #[tokio::test]
    async fn a_dropped_lookup_is_not_waited_for() {
        let resolver = SystemResolver::default();
        let (end, ended) = mpsc::channel::<()>();
        let mut silent = Box::pin(resolver.run(move || {
            let _ = ended.recv();
            Ok(())
        }));
        assert!(silent.as_mut().now_or_never().is_none());
        drop(silent);
        assert_eq!(resolver.run(|| Ok(7)).await.unwrap(), 7);
        drop(end);
    }

    #[test]
    fn a_runtime_ends_while_a_lookup_is_silent() {
        let (end, ended) = mpsc::channel::<()>();
        let (done, is_done) = mpsc::channel();
        let closing = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let resolver = SystemResolver::default();
            runtime.block_on(async {
                let silent = resolver.run(move || {
                    let _ = ended.recv();
                    Ok(())
                });
                assert!(silent.now_or_never().is_none());
            });
            drop(runtime);
            done.send(()).unwrap();
        });
        is_done.recv_timeout(Duration::from_secs(10)).expect("dropping the runtime waits for the lookup");
        drop(end);
        closing.join().unwrap();
    }

    #[tokio::test]
    async fn the_number_of_lookup_threads_is_bounded() {
        let resolver = SystemResolver::default();
        let (started, starts) = mpsc::channel();
        let mut ends = Vec::new();
        let mut silent = Vec::new();
        for _ in 0..THREADS + 1 {
            let (end, ended) = mpsc::channel::<()>();
            let started = started.clone();
            let mut lookup = Box::pin(resolver.run(move || {
                started.send(()).unwrap();
                let _ = ended.recv();
                Ok(())
            }));
            assert!(lookup.as_mut().now_or_never().is_none());
            ends.push(end);
            silent.push(lookup);
        }
        for _ in 0..THREADS {
            starts.recv_timeout(Duration::from_secs(10)).unwrap();
        }
        assert!(starts.try_recv().is_err(), "one lookup more than there are threads waits");
        ends.clear();
        for lookup in silent {
            lookup.await.unwrap();
        }
        starts.recv_timeout(Duration::from_secs(10)).unwrap();
    }

    #[tokio::test]
    async fn a_panic_in_a_lookup_is_an_error() {
        let resolver = SystemResolver::default();
        #[allow(clippy::panic)]
        let result = resolver.run::<()>(|| panic!("as a broken NSS module may")).await;
        assert!(result.is_err());
        assert_eq!(resolver.run(|| Ok(1)).await.unwrap(), 1, "its place is free again");
    }
}
