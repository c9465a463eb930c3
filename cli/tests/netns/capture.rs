//! Every packet that a namespace sends or receives, recorded by tcpdump.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::namespaces::Namespace;

/// A capture under way, on all interfaces of a namespace.
pub(crate) struct Capture {
    tcpdump: Child,
    file: PathBuf,
}

impl Capture {
    /// Begins, and waits until packets are captured.
    pub(crate) fn begin(of: &Namespace, file: PathBuf) -> Self {
        let mut tcpdump = of
            .command("tcpdump")
            .args(["-i", "any", "-y", "LINUX_SLL2", "-n", "-U", "--immediate-mode", "-Z", "root", "-w"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(tcpdump.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("listening on") {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "tcpdump ended before it listened");
        }
        // It prints little more, and a full pipe must not stop it.
        std::thread::spawn(move || said.lines().for_each(drop));
        Self { tcpdump, file }
    }

    /// Ends, and returns the capture.
    pub(crate) fn end(mut self) -> Captured {
        std::thread::sleep(LINGERS);
        let pid = self.tcpdump.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.tcpdump.wait().unwrap();
        let captured = Captured(fs::read(&self.file).unwrap());
        records(&captured.0).unwrap_or_else(|why| panic!("{}: {why}", self.file.display()));
        captured
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.tcpdump.kill();
        let _ = self.tcpdump.wait();
    }
}

/// The packets, as the file of a capture.
pub(crate) struct Captured(Vec<u8>);

impl Captured {
    /// Every packet.
    pub(crate) fn packets(&self) -> Vec<Packet> {
        let packet = |cooked| packet(cooked).unwrap_or_else(|| panic!("a packet has no whole header: {cooked:02x?}"));
        records(&self.0).unwrap().into_iter().map(|(_, cooked)| packet(cooked)).collect()
    }

    /// The first packet to each socket to which a TCP connection is opened over IPv4: the time and the destination.
    pub(crate) fn connects(&self) -> Vec<(Duration, SocketAddr)> {
        let stamp = |at: usize| {
            self.0.get(at..at + 4).map_or(0, |word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        };
        let mut connects = Vec::new();
        for (at, cooked) in records(&self.0).unwrap() {
            // RFC 9293 section 3.1: the flags are in the fourteenth byte; SYN without ACK.
            let begins = cooked.get(20) == Some(&0x45) && cooked.get(53).is_some_and(|flags| flags & 0x12 == 2);
            if let (true, Some(Packet::Ip { to, .. })) = (begins, packet(cooked)) {
                let time = Duration::from_secs(stamp(at).into()) + Duration::from_micros(stamp(at + 4).into());
                if !connects.iter().any(|(_, known)| *known == to) {
                    connects.push((time, to));
                }
            }
        }
        connects
    }

    /// How many packets to or from this end contain these bytes contiguously.
    pub(crate) fn holding(&self, end: SocketAddr, bytes: &[u8]) -> usize {
        let records = records(&self.0).unwrap();
        let there = records.iter().filter(|(_, cooked)| packet(cooked).is_some_and(|packet| packet.touches(end)));
        there.filter(|(_, cooked)| cooked.windows(bytes.len()).any(|window| window == bytes)).count()
    }
}

/// One packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packet {
    /// How neighbours on a cable find each other: ARP, neighbour discovery, multicast listeners. No program sends
    /// these.
    Neighbours,
    /// An IP packet: source and destination, with ports if it has any.
    Ip { from: SocketAddr, to: SocketAddr },
    /// Any other packet, by its Ethernet type.
    Other(u16),
}

impl Packet {
    /// Whether it concerns names: DNS, in cleartext or over TLS.
    pub(crate) fn is_dns(self) -> bool {
        matches!(self, Packet::Ip { from, to } if [from, to].iter().any(|end| [53, 853].contains(&end.port())))
    }

    /// Whether one of its ends is this one.
    pub(crate) fn touches(self, end: SocketAddr) -> bool {
        matches!(self, Packet::Ip { from, to } if from == end || to == end)
    }
}

/// The packets of a capture, and the offset of each record: the file format of libpcap (little-endian), with cooked
/// headers of version 2.
fn records(file: &[u8]) -> Result<Vec<(usize, &[u8])>, &'static str> {
    let word = |at: usize| -> Option<u32> { Some(u32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?)) };
    if word(0) != Some(0xa1b2_c3d4) || word(20) != Some(LINKTYPE_LINUX_SLL2) {
        return Err("no capture of cooked packets");
    }
    let (mut at, mut records) = (24, Vec::new());
    while at < file.len() {
        let length = word(at + 8).ok_or("a record is cut")? as usize;
        if length > LONGEST_PACKET || records.len() == MOST_PACKETS {
            return Err("more than a test sends");
        }
        records.push((at, file.get(at + 16..at + 16 + length).ok_or("a packet is cut")?));
        at += 16 + length;
    }
    Ok(records)
}

fn packet(cooked: &[u8]) -> Option<Packet> {
    let kind = u16::from_be_bytes(cooked.get(..2)?.try_into().ok()?);
    let ip = cooked.get(20..)?;
    let (protocol, from, to, payload): (u8, IpAddr, IpAddr, &[u8]) = match kind {
        0x0806 => return Some(Packet::Neighbours),
        0x0800 => {
            let address = |at: usize| Some(Ipv4Addr::from(<[u8; 4]>::try_from(ip.get(at..at + 4)?).ok()?));
            let header = usize::from(ip.first()? & 15) * 4;
            (*ip.get(9)?, address(12)?.into(), address(16)?.into(), ip.get(header..)?)
        }
        0x86dd => {
            let address = |at: usize| Some(Ipv6Addr::from(<[u8; 16]>::try_from(ip.get(at..at + 16)?).ok()?));
            (*ip.get(6)?, address(8)?.into(), address(24)?.into(), ip.get(40..)?)
        }
        other => return Some(Packet::Other(other)),
    };
    // RFC 4861: 133 to 137. RFC 3810: 143, after a hop-by-hop header of eight bytes.
    let neighbours = match (protocol, payload) {
        (58, [133..=137, ..]) => true,
        (0, [58, ..]) => payload.get(8) == Some(&143),
        _ => false,
    };
    if neighbours {
        return Some(Packet::Neighbours);
    }
    let port = |at: usize| match protocol {
        TCP | UDP => Some(u16::from_be_bytes(payload.get(at..at + 2)?.try_into().ok()?)),
        _ => Some(0),
    };
    Some(Packet::Ip { from: SocketAddr::new(from, port(0)?), to: SocketAddr::new(to, port(2)?) })
}

/// How many sockets of a namespace listen for TCP, and how many have a connection.
pub(crate) fn tcp_sockets(of: &Namespace) -> (usize, usize) {
    let (mut listening, mut connected) = (0, 0);
    for table in ["tcp", "tcp6"] {
        let file = File::open(format!("/proc/{}/net/{table}", of.pid())).unwrap();
        for line in BufReader::new(file).lines().skip(1) {
            // proc(5): the fourth column is the state, of include/net/tcp_states.h.
            match line.unwrap().split_whitespace().nth(3) {
                Some("0A") => listening += 1,
                Some("01") => connected += 1,
                _ => {}
            }
        }
    }
    (listening, connected)
}

const TCP: u8 = 6;
const UDP: u8 = 17;
const LINKTYPE_LINUX_SLL2: u32 = 276;
/// tcpdump's own limit.
const LONGEST_PACKET: usize = 262_144;
const MOST_PACKETS: usize = 100_000;
/// What the kernel still sends after a program has ended: the ends of its connections.
const LINGERS: Duration = Duration::from_millis(200);
