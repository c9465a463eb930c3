//! The lab on real sockets: the same censor, seen through the real `SystemNet`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod naive;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use byway::net::{Net, SystemNet};
use byway_lab::{Lab, Options, Served, add_rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

async fn served(rules: &[&str]) -> (Lab, Served, tempfile::TempDir) {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10").https().http().page("/", "the group");
    lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    lab.resolver("198.51.100.53");
    for rule in rules {
        add_rule(&lab, rule).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let served = lab.serve(&Options { ca_file: folder.path().join("ca.pem"), ..Options::default() }).await.unwrap();
    (lab, served, folder)
}

async fn get(lab: &Lab, served: &Served) -> io::Result<String> {
    let at = served.seen("203.0.113.10".parse().unwrap(), 443).unwrap();
    let stream = SystemNet::new().connect(at).await?;
    naive::exchange(naive::secure(lab, "vk.com", stream).await?, "vk.com", "/").await
}

#[tokio::test]
async fn each_action_is_seen_on_real_sockets() {
    let (lab, face, _folder) = served(&[]).await;
    assert!(get(&lab, &face).await.unwrap().ends_with("the group"));
    for (rule, errno) in
        [("sni=vk.com:reset", Some(104)), ("addr=vk.com:refuse", Some(111)), ("sni=vk.com:forge", None)]
    {
        let (lab, face, _folder) = served(&[rule]).await;
        assert_eq!(get(&lab, &face).await.unwrap_err().raw_os_error(), errno, "{rule}");
    }
    for rule in ["sni=vk.com:swallow", "addr=vk.com:swallow"] {
        let (lab, face, _folder) = served(&[rule]).await;
        assert!(timeout(Duration::from_millis(300), get(&lab, &face)).await.is_err(), "{rule}");
    }
}

#[tokio::test]
async fn a_proxy_finds_the_host_from_outside_the_censor() {
    let (lab, face, folder) = served(&["sni=vk.com:reset", "addr=vk.com:swallow"]).await;
    assert!(std::fs::read_to_string(folder.path().join("ca.pem")).unwrap().contains("BEGIN CERTIFICATE"));
    let proxy = face.seen("198.51.100.7".parse().unwrap(), 1080).unwrap();
    // A URL names the real port, and so does a request to a proxy.
    let port = face.seen("203.0.113.10".parse().unwrap(), 443).unwrap().port();
    for port in [443, port] {
        let mut stream = SystemNet::new().connect(proxy).await.unwrap();
        stream.write_all(&[5, 1, 0]).await.unwrap();
        stream.read_exact(&mut [0; 2]).await.unwrap();
        stream.write_all(&[&[5, 1, 0, 3, 6][..], b"vk.com", &port.to_be_bytes()].concat()).await.unwrap();
        let mut reply = [0; 10];
        stream.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply[1], 0);
        let stream = naive::secure(&lab, "vk.com", stream).await.unwrap();
        assert!(naive::exchange(stream, "vk.com", "/").await.unwrap().ends_with("the group"));
    }
}

#[tokio::test]
async fn a_resolver_answers_with_the_addresses_that_the_client_finds() {
    use hickory_proto::op::{Message, Query};
    use hickory_proto::rr::{Name, RecordType};
    let (_lab, face, _folder) = served(&[]).await;
    let resolver = face.seen("198.51.100.53".parse().unwrap(), 53).unwrap();
    let mut query = Message::query();
    query.add_query(Query::query(Name::from_ascii("vk.com.").unwrap(), RecordType::A));
    let socket = SystemNet::new().datagram(resolver).await.unwrap();
    socket.send(&query.to_vec().unwrap()).await.unwrap();
    let mut buffer = [0; 1500];
    let length = socket.receive(&mut buffer).await.unwrap();
    let answer = Message::from_vec(&buffer[..length]).unwrap();
    let seen: IpAddr = answer.answers[0].data.to_string().parse().unwrap();
    let expected: SocketAddr = face.seen("203.0.113.10".parse().unwrap(), 443).unwrap();
    assert_eq!(seen, expected.ip());
}

#[test]
fn the_command_prints_its_addresses_and_ends_with_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let run = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_byway-lab"));
        command.arg("serve").arg("--ca-file").arg(&ca).args(more).stdin(std::process::Stdio::null());
        command.output().unwrap()
    };
    let output = run(&["--censor", "sni=vk.com:reset"]);
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["censor"][0], "sni=vk.com reset");
    assert!(document["example"].as_str().unwrap().contains("--resolve vk.com:"), "{document}");
    assert!(ca.exists());

    let wrong = run(&["--censor", "sni=vk.com:explode"]);
    assert_eq!((wrong.status.code(), wrong.stdout.is_empty()), (Some(2), true));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("`explode` is no action"));
}
