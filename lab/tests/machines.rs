//! The machines of the lab: certificates, resolvers, proxies, the platform.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod naive;

use std::time::Duration;

use byway::net::Net;
use byway_lab::{Certificate, Fault, Lab, Page, Script};
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use naive::{exchange, get, get_in_the_clear, get_through, secure, tunnel};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

const LONG: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn each_wrong_certificate_fails_for_its_own_reason() {
    let cases = [
        (Certificate::Expired, "expired"),
        (Certificate::NotYetValid, "not valid yet"),
        (Certificate::ForName("other.example".into()), "not valid for name"),
        (Certificate::SelfSigned, "unknownissuer"),
        (Certificate::OtherAuthority, "unknownissuer"),
    ];
    for (certificate, wrong) in cases {
        let lab = Lab::new();
        lab.host("vk.com").https().certificate(certificate);
        let error = get(&lab, "vk.com", "/").await.unwrap_err().to_string();
        assert!(error.to_lowercase().contains(wrong), "{wrong}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn sni_selects_between_two_names_on_one_address() {
    let lab = Lab::new();
    lab.host("a.example").at("203.0.113.30").https().page("/", "A");
    lab.host("b.example").at("203.0.113.30").https().page("/", "B");
    assert!(get(&lab, "a.example", "/").await.unwrap().ends_with("\r\n\r\nA"));
    assert!(get(&lab, "b.example", "/").await.unwrap().ends_with("\r\n\r\nB"));
}

#[tokio::test(start_paused = true)]
async fn parts_of_a_page_can_be_asked_for_and_pages_can_break_off() {
    let lab = Lab::new();
    let host = lab.host("vk.com").http().page("/", Page::new("0123456789").with_ranges("v1"));
    host.page("/cut", Page::new("0123456789").cut_after(4)).page("/stall", Page::new("0123456789").stall_after(4));
    let mut stream = naive::connect(&lab, "vk.com", 80).await.unwrap();
    let request = "GET / HTTP/1.1\r\nhost: vk.com\r\nrange: bytes=4-\r\nif-range: \"v1\"\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 206") && answer.contains("content-range: bytes 4-9/10"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n456789"));
    assert!(get_in_the_clear(&lab, "vk.com", "/cut").await.unwrap().ends_with("\r\n\r\n0123"));
    timeout(LONG, get_in_the_clear(&lab, "vk.com", "/stall")).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_hostile_server_plays_its_script() {
    let lab = Lab::new();
    let endless = Script::new().read_request().send("HTTP/1.1 200 OK\r\n").send_forever("x: y\r\n", Duration::ZERO);
    lab.host("evil.example").script(80, endless).script(81, Script::new().read().reset());
    let mut stream = naive::connect(&lab, "evil.example", 80).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut much = vec![0; 3_000_000];
    stream.read_exact(&mut much).await.unwrap();
    let mut stream = naive::connect(&lab, "evil.example", 81).await.unwrap();
    stream.write_all(b"x").await.unwrap();
    assert_eq!(stream.read(&mut much).await.unwrap_err().raw_os_error(), Some(104));
}

async fn ask(lab: &Lab, resolver: &str, name: &str) -> Option<Message> {
    let net = lab.client();
    let socket = net.datagram(format!("{resolver}:53").parse().unwrap()).await.unwrap();
    let mut query = Message::query();
    query.add_query(Query::query(Name::from_ascii(name).unwrap(), RecordType::A));
    socket.send(&query.to_vec().unwrap()).await.unwrap();
    let mut buffer = [0; 1500];
    let length = timeout(LONG, socket.receive(&mut buffer)).await.ok()?.unwrap();
    Some(Message::from_vec(&buffer[..length]).unwrap())
}

#[tokio::test(start_paused = true)]
async fn resolvers_answer_truly_and_give_each_lie() {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10");
    lab.resolver("198.51.100.53").nxdomain("a.vk.com").servfail("b.vk.com").refuses("c.vk.com").silent("d.vk.com");
    lab.resolver("198.51.100.53").answers("e.vk.com", "10.0.0.1").truncates("f.vk.com");
    let code = async |name| ask(&lab, "198.51.100.53", name).await.map(|answer| answer.metadata.response_code);
    assert_eq!(code("vk.com.").await, Some(ResponseCode::NoError));
    assert_eq!(code("a.vk.com.").await, Some(ResponseCode::NXDomain));
    assert_eq!(code("b.vk.com.").await, Some(ResponseCode::ServFail));
    assert_eq!(code("c.vk.com.").await, Some(ResponseCode::Refused));
    assert_eq!(code("d.vk.com.").await, None);
    let lie = ask(&lab, "198.51.100.53", "e.vk.com.").await.unwrap();
    assert!(lie.answers[0].to_string().contains("10.0.0.1"));
    assert!(ask(&lab, "198.51.100.53", "f.vk.com.").await.unwrap().metadata.truncation);
}

#[tokio::test(start_paused = true)]
async fn an_injected_answer_comes_first_and_the_true_one_still_comes() {
    let lab = Lab::new();
    lab.host("vk.com").at("203.0.113.10");
    lab.resolver("198.51.100.53");
    lab.censor().when_query("vk.com").resolve_to("10.10.34.35");
    let began = Instant::now();
    let net = lab.client();
    let socket = net.datagram("198.51.100.53:53".parse().unwrap()).await.unwrap();
    let mut query = Message::query();
    query.add_query(Query::query(Name::from_ascii("vk.com.").unwrap(), RecordType::A));
    socket.send(&query.to_vec().unwrap()).await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut buffer = [0; 1500];
        let length = socket.receive(&mut buffer).await.unwrap();
        let answer = Message::from_vec(&buffer[..length]).unwrap();
        answers.push((began.elapsed().as_millis(), answer.answers[0].data.to_string()));
    }
    assert_eq!(answers, [(10, "10.10.34.35".to_owned()), (50, "203.0.113.10".to_owned())]);
    assert_eq!(net.lookup("vk.com").await.unwrap()[0].to_string(), "10.10.34.35");
}

#[tokio::test(start_paused = true)]
async fn a_tor_keeps_the_login_of_each_stream_and_finds_onions() {
    let lab = Lab::new();
    lab.host("vk.com").https().page("/", "the group");
    lab.onion("abcdefgh.onion").page("/", "the mirror");
    let tor = lab.tor();
    assert_eq!(tor.url(), "tor+socks5://127.0.0.1:9050?cc=de");
    get_through(&lab, tor.socket(), Some(("one", "x")), "vk.com", "/").await.unwrap();
    get_through(&lab, tor.socket(), Some(("two", "x")), "vk.com", "/").await.unwrap();
    let logins: Vec<_> = lab.log().tunnels().into_iter().filter_map(|(_, login)| login).collect();
    assert_eq!(logins, ["one:x", "two:x"]);
    let onion = tunnel(&lab, tor.socket(), None, "abcdefgh.onion", 80).await.unwrap();
    assert!(exchange(onion, "abcdefgh.onion", "/").await.unwrap().ends_with("the mirror"));
    assert!(lab.client().lookup("abcdefgh.onion").await.is_err());
    let error = tunnel(&lab, tor.socket(), None, "nobody.onion", 80).await.map(drop).unwrap_err();
    assert_eq!(error.to_string(), "REP 240");
}

#[tokio::test(start_paused = true)]
async fn a_tor_on_a_phone_without_network_answers_and_leads_nowhere() {
    let lab = Lab::new();
    lab.host("vk.com").https().page("/", "the group");
    let tor = lab.tor();
    let _ = lab.client().offline();
    let tunnelled = tunnel(&lab, tor.socket(), None, "vk.com", 443);
    assert!(tokio::time::timeout(Duration::from_secs(60), tunnelled).await.is_err());
    let _ = lab.client().online();
    get_through(&lab, tor.socket(), None, "vk.com", "/").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn proxies_have_every_fault() {
    let lab = Lab::new();
    lab.host("vk.com").https().page("/", "the group");
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7").password("u", "p");
    let login = Some(("u", "p"));
    assert!(get_through(&lab, proxy.socket(), login, "vk.com", "/").await.is_ok());
    assert!(get_through(&lab, proxy.socket(), Some(("u", "wrong")), "vk.com", "/").await.is_err());
    assert!(get_through(&lab, proxy.socket(), None, "vk.com", "/").await.is_err());
    let error = tunnel(&lab, proxy.socket(), login, "nobody.example", 443).await.map(drop).unwrap_err();
    assert_eq!(error.to_string(), "REP 4");
    for fault in [Fault::Garbage, Fault::Close, Fault::Reply(2)] {
        let _ = proxy.clone().fault(fault);
        assert!(get_through(&lab, proxy.socket(), login, "vk.com", "/").await.is_err(), "{fault:?}");
    }
    for fault in [Fault::Hang, Fault::HangOnRequest] {
        let _ = proxy.clone().fault(fault);
        timeout(LONG, get_through(&lab, proxy.socket(), login, "vk.com", "/")).await.unwrap_err();
    }
    let _ = proxy.clone().dead();
    let error = get_through(&lab, proxy.socket(), login, "vk.com", "/").await.unwrap_err();
    assert_eq!(error.raw_os_error(), Some(111));
}

#[tokio::test(start_paused = true)]
async fn an_http_proxy_asks_for_its_login_and_tunnels() {
    let lab = Lab::new();
    lab.host("vk.com").https().page("/", "the group");
    let proxy = lab.http_proxy("proxy.de").at("198.51.100.9").password("u", "p");
    for (login, status) in [("", "407"), ("Proxy-Authorization: Basic dTpw\r\n", "200")] {
        let mut stream = lab.client().connect(proxy.socket()).await.unwrap();
        stream.write_all(format!("CONNECT vk.com:443 HTTP/1.1\r\n{login}\r\n").as_bytes()).await.unwrap();
        let mut answer = vec![0; 1024];
        let length = stream.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        if status == "200" {
            let stream = secure(&lab, "vk.com", stream).await.unwrap();
            assert!(exchange(stream, "vk.com", "/").await.unwrap().ends_with("the group"));
        }
    }
}

async fn api(
    lab: &Lab,
    from: Option<std::net::SocketAddr>,
    token: &str,
    method: &str,
    body: &str,
) -> serde_json::Value {
    let stream = match from {
        Some(proxy) => tunnel(lab, proxy, None, "api.vk.ru", 443).await.unwrap(),
        None => naive::connect(lab, "api.vk.ru", 443).await.unwrap(),
    };
    let mut stream = secure(lab, "api.vk.ru", stream).await.unwrap();
    let length = body.len();
    let head = format!(
        "POST /method/{method} HTTP/1.1\r\nhost: api.vk.ru\r\nauthorization: Bearer {token}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_platform_answers_refuses_and_hides() {
    let lab = Lab::new();
    let vk = lab.vk().token("t").bind_token_to_address();
    vk.community("club").name("The club").post("first").post("second").hidden_in("ru", "заблокирован");
    let proxy = lab.socks5("proxy.nl").at("198.51.100.7").country("nl");
    let seen = api(&lab, Some(proxy.socket()), "t", "wall.get", "v=5.199&domain=club").await;
    assert_eq!(seen["response"]["items"][0]["text"], "second");
    let group = api(&lab, Some(proxy.socket()), "t", "groups.getById", "v=5.199&group_ids=club").await;
    assert_eq!(group["response"]["groups"][0]["name"], "The club");
    let moved = api(&lab, None, "t", "wall.get", "v=5.199&domain=club").await;
    assert_eq!(moved["error"]["error_code"], 5);
    lab.vk().set_state(byway_lab::VkState { bind_token_to_address: false, ..lab.vk().state() });
    assert_eq!(api(&lab, None, "t", "wall.get", "v=5.199&domain=club").await["error"]["error_code"], 19);
    assert_eq!(api(&lab, None, "wrong", "wall.get", "v=5.199&domain=club").await["error"]["error_code"], 5);
    assert!(get(&lab, "vk.com", "/club").await.unwrap().contains("заблокирован"));
}

#[tokio::test(start_paused = true)]
async fn the_platform_takes_three_calls_a_second() {
    let lab = Lab::new();
    lab.vk().community("club");
    let call = || api(&lab, None, "t", "groups.getById", "v=5.131&group_id=club");
    let (a, b, c, d) = tokio::join!(call(), call(), call(), call());
    let errors = [a, b, c, d].iter().filter(|answer| answer["error"]["error_code"] == 6).count();
    assert_eq!(errors, 1);
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_the_labs_and_can_be_skewed() {
    let lab = Lab::new();
    assert_eq!(lab.client().wall(), byway_lab::lab_epoch());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(lab.client().wall(), byway_lab::lab_epoch() + Duration::from_secs(5));
    lab.client().wall_clock(std::time::SystemTime::UNIX_EPOCH);
    assert_eq!(lab.client().wall(), std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_listener_on_loopback_is_reached_until_it_is_dropped() {
    let lab = Lab::new();
    let net = lab.client();
    let listener = net.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let at = listener.local_addr().unwrap();
    let mut near = net.connect(at).await.unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    near.write_all(b"hi").await.unwrap();
    far.read_exact(&mut [0; 2]).await.unwrap();
    drop(listener);
    assert_eq!(net.connect(at).await.map(drop).unwrap_err().raw_os_error(), Some(111));
}
