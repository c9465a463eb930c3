//! Connections as they look on the wire: tcpdump on loopback, and a reader of its file.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::daemon::{demand, folder};

/// How long a packet may take to reach the file.
const PATIENCE: Duration = Duration::from_secs(60);

/// Records everything that clients send to some ports.
pub(crate) struct Capture {
    process: Child,
    folder: TempDir,
}

/// What one client sent on one connection.
#[derive(Default)]
pub(crate) struct Flow {
    pub(crate) to: u16,
    /// The payloads of its segments, in the order of their sequence numbers, each once.
    pub(crate) segments: Vec<Vec<u8>>,
    ended: bool,
}

/// The handshake records in cleartext at the beginning of a flow.
pub(crate) struct Clear {
    pub(crate) fragments: Vec<Vec<u8>>,
    /// The number of complete ClientHellos.
    pub(crate) hellos: usize,
}

impl Capture {
    pub(crate) fn start(ports: &[u16]) -> Self {
        let tcpdump = demand("tcpdump", "tcpdump");
        let folder = folder();
        let filter: Vec<String> = ports.iter().map(|port| format!("tcp dst port {port}")).collect();
        let mut process = Command::new(tcpdump)
            .args(["-i", "lo", "-n", "-s", "0", "-U", "--immediate-mode", "-B", "65536", "-Z", "root", "-w"])
            .arg(folder.path().join("packets"))
            .arg(filter.join(" or "))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        while !said.contains("listening on") {
            let read = stderr.read_line(&mut said).unwrap();
            assert!(read > 0, "tcpdump ended: {said}");
        }
        process.stderr = Some(stderr.into_inner());
        Self { process, folder }
    }

    /// Waits until this many connections have ended, and ends.
    pub(crate) fn flows(mut self, ended: usize) -> Vec<Flow> {
        let start = Instant::now();
        let path = self.folder.path().join("packets");
        loop {
            let flows = read(&fs::read(&path).unwrap_or_default());
            let seen = flows.iter().filter(|flow| flow.ended).count();
            if seen >= ended {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{seen} of {ended} connections were seen to end");
            std::thread::sleep(Duration::from_millis(100));
        }
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        self.process.wait().unwrap();
        assert!(said.contains("\n0 packets dropped by kernel"), "{said}");
        read(&fs::read(&path).unwrap())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Flow {
    /// Whether one of its segments contains `name`.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.segments.iter().any(|segment| holds(segment, name))
    }

    pub(crate) fn clear(&self) -> Clear {
        let bytes = self.segments.concat();
        let mut rest = bytes.as_slice();
        let mut fragments = Vec::new();
        while let [kind @ (20 | 22), _, _, high, low, after @ ..] = rest {
            let Some((fragment, next)) = after.split_at_checked(usize::from(u16::from_be_bytes([*high, *low]))) else {
                break;
            };
            if *kind == 22 {
                fragments.push(fragment.to_vec());
            }
            rest = next;
        }
        let messages: Vec<u8> = fragments.concat();
        let (mut hellos, mut rest) = (0, messages.as_slice());
        while let [1, a, b, c, after @ ..] = rest {
            let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            let Some((_, next)) = after.split_at_checked(length) else { break };
            hellos += 1;
            rest = next;
        }
        Clear { fragments, hellos }
    }
}

impl Clear {
    /// Whether one of its records contains `name`.
    pub(crate) fn says(&self, name: &str) -> bool {
        self.fragments.iter().any(|fragment| holds(fragment, name))
    }

    /// How often the reassembled messages contain `name`.
    pub(crate) fn means(&self, name: &str) -> usize {
        self.fragments
            .concat()
            .windows(name.len())
            .filter(|window| window.eq_ignore_ascii_case(name.as_bytes()))
            .count()
    }
}

fn holds(bytes: &[u8], name: &str) -> bool {
    bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name.as_bytes()))
}

/// Reads a file of packets (libpcap, microseconds, Ethernet, IPv4), as far as it is written.
fn read(file: &[u8]) -> Vec<Flow> {
    let mut flows: Vec<(u16, Flow, BTreeMap<u32, Vec<u8>>)> = Vec::new();
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap()) as usize;
    let Some((header, mut rest)) = file.split_at_checked(24) else { return Vec::new() };
    assert_eq!((number(&header[..4]), number(&header[20..])), (0xa1b2_c3d4, 1), "libpcap, Ethernet");
    while let Some((header, after)) = rest.split_at_checked(16) {
        let Some((packet, next)) = after.split_at_checked(number(&header[8..12])) else { break };
        rest = next;
        let ip = packet.get(14..).filter(|_| packet[12..14] == [8, 0]).expect("IPv4");
        let length = usize::from(u16::from_be_bytes([ip[2], ip[3]]));
        let tcp = &ip[usize::from(ip[0] & 15) * 4..length];
        let (from, to) = (u16::from_be_bytes([tcp[0], tcp[1]]), u16::from_be_bytes([tcp[2], tcp[3]]));
        let sequence = u32::from_be_bytes(tcp[4..8].try_into().unwrap());
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        let flags = tcp[13];
        let (fin, syn, reset) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
        if syn {
            flows.push((from, Flow { to, ..Flow::default() }, BTreeMap::new()));
        }
        let Some((_, flow, segments)) = flows.iter_mut().rev().find(|(port, flow, _)| (*port, flow.to) == (from, to))
        else {
            continue;
        };
        flow.ended |= fin || reset;
        if !payload.is_empty() {
            segments.entry(sequence).or_insert_with(|| payload.to_vec());
        }
    }
    flows.into_iter().map(|(_, flow, segments)| Flow { segments: segments.into_values().collect(), ..flow }).collect()
}
