//! A ClientHello that is cut inside the name, as it looks on the wire: the first, the thousandth, and the second one
//! that a HelloRetryRequest asks for.

use std::sync::Arc;

use byway::internals::fetch::{HttpClient, Request};
use byway::internals::reach::{Ledger, NetworkId};
use byway::internals::transport::{Dialer, Overrides};
use byway::internals::wire::tls::{Roots, TlsClient};
use byway::net::{Net, SystemNet};

use crate::capture::{Capture, Flow};
use crate::origin::{NAME, Origin, PAGE};
use crate::program::byway_at;

const TRUE_ADDRESS: &str = "127.0.0.1";

/// The flow contains the name in each of its ClientHellos, but whole in no segment and in no record.
fn is_cut(flow: &Flow, hellos: usize) {
    let clear = flow.clear();
    assert_eq!((clear.hellos, clear.means(NAME)), (hellos, hellos));
    assert!(!flow.says(NAME), "a segment says the name");
    assert!(!clear.says(NAME), "a record says the name");
}

#[test]
fn the_split_hello_has_the_whole_name_in_no_segment_or_record() {
    let origin = Origin::start();
    for (port, hellos) in [(origin.port, 1), (origin.port_of_two_hellos, 2)] {
        let url = format!("https://{NAME}:{port}");
        let capture = Capture::start(&[port]);
        // Without a cut, the search finds the name.
        let run = byway_at(&origin, TRUE_ADDRESS, port, &["direct:"], &["get", &url]);
        assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
        let flows = capture.flows(1);
        let clear = flows[0].clear();
        assert_eq!((clear.hellos, clear.means(NAME)), (hellos, hellos));
        assert!(flows[0].says(NAME) && clear.says(NAME));

        let capture = Capture::start(&[port]);
        let run = byway_at(&origin, TRUE_ADDRESS, port, &["direct:?tls=frag"], &["get", &url]);
        assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
        let flows = capture.flows(1);
        flows.iter().for_each(|flow| is_cut(flow, hellos));
    }
}

#[test]
fn the_thousandth_hello_is_cut_as_the_first() {
    let origin = Origin::start();
    let capture = Capture::start(&[origin.port]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let net: Arc<dyn Net> = Arc::new(SystemNet::new());
        let roots = Roots::from_certificates(&std::fs::read(origin.ca()).unwrap()).unwrap();
        let tls = TlsClient::new(net.clone(), &roots).unwrap();
        let mut overrides = Overrides::default();
        overrides.add(format!("{NAME}:{}", origin.port).parse().unwrap(), TRUE_ADDRESS.parse().unwrap());
        let dialer = Dialer::new(net, &tls, overrides);
        let ways = vec!["direct:?tls=frag".parse().unwrap()];
        let client = HttpClient::new(dialer, tls, Arc::new(Ledger::in_memory()), ways, NetworkId("lo".into()));
        for _ in 0..1000 {
            let fetched = client.fetch(Request::get(origin.url().parse().unwrap())).await;
            assert_eq!(fetched.result.unwrap().body, PAGE.as_bytes());
            client.forget_connections();
        }
    });
    // What it still holds ends with it.
    drop(runtime);
    let flows = capture.flows(1000);
    assert_eq!(flows.len(), 1000);
    flows.iter().for_each(|flow| is_cut(flow, 1));
}
