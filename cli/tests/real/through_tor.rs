//! A site that is cut by its name, and an onion service, read through a real Tor network: by a running Tor's SOCKS port,
//! and by the Tor within the program.

use byway_lab::private_tor::{PrivateTor, StartingTor};

use crate::daemon::demand;
use crate::proxies::microsocks;
use crate::tor::{self, bridge};
use crate::{Censored, PAGE, Run, byway, feeds};

#[test]
fn tor_carries_what_is_cut_directly_and_reaches_onion_services() {
    let mut site = Censored::start();
    let tor = tor::start(site.origin.plain_port);
    let onion = format!("http://{}/", tor.onion);

    // No other strategy can reach it, and no resolver or proxy learns the name.
    let proxy = microsocks(&site.origin.hosts());
    let run = byway(&site.origin, &["direct:"], &["get", &onion]);
    assert!(matches!(run.code, 2 | 4), "{run}");
    let run = tor::read_by(|| byway(&site.origin, &[&tor.strategy()], &["get", &onion]));
    assert_eq!((run.code, run.stdout.as_str()), (3, PAGE), "{run}");
    let run = tor::read_by(|| byway(&site.origin, &["direct:", &tor.strategy()], &["probe", &onion, "--json"]));
    assert_eq!((run.code, &run.json()["reached_by"]), (3, &tor.strategy().into()), "{run}");

    let all = ["direct:", &proxy.open("socks5"), &tor.strategy()];
    let run = tor::read_by(|| byway(&site.origin, &all, &["get", &site.origin.url(), "--exposure", "tor"]));
    assert_eq!((run.code, run.stdout.as_str()), (3, PAGE), "{run}");
    assert_eq!(site.censor.seen(), 0, "exposure tor tried the direct path");

    site.is_read_through(&tor.strategy(), &tor.strategy());

    let run = site.probe(&[&tor.strategy().replace("127.0.0.1", "127.0.0.2")]);
    assert_eq!((run.code, &run.json()["verdict"]["code"]), (4, &"route_failed".into()), "{run}");

    a_dead_onion_is_named(&site, &tor.strategy(), &[]);
    feeds::are_read_and_kept(&site, &onion, &tor.strategy(), &[]);
    a_port_that_no_exit_takes_is_named(&site, &tor.strategy(), &[]);
    a_tor_that_starts_is_named(&site);
    embedded(&mut site, &tor, &onion);
}

/// An onion service that no one runs is named, by a running Tor's port and by the Tor within the program.
fn a_dead_onion_is_named(site: &Censored, strategy: &str, options: &[&str]) {
    // An address of its form, with its own checksum.
    let url = "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/";
    let run = probed(site, url, strategy, options);
    assert_eq!(run.code, 4, "{run}");
    let told = run.json();
    assert_ne!(told["verdict"]["code"], "route_failed", "Tor is not at fault: {run}");
    let sentence = told["verdict"]["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("No onion service is found at"), "{run}");
}

/// Asks again while the verdict says no more than that Tor was too slow or had no circuit, as it happens on a busy machine.
fn probed(site: &Censored, url: &str, strategy: &str, options: &[&str]) -> Run {
    let run = || byway(&site.origin, &[strategy], &[&["probe", url, "--json"], options].concat());
    tor::patiently(run, |run| {
        let told = run.json();
        let sentence = told["verdict"]["sentence"].as_str().unwrap();
        told["verdict"]["rule"] != "route.silent" && !sentence.contains("no circuit to the onion service")
    })
}

/// The exits of the private network refuse port 9. C-tor and arti say no more than that they have no circuit.
fn a_port_that_no_exit_takes_is_named(site: &Censored, strategy: &str, options: &[&str]) {
    let url = format!("http://{}:9/", crate::origin::NAME);
    let run = probed(site, &url, strategy, options);
    assert_eq!(run.json()["verdict"]["code"], "route_failed", "{run}");
    let told = run.json();
    assert!(told["verdict"]["sentence"].as_str().unwrap().starts_with("Tor runs, and has no circuit to"), "{run}");
}

/// It holds the request back, and the verdict says what that may mean.
fn a_tor_that_starts_is_named(site: &Censored) {
    let tor = tor::installed(StartingTor::start());
    let strategy = format!("tor+socks5://{}", tor.socks);
    // On a busy machine it may take the greeting too late.
    let run = tor::patiently(|| site.probe(&[&strategy]), |run| run.stdout.contains("Tor runs"));
    assert_eq!((run.code, &run.json()["verdict"]["code"]), (4, &"route_failed".into()), "{run}");
    let told = run.json();
    assert!(told["verdict"]["sentence"].as_str().unwrap().starts_with("Tor runs but has not reached"), "{run}");
}

fn embedded(site: &mut Censored, tor: &PrivateTor, onion: &str) {
    let network = site.origin.file("network.json", &tor.arti).display().to_string();
    let private = ["--tor-network", network.as_str()];

    a_dead_onion_is_named(site, "tor:", &private);
    feeds::are_read_and_kept(site, onion, "tor:", &private);
    a_port_that_no_exit_takes_is_named(site, "tor:", &private);
    let kept = site.origin.file("network.json", &tor.arti).with_file_name("guards");
    let arguments = ["get", onion, "--tor-dir", &kept.display().to_string()];
    let run = tor::read_by(|| byway(&site.origin, &["tor:"], &[&arguments, &private[..]].concat()));
    assert_eq!((run.code, run.stdout.as_str()), (3, PAGE), "{run}");
    assert!(kept.join("tor/state/state/guards.json").exists() && !run.stderr.contains("--tor-dir"), "{run}");
    // A list as it is pasted, and the program that speaks its transport.
    let bridge = site.origin.file("bridges", &format!("Bridge {}\n", bridge(tor).obfs4_line)).display().to_string();
    let program = format!("obfs4={}", demand("obfs4proxy", "obfs4proxy").display());
    let arguments = ["get", onion, "--exposure", "tor", "--strategies", &bridge, "--tor-transport", &program];
    let run = tor::read_by(|| byway(&site.origin, &[], &[&arguments, &private[..]].concat()));
    assert_eq!((run.code, run.stdout.as_str()), (3, PAGE), "{run}");
    assert!(!run.stderr.contains("cert=") && run.stderr.contains("--tor-dir DIR"), "{run}");
    let all = ["direct:", "tor:"];
    let (seen, url) = (site.censor.seen(), site.origin.url());
    let arguments = [&["get", &url, "--exposure", "tor"], &private[..]].concat();
    let run = tor::read_by(|| byway(&site.origin, &all, &arguments));
    assert_eq!((run.code, run.stdout.as_str()), (3, PAGE), "{run}");
    assert_eq!(site.censor.seen(), seen, "exposure tor tried the direct path");
    site.is_read_through_with("tor:", "tor:", &private);
}
