//! A directory authority, with its keys.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::PrivateTorError;

pub(super) struct Authority {
    pub(super) name: String,
    pub(super) or_at: SocketAddr,
    pub(super) dir_at: SocketAddr,
    /// The fingerprint of the key that signs the consensus.
    pub(super) identity: String,
    /// The fingerprint of its relay.
    pub(super) fingerprint: String,
}

impl Authority {
    /// Makes its keys.
    pub(super) fn create(
        number: usize,
        (or_at, dir_at): (SocketAddr, SocketAddr),
        (tor, gencert): (&Path, &Path),
        network: &Path,
    ) -> Result<Self, PrivateTorError> {
        let name = format!("authority{number}");
        let own = network.join(&name);
        let keys = own.join("data/keys");
        fs::create_dir_all(&keys)?;
        #[cfg(unix)]
        for folder in [&own.join("data"), &keys] {
            fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        }
        let mut gencert = Command::new(gencert)
            .args(["--create-identity-key", "--passphrase-fd", "0", "-m", "12"])
            .args(["-a", &dir_at.to_string()])
            .current_dir(&keys)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = gencert.stdin.take() {
            stdin.write_all(b"a passphrase for a minute\n")?;
        }
        if !gencert.wait()?.success() {
            return Err(failed("tor-gencert made no keys", String::new()));
        }
        let certificate = fs::read_to_string(keys.join("authority_certificate"))?;
        let identity = certificate.lines().find_map(|line| line.strip_prefix("fingerprint "));
        let Some(identity) = identity.map(str::to_owned) else {
            return Err(failed("tor-gencert made a certificate of another form", certificate));
        };

        let empty = own.join("empty");
        fs::write(&empty, "")?;
        let told = Command::new(tor)
            .args(["--list-fingerprint", "--hush", "-f"])
            .arg(&empty)
            .args(["--Nickname", &name, "--ORPort", &or_at.to_string(), "--DataDirectory"])
            .arg(own.join("data"))
            .output()?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let line = told.lines().find_map(|line| line.strip_prefix(&name));
        let Some(fingerprint) = line.map(|line| line.replace(' ', "")) else {
            return Err(failed("tor told no fingerprint", told));
        };
        Ok(Self { name, or_at, dir_at, identity, fingerprint })
    }

    /// The key of the relay that it is, in Base64.
    pub(super) fn ed25519(&self, network: &Path) -> io::Result<String> {
        let text = fs::read_to_string(network.join(&self.name).join("data/fingerprint-ed25519"))?;
        Ok(text.split_whitespace().nth(1).unwrap_or_default().to_owned())
    }

    /// Whether its consensus has so many relays, each of which may be any part of a path.
    pub(super) fn agrees_on(&self, network: &Path, relays: usize) -> bool {
        let consensus = network.join(&self.name).join("data/cached-microdesc-consensus");
        let has = |line: &str, wanted| line.split(' ').any(|flag| flag == wanted);
        let is_usable = |line: &&str| line.starts_with("s ") && has(line, "Fast") && has(line, "Stable");
        let count = |text: String| text.lines().filter(is_usable).count();
        fs::read_to_string(consensus).is_ok_and(|text| count(text) == relays)
    }

    /// How every member's torrc names it.
    pub(super) fn line(&self) -> String {
        let Self { name, or_at, dir_at, identity, fingerprint } = self;
        format!("DirAuthority {name} orport={} no-v2 v3ident={identity} {dir_at} {fingerprint}\n", or_at.port())
    }
}

fn failed(what: &str, log: String) -> PrivateTorError {
    PrivateTorError::NotStarted { what: what.to_owned(), log }
}
