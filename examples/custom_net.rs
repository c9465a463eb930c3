//! An app's own network: everything that touches the outside goes through a `Net`, so a wrapper sees all of it.
//!
//! This one counts. An app's own may bind its sockets to one interface, or refuse while the device is on a metered
//! network. Here it shows what exposure `proxied` means: no lookup and no packet to the site itself. It wraps the lab's
//! network; on a device it would wrap `SystemNet`.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byway::net::{BoxStream, Datagram, Listener, Net};
use byway::{Byway, Exposure, Roots};
use byway_lab::Lab;
use futures_util::future::BoxFuture;

/// Counts every call, and passes it on.
#[derive(Debug)]
struct Counting {
    inner: Arc<dyn Net>,
    lookups: AtomicUsize,
    connects: AtomicUsize,
    to_the_site: AtomicUsize,
}

impl Counting {
    fn over(inner: Arc<dyn Net>) -> Arc<Self> {
        Arc::new(Self { inner, lookups: 0.into(), connects: 0.into(), to_the_site: 0.into() })
    }

    fn account(&self) -> String {
        let of = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let (lookups, connects, direct) = (of(&self.lookups), of(&self.connects), of(&self.to_the_site));
        format!("lookups {lookups}, connects {connects}, of them to the site itself {direct}")
    }
}

impl Net for Counting {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        self.inner.lookup(host)
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        self.connects.fetch_add(1, Ordering::Relaxed);
        if to.ip() == IpAddr::from(SITE) {
            self.to_the_site.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.connect(to)
    }

    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        self.inner.listen(at)
    }

    fn datagram(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        self.inner.datagram(to)
    }
}

/// The address of the lab's site.
const SITE: [u8; 4] = [203, 0, 113, 10];

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    lab.host("news.example").at("203.0.113.10").https().page("/", "The news.");
    let proxy = lab.https_proxy("proxy.example").at("198.51.100.7");

    for exposure in [Exposure::Open, Exposure::Proxied] {
        let net = Counting::over(lab.client());
        let byway = Byway::builder()
            .strategy("direct:".parse()?)
            .strategy(proxy.url().parse()?)
            .exposure(exposure)
            .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
            .net(net.clone())
            .build()
            .await?;
        let got = byway.get("https://news.example/").await?;
        println!("{exposure}: {} {}", String::from_utf8_lossy(&got.response.body), net.account());
    }
    Ok(())
}
