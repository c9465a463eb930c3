//! The name in a ClientHello, searched in every packet: the first and the thousandth connection send it in pieces.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use byway::internals::fetch::{HttpClient, Request};
use byway::internals::reach::{Ledger, NetworkId};
use byway::internals::transport::{Dialer, Overrides};
use byway::internals::wire::tls::{Roots, TlsClient};
use byway::net::{Net, SystemNet};

use crate::capture::Capture;
use crate::rows::{Scene, group};
use crate::scene::{Run, Stage};

const URL: &str = "https://vk.com/";
const NAME: &[u8] = b"vk.com";
const CONNECTIONS: usize = 1000;

pub(crate) fn scene() -> Scene {
    Scene::new("N3 a cut name is whole in no packet, 1,000 connections", group)
}

/// Counts the packets that contain the name, with the cut and without.
pub(crate) fn count(scene: &Scene) -> String {
    let stage = Stage::set(scene);
    let site: SocketAddr = "203.0.113.10:443".parse().unwrap();
    let seen = |way: &str, connections: usize| {
        let capture = Capture::begin(&stage.topology.client, stage.file("hellos.pcap"));
        let mut hellos = stage.topology.client.command(std::env::current_exe().unwrap());
        hellos.args(["hellos", way, &connections.to_string()]).arg(stage.file("ca.pem"));
        let run = Run::of(hellos.output().unwrap(), std::time::Duration::ZERO);
        assert!(run.code == 0, "{run}\n{}", stage.logs());
        let captured = capture.end();
        let all = captured.packets().iter().filter(|packet| packet.touches(site)).count();
        assert!(all >= connections * 4, "{way}: the capture has {all} packets of {connections} connections");
        (captured.holding(site, NAME), all)
    };
    let (whole, _) = seen("direct:", 20);
    assert!(whole > 0, "the capture does not see a name that is said whole");
    let (cut, all) = seen("direct:?tls=frag", CONNECTIONS);
    assert_eq!(cut, 0, "{cut} of {all} packets hold the name");
    format!("0 of {all} packets hold it; {whole} in 20 connections that do not cut it")
}

/// This process as an app that connects this often, with a new connection each time.
pub(crate) fn be_an_app(way: &str, connections: usize, ca_file: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let net: Arc<dyn Net> = Arc::new(SystemNet::new());
        let roots = Roots::from_certificates(&std::fs::read(ca_file).unwrap()).unwrap();
        let tls = TlsClient::new(net.clone(), &roots).unwrap();
        let mut names = Overrides::default();
        names.add("vk.com:443".parse().unwrap(), "203.0.113.10".parse().unwrap());
        let dialer = Dialer::new(net, &tls, names);
        let ways = vec![way.parse().unwrap()];
        let client = HttpClient::new(dialer, tls, Arc::new(Ledger::in_memory()), ways, NetworkId("cable".into()));
        for _ in 0..connections {
            client.fetch(Request::get(URL.parse().unwrap())).await.result.unwrap();
            client.forget_connections();
        }
    });
}
