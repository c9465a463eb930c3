//! What must hold for every access.

use std::collections::BTreeSet;
use std::net::IpAddr;

use byway::Exposure;
use byway::internals::reach::{Attempt, AttemptId, Outcome, VerdictCode};
use byway::internals::transport::Strategy;
use byway_lab::What;

use crate::access::Ended;
use crate::world::{Access, SITE, truth};

/// Everything that does not hold.
pub(crate) fn broken(ended: &Ended) -> Vec<String> {
    let mut broken = Vec::new();
    if ended.took.is_none() {
        broken.push("it did not end within its time".to_owned());
    }
    if ended.sockets > 0 || ended.tasks > 0 {
        broken.push(format!("{} sockets and {} tasks are left", ended.sockets, ended.tasks));
    }
    broken.extend(wrong_page(ended));
    broken.extend(wrong_community(ended));
    broken.extend(wrong_verdict(ended));
    broken.extend(shown(ended));
    broken.extend(sent(ended));
    broken
}

/// A page is the true one of the host that its URL names, byte for byte. In cleartext it may be what a middlebox sent,
/// and then no verdict claims that it was proved.
fn wrong_page(ended: &Ended) -> Option<String> {
    let page = ended.page.as_ref()?;
    let (host, path) = (page.url.host_str()?, page.url.path());
    let true_page = truth(host, path).is_some_and(|body| body == page.body);
    if page.url.scheme() == "https" {
        let hop = ended.attempts().iter().filter(|attempt| attempt.outcome == Outcome::Proven).max_by_key(|a| a.hop);
        if hop.is_some_and(|attempt| !attempt.proved_name) {
            return Some(format!("{} was not proved to be {host}", page.url));
        }
    }
    let from_between = page.url.scheme() == "http" && (somebody_is_between(ended));
    let redirect = page.status.is_redirection();
    (!true_page && !from_between && !redirect).then(|| {
        let begins = String::from_utf8_lossy(&page.body[..page.body.len().min(60)]).into_owned();
        format!("not the page of {}: {} bytes, {begins:?}", page.url, page.body.len())
    })
}

/// Who can answer a cleartext request instead of the host.
fn somebody_is_between(ended: &Ended) -> bool {
    ended.world.portal || ended.world.system_lies || ended.world.other_lies || ended.log.censored() > 0
}

/// A community is read as its platform states it. VK names a deleted one `DELETED`, which is not its name: its number
/// replaces it, and nothing that it published is read.
fn wrong_community(ended: &Ended) -> Option<String> {
    let (name, posts) = ended.community.as_ref()?;
    let deleted = ended.world.told.iter().any(|line| line == "VK has deleted it");
    let as_stated = if deleted {
        name == "club1000" && posts.is_empty()
    } else {
        name == "The club" && (posts.is_empty() || posts == &["hello"])
    };
    (!as_stated).then(|| format!("not the community: {name}, {posts:?}, deleted: {deleted}"))
}

fn wrong_verdict(ended: &Ended) -> Option<String> {
    let verdict = ended.verdict()?;
    let weights = verdict.weights;
    let all = [weights.blocked, weights.down, weights.ok];
    if (all.iter().sum::<f32>() - 1.0).abs() > 1e-3 || all.iter().any(|weight| !(0.0..=1.0).contains(weight)) {
        return Some(format!("weights {weights:?}"));
    }
    let attempts = ended.attempts();
    let named = |id: &AttemptId| attempts.iter().filter(|attempt| attempt.id == *id).count();
    if !verdict.evidence.iter().all(|id| named(id) == 1) || !attempts.iter().all(|attempt| named(&attempt.id) == 1) {
        return Some(format!("evidence {:?} of {} attempts", verdict.evidence, attempts.len()));
    }
    if verdict.code == VerdictCode::Reachable && !attempts.iter().any(|attempt| attempt.outcome == Outcome::Proven) {
        return Some("reachable, and nothing was proved".to_owned());
    }
    if verdict.code == VerdictCode::Offline && !ended.world.offline {
        return offline_in_vain(ended);
    }
    if verdict.code == VerdictCode::CaptivePortal && !ended.world.portal {
        return Some("a portal that does not exist".to_owned());
    }
    verdict.code.blames().then(|| false_blame(ended, verdict.code)).flatten()
}

/// "No network" although there is one is a false statement about the network; a phone without the host's address family
/// has no network for this host.
fn offline_in_vain(ended: &Ended) -> Option<String> {
    let reached = ended.attempts().iter().any(|attempt| attempt.outcome == Outcome::Proven);
    reached.then(|| "offline, and something was read".to_owned())
}

/// A verdict that blames needs a culprit: one that acted on the flows of the verdict, at that layer.
fn false_blame(ended: &Ended, code: VerdictCode) -> Option<String> {
    if code == VerdictCode::WhitelistOnly {
        // It is about the network, and about hosts to which it lets no route connect.
        let rules = ended.log.events().iter().filter_map(|event| match &event.what {
            What::Censored { rule, .. } => Some(rule.clone()),
            _ => None,
        });
        let swallowed = |rule: &str| ["swallow", "reset", "unreachable"].iter().any(|word| rule.contains(word));
        let rules: Vec<String> = rules.collect();
        return (!rules.iter().any(|rule| swallowed(rule))).then(|| format!("false whitelist_only: {rules:?}"));
    }
    let subject = subject(ended)?;
    let of_subject: Vec<&Attempt> = ended.attempts().iter().filter(|attempt| attempt.strategy == subject).collect();
    let deeds = deeds(ended, &subject, &of_subject);
    let fits = |words: &[&str]| deeds.iter().any(|deed| words.iter().any(|word| deed.contains(word)));
    // A liar's address leads to anything that the liar chooses.
    let misled = fits(&["lie", "inject"]);
    let cut = fits(&["reset", "close", "swallow", "refuse", "unreachable", "answer", "forge", "inject"]);
    let justified = match code {
        VerdictCode::DnsTampered => misled || fits(&["query"]),
        VerdictCode::TcpBlocked => misled || cut,
        VerdictCode::TlsInterfered | VerdictCode::HttpInterfered => misled || cut || fits(&["freeze", "delay", "rate"]),
        VerdictCode::TlsMitm => misled || fits(&["forge"]),
        VerdictCode::BlockPage => misled || fits(&["answer"]),
        VerdictCode::Legal451 => fits(&["answer"]),
        VerdictCode::Frozen => misled || cut || fits(&["freeze", "rate", "delay"]),
        VerdictCode::Throttled => fits(&["rate", "delay", "freeze"]),
        VerdictCode::PlatformBlocked => ended.world.told.iter().any(|line| line.contains("VK hides")),
        _ => false,
    };
    (!justified)
        .then(|| format!("false {}: of the flows of {} this is known: {deeds:?}", code.code(), subject.redacted()))
}

/// The strategy that the verdict is about: the first allowed one.
fn subject(ended: &Ended) -> Option<Strategy> {
    let ways = ended.world.ways.iter().map(|way| way.url.parse::<Strategy>().unwrap());
    ways.into_iter().find(|way| way.is_allowed_by(ended.world.exposure))
}

/// What was done to the flows and queries of one strategy, in the lab's words.
fn deeds(ended: &Ended, subject: &Strategy, of_subject: &[&Attempt]) -> BTreeSet<String> {
    let mut deeds = BTreeSet::new();
    let way = ended.world.ways.iter().find(|way| way.url.parse::<Strategy>().as_ref() == Ok(subject));
    let Some(way) = way else { return deeds };
    let addresses: BTreeSet<IpAddr> = of_subject
        .iter()
        .flat_map(|attempt| attempt.address.into_iter().chain(attempt.answers.iter().copied()))
        .chain(way.socket.as_ref().and_then(|socket| socket.parse::<std::net::SocketAddr>().ok()).map(|to| to.ip()))
        .collect();
    for event in ended.log.events() {
        let What::Censored { rule, to } = &event.what else { continue };
        // A proxy behind the censor meets it on its own connections.
        let is_query = rule.contains("query=") || to.port() == 53;
        let behind = way.socket.as_deref().is_some_and(|socket| socket.starts_with("198.51.100.13"));
        if addresses.contains(&to.ip()) || is_query && way.socket.is_none() || behind {
            deeds.insert(if is_query { format!("query: {rule}") } else { rule.clone() });
        }
    }
    let lies = if way.other_resolver { ended.world.other_lies } else { ended.world.system_lies };
    let site = !matches!(ended.world.access, Access::Open);
    if way.socket.is_none() && lies && site {
        deeds.insert(format!("lie about {SITE}"));
    }
    deeds
}

/// Packets go only to whom the exposure and the strategies allow.
fn shown(ended: &Ended) -> Option<String> {
    let world = &ended.world;
    let allowed: Vec<_> = world
        .ways
        .iter()
        .filter(|way| way.url.parse().is_ok_and(|way: Strategy| way.is_allowed_by(world.exposure)))
        .collect();
    if allowed.iter().any(|way| way.socket.is_none()) {
        return (world.exposure != Exposure::Open).then(|| "a direct way is allowed".to_owned());
    }
    let sockets: BTreeSet<&str> = allowed.iter().filter_map(|way| way.socket.as_deref()).collect();
    let strangers = ended.packets.events().iter().filter(|event| match &event.what {
        What::Connect { to } => !sockets.contains(to.to_string().as_str()),
        _ => true,
    });
    let strangers: Vec<String> = strangers.map(ToString::to_string).collect();
    (!strangers.is_empty()).then(|| format!("shown to {strangers:?}"))
}

/// Credentials stay at their origin, and a request that may be sent once is sent once.
fn sent(ended: &Ended) -> Option<String> {
    let Access::Fetch { url, once, .. } = &ended.world.access else { return None };
    let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
    let mut posts = 0;
    for event in ended.log.events() {
        let What::Request { method, url, credentials, .. } = &event.what else { continue };
        if *credentials && !url.starts_with(&origin) {
            return Some(format!("credentials for {origin} went to {url}"));
        }
        posts += usize::from(method == "POST" && url.contains(SITE));
    }
    (*once && posts > 1).then(|| format!("sent {posts} times"))
}
