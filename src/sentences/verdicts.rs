//! A verdict in one or two sentences: what happened, by which way it was read all the same, and who sees what then.

use std::net::IpAddr;
use std::time::Duration;

use url::Host;

use super::attempts::of_form;
use super::observers::{beside, resolvers, seen_at, stays_here, tried};
use super::{Language, capital, in_language, place, time, way};
use crate::reach::{Attempt, Layer, Outcome, PageDigest, RuleId, Statement, Verdict, VerdictCode};
use crate::source::Platform;
use crate::transport::{Cause, CertificateFault, Failure, Stage, Strategy, is_loopback};

/// What a verdict's sentence is told from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The host that the user asked for.
    pub host: &'a str,
    /// What people call the platform behind the host ("VK"), where it is one.
    pub platform: Option<&'a Platform>,
    /// The strategy that the verdict is about.
    pub subject: &'a Strategy,
    /// By which way an authentic answer came, and how long that way took.
    pub reached: Option<(&'a Strategy, Duration)>,
    /// What was asked for came that way, and not only an answer.
    pub read: bool,
    /// Everything that was tried: what a way hides, an attempt beside it may have shown.
    pub attempts: &'a [Attempt],
    /// The host is spoken to over TLS.
    pub tls: bool,
    /// The device's network is a VPN.
    pub vpn: bool,
    /// The operating system says that the device's network does not lead to the internet.
    pub unvalidated: bool,
}

impl Told<'_> {
    /// A certificate that was met is not valid yet, by this device's clock.
    fn clock_is_behind(&self) -> bool {
        let not_yet = Cause::Certificate { fault: CertificateFault::NotYetValid };
        self.verdict.rule == RuleId::ClockNotYetValid
            || self
                .attempts
                .iter()
                .any(|attempt| matches!(&attempt.outcome, Outcome::Failed(failure) if failure.cause == not_yet))
    }

    /// Whether the clock is behind what a host tells, and by about how much.
    fn clock_is_off(&self, language: Language) -> (bool, String) {
        let ahead = Attempt::clock_ahead_of_all(self.attempts).unwrap_or_default();
        let days = (ahead.unsigned_abs() + DAY / 2) / DAY;
        let by = match (language, days) {
            (Language::En, 0..730) => format!("about {days} {}", if days == 1 { "day" } else { "days" }),
            (Language::En, _) => format!("about {} years", days / 365),
            (Language::Ru, 0..730) => format!("примерно на {days} дн."),
            (Language::Ru, _) => format!("примерно на {} г.", days / 365),
        };
        (ahead < 0, by)
    }

    /// One of the host's addresses that is cut, while another works: said only if what it met is evidence.
    fn cut_address(&self) -> Option<IpAddr> {
        let cut = |code: VerdictCode, layer: Option<Layer>| match code {
            VerdictCode::TcpBlocked | VerdictCode::TlsInterfered | VerdictCode::Frozen => true,
            VerdictCode::Unknown => matches!(layer, Some(Layer::Tcp | Layer::Tls)),
            _ => false,
        };
        let some_work = self.verdict.code == VerdictCode::Reachable;
        let mut addresses = self.verdict.addresses.iter().filter(|_| some_work);
        addresses.find(|address| cut(address.code, address.layer)).map(|address| address.address)
    }

    /// Nothing was reached, and an attempt of the subject's ended with the time that the app gave.
    fn ran_out(&self) -> bool {
        let of_our_time = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(failure) => attempt.strategy == *self.subject && failure.cause.is_our_time(),
            _ => false,
        };
        self.reached.is_none() && self.attempts.iter().any(of_our_time)
    }

    /// The host is this device, of which a way that leads elsewhere is not told.
    fn is_kept_from_proxies(&self) -> bool {
        let this_device = Host::parse(self.host).is_ok_and(|host| is_loopback(&host));
        this_device && !self.subject.reaches_this_device()
    }

    /// A resolver was asked for the host by the subject.
    fn was_looked_up(&self) -> bool {
        let host = |attempt: &Attempt| attempt.destination.host.to_string().trim_end_matches('.') == self.host;
        let of_subject = self.attempts.iter().filter(|attempt| attempt.strategy == *self.subject && host(attempt));
        of_subject.flat_map(|attempt| &attempt.lookups).next().is_some()
    }

    /// Why it stays open: for want of another way, or although others were tried.
    fn untold(&self, language: Language) -> &'static str {
        let sent = |failure: &Failure| !matches!(failure.cause, Cause::Forbidden { .. } | Cause::EchUnavailable);
        let failed = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(failure) => sent(failure),
            Outcome::Refuted(_) => true,
            _ => false,
        };
        let others = self.attempts.iter().any(|attempt| attempt.strategy != *self.subject && failed(attempt));
        match (language, others && self.reached.is_none()) {
            (Language::En, true) => "; the other ways that were tried failed too, so that cannot be told",
            (Language::En, false) => ", that cannot be told without another way",
            (Language::Ru, true) => "другие испробованные пути тоже не помогли, поэтому не понять",
            (Language::Ru, false) => "без другого пути не понять",
        }
    }

    /// What the subject's last attempt that failed at this stage met.
    fn met(&self, stage: Stage) -> Option<&Cause> {
        self.attempts.iter().rev().filter(|attempt| attempt.strategy == *self.subject).find_map(
            |attempt| match &attempt.outcome {
                Outcome::Failed(failure) if failure.stage == stage => Some(&failure.cause),
                _ => None,
            },
        )
    }

    /// What of an answer this program refuses, if that is what ended the subject's last attempt: in English, in Russian.
    fn not_accepted(&self) -> Option<(&'static str, &'static str)> {
        match self.met(Stage::Progress).or_else(|| self.met(Stage::FirstByte))? {
            Cause::NotAccepted { fault } => Some(of_form(*fault)),
            cause @ Cause::Limit { .. } if !cause.is_our_time() => Some(("so large an answer", "такой большой ответ")),
            _ => None,
        }
    }

    /// Something that is not TLS answered in the handshake.
    fn met_no_tls(&self) -> bool {
        matches!(self.met(Stage::Tls), Some(Cause::Malformed { .. }))
    }

    /// What befell the resolvers that the subject names, as a clause.
    fn of_resolvers(&self, language: Language) -> &'static str {
        let (en, ru) = match self.met(Stage::Dns) {
            Some(Cause::Refused) => ("nothing accepts connections there", "соединений там не принимают"),
            Some(Cause::Certificate { .. }) => {
                ("the certificate there does not prove that resolver", "сертификат там этого не доказывает")
            }
            Some(Cause::LookupFailed) => ("its own name is not found", "не находится его собственное имя"),
            Some(Cause::Closed) => ("the connection is closed there", "там закрывают соединение"),
            Some(Cause::Rcode { .. }) => ("it answers with an error", "отвечает он ошибкой"),
            Some(Cause::Malformed { .. } | Cause::Limit { .. }) => {
                ("what comes from there is no DNS answer", "то, что оттуда приходит, не ответ DNS")
            }
            _ => ("it cannot be reached", "до него не добраться"),
        };
        if language == Language::Ru { ru } else { en }
    }

    /// What was read here, and by which other way something else was: each as what a site gives.
    fn two_pages(&self, language: Language) -> (String, String) {
        let Some(pages) = &self.verdict.pages else {
            let (en, ru) = (("one page", "another by another way"), ("одну страницу", "другим путём — другую"));
            let (here, there) = if language == Language::Ru { ru } else { en };
            return (here.to_owned(), there.to_owned());
        };
        let by = way(language, &pages.by);
        let there = page(language, &pages.there);
        let there = if language == Language::Ru { format!("{by} — {there}") } else { format!("{there} {by}") };
        (page(language, &pages.here), there)
    }

    /// Where the verdict holds.
    fn place(&self, language: Language) -> String {
        match language {
            Language::En if stays_here(self.subject, self.host, self.attempts) => "on this device".to_owned(),
            Language::Ru if stays_here(self.subject, self.host, self.attempts) => "на этом устройстве".to_owned(),
            _ => place(language, self.subject, self.vpn),
        }
    }
}

/// What an answer is, as what a site gives. Its words are the peer's, and are quoted.
fn page(language: Language, page: &PageDigest) -> String {
    let PageDigest { status, bytes, title, leads_to, .. } = page;
    match (language, leads_to, title) {
        (Language::En, Some(to), _) => format!("a redirect to {to} (status {status})"),
        (Language::En, None, Some(title)) => format!("a page “{title}” (status {status}, {bytes} bytes)"),
        (Language::En, None, None) => format!("a page without a title (status {status}, {bytes} bytes)"),
        (Language::Ru, Some(to), _) => format!("перенаправление на {to} (код {status})"),
        (Language::Ru, None, Some(title)) => format!("страницу «{title}» (код {status}, {bytes} байт)"),
        (Language::Ru, None, None) => format!("страницу без заголовка (код {status}, {bytes} байт)"),
    }
}

/// The sentence (or two) for a verdict.
pub fn verdict(language: Language, told: &Told<'_>) -> String {
    let what = match language {
        Language::En => english(told),
        Language::Ru => russian(told),
    };
    let by_subject = told.reached.is_some_and(|(way, _)| way == told.subject);
    match then(language, told) {
        // That it answers by a proxy is all in how it was read.
        Some(then) if told.verdict.rule == RuleId::Reachable && by_subject && !told.subject.is_direct() => then,
        Some(then) => format!("{what} {then}"),
        None => what,
    }
}

/// The sentence about the way out, where there is something to say.
fn then(language: Language, told: &Told<'_>) -> Option<String> {
    let Some((strategy, took)) = told.reached else {
        // These say all by themselves: there was nothing to reach, or no network to try it on.
        let complete = matches!(
            told.verdict.code,
            VerdictCode::Reachable
                | VerdictCode::Gone
                | VerdictCode::Offline
                | VerdictCode::CaptivePortal
                | VerdictCode::OriginDown
                | VerdictCode::Unknown
        );
        let stands = told.verdict.code == VerdictCode::WhitelistOnly && told.attempts.is_empty();
        let unread = (!complete).then(|| match language {
            Language::En if stands => "That was found a short while ago; nothing was sent now.".to_owned(),
            Language::Ru if stands => "Это выяснилось совсем недавно; сейчас ничего не отправлено.".to_owned(),
            Language::En => "No way that was tried reads it.".to_owned(),
            Language::Ru => "Прочитать не удалось ни одним из испробованных путей.".to_owned(),
        });
        // Where there is no network, nobody saw anything.
        let seen = tried(language, told.attempts).filter(|_| told.verdict.code != VerdictCode::Offline);
        let no_way_out = told.unvalidated
            && !matches!(told.verdict.code, VerdictCode::Gone | VerdictCode::Offline | VerdictCode::CaptivePortal);
        let no_way_out = no_way_out.then(|| match language {
            Language::En => "This device's system says that the network does not lead to the internet.".to_owned(),
            Language::Ru => "Система этого устройства сообщает, что из этой сети нет выхода в интернет.".to_owned(),
        });
        let vpn = seen.is_some().then(|| vpn(language, told)).flatten();
        return joined([unread, tor_begins(language, told), no_way_out, seen, vpn]);
    };
    let (way, time) = (way(language, strategy), time(language, took));
    let at = told.attempts.iter().rfind(|attempt| attempt.strategy == *strategy && attempt.outcome == Outcome::Proven);
    let seen = seen_at(language, strategy, told.host, told.tls, at);
    let read = match language {
        Language::En if told.read => format!("Read {way} in {time}; {seen}."),
        Language::En => format!("It was asked {way} and answered in {time}; {seen}."),
        Language::Ru if told.read => format!("Прочитано {way} за {time}; {seen}."),
        Language::Ru => format!("Ответ получен {way} за {time}; {seen}."),
    };
    let beside = beside(language, (strategy, told.host, told.tls), at, told.attempts);
    joined([Some(read), beside, vpn(language, told)])
}

/// A Tor beside the way that the verdict is about, which takes connections and has brought nothing yet.
fn tor_begins(language: Language, told: &Told<'_>) -> Option<String> {
    let waits = |attempt: &Attempt| {
        attempt.strategy.is_tor() && attempt.stage == Stage::Proxy && attempt.outcome == Outcome::Pending
    };
    let begins = !told.subject.is_tor() && told.attempts.iter().any(waits);
    begins.then(|| match language {
        Language::En => {
            "Tor runs and may still be building its circuits; nobody waited for that, so try again in a minute."
                .to_owned()
        }
        Language::Ru => {
            "Tor работает и, возможно, ещё строит цепочки; ждать этого не стали, попробуйте через минуту.".to_owned()
        }
    })
}

/// Who stands in the provider's place behind a VPN.
fn vpn(language: Language, told: &Told<'_>) -> Option<String> {
    let outside = told.vpn && !stays_here(told.subject, told.host, told.attempts);
    outside.then(|| match language {
        Language::En => {
            "A VPN is on: what is said here of your provider is true of the VPN, and your provider sees only that."
                .to_owned()
        }
        Language::Ru => {
            "Включён VPN: сказанное здесь о провайдере относится к VPN, а провайдер видит только его.".to_owned()
        }
    })
}

fn joined<const N: usize>(sentences: [Option<String>; N]) -> Option<String> {
    let sentences: Vec<_> = sentences.into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn english(told: &Told<'_>) -> String {
    let Told { verdict, host, subject, .. } = told;
    let platform = told.platform.map_or(*host, |platform| in_language(Language::En, platform));
    let (place, way) = (told.place(Language::En), way(Language::En, subject));
    let untold = told.untold(Language::En);
    let theirs = resolvers(Language::En, subject).map(|named| format!(" {named}")).unwrap_or_default();
    let statement = verdict.statement.as_ref();
    // Rules whose code alone would say too much, too little, or the wrong thing.
    match verdict.rule {
        RuleId::NothingTried if told.was_looked_up() => {
            return format!(
                "{host} was looked up {way}, and after that it was sent nothing, so it cannot be said how it answers {place}."
            );
        }
        RuleId::NothingTried if !told.is_kept_from_proxies() => {
            return format!("Nothing was tried {way} this time, so it cannot be said how {host} answers {place}.");
        }
        RuleId::NothingTried => {
            return format!(
                "{host} is this device itself: what goes {way} cannot reach it, so nothing was sent there; allow `direct:` for it."
            );
        }
        RuleId::NotWaitedFor | RuleId::Unknown if told.ran_out() => {
            return format!("How {host} answers {place} cannot be told: the time that was given ran out before.");
        }
        RuleId::NotWaitedFor if told.reached.is_none() => {
            return format!("How {host} answers {place} cannot be told: the time was over before.");
        }
        RuleId::NotWaitedFor => {
            return format!("Another way was faster; how {host} answers {place} was not waited for.");
        }
        RuleId::HttpEndUnannouncedOtherVantage => {
            return format!(
                "{host} sends its page, here and elsewhere, and does not say where it ends. One that was cut off would look the \
                 same, so that this program does not accept it; the fault is the site's, and no block."
            );
        }
        RuleId::HttpEndUnannounced => {
            return format!(
                "{host} answers {place}, and its page ends without saying that it is whole, so that this program does not accept \
                 it: a habit of the site's, or somebody cut it off; which, cannot be told without another way."
            );
        }
        RuleId::HttpOtherPageOtherVantage => {
            let (here, there) = told.two_pages(Language::En);
            return format!(
                "{host} gives {here} {place}, and {there}. It was sent without encryption, so that anybody on the way can have \
                 changed it; whether somebody did cannot be told."
            );
        }
        RuleId::HttpOtherAnswerOtherVantage => {
            let (here, there) = told.two_pages(Language::En);
            return format!(
                "{host} gives {here} {place}, and {there}. Sites differ so by country, language or load, but it was sent \
                 without encryption, and anybody on the way can have changed it."
            );
        }
        RuleId::ReachableCleartext => {
            let by = if subject.is_direct() { &place } else { &way };
            return format!(
                "{host} answers {by}, without encryption: anybody on the way can read and change it, and no other network was \
                 seen to read the same."
            );
        }
        RuleId::BodyUnfinished if told.reached.is_some() => {
            return format!(
                "{host} answers {place}; its page was still coming when another way had it, and the rest was not waited for."
            );
        }
        RuleId::BodyUnfinished => {
            return format!(
                "{host} answers {place}, and its page was still coming when the time was over: a slow network, a slow site, a \
                 long page, or somebody who slows it down; which, cannot be told from here."
            );
        }
        RuleId::HttpRedirectOtherVantage => {
            return format!(
                "{host} leads in circles or to nowhere {place}, and not elsewhere; without encryption anybody on the way can do that (HTTP)."
            );
        }
        RuleId::RedirectHere => {
            return format!(
                "{host} leads in circles or to nowhere {place}, and not elsewhere: a rule of its own or a block, that cannot be told."
            );
        }
        RuleId::RedirectNowhere => return format!("{host} answers, and its redirects lead nowhere; that is no block."),
        RuleId::DnsBogonAuthenticated => {
            return format!(
                "The resolver{theirs} gives an address for {host} that no website has (DNS). Nobody on the way wrote that answer; whether it filters or the name's owner wants it so cannot be told."
            );
        }
        RuleId::DnsBogon => {
            return format!(
                "An address that no website has is given for {host} {place} (DNS): a filter or a block{untold}."
            );
        }
        RuleId::DnsNoAnswer => {
            return format!(
                "No address is found for {host} {place} (DNS): a name that does not exist, a broken resolver or a block{untold}."
            );
        }
        RuleId::DnsNoAnswerTrueAddress | RuleId::DnsNoAnswerOtherVantage => {
            return format!(
                "The name {host} is not found {place} when it is looked up (DNS), and it is found elsewhere."
            );
        }
        RuleId::DnsUnansweredOtherVantage => {
            return format!(
                "The resolver of this network says nothing of {host} (DNS), which is reached otherwise, and was not seen to \
                 answer for any other name: it is out of order, not meant for this device, or blocked; which, cannot be told."
            );
        }
        RuleId::DnsSilenceNamedResolver => {
            return format!(
                "The resolvers that this way asks do not answer (DNS), and {host} is reached otherwise: they are blocked or down, that cannot be told."
            );
        }
        RuleId::DnsNamedResolverCut => {
            return format!(
                "The connection to the resolver{theirs} that this way asks is cut {place} (DNS), and {host} is reached otherwise."
            );
        }
        RuleId::DnsNamedResolverFailed => {
            let why = told.of_resolvers(Language::En);
            return format!(
                "The resolver{theirs} that this way names could not be asked: {why} (DNS). It is misspelt, off or blocked, that cannot be told; of {host} it says nothing."
            );
        }
        RuleId::DnsDeniedAuthenticated => {
            return format!(
                "The resolver{theirs} says that {host} does not exist or has no address, and elsewhere it is found (DNS). Nobody on the way wrote that answer; why it is given cannot be told."
            );
        }
        RuleId::RedirectNowhereName => {
            return format!(
                "A redirect leads to {host}, a name that is found by none of the ways that were tried; the fault is that of the site that redirects, and no block."
            );
        }
        RuleId::TlsGarbageOtherVantage if told.met_no_tls() => {
            return format!(
                "Something that does not speak TLS answers {place} in the place of {host}, and not elsewhere."
            );
        }
        RuleId::TlsCut if told.met_no_tls() => {
            return format!(
                "Something that does not speak TLS answers {place} in the place of {host}: the site's fault, another program or a block{untold}."
            );
        }
        RuleId::DnsInjected => {
            return format!(
                "When {host} is looked up {place}, two answers come that contradict each other: one of them is forged (DNS)."
            );
        }
        RuleId::DnsBlockAddress => {
            return format!(
                "The address of a known block page is given for {host} {place} when it is looked up (DNS)."
            );
        }
        RuleId::DnsRewritten => {
            return format!(
                "The name {host} does not exist. An address is given for it {place} all the same, as some providers do to show advertisements; that is no block."
            );
        }
        RuleId::DnsRewrittenUnproved => {
            return format!(
                "One resolver says that {host} does not exist, another gives an address where nobody proves to be it (DNS): which is right {place}{untold}."
            );
        }
        RuleId::ClockDate => {
            let (behind, by) = told.clock_is_off(Language::En);
            let (wrong, side) = if behind { ("not valid yet", "behind") } else { ("out of date", "ahead of") };
            return format!(
                "The certificate of {host} is {wrong} by this device's clock, which is {by} {side} the time that another host tells; please check the date and time. That is no block."
            );
        }
        RuleId::ClockTwoHosts | RuleId::ClockNotYetValid if told.clock_is_behind() => {
            return format!(
                "The certificate of {host} is not valid yet by this device's clock, which seems to be set too early; please check the date and time. That is no block."
            );
        }
        RuleId::ClockTwoHosts | RuleId::ClockNotYetValid => {
            return format!(
                "Certificates, that of {host} among them, are out of date by this device's clock, which seems to be set too late; please check the date and time. That is no block."
            );
        }
        RuleId::OriginCertificateExpiredOrClock => {
            return format!(
                "The certificate of {host} is out of date by this device's clock: check the date and time; if they are right, the fault is the site's."
            );
        }
        RuleId::OriginCertificateEverywhere => {
            return format!(
                "The certificate of {host} does not prove that it is {host}, by any way; the fault is the site's own, and nothing was sent to it."
            );
        }
        RuleId::OriginCertificate => {
            return format!(
                "The certificate shown for {host} {place} does not prove that it is {host}: the site's fault or a forgery{untold}. Nothing was sent to it."
            );
        }
        RuleId::TcpIpv6 => {
            return format!(
                "Only IPv6 addresses of {host} were tried, and IPv6 may not work {place}; that says nothing about a block."
            );
        }
        RuleId::TcpLocal => return format!("Nothing answers at {host}, on this device or in its own network."),
        RuleId::TcpCut => {
            return format!("No connection to {host} is made {place} (TCP): blocked or down{untold}.");
        }
        RuleId::TlsCut => {
            return format!("The connection is cut {place} when {host} is named (TLS): blocked or down{untold}.");
        }
        RuleId::TlsAlert => {
            return format!(
                "{host} refuses TLS {place} and not elsewhere: a rule of its own or a block, that cannot be told."
            );
        }
        RuleId::TlsAfterHandshakeResetOtherVantage | RuleId::TlsAfterHandshakeSilenceOtherVantage => {
            return format!("Encrypted connections to {host} are cut {place} (TLS), and not elsewhere.");
        }
        RuleId::HttpCut => {
            return format!(
                "{host} takes the connection {place} and does not answer to the end (HTTP): blocked or down{untold}."
            );
        }
        RuleId::OriginFaultHere => {
            return format!(
                "{host} answers with an error {place} and properly elsewhere: an overload, a rule of its own or a block, that cannot be told."
            );
        }
        RuleId::RouteLogin => {
            return format!("The way {way} did not accept the login; that says nothing about {host}.");
        }
        RuleId::RouteDead if subject.is_tor() => {
            return format!(
                "No Tor answers where it should run on this device; please start it. That says nothing about {host}."
            );
        }
        RuleId::RouteSilent if subject.is_tor() => {
            return format!(
                "Tor runs and has not reached {host} yet; it may still be building its circuits, so try again in a minute."
            );
        }
        RuleId::RouteUnanswered if told.reached.is_some() => {
            return format!(
                "Nothing came back {way}: it has another password, something else stands there, or a line is cut, in front of it \
                 or behind it. That says nothing about {host} itself."
            );
        }
        RuleId::RouteUnanswered => {
            return format!(
                "Nothing came back {way}: it has another password, something else stands there, a line is cut, in front of it or \
                 behind it, or {host} is down. A Shadowsocks server does not say which."
            );
        }
        RuleId::RouteAstray => {
            return format!(
                "The way {way} leads to something that is not {host}; that says nothing about {host} itself."
            );
        }
        RuleId::RouteReplyOtherVantage => {
            return format!("What answers {way} says that it cannot reach {host}, which is reached otherwise.");
        }
        RuleId::RouteGarbage => return format!("What answers {way} is no such proxy; that says nothing about {host}."),
        _ => {}
    }
    match verdict.code {
        VerdictCode::Reachable if subject.is_direct() => match told.cut_address() {
            Some(address) => {
                format!("{host} answers {place}, though not at each of its addresses: {address} does not.")
            }
            None => format!("{host} answers {place}."),
        },
        VerdictCode::Reachable => format!("{host} answers {way}."),
        VerdictCode::DnsTampered => format!("False answers are given {place} when {host} is looked up (DNS)."),
        VerdictCode::TcpBlocked => {
            format!("Connections to the address of {host} are cut {place} (TCP), and not elsewhere.")
        }
        VerdictCode::TlsInterfered => format!("Cut {place} when {host} is named (TLS)."),
        VerdictCode::HttpInterfered => format!("Cut {place} when a page of {host} is asked for (HTTP)."),
        VerdictCode::TlsMitm => format!(
            "Somebody {place} answers in the place of {host} with a certificate of their own (TLS); they were sent nothing."
        ),
        VerdictCode::BlockPage => {
            format!(
                "A block page is shown {place} in the place of {host}.{}",
                named(Language::En, "The page", statement)
            )
        }
        VerdictCode::Legal451 => format!(
            "{host} is refused {place} for legal reasons (HTTP 451).{}",
            named(Language::En, "The refusal", statement)
        ),
        VerdictCode::PlatformBlocked => {
            let here = if verdict.rule == RuleId::PlatformNoticeOtherCountry { " in this country" } else { "" };
            match quoted(statement) {
                Some(text) => {
                    format!("The network lets it through; {platform} withholds it{here}, and states: “{text}”")
                }
                None => format!(
                    "The network lets it through; {platform} itself withholds it{here}.{}",
                    named(Language::En, platform, statement)
                ),
            }
        }
        VerdictCode::Frozen => format!("Answers of {host} stop coming {place} after their first part."),
        VerdictCode::Throttled => format!("{host} comes very slowly {place}, and faster elsewhere."),
        VerdictCode::CaptivePortal => {
            "This network wants a login first; open its login page, then try again.".to_owned()
        }
        VerdictCode::Offline => "This device has no network at the moment.".to_owned(),
        VerdictCode::WhitelistOnly => "This network lets only a few chosen addresses through at the moment.".to_owned(),
        VerdictCode::OriginDown => {
            format!("{host} answers by none of the ways that were tried; it seems to be down, not blocked.")
        }
        VerdictCode::OriginFault => match told.not_accepted() {
            Some((form, _)) => format!("{host} answers, and this program does not accept {form}; that is no block."),
            None => format!("{host} itself answers with a fault; that is no block."),
        },
        VerdictCode::Gone => format!("{platform} states that this community no longer exists."),
        VerdictCode::RouteFailed => format!("The way {way} itself failed; that says nothing about {host}."),
        VerdictCode::Unknown => format!("{host} was not read {place}: blocked or down, that cannot be told from here."),
    }
}

fn russian(told: &Told<'_>) -> String {
    let Told { verdict, host, subject, .. } = told;
    let platform = told.platform.map_or(*host, |platform| in_language(Language::Ru, platform));
    let (place, way) = (told.place(Language::Ru), way(Language::Ru, subject));
    let untold = told.untold(Language::Ru);
    let theirs = resolvers(Language::Ru, subject).map(|named| format!(" {named}")).unwrap_or_default();
    // Where a sentence begins with the place.
    let at = capital(&place);
    let statement = verdict.statement.as_ref();
    match verdict.rule {
        RuleId::NothingTried if told.was_looked_up() => {
            return format!(
                "Адрес {host} искали {way}, но потом туда ничего не отправили, поэтому неизвестно, как {host} отвечает {place}."
            );
        }
        RuleId::NothingTried if !told.is_kept_from_proxies() => {
            return format!("В этот раз {way} не пробовали, поэтому неизвестно, как {host} отвечает {place}.");
        }
        RuleId::NothingTried => {
            return format!(
                "{host} — это само это устройство: {way} до него не дойти, поэтому туда ничего не отправлено; разрешите `direct:`."
            );
        }
        RuleId::NotWaitedFor | RuleId::Unknown if told.ran_out() => {
            return format!("{at} не понять, как отвечает {host}: отведённое время вышло раньше.");
        }
        RuleId::NotWaitedFor if told.reached.is_none() => {
            return format!("{at} не понять, как отвечает {host}: время вышло раньше.");
        }
        RuleId::NotWaitedFor => {
            return format!("Другой путь оказался быстрее; ответа {host} {place} ждать не стали.");
        }
        RuleId::HttpEndUnannouncedOtherVantage => {
            return format!(
                "{host} отдаёт страницу и здесь, и из других мест, но не сообщает, где она кончается. Обрезанная выглядела бы так \
                 же, поэтому эта программа её не принимает; это недостаток сайта, а не блокировка."
            );
        }
        RuleId::HttpEndUnannounced => {
            return format!(
                "{at} {host} отвечает, но страница кончается, не сообщив, что она целая, и эта программа её не принимает: так \
                 устроен сайт или её обрезали, без другого пути не понять."
            );
        }
        RuleId::HttpOtherPageOtherVantage => {
            let (here, there) = told.two_pages(Language::Ru);
            return format!(
                "{at} {host} отдаёт {here}, а {there}. Передано это без шифрования, так что изменить это мог любой на пути; \
                 случилось ли так, не понять."
            );
        }
        RuleId::HttpOtherAnswerOtherVantage => {
            let (here, there) = told.two_pages(Language::Ru);
            return format!(
                "{at} {host} отдаёт {here}, а {there}. Сайты отвечают по-разному из-за страны, языка или нагрузки, но передано \
                 это без шифрования, и изменить это мог любой на пути."
            );
        }
        RuleId::ReachableCleartext => {
            let by = if subject.is_direct() { &at } else { &capital(&way) };
            return format!(
                "{by} {host} отвечает, но без шифрования: прочитать и изменить это может любой на пути, а что из другой сети \
                 читается то же самое, не проверено."
            );
        }
        RuleId::BodyUnfinished if told.reached.is_some() => {
            return format!(
                "{at} {host} отвечает; страница ещё загружалась, когда её принёс другой путь, и остатка ждать не стали."
            );
        }
        RuleId::BodyUnfinished => {
            return format!(
                "{at} {host} отвечает, но страница не успела загрузиться: медленная сеть, медленный сайт, длинная страница или \
                 чьё-то замедление; что из этого, отсюда не понять."
            );
        }
        RuleId::HttpRedirectOtherVantage => {
            return format!(
                "{at} {host} водит по кругу или в никуда, а в других местах нет; без шифрования это может сделать любой на пути (HTTP)."
            );
        }
        RuleId::RedirectHere => {
            return format!(
                "{at} {host} водит по кругу или в никуда, а в других местах нет: его собственное это правило или блокировка, не понять."
            );
        }
        RuleId::RedirectNowhere => return format!("{host} отвечает, но перенаправляет в никуда; это не блокировка."),
        RuleId::DnsBogonAuthenticated => {
            return format!(
                "Сервер DNS{theirs} отвечает на запрос {host} адресом, какого у сайтов не бывает. По пути этот ответ никто не подменил; фильтр это или воля владельца имени, не понять."
            );
        }
        RuleId::DnsBogon => {
            return format!(
                "{at} на запрос адреса {host} отвечают адресом, какого у сайтов не бывает (DNS): фильтр это или блокировка, {untold}."
            );
        }
        RuleId::DnsNoAnswer => {
            return format!(
                "{at} адрес {host} не находится (DNS): то ли такого имени нет, то ли DNS неисправен, то ли это блокировка; {untold}."
            );
        }
        RuleId::DnsNoAnswerTrueAddress | RuleId::DnsNoAnswerOtherVantage => {
            return format!(
                "{at} на запрос адреса {host} отвечают, что такого имени нет (DNS), а в других местах оно находится."
            );
        }
        RuleId::DnsUnansweredOtherVantage => {
            return format!(
                "{at} сервер DNS ничего не говорит о {host}, хотя другим путём {host} доступен, и не видно, чтобы он отвечал о \
                 каком-либо другом имени: неисправен он, не предназначен для этого устройства или заблокирован, не понять."
            );
        }
        RuleId::DnsSilenceNamedResolver => {
            return format!(
                "Серверы DNS, заданные для этого пути, не отвечают, а другим путём {host} доступен: блокировка это или неисправность, не понять."
            );
        }
        RuleId::DnsNamedResolverCut => {
            return format!(
                "{at} соединение с сервером DNS{theirs}, заданным для этого пути, обрывают, а другим путём {host} доступен."
            );
        }
        RuleId::DnsNamedResolverFailed => {
            let why = told.of_resolvers(Language::Ru);
            return format!(
                "Сервер DNS{theirs}, заданный для этого пути, спросить не удалось: {why}. Опечатка это, неисправность или блокировка, не понять; о {host} это ничего не говорит."
            );
        }
        RuleId::DnsDeniedAuthenticated => {
            return format!(
                "Сервер DNS{theirs} отвечает, что имени {host} нет или у него нет адреса, а в других местах оно находится. По пути этот ответ никто не подменил; почему он такой, не понять."
            );
        }
        RuleId::RedirectNowhereName => {
            return format!(
                "Перенаправление ведёт на {host}, а такого имени не нашли ни одним из испробованных путей; это ошибка сайта, который туда перенаправляет, а не блокировка."
            );
        }
        RuleId::TlsGarbageOtherVantage if told.met_no_tls() => {
            return format!("{at} вместо {host} отвечает что-то, не знающее TLS, а в других местах нет.");
        }
        RuleId::TlsCut if told.met_no_tls() => {
            return format!(
                "{at} вместо {host} отвечает что-то, не знающее TLS: неполадка это сайта, другая программа или блокировка, {untold}."
            );
        }
        RuleId::DnsInjected => {
            return format!(
                "{at} на запрос адреса {host} приходят два ответа, которые противоречат друг другу: один из них подделан (DNS)."
            );
        }
        RuleId::DnsBlockAddress => {
            return format!("{at} на запрос адреса {host} дают адрес известной страницы-заглушки (DNS).");
        }
        RuleId::DnsRewritten => {
            return format!(
                "Имени {host} не существует. {at} на него всё равно отвечают каким-то адресом, как делают некоторые провайдеры ради рекламы; это не блокировка."
            );
        }
        RuleId::DnsRewrittenUnproved => {
            return format!(
                "Одни отвечают, что имени {host} нет, другие дают адрес, где никто не доказывает, что он {host} (DNS); кто прав, {untold}."
            );
        }
        RuleId::ClockDate => {
            let (behind, by) = told.clock_is_off(Language::Ru);
            let (wrong, side) = if behind {
                ("ещё не действует", "отстают")
            } else {
                ("просрочен", "спешат")
            };
            return format!(
                "По часам этого устройства сертификат {host} {wrong}, но они {side} {by} от времени, которое сообщает другой сайт; проверьте дату и время. Это не блокировка."
            );
        }
        RuleId::ClockTwoHosts | RuleId::ClockNotYetValid if told.clock_is_behind() => {
            return format!(
                "По часам этого устройства сертификат {host} ещё не действует: часы, похоже, отстают; проверьте дату и время. Это не блокировка."
            );
        }
        RuleId::ClockTwoHosts | RuleId::ClockNotYetValid => {
            return format!(
                "По часам этого устройства сертификаты просрочены, и не только у {host}: часы, похоже, спешат; проверьте дату и время. Это не блокировка."
            );
        }
        RuleId::OriginCertificateExpiredOrClock => {
            return format!(
                "Если верить часам этого устройства, сертификат {host} просрочен: проверьте дату и время; если они верны, это неполадка самого сайта."
            );
        }
        RuleId::OriginCertificateEverywhere => {
            return format!(
                "Ни на одном из путей сертификат не доказывает, что отвечает действительно {host}; это неполадка самого сайта, и ему ничего не отправлено."
            );
        }
        RuleId::OriginCertificate => {
            return format!(
                "{at} предъявляют сертификат, который не доказывает, что отвечает действительно {host}: неполадка это сайта или подделка, {untold}. Ничего не отправлено."
            );
        }
        RuleId::TcpIpv6 => {
            return format!(
                "Пробовали только адреса IPv6 сайта {host}, а IPv6 {place} может не работать вовсе; о блокировке это ничего не говорит."
            );
        }
        RuleId::TcpLocal => return format!("По адресу {host} на этом устройстве или в его сети никто не отвечает."),
        RuleId::TcpCut => {
            return format!("{at} соединиться с {host} не удаётся (TCP): блокировка это или сбой, {untold}.");
        }
        RuleId::TlsCut => {
            return format!(
                "{at} соединение обрывается, едва в нём появляется имя {host} (TLS): блокировка это или сбой, {untold}."
            );
        }
        RuleId::TlsAlert => {
            return format!(
                "{at} {host} отказывается от соединения (TLS), а в других местах нет: его это собственное правило или блокировка, не понять."
            );
        }
        RuleId::TlsAfterHandshakeResetOtherVantage | RuleId::TlsAfterHandshakeSilenceOtherVantage => {
            return format!("{at} зашифрованные соединения с {host} обрывают (TLS), а в других местах нет.");
        }
        RuleId::HttpCut => {
            return format!(
                "{at} {host} принимает соединение, но до конца не отвечает (HTTP): блокировка это или сбой, {untold}."
            );
        }
        RuleId::OriginFaultHere => {
            return format!(
                "{at} {host} отвечает ошибкой, а в других местах нормально: перегрузка это, его собственное правило или блокировка, не понять."
            );
        }
        RuleId::RouteLogin => {
            return format!("Пройти {way} не вышло: имя и пароль там не приняли. О {host} это ничего не говорит.");
        }
        RuleId::RouteDead if subject.is_tor() => {
            return format!(
                "Там, где должен работать Tor, никто не отвечает; запустите его. О {host} это ничего не говорит."
            );
        }
        RuleId::RouteSilent if subject.is_tor() => {
            return format!(
                "Tor работает, но до {host} пока не добрался; возможно, он ещё строит цепочки, попробуйте через минуту."
            );
        }
        RuleId::RouteUnanswered if told.reached.is_some() => {
            return format!(
                "Пройти {way} не вышло, ответа нет: там другой пароль, другая программа, или связь обрывают, до него или за \
                 ним. О самом {host} это ничего не говорит."
            );
        }
        RuleId::RouteUnanswered => {
            return format!(
                "Пройти {way} не вышло, ответа нет: там другой пароль, другая программа, связь обрывают, до него или за ним, \
                 или не работает {host}. Что именно, сервер Shadowsocks не сообщает."
            );
        }
        RuleId::RouteAstray => {
            return format!("Пройти {way} можно, но приводит это не к {host}. О самом {host} это ничего не говорит.");
        }
        RuleId::RouteReplyOtherVantage => {
            return format!(
                "Пройти {way} не вышло: прокси отвечает, что {host} недоступен, а другим путём он доступен."
            );
        }
        RuleId::RouteGarbage => {
            return format!("Пройти {way} не вышло: отвечает там что-то другое. О {host} это ничего не говорит.");
        }
        _ => {}
    }
    match verdict.code {
        VerdictCode::Reachable if subject.is_direct() => match told.cut_address() {
            Some(address) => {
                format!("{host} отвечает {place}, но не по всем своим адресам: {address} молчит или обрывается.")
            }
            None => format!("{host} отвечает {place}."),
        },
        VerdictCode::Reachable => format!("{host} отвечает {way}."),
        VerdictCode::DnsTampered => format!("{at} на запрос адреса {host} дают ложный ответ (DNS)."),
        VerdictCode::TcpBlocked => format!("{at} соединения с адресом {host} обрывают (TCP), а в других местах нет."),
        VerdictCode::TlsInterfered => format!("{at} соединение обрывают, едва в нём появляется имя {host} (TLS)."),
        VerdictCode::HttpInterfered => format!("{at} соединение обрывают, когда запрашивают страницу {host} (HTTP)."),
        VerdictCode::TlsMitm => {
            format!("{at} вместо {host} отвечает кто-то другой, со своим сертификатом (TLS); ему ничего не отправлено.")
        }
        VerdictCode::BlockPage => {
            format!("{at} вместо {host} показывают страницу-заглушку.{}", named(Language::Ru, "На ней", statement))
        }
        VerdictCode::Legal451 => format!(
            "{at} вместо {host} приходит отказ по требованию закона (HTTP 451).{}",
            named(Language::Ru, "В нём", statement)
        ),
        VerdictCode::PlatformBlocked => {
            let here =
                if verdict.rule == RuleId::PlatformNoticeOtherCountry { " в этой стране" } else { "" };
            match quoted(statement) {
                Some(text) => {
                    format!("Сеть это пропускает, но {platform}{here} этого не показывает и сообщает: «{text}»")
                }
                None => format!(
                    "Сеть это пропускает, но {platform}{here} этого не показывает.{}",
                    named(Language::Ru, "В ответе", statement)
                ),
            }
        }
        VerdictCode::Frozen => format!("{at} ответы {host} обрываются: начало приходит, остальное нет."),
        VerdictCode::Throttled => format!("{at} {host} открывается очень медленно, а в других местах быстрее."),
        VerdictCode::CaptivePortal => {
            "Эта сеть сначала просит войти: откройте её страницу входа и попробуйте снова.".to_owned()
        }
        VerdictCode::Offline => "У этого устройства сейчас нет сети.".to_owned(),
        VerdictCode::WhitelistOnly => "Сейчас эта сеть пропускает только к немногим разрешённым адресам.".to_owned(),
        VerdictCode::OriginDown => {
            format!(
                "{host} не отвечает ни одним из испробованных путей; похоже, это не блокировка, а сбой на его стороне."
            )
        }
        VerdictCode::OriginFault => match told.not_accepted() {
            Some((_, form)) => {
                format!("{host} отвечает, но эта программа не принимает {form}; это не блокировка.")
            }
            None => format!("{host} сам отвечает ошибкой; это не блокировка."),
        },
        VerdictCode::Gone => format!("{platform} сообщает, что этого сообщества больше нет."),
        VerdictCode::RouteFailed => {
            format!("Пройти {way} не вышло, и дело в самом пути; о {host} это ничего не говорит.")
        }
        VerdictCode::Unknown => {
            format!("{host} {place} прочесть не удалось: блокировка это или сбой, отсюда не понять.")
        }
    }
}

/// Whom a block names, as its own claim.
fn named(language: Language, who: &str, statement: Option<&Statement>) -> String {
    let Some(authority) = statement.and_then(|statement| statement.authority.as_deref()) else {
        return String::new();
    };
    let authority = authority.trim().trim_end_matches('.');
    match language {
        Language::En => format!(" {who} names {authority}."),
        Language::Ru => format!(" {who} указано: {authority}."),
    }
}

/// A statement's own words, on one line and not too long.
fn quoted(statement: Option<&Statement>) -> Option<String> {
    let text = statement?.text.as_deref()?;
    let mut words = String::new();
    for word in text.split_whitespace() {
        if words.chars().count() + word.chars().count() > QUOTED_CHARS {
            words.push('…');
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    (!words.is_empty()).then_some(words)
}

/// Seconds.
const DAY: u64 = 24 * 60 * 60;

/// A statement is quoted to about four lines of a phone.
const QUOTED_CHARS: usize = 240;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::every::is_russian;
    use super::super::tests::{attempt, has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::reach::{RULES, Weights};
    use crate::source::vk::platform as vk;
    use crate::transport::{LimitKind, MessageFault, Protocol};

    fn of(code: VerdictCode, rule: RuleId, statement: Option<Statement>) -> Verdict {
        Verdict {
            code,
            layer: None,
            weights: Weights { blocked: 0.0, down: 0.0, ok: 1.0 },
            rule,
            statement,
            evidence: vec![],
            addresses: vec![],
            pages: None,
        }
    }

    /// Somebody is named who sees it, or it is said that nobody does.
    fn names_who_sees(language: Language, sentence: &str) {
        let words: &[&str] = match language {
            Language::En => &["sees", "saw"],
            Language::Ru => &["видит", "видел"],
        };
        assert!(words.iter().any(|word| sentence.contains(word)), "who sees it? {sentence}");
    }

    fn statements() -> Vec<Option<Statement>> {
        let authority = Some("Генеральная прокуратура Российской Федерации".to_owned());
        vec![
            None,
            Some(Statement::default()),
            Some(Statement { authority: authority.clone(), ..Statement::default() }),
            Some(Statement {
                authority, text: Some("Материал\nзаблокирован ".repeat(80)), link: None
            }),
        ]
    }

    #[test]
    fn every_verdict_has_a_sentence_in_every_language_and_promises_nothing() {
        let by_rule = RULES.iter().map(|rule| (rule.code, rule.id));
        for (code, rule) in by_rule
            .chain([(VerdictCode::WhitelistOnly, RuleId::WhitelistFirstHops), (VerdictCode::Unknown, RuleId::Unknown)])
        {
            for statement in statements() {
                let quotes = statement.is_some();
                let verdict_of = of(code, rule, statement);
                for subject in &ways() {
                    for reached in [None, Some(&ways()[6]), Some(&ways()[2])] {
                        let reached = reached.map(|way| (way, Duration::from_millis(1400)));
                        let vk = vk();
                        for (&language, platform) in Language::ALL.iter().zip([None, Some(&vk)]) {
                            let attempts = [attempt(subject)];
                            let told = Told {
                                verdict: &verdict_of,
                                host: "vk.com",
                                platform,
                                subject,
                                reached,
                                read: quotes,
                                attempts: &attempts,
                                tls: true,
                                vpn: quotes,
                                unvalidated: quotes,
                            };
                            let sentence = verdict(language, &told);
                            if code != VerdictCode::Offline || reached.is_some() {
                                names_who_sees(language, &sentence);
                            }
                            promises_nothing(&sentence);
                            is_a_sentence(&sentence);
                            assert!(sentence.chars().count() < 900, "{sentence}");
                            if language == Language::Ru {
                                assert!(is_russian(&sentence), "{sentence}");
                            } else if !quotes {
                                assert!(!has_cyrillic(&sentence), "{sentence}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_verdict_that_is_not_sure_does_not_sound_sure() {
        for rule in RULES.iter().filter(|rule| rule.code == VerdictCode::Unknown) {
            let verdict_of = of(rule.code, rule.id, None);
            let subject = Strategy::direct();
            let told = Told {
                verdict: &verdict_of,
                host: "vk.com",
                platform: None,
                subject: &subject,
                reached: None,
                read: true,
                attempts: &[],
                tls: true,
                vpn: false,
                unvalidated: false,
            };
            let sentence = verdict(Language::En, &told);
            let open = ["cannot be", "was not waited for", "says nothing"].iter().any(|words| sentence.contains(words));
            assert!(open, "{}: {sentence}", rule.id);
        }
    }

    #[test]
    fn the_reset_of_a_name_reads_as_the_design_says() {
        let reset = of(VerdictCode::TlsInterfered, RuleId::TlsResetOtherVantage, None);
        let (direct, tor) = (Strategy::direct(), ways().remove(6));
        let told = Told {
            verdict: &reset,
            host: "vk.com",
            platform: Some(&vk()),
            subject: &direct,
            reached: Some((&tor, Duration::from_millis(1400))),
            read: true,
            attempts: &[attempt(&direct), attempt(&tor)],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        assert_eq!(
            verdict(Language::En, &told),
            "Cut on this network when vk.com is named (TLS). Read through Tor in 1.4 s; your provider sees of it at most \
             that you use Tor; Tor does not tell vk.com who you are, an account of yours would. Besides, your provider saw the \
             name vk.com; what answers for vk.com saw your address."
        );
        assert_eq!(
            verdict(Language::Ru, &told),
            "В этой сети соединение обрывают, едва в нём появляется имя vk.com (TLS). Прочитано через Tor за 1,4 с; \
             провайдер видит при этом самое большее, что вы пользуетесь Tor; Tor не сообщает vk.com, кто вы, а ваша учётная \
             запись сообщила бы. Кроме того, провайдер видел имя vk.com; то, что отвечает за vk.com, видело ваш адрес."
        );
    }

    #[test]
    fn of_a_host_on_this_device_no_provider_is_said_to_see_anything() {
        let direct = Strategy::direct();
        let proven = Attempt {
            outcome: Outcome::Proven,
            destination: "127.0.0.1:443".parse().unwrap(),
            address: Some([127, 0, 0, 1].into()),
            ..attempt(&direct)
        };
        let (reachable, local) =
            (of(VerdictCode::Reachable, RuleId::Reachable, None), of(VerdictCode::OriginDown, RuleId::TcpLocal, None));
        let told = |verdict, reached| Told {
            verdict,
            host: "127.0.0.1",
            platform: None,
            subject: &direct,
            reached,
            read: true,
            attempts: std::slice::from_ref(&proven),
            tls: false,
            vpn: false,
            unvalidated: false,
        };
        let took = Duration::from_millis(85);
        assert_eq!(
            verdict(Language::En, &told(&reachable, Some((&direct, took)))),
            "127.0.0.1 answers on this device. Read directly in 85 ms; the connection to 127.0.0.1 stays on this device; \
             what the program there sends on depends on it."
        );
        assert_eq!(
            verdict(Language::Ru, &told(&reachable, Some((&direct, took)))),
            "127.0.0.1 отвечает на этом устройстве. Прочитано напрямую за 85 мс; соединение с 127.0.0.1 не покидает этого \
             устройства; что отправит дальше программа, которая там отвечает, зависит от неё."
        );
        assert_eq!(
            verdict(Language::En, &told(&local, None)),
            "Nothing answers at 127.0.0.1, on this device or in its own network. Nothing of it left this device."
        );
    }

    #[test]
    fn what_was_looked_up_and_not_sent_is_said_so() {
        let direct: Strategy =
            "direct:?dns=udp://9.9.9.9&dns=https://dns.example@192.0.2.1/dns-query&ech=require".parse().unwrap();
        let no_key = Outcome::Failed(Failure::new(Stage::Tls, Cause::EchUnavailable));
        let looked_up = Attempt { entered: Some(Stage::Dns), outcome: no_key, ..attempt(&direct) };
        let unsent = Attempt { entered: None, lookups: Vec::new(), ..looked_up.clone() };
        let nothing = of(VerdictCode::Unknown, RuleId::NothingTried, None);
        let sentences = |attempt: &Attempt| {
            [Language::En, Language::Ru].map(|language| {
                let told = Told {
                    verdict: &nothing,
                    host: "vk.com",
                    platform: None,
                    subject: &direct,
                    reached: None,
                    read: true,
                    attempts: std::slice::from_ref(attempt),
                    tls: true,
                    vpn: false,
                    unvalidated: false,
                };
                verdict(language, &told)
            })
        };
        let [en, ru] = sentences(&looked_up);
        assert!(en.contains("vk.com was looked up directly") && !en.contains("Nothing was tried"), "{en}");
        let seen = "Your provider saw the name vk.com. The resolver 9.9.9.9 saw the name vk.com. The resolver dns.example saw \
                    the name vk.com.";
        assert!(en.ends_with(seen), "{en}");
        assert!(ru.contains("Провайдер видел имя vk.com. DNS-сервер 9.9.9.9 видел имя vk.com."), "{ru}");
        let [en, ru] = sentences(&unsent);
        assert!(en.starts_with("Nothing was tried") && !en.contains("saw"), "{en}");
        assert!(!ru.contains("видел"), "{ru}");
    }

    #[test]
    fn of_a_name_that_a_resolver_leads_to_this_device_somebody_saw_the_question() {
        let direct = Strategy::direct();
        let led = Attempt { address: Some([127, 0, 0, 1].into()), ..attempt(&direct) };
        let by_hand = Attempt { pinned: true, ..led.clone() };
        let bogon = of(VerdictCode::Unknown, RuleId::DnsBogon, None);
        let sentence = |language, attempts: &[Attempt]| {
            let told = Told {
                verdict: &bogon,
                host: "vk.com",
                platform: None,
                subject: &direct,
                reached: None,
                read: true,
                attempts,
                tls: true,
                vpn: false,
                unvalidated: false,
            };
            verdict(language, &told)
        };
        let said = sentence(Language::En, std::slice::from_ref(&led));
        assert!(said.contains("on this network (DNS)") && said.contains("Your provider saw"), "{said}");
        assert!(!sentence(Language::Ru, &[led]).contains("ничего не вышло"));
        assert!(sentence(Language::En, &[by_hand]).contains("Nothing of it left this device."));
    }

    #[test]
    fn what_is_not_tls_is_not_called_a_cut_and_other_ways_that_failed_are_not_forgotten() {
        let (direct, tor) = (Strategy::direct(), ways().remove(6));
        let failed = |by: &Strategy, cause: Cause| {
            let outcome = Outcome::Failed(Failure::new(Stage::Tls, cause));
            Attempt { outcome, ..attempt(by) }
        };
        let cut = of(VerdictCode::Unknown, RuleId::TlsCut, None);
        let sentence = |language, attempts: &[Attempt]| {
            let told = Told {
                verdict: &cut,
                host: "vk.com",
                platform: None,
                subject: &direct,
                reached: None,
                read: true,
                attempts,
                tls: true,
                vpn: false,
                unvalidated: false,
            };
            verdict(language, &told)
        };
        let garbage = failed(&direct, Cause::Malformed { expected: Protocol::Tls });
        let said = sentence(Language::En, std::slice::from_ref(&garbage));
        assert!(said.contains("does not speak TLS") && said.contains("cannot be told without another way"), "{said}");
        assert!(!sentence(Language::Ru, &[garbage]).contains("обрывается"));
        let both = [failed(&direct, Cause::Reset), failed(&tor, Cause::Reset)];
        let said = sentence(Language::En, &both);
        assert!(
            said.contains("cut on this network") && said.contains("other ways that were tried failed too"),
            "{said}"
        );
        assert!(sentence(Language::Ru, &both).contains("другие испробованные пути тоже не помогли"));
    }

    #[test]
    fn our_own_strictness_is_not_put_down_to_the_site() {
        let direct = Strategy::direct();
        let fault = of(VerdictCode::OriginFault, RuleId::OriginFault, None);
        let sentence = |language, cause: Cause| {
            let outcome = Outcome::Failed(Failure::new(Stage::Progress, cause));
            let attempts = [Attempt { outcome, ..attempt(&direct) }];
            let told = Told {
                verdict: &fault,
                host: "site.example",
                platform: None,
                subject: &direct,
                reached: None,
                read: true,
                attempts: &attempts,
                tls: true,
                vpn: false,
                unvalidated: false,
            };
            verdict(language, &told)
        };
        let ours = MessageFault::ALL.iter().map(|fault| Cause::NotAccepted { fault: *fault });
        for cause in ours.into_iter().chain([Cause::Limit { limit: LimitKind::Body }]) {
            let said = sentence(Language::En, cause.clone());
            assert!(said.contains("this program does not accept") && !said.contains("fault"), "{said}");
            let said = sentence(Language::Ru, cause);
            assert!(said.contains("эта программа не принимает") && !said.contains("ошибкой"), "{said}");
        }
        let theirs = sentence(Language::En, Cause::Malformed { expected: Protocol::Http });
        assert!(theirs.contains("itself answers with a fault"), "{theirs}");
    }

    #[test]
    fn a_platforms_own_words_are_attributed_and_cut() {
        let statement = Statement { text: Some("word ".repeat(200)), ..Statement::default() };
        let withheld = of(VerdictCode::PlatformBlocked, RuleId::PlatformNotice, Some(statement));
        let direct = Strategy::direct();
        let told = Told {
            verdict: &withheld,
            host: "vk.com",
            platform: Some(&vk()),
            subject: &direct,
            reached: None,
            read: true,
            attempts: &[],
            tls: true,
            vpn: false,
            unvalidated: false,
        };
        let sentence = verdict(Language::En, &told);
        assert!(sentence.contains("VK withholds it, and states: “word word"), "{sentence}");
        assert!(sentence.contains("…”"), "{sentence}");
    }
}
