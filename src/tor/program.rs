//! Starts a program that speaks pluggable transports, and reads where it listens (pt-spec, "Managed proxy interface").
//!
//! Arti could do this as well. Its way leaves the program running when its client ends, until the program says something.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// It starts within milliseconds. A slow disk may take seconds.
const START: Duration = Duration::from_secs(10);

/// A line has a name and an address, or the reason of a failure.
const MAX_LINE: u64 = 4096;

/// It says a line for each transport, and perhaps some about its state.
const MAX_LINES: usize = 100;

/// The program, running. Dropping it ends the program.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Where it listens, for each transport.
    pub(super) ports: Vec<(String, SocketAddr)>,
}

/// It was not started, or does not speak these transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotStarted;

impl Program {
    /// Starts it, and waits until it listens. What it keeps is in `folder`.
    pub(super) async fn start(path: &Path, names: &[&str], folder: &Path) -> Result<Self, NotStarted> {
        let mut command = Command::new(path);
        // The environment of an app may hold its tokens.
        command.env_clear();
        if let Some(root) = std::env::var_os("SystemRoot") {
            // Windows starts nothing that uses sockets without it.
            command.env("SystemRoot", root);
        }
        command
            .env("TOR_PT_MANAGED_TRANSPORT_VER", "1")
            .env("TOR_PT_STATE_LOCATION", folder)
            .env("TOR_PT_CLIENT_TRANSPORTS", names.join(","))
            // It ends with this process, however that ends.
            .env("TOR_PT_EXIT_ON_STDIN_CLOSE", "1")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(|_| NotStarted)?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or(NotStarted)?);
        let ports = timeout(START, ports(&mut stdout, names)).await.map_err(|_| NotStarted)??;
        Ok(Self { child, stdout, ports })
    }

    /// Waits for its end. Dropping the future ends it.
    pub(super) async fn ended(mut self) {
        // What it says is read all the time, so that it never waits for a full pipe.
        let said = tokio::io::copy(&mut self.stdout, &mut tokio::io::sink()).await;
        drop(said);
        let _ = self.child.kill().await;
    }
}

/// Reads where it listens, up to the line that ends the list.
async fn ports(
    said: &mut (impl AsyncBufRead + Unpin),
    names: &[&str],
) -> Result<Vec<(String, SocketAddr)>, NotStarted> {
    let mut ports = Vec::new();
    for _ in 0..MAX_LINES {
        let mut line = Vec::new();
        said.take(MAX_LINE).read_until(b'\n', &mut line).await.map_err(|_| NotStarted)?;
        let line = line.strip_suffix(b"\n").ok_or(NotStarted)?;
        let line = std::str::from_utf8(line).map_err(|_| NotStarted)?;
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("CMETHOD"), Some(name), Some("socks5"), Some(address)) if names.contains(&name) => {
                let address: SocketAddr = address.parse().map_err(|_| NotStarted)?;
                // What passes to it is not yet disguised.
                if !address.ip().is_loopback() {
                    return Err(NotStarted);
                }
                ports.push((name.to_owned(), address));
            }
            (Some("CMETHODS"), Some("DONE"), ..) => {
                return if ports.is_empty() { Err(NotStarted) } else { Ok(ports) };
            }
            // `CMETHOD-ERROR` is of one transport. The others are served.
            (Some("ENV-ERROR" | "VERSION-ERROR" | "PROXY-ERROR"), ..) => return Err(NotStarted),
            _ => {}
        }
    }
    Err(NotStarted)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn read(said: &str, names: &[&str]) -> Result<Vec<(String, SocketAddr)>, NotStarted> {
        ports(&mut said.as_bytes(), names).await
    }

    #[tokio::test]
    async fn ports_of_all_transports_are_read() {
        let said = "VERSION 1\nSTATUS TYPE=version IMPLEMENTATION=x\nCMETHOD obfs4 socks5 127.0.0.1:4444\n\
                    CMETHOD meek_lite socks5 [::1]:4445\nCMETHODS DONE\nmore";
        let ports = [("obfs4", "127.0.0.1:4444"), ("meek_lite", "[::1]:4445")];
        let ports = ports.map(|(name, address)| (name.to_owned(), address.parse().unwrap()));
        assert_eq!(read(said, &["obfs4", "meek_lite"]).await, Ok(ports.to_vec()));
    }

    #[tokio::test]
    async fn a_transport_that_is_not_there_spoils_no_other() {
        let said = "CMETHOD-ERROR snowflake not here\nCMETHOD obfs4 socks5 127.0.0.1:4444\nCMETHODS DONE\n";
        let ports = vec![("obfs4".to_owned(), "127.0.0.1:4444".parse().unwrap())];
        assert_eq!(read(said, &["obfs4", "snowflake"]).await, Ok(ports));
    }

    #[tokio::test]
    async fn a_program_that_does_not_serve_is_refused() {
        for said in [
            "",
            "CMETHODS DONE\n",
            "CMETHOD obfs4 socks5 127.0.0.1:4444\n",
            "CMETHOD obfs4 socks5 127.0.0.1:4444\nCMETHODS DONE",
            "CMETHOD obfs3 socks5 127.0.0.1:4444\nCMETHODS DONE\n",
            "CMETHOD obfs4 socks4 127.0.0.1:4444\nCMETHODS DONE\n",
            "CMETHOD obfs4 socks5 192.0.2.1:4444\nCMETHODS DONE\n",
            "CMETHOD obfs4 socks5 localhost:4444\nCMETHODS DONE\n",
            "VERSION-ERROR no-version\nCMETHODS DONE\n",
            "CMETHOD-ERROR obfs4 not here\nCMETHODS DONE\n",
        ] {
            assert_eq!(read(said, &["obfs4"]).await, Err(NotStarted), "{said}");
        }
        let endless = "STATUS\n".repeat(MAX_LINES) + "CMETHOD obfs4 socks5 127.0.0.1:4444\nCMETHODS DONE\n";
        assert_eq!(read(&endless, &["obfs4"]).await, Err(NotStarted));
        let long = format!("{}\nCMETHOD obfs4 socks5 127.0.0.1:4444\nCMETHODS DONE\n", "x".repeat(5000));
        assert_eq!(read(&long, &["obfs4"]).await, Err(NotStarted));
    }
}
