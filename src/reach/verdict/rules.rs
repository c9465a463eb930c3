//! The table of rules, in the order in which they are asked.
//!
//! Order carries meaning: what somebody states (the platform, a law, a block page) comes before what is inferred; what
//! concerns us (no network, our own route) before what concerns the host; a false address before the failures it
//! causes; and within a layer the comparison with another vantage before the case without one.

use super::facts::{Facts, How, RouteFault, Sign};
use super::{Code, Layer, Weights, is_bogon};
use crate::reach::{Attempt, Finding, Statement};
use crate::transport::{Cause, CertificateFault, Stage};

/// One rule. Its id is stable: programs and reports may refer to it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The stable id.
    pub id: &'static str,
    /// The verdict's code.
    pub code: Code,
    /// The verdict's layer.
    pub layer: Option<Layer>,
    /// Why this is concluded, for the documentation.
    pub why: &'static str,
    pub(super) applies: fn(&Facts<'_>) -> Option<Found>,
}

/// What a rule that applies has found.
pub(super) struct Found {
    pub(super) evidence: Vec<usize>,
    pub(super) weights: Weights,
    pub(super) statement: Option<Statement>,
}

/// Evidence with weights in hundredths: blocked, down; the rest is ok.
fn found(evidence: impl IntoIterator<Item = usize>, blocked: u8, down: u8) -> Found {
    let mut evidence: Vec<usize> = evidence.into_iter().collect();
    evidence.sort_unstable();
    evidence.dedup();
    Found { evidence, weights: Weights::of(blocked, down), statement: None }
}

const fn rule(
    id: &'static str,
    code: Code,
    layer: Option<Layer>,
    why: &'static str,
    applies: fn(&Facts<'_>) -> Option<Found>,
) -> Rule {
    Rule { id, code, layer, why, applies }
}

/// The rules, in their order. The first that applies gives the verdict; the last applies to everything.
pub static RULES: &[Rule] = &[
    // What is stated.
    rule(
        "platform.gone",
        Code::Gone,
        Some(Layer::Platform),
        "The platform says, over a connection that proved its name, that the community was deleted (N18).",
        |f| f.case.context.gone.then(|| found(f.subject.iter().copied(), 0, 100)),
    ),
    rule(
        "nothing.tried",
        Code::Unknown,
        None,
        "Nothing was tried by this strategy, or our own rules forbade it.",
        |f| f.only_forbidden().then(|| found(f.subject.iter().copied(), 34, 33)),
    ),
    rule(
        "platform.notice.other_country",
        Code::PlatformBlocked,
        Some(Layer::Platform),
        "The platform answers with a notice here and with the content elsewhere (N17): it hides it for this place.",
        |f| stated(f, platform, 97, 0).and_then(|s| with(s, f.read_otherwise())),
    ),
    rule(
        "platform.notice.everywhere",
        Code::PlatformBlocked,
        Some(Layer::Platform),
        "The platform answers with a notice here and from another country: it hides it altogether.",
        |f| stated(f, platform, 97, 0).and_then(|s| with(s, f.found_abroad(|finding| platform(finding).is_some()))),
    ),
    rule(
        "platform.notice",
        Code::PlatformBlocked,
        Some(Layer::Platform),
        "The platform answers with a notice in the place of the content; no other country was compared. A route that leaves \
         in the same country repeats it and disproves nothing.",
        |f| stated(f, platform, 97, 0),
    ),
    rule(
        "http.redirect.other_vantage",
        Code::HttpInterfered,
        Some(Layer::Http),
        "A cleartext answer redirects in circles or to where nobody may be led, and another way gets the content: somebody on the \
         way can have written it.",
        |f| if f.subject_is_proved() || !f.case.context.read_otherwise { None } else { astray(f, 65, 25) },
    ),
    rule(
        "redirect.here",
        Code::Unknown,
        Some(Layer::Http),
        "The host redirects this network in circles or to nowhere, and not another: a rule of its own or a block.",
        |f| if f.case.context.read_otherwise { astray(f, 35, 35) } else { None },
    ),
    rule(
        "redirect.nowhere",
        Code::OriginFault,
        Some(Layer::Http),
        "The host answers, and its redirects lead nowhere (N24).",
        |f| astray(f, 5, 90),
    ),
    // What works.
    rule(
        "throttled.handshake.other_vantage",
        Code::Throttled,
        Some(Layer::Network),
        "It was read, but the first byte took four seconds or more here and less than half of that by another network at the \
         same time, over the same uplink (N10).",
        |f| slower(f, 4.0, |attempt| attempt.first_byte.map(|time| time.as_secs_f64())),
    ),
    rule(
        "throttled.rate.other_vantage",
        Code::Throttled,
        Some(Layer::Network),
        "It was read, but at less than 20 kB/s over more than 32 kB, and more than twice as fast by another network (N10).",
        |f| slower(f, 1.0 / 20_000.0, seconds_per_byte),
    ),
    rule("reachable", Code::Reachable, None, "What was asked for came, on one of the host's addresses.", |f| {
        let proven = f.subject_with(|sign| sign == Sign::Proven);
        (!proven.is_empty()).then(|| found(proven, 1, 1))
    }),
    // The network as a whole.
    rule(
        "offline",
        Code::Offline,
        Some(Layer::Network),
        "Nothing anywhere answered, and every attempt says that there is no route: by this device's own error numbers, or by \
         two first hops that agree (N13).",
        |f| f.no_network().map(|evidence| found(evidence, 3, 95)),
    ),
    rule(
        "portal",
        Code::CaptivePortal,
        Some(Layer::Network),
        "The network wants a login before it lets anything through (HTTP 511, RFC 6585, or a redirect into the local network).",
        |f| some(f.portals(), 5, 90),
    ),
    // What an answer says.
    rule(
        "http.451.other_vantage",
        Code::Legal451,
        Some(Layer::Http),
        "The answer is HTTP 451 (RFC 7725) here, and the content elsewhere.",
        |f| stated(f, legal, 98, 0).and_then(|s| with(s, f.read_otherwise())),
    ),
    rule(
        "http.451",
        Code::Legal451,
        Some(Layer::Http),
        "The answer is HTTP 451 (RFC 7725), on every vantage there is.",
        |f| stated(f, legal, 97, 0),
    ),
    rule(
        "http.block_page.other_vantage",
        Code::BlockPage,
        Some(Layer::Http),
        "A page known by its fingerprint stands here in the host's place, and the content elsewhere.",
        |f| stated(f, block_page, 98, 0).and_then(|s| with(s, f.read_otherwise())),
    ),
    rule(
        "http.block_page",
        Code::BlockPage,
        Some(Layer::Http),
        "A page known by its fingerprint stands in the host's place. It states the block itself; no other vantage is needed.",
        |f| stated(f, block_page, 95, 0),
    ),
    // Our own route.
    rule(
        "route.login",
        Code::RouteFailed,
        Some(Layer::Route),
        "The proxy wants a login, or does not accept ours (N19).",
        |f| route(f, |fault| fault == RouteFault::Login, 98),
    ),
    rule(
        "route.garbage",
        Code::RouteFailed,
        Some(Layer::Route),
        "What answers at the proxy's address does not speak its protocol, or cannot prove its name.",
        |f| route(f, |fault| fault == RouteFault::Garbage, 95),
    ),
    rule(
        "route.astray",
        Code::RouteFailed,
        Some(Layer::Route),
        "The proxy says that it has reached the host, and what it leads to does not speak TLS; no other vantage meets such a \
         thing. A proxy that answers in the host's place lies (N19).",
        |f| f.led_astray().map(|evidence| found(evidence, 10, 85)),
    ),
    rule(
        "route.reply",
        Code::RouteFailed,
        Some(Layer::Route),
        "The proxy says that it could not or would not, and does not blame the host.",
        |f| route(f, |fault| fault == RouteFault::Reply, 90),
    ),
    rule(
        "route.dead",
        Code::RouteFailed,
        Some(Layer::Route),
        "The proxy's own address cannot be reached. That says nothing about the host behind it.",
        |f| route(f, |fault| fault == RouteFault::Dead, 95),
    ),
    rule(
        "route.silent",
        Code::RouteFailed,
        Some(Layer::Route),
        "The proxy took the connection and did not answer: it is slow (a Tor that is still building circuits), or the host \
         behind it is; no other vantage failed at the host.",
        |f| if f.down_elsewhere().is_some() { None } else { route(f, |fault| fault == RouteFault::Silent, 85) },
    ),
    // False addresses.
    rule(
        "dns.bogon.true_address",
        Code::DnsTampered,
        Some(Layer::Dns),
        "The resolver gives an address that no public name has; another resolver gives one that completes TLS for the name.",
        |f| {
            bogon(f)
                .and_then(|s| some([s, f.true_addresses()].concat(), 97, 1).filter(|_| !f.true_addresses().is_empty()))
        },
    ),
    rule(
        "dns.bogon.other_vantage",
        Code::DnsTampered,
        Some(Layer::Dns),
        "The resolver gives an address that no public name has, and an independent vantage reaches the host.",
        |f| bogon(f).and_then(|s| compared(s, f.reached_elsewhere(), 95, 3)),
    ),
    rule(
        "dns.bogon",
        Code::Unknown,
        Some(Layer::Dns),
        "The resolver gives an address that no public name has, and there is nothing to compare it with: a censor, a filter at \
         home, or a name of a private network.",
        |f| bogon(f).and_then(|s| some(s, 60, 35)),
    ),
    rule(
        "dns.no_answer.true_address",
        Code::DnsTampered,
        Some(Layer::Dns),
        "The resolver denies the name or does not answer; another resolver gives an address that completes TLS for the name.",
        |f| no_name(f).and_then(|s| compared(s, f.true_addresses(), 92, 6)),
    ),
    rule(
        "dns.no_answer.other_vantage",
        Code::DnsTampered,
        Some(Layer::Dns),
        "The resolver denies the name or does not answer, and an independent vantage, which resolves it elsewhere, reaches \
         the host. A resolver that is merely broken looks the same where it gives no reason; the weights say so.",
        |f| {
            let blocked = match f.said()? {
                Sign::Name(Some(Cause::NxDomain)) => 88,
                Sign::Name(Some(Cause::Rcode { .. } | Cause::NoAddress)) => 75,
                _ => 65,
            };
            no_name(f).and_then(|s| compared(s, f.reached_elsewhere(), blocked, 97 - blocked))
        },
    ),
    rule(
        "dns.wrong_certificate.true_address",
        Code::DnsTampered,
        Some(Layer::Dns),
        "At the address that the resolver gives, somebody answers who cannot prove the name; another resolver gives an address \
         where it is proved.",
        |f| {
            let Sign::Certificate(fault) = f.said()? else { return None };
            let clock = matches!(fault, CertificateFault::Expired | CertificateFault::NotYetValid);
            (!clock && other_answer(f))
                .then_some(f.primary)
                .flatten()
                .and_then(|s| compared(vec![s], f.true_addresses(), 93, 5))
        },
    ),
    rule(
        "dns.dead_address.true_address",
        Code::DnsTampered,
        Some(Layer::Dns),
        "The address that the resolver gives does not work; another resolver gives one where the name is proved, and nothing \
         shows that the first is the host's. A stale or distant answer looks the same; the weights say so.",
        |f| {
            let Sign::Cut(..) = f.said()? else { return None };
            (!f.only_dead_ipv6() && other_answer(f))
                .then_some(f.primary)
                .flatten()
                .and_then(|s| compared(vec![s], f.true_addresses(), 78, 17))
        },
    ),
    rule(
        "dns.no_answer.everywhere",
        Code::OriginDown,
        Some(Layer::Dns),
        "The name is not resolved here, and vantages elsewhere cannot reach the host either.",
        |f| no_name(f).and_then(|s| f.down_elsewhere().map(|down| found([s, down].concat(), 10, 88))),
    ),
    rule(
        "dns.no_answer",
        Code::Unknown,
        Some(Layer::Dns),
        "The name is not resolved, and no independent vantage was asked: a name that does not exist, a resolver that is out of \
         order, or a block.",
        |f| {
            let blocked =
                if matches!(f.said()?, Sign::Name(Some(Cause::NxDomain | Cause::NoAddress))) { 35 } else { 45 };
            no_name(f).and_then(|s| some(s, blocked, 97 - blocked))
        },
    ),
    // Certificates.
    rule(
        "clock.two_hosts",
        Code::OriginFault,
        Some(Layer::Tls),
        "Certificates of two different hosts are out of their time by this device's clock, and none is in it: the clock is \
         wrong, not the hosts (N13).",
        |f| if matches!(f.said()?, Sign::Certificate(_)) { some(f.two_clocks(), 2, 95) } else { None },
    ),
    rule(
        "tls.certificate.other_vantage",
        Code::TlsMitm,
        Some(Layer::Tls),
        "The certificate here does not prove the host, and another vantage sees one that does, by the same clock (N4).",
        |f| {
            let Sign::Certificate(fault) = f.said()? else { return None };
            let blocked = match fault {
                CertificateFault::UnknownIssuer | CertificateFault::WrongName => 93,
                // One server of many with a forgotten certificate is as old as certificates.
                CertificateFault::Expired | CertificateFault::NotYetValid | CertificateFault::Unusable => 70,
            };
            compared(f.subject_with(certificate), f.proved_against(), blocked, 97 - blocked)
        },
    ),
    rule(
        "clock.not_yet_valid",
        Code::OriginFault,
        Some(Layer::Tls),
        "The certificate's time has not begun by this device's clock: hosts seldom err so, clocks often do (N13).",
        |f| {
            some(f.subject_with(|sign| sign == Sign::Certificate(CertificateFault::NotYetValid)), 3, 94)
                .filter(|_| f.said().is_some_and(certificate))
        },
    ),
    rule(
        "origin.certificate.expired_or_clock",
        Code::OriginFault,
        Some(Layer::Tls),
        "The certificate's time is over by this device's clock, and no vantage sees another: the host's fault (N24), or the \
         clock's (N13).",
        |f| match f.said()? {
            Sign::Certificate(CertificateFault::Expired) => {
                some([f.subject_with(certificate), f.certificates_elsewhere()].concat(), 5, 92)
            }
            _ => None,
        },
    ),
    rule(
        "origin.certificate.everywhere",
        Code::OriginFault,
        Some(Layer::Tls),
        "The certificate does not prove the host, on any vantage: the host's own fault (N24).",
        |f| {
            if f.said().is_some_and(certificate) {
                compared(f.subject_with(certificate), f.certificates_elsewhere(), 5, 92)
            } else {
                None
            }
        },
    ),
    rule(
        "origin.certificate",
        Code::OriginFault,
        Some(Layer::Tls),
        "The certificate does not prove the host, and no vantage shows a better one. It is not continued on; whether it is \
         forged cannot be told.",
        |f| if f.said().is_some_and(certificate) { some(f.subject_with(certificate), 45, 52) } else { None },
    ),
    // TCP.
    rule(
        "tcp.ipv6",
        Code::Unknown,
        Some(Layer::Network),
        "Only IPv6 addresses were tried, and nothing shows that IPv6 works here: a broken IPv6 at home looks like blocking.",
        |f| if f.only_dead_ipv6() { some(f.subject.clone(), 20, 70) } else { None },
    ),
    rule(
        "tcp.local",
        Code::OriginDown,
        Some(Layer::Tcp),
        "The user named a host on this device or in this network, and it does not answer there: no censor sits in between.",
        |f| {
            let address = f.attempt(f.primary?)?.address?;
            let cut = matches!(f.said()?, Sign::Cut(Stage::Tcp, _));
            (cut && f.case.context.local_destination && is_bogon(address)).then(|| found(f.primary, 3, 95))
        },
    ),
    rule(
        "tcp.reset.other_vantage",
        Code::TcpBlocked,
        Some(Layer::Tcp),
        "Connections to the address are reset here, and an independent vantage reaches the host.",
        |f| cut_here(f, Stage::Tcp, &[How::Reset, How::Closed, How::Garbage, How::Alert], 90),
    ),
    rule(
        "tcp.refused.other_vantage",
        Code::TcpBlocked,
        Some(Layer::Tcp),
        "Connections to the address are refused here, and an independent vantage reaches the host.",
        |f| cut_here(f, Stage::Tcp, &[How::Refused], 80),
    ),
    rule(
        "tcp.unreachable.other_vantage",
        Code::TcpBlocked,
        Some(Layer::Tcp),
        "The address is said to be unreachable here, and an independent vantage reaches the host.",
        |f| cut_here(f, Stage::Tcp, &[How::Unreachable], 80),
    ),
    rule(
        "tcp.silence.other_vantage",
        Code::TcpBlocked,
        Some(Layer::Tcp),
        "Connections to the address are not answered here for three seconds, and an independent vantage reaches the host.",
        |f| cut_here(f, Stage::Tcp, &[How::Silence], 85),
    ),
    rule(
        "tcp.everywhere",
        Code::OriginDown,
        Some(Layer::Tcp),
        "No connection to the host is made, here or from another network in another country.",
        |f| cut_everywhere(f, Stage::Tcp, 8, 90),
    ),
    rule(
        "tcp.cut",
        Code::Unknown,
        Some(Layer::Tcp),
        "No connection to the host is made, and no independent vantage could be compared: blocked or down.",
        |f| cut_alone(f, Stage::Tcp),
    ),
    // TLS.
    rule(
        "tls.reset.other_vantage",
        Code::TlsInterfered,
        Some(Layer::Tls),
        "The connection is reset when the ClientHello names the host, and an independent vantage completes TLS with it (N3).",
        |f| cut_here(f, Stage::Tls, &[How::Reset], 95),
    ),
    rule(
        "tls.closed.other_vantage",
        Code::TlsInterfered,
        Some(Layer::Tls),
        "The connection is closed when the ClientHello names the host, and an independent vantage completes TLS with it (N3).",
        |f| cut_here(f, Stage::Tls, &[How::Closed], 88),
    ),
    rule(
        "tls.silence.other_vantage",
        Code::TlsInterfered,
        Some(Layer::Tls),
        "The ClientHello that names the host is swallowed, and an independent vantage completes TLS with it (N3).",
        |f| cut_here(f, Stage::Tls, &[How::Silence], 90),
    ),
    rule(
        "tls.garbage.other_vantage",
        Code::TlsInterfered,
        Some(Layer::Tls),
        "Something that is not TLS answers the ClientHello, and an independent vantage completes TLS with the host.",
        |f| cut_here(f, Stage::Tls, &[How::Garbage, How::Refused, How::Unreachable], 85),
    ),
    rule(
        "tls.alert",
        Code::Unknown,
        Some(Layer::Tls),
        "The ClientHello is answered with an alert here and not elsewhere: hosts do that to some clients, and so can a censor.",
        |f| cut_here(f, Stage::Tls, &[How::Alert], 45),
    ),
    rule(
        "tls.alert.everywhere",
        Code::OriginFault,
        Some(Layer::Tls),
        "The host refuses TLS with an alert, and no vantage does better.",
        |f| match f.said()? {
            Sign::Cut(Stage::Tls, How::Alert) => {
                f.down_elsewhere().map(|down| found(down.into_iter().chain(f.primary), 8, 90))
            }
            _ => None,
        },
    ),
    rule(
        "tls.everywhere",
        Code::OriginDown,
        Some(Layer::Tls),
        "TLS with the host is not completed, here or from another network in another country.",
        |f| cut_everywhere(f, Stage::Tls, 10, 88),
    ),
    rule(
        "tls.cut",
        Code::Unknown,
        Some(Layer::Tls),
        "The connection is cut in the TLS handshake, and no independent vantage could be compared: blocked or down. An address \
         that accepts connections and then cuts them when a name is said leans to blocked.",
        |f| cut_alone(f, Stage::Tls),
    ),
    // The talk.
    rule(
        "http.reset.other_vantage",
        Code::HttpInterfered,
        Some(Layer::Http),
        "The connection is reset when a cleartext request is sent, and an independent vantage gets its answer (N3).",
        |f| talk_cut(f, false, Stage::FirstByte, &[How::Reset], 93),
    ),
    rule(
        "http.closed.other_vantage",
        Code::HttpInterfered,
        Some(Layer::Http),
        "The connection is closed when a cleartext request is sent, and an independent vantage gets its answer (N3).",
        |f| talk_cut(f, false, Stage::FirstByte, &[How::Closed, How::Garbage], 85),
    ),
    rule(
        "http.silence.other_vantage",
        Code::HttpInterfered,
        Some(Layer::Http),
        "A cleartext request is swallowed, and an independent vantage gets its answer (N3).",
        |f| talk_cut(f, false, Stage::FirstByte, &[How::Silence], 85),
    ),
    rule(
        "http.body_reset.other_vantage",
        Code::HttpInterfered,
        Some(Layer::Http),
        "A cleartext answer is reset or closed in its middle, and an independent vantage gets all of it.",
        |f| talk_cut(f, false, Stage::Progress, &[How::Reset, How::Closed, How::Garbage], 80),
    ),
    rule(
        "tls.after_handshake.reset.other_vantage",
        Code::TlsInterfered,
        Some(Layer::Tls),
        "TLS is completed, then the connection is reset or closed, and an independent vantage gets the answer: nobody on the \
         way can read the request, so that it is the connection that is cut.",
        |f| {
            talk_cut(f, true, Stage::FirstByte, &[How::Reset, How::Closed, How::Garbage], 82)
                .or_else(|| talk_cut(f, true, Stage::Progress, &[How::Reset, How::Closed, How::Garbage], 78))
        },
    ),
    rule(
        "tls.after_handshake.silence.other_vantage",
        Code::TlsInterfered,
        Some(Layer::Tls),
        "TLS is completed, then no byte comes, and an independent vantage gets the answer (N15).",
        |f| talk_cut(f, true, Stage::FirstByte, &[How::Silence], 78),
    ),
    rule(
        "frozen.other_vantage",
        Code::Frozen,
        Some(Layer::Network),
        "The first part of the answer comes and the rest does not, without a reset, and an independent vantage gets all of it (N6).",
        |f| {
            talk_cut(f, true, Stage::Progress, &[How::Silence], 88)
                .or_else(|| talk_cut(f, false, Stage::Progress, &[How::Silence], 88))
        },
    ),
    rule(
        "http.everywhere",
        Code::OriginDown,
        Some(Layer::Http),
        "The host takes connections and does not answer, here or from another network in another country.",
        |f| cut_everywhere(f, Stage::FirstByte, 8, 90).or_else(|| cut_everywhere(f, Stage::Progress, 8, 90)),
    ),
    rule(
        "http.cut",
        Code::Unknown,
        Some(Layer::Http),
        "The request is not answered, or not to its end, and no independent vantage could be compared: blocked or down.",
        |f| cut_alone(f, Stage::FirstByte).or_else(|| cut_alone(f, Stage::Progress)),
    ),
    // Faulty answers.
    rule(
        "origin.fault.here",
        Code::Unknown,
        Some(Layer::Http),
        "The host answers with a fault here and with the content elsewhere: a CDN's challenge, an overload, a rule against this \
         network. That is no block page and no proof of one.",
        |f| origin_fault(f).and_then(|s| compared(s, f.read_otherwise(), 35, 35)),
    ),
    rule(
        "origin.fault",
        Code::OriginFault,
        Some(Layer::Http),
        "The host answers with a fault of its own, and no vantage gets a better answer (N24).",
        |f| {
            origin_fault(f).and_then(|s| {
                some([s, f.found_abroad(|finding| matches!(finding, Finding::OriginFault { .. }))].concat(), 5, 90)
            })
        },
    ),
    // What says nothing.
    rule(
        "not_waited_for",
        Code::Unknown,
        None,
        "It was given up before its silence meant anything: another route was faster.",
        |f| {
            let waiting: Vec<usize> =
                (0..f.case.subject.len()).filter(|index| f.sign(*index) == Sign::Waiting).collect();
            some(waiting, 25, 25)
        },
    ),
    rule("unknown", Code::Unknown, None, "No rule tells what it is: blocked or down.", |f| {
        Some(found(f.subject.iter().copied(), 45, 50))
    }),
];

/// The subject's redirects, if they lead nowhere.
fn astray(f: &Facts<'_>, blocked: u8, down: u8) -> Option<Found> {
    f.case.context.redirect_fault.then(|| found(f.subject.iter().copied(), blocked, down))
}

/// The evidence, if there is any.
fn some(evidence: Vec<usize>, blocked: u8, down: u8) -> Option<Found> {
    (!evidence.is_empty()).then(|| found(evidence, blocked, down))
}

/// What was seen here and what was seen elsewhere, if there is either.
fn compared(here: Vec<usize>, elsewhere: Vec<usize>, blocked: u8, down: u8) -> Option<Found> {
    (!here.is_empty() && !elsewhere.is_empty()).then(|| found(here.into_iter().chain(elsewhere), blocked, down))
}

/// The same conclusion with more evidence, if there is more.
fn with(found: Found, more: Vec<usize>) -> Option<Found> {
    let mut evidence = [found.evidence, more.clone()].concat();
    evidence.sort_unstable();
    evidence.dedup();
    (!more.is_empty()).then_some(Found { evidence, ..found })
}

fn platform(finding: &Finding) -> Option<&Statement> {
    if let Finding::PlatformBlocked(statement) = finding { Some(statement) } else { None }
}

fn legal(finding: &Finding) -> Option<&Statement> {
    if let Finding::Legal451(statement) = finding { Some(statement) } else { None }
}

fn block_page(finding: &Finding) -> Option<&Statement> {
    if let Finding::BlockPage { statement, .. } = finding { Some(statement) } else { None }
}

/// The subject was answered with a statement of this kind, and that is the last that it was told.
fn stated(f: &Facts<'_>, kind: fn(&Finding) -> Option<&Statement>, blocked: u8, down: u8) -> Option<Found> {
    let evidence = f.subject_with(|sign| matches!(sign, Sign::Found(finding) if kind(finding).is_some()));
    let last = *evidence.last()?;
    if f.subject_with(|sign| sign == Sign::Proven).last().is_some_and(|proven| *proven > last) {
        return None;
    }
    let statement = if let Sign::Found(finding) = f.sign(last) { kind(finding).cloned() } else { None };
    Some(Found { statement, ..found(evidence, blocked, down) })
}

/// Our own route failed so, and nothing on it came farther.
fn route(f: &Facts<'_>, kind: fn(RouteFault) -> bool, down: u8) -> Option<Found> {
    match f.said()? {
        Sign::Route(fault) if kind(fault) => some(f.subject_with(|sign| matches!(sign, Sign::Route(_))), 2, down),
        _ => None,
    }
}

/// The subject did not get anywhere, and was given nothing but addresses that no public name has.
fn bogon(f: &Facts<'_>) -> Option<Vec<usize>> {
    (f.only_bogons() && f.primary.is_some()).then(|| f.subject.clone())
}

/// The subject goes straight to a host and did not get beyond its name.
fn no_name(f: &Facts<'_>) -> Option<Vec<usize>> {
    (f.looks_up() && matches!(f.said()?, Sign::Name(_))).then(|| f.subject_with(|sign| matches!(sign, Sign::Name(_))))
}

/// The subject's addresses may be somebody else's.
fn other_answer(f: &Facts<'_>) -> bool {
    f.looks_up() && !f.was_given_a_true_address()
}

fn certificate(sign: Sign<'_>) -> bool {
    matches!(sign, Sign::Certificate(_))
}

fn origin_fault(f: &Facts<'_>) -> Option<Vec<usize>> {
    let fault = |sign: Sign<'_>| matches!(sign, Sign::Found(Finding::OriginFault { .. }));
    f.said().is_some_and(fault).then(|| f.subject_with(fault))
}

/// The subject was cut at `stage` in one of these ways, and an independent vantage reached the host.
fn cut_here(f: &Facts<'_>, stage: Stage, hows: &[How], blocked: u8) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, how) if at == stage && hows.contains(&how) => {
            compared(f.primary.into_iter().collect(), f.reached_elsewhere(), blocked, 97 - blocked)
        }
        _ => None,
    }
}

/// The subject was cut at `stage`, in TLS or in cleartext, and an independent vantage got the whole answer.
fn talk_cut(f: &Facts<'_>, tls: bool, stage: Stage, hows: &[How], blocked: u8) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, how) if at == stage && hows.contains(&how) && f.tls() == tls => {
            compared(f.primary.into_iter().collect(), f.read_elsewhere(), blocked, 97 - blocked)
        }
        _ => None,
    }
}

/// The subject was cut at `stage`, and vantages in other networks and countries failed at the host as well.
fn cut_everywhere(f: &Facts<'_>, stage: Stage, blocked: u8, down: u8) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, _) if at == stage => {
            // A vantage that came less far than the subject did does not show the same fault: a host that takes
            // connections here and that a proxy cannot connect to is a contradiction, not a host that is down.
            let as_far = |index: &usize| !matches!(f.sign(*index), Sign::Cut(there, _) if there < stage);
            let elsewhere: Vec<usize> = f.down_elsewhere()?.into_iter().filter(as_far).collect();
            compared(f.primary.into_iter().collect(), elsewhere, blocked, down)
        }
        _ => None,
    }
}

/// The subject was cut at `stage`, and there is nothing to compare.
fn cut_alone(f: &Facts<'_>, stage: Stage) -> Option<Found> {
    match f.said()? {
        Sign::Cut(at, how) if at == stage => {
            let blocked = match (stage, how) {
                (_, How::Refused) => 30,
                (Stage::Tls, How::Reset | How::Silence | How::Closed) => 60,
                _ => 48,
            };
            some(f.primary.into_iter().collect(), blocked, 97 - blocked)
        }
        _ => None,
    }
}

/// The subject's proven attempts are all at least this slow, and an independent vantage is more than twice as fast.
fn slower(f: &Facts<'_>, least: f64, slowness: fn(&Attempt) -> Option<f64>) -> Option<Found> {
    let proven = f.subject_with(|sign| sign == Sign::Proven);
    let of = |index: &usize| f.attempt(*index).and_then(slowness);
    let best = proven
        .iter()
        .map(of)
        .collect::<Option<Vec<f64>>>()?
        .into_iter()
        .reduce(f64::min)
        .filter(|best| *best >= least)?;
    let faster = f.read_elsewhere().into_iter().filter(|index| of(index).is_some_and(|there| there < best / 2.0));
    compared(proven, faster.collect(), 55, 10)
}

/// Seconds for a byte of the body, where enough of them came to say.
fn seconds_per_byte(attempt: &Attempt) -> Option<f64> {
    const ENOUGH: u64 = 32 * 1024;
    let time = attempt.took.checked_sub(attempt.first_byte?)?;
    (attempt.bytes > ENOUGH).then(|| time.as_secs_f64() / attempt.bytes as f64)
}
