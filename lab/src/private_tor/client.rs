//! A further client of the network, beside the one that every network has: to measure how one starts, and what it takes.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::PrivateTorError;
use super::{PrivateTor, free, program, torrc};

/// A process of the real `tor` with a SOCKS port, as a reader's would be: with guards. Dropping this kills it.
#[derive(Debug)]
pub struct SocksClient {
    /// Its SOCKS port. It listens soon after the start of the process.
    pub socks: SocketAddr,
    process: Child,
}

impl PrivateTor {
    /// Starts one, and does not wait for it. What it learned of the network is kept in the folder, for the next one there.
    ///
    /// # Errors
    ///
    /// [`PrivateTorError`].
    pub fn client(&self, folder: &Path) -> Result<SocksClient, PrivateTorError> {
        let socks = free(Ipv4Addr::LOCALHOST)?;
        let port = format!("SocksPort {socks} ExtendedErrors\nLog warn stdout\n");
        torrc::member(folder, "client", &[&self.shared, torrc::CLIENT, &port])?;
        let log = fs::File::create(folder.join("client/log"))?;
        let process = Command::new(program("tor")?)
            .arg("-f")
            .arg(folder.join("client/torrc"))
            .args(["--__OwningControllerProcess", &std::process::id().to_string()])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(SocksClient { socks, process })
    }
}

impl SocksClient {
    /// The number of its process.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Its SOCKS port, as a strategy's URL.
    pub fn strategy(&self) -> String {
        format!("tor+socks5://{}", self.socks)
    }
}

impl Drop for SocksClient {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
