//! The private Tor network for a person who wants to try `byway` over it: `cargo xtask tornet`.

#![allow(clippy::print_stdout, reason = "it talks to a person at a terminal")]

use crate::origin::{NAME, Origin};
use crate::tor::{self, bridge};

#[test]
#[ignore = "it runs until it is stopped: cargo xtask tornet"]
fn a_private_network_runs_until_its_input_ends() {
    let origin = Origin::start();
    let tor = tor::start(origin.plain_port);
    let network = origin.file("network.json", &tor.arti).display().to_string();
    let bridges = origin.file("bridges", &format!("{}\n{}\n", bridge(&tor).line, bridge(&tor).obfs4_line));
    let (url, ca) = (origin.url(), origin.ca().display().to_string());
    let (bridges, onion, socks) = (bridges.display(), &tor.onion, tor.strategy());
    println!(
        "\nA private Tor network runs on this machine. Only its exits and onion service know {NAME}.\n\n\
         byway get {url}/ -s tor: --tor-network {network} --ca {ca}\n\
         byway get http://{onion}/ -s tor: --tor-network {network}\n\
         byway get {url}/ -s {socks} --ca {ca}\n\
         byway get {url}/ --exposure tor --strategies {bridges} --tor-transport obfs4=/usr/bin/obfs4proxy \
         --tor-network {network} --ca {ca}\n\n\
         Enter ends it."
    );
    let _ = std::io::stdin().read_line(&mut String::new());
}
