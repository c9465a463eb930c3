//! Verdicts in English.

use super::English;
use super::clauses::{named, not_accepted, of_days, two_pages, unproved, untold, what_helps, why_unasked};
use crate::sentences::grammar::{capital, ended};
use crate::sentences::phrasebook::{AttemptPhrases, RoutePhrases, SightPhrases, VerdictPhrases};
use crate::sentences::sights::list;
use crate::sentences::verdicts::{Happened, Scene, Sequel};
use crate::transport::{OnionFault, TorFault};

impl VerdictPhrases for English {
    fn happened(&self, scene: &Scene<'_>, happened: &Happened<'_>) -> String {
        let Scene { host, platform, strategy, place, resolvers } = scene;
        let platform = platform.map_or(*host, |platform| platform.name());
        let (place, way) = (self.place(*place), self.way(strategy));
        let theirs = if resolvers.is_empty() { String::new() } else { format!(" {}", list(resolvers, "and")) };
        match happened {
            Happened::LookedUpOnly => {
                format!(
                    "{host} was looked up {way}, and after that it was sent nothing, so we can't say how it answers {place}."
                )
            }
            Happened::NotTried => {
                format!("Nothing was tried {way} this time, so we can't say how {host} answers {place}.")
            }
            Happened::IsThisDevice => {
                format!(
                    "{host} is this device itself: what goes {way} cannot reach it, so nothing was sent there; allow `direct:` for it."
                )
            }
            Happened::GivenTimeOver => {
                format!("We can't say how {host} answers {place}: the time limit ran out first.")
            }
            Happened::TimeOver => {
                format!("We can't say how {host} answers {place}: the time was over first.")
            }
            Happened::NotWaitedFor => {
                format!("Another route was faster; Byway did not wait for the answer of {host} {place}.")
            }
            Happened::NoEndAnywhere => {
                format!(
                    "{host} sends its page, here and elsewhere, without saying where it ends. A page that was cut off would look the \
                 same, so this program does not accept it. This is the site's fault, not a block."
                )
            }
            Happened::NoEnd => {
                format!(
                    "{host} answers {place}, and its page ends without saying that it is whole, so this program does not accept \
                 it: the site does this itself, or the page was cut off; without another route we can't tell which."
                )
            }
            Happened::OtherPage(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{host} gives {here} {place}, and {there}. It was sent without encryption, so anyone in between may have \
                 changed it; we can't tell whether they did."
                )
            }
            Happened::OtherAnswer(pages) => {
                let (here, there) = two_pages(*pages);
                format!(
                    "{host} gives {here} {place}, and {there}. Sites differ like this by country, language or load, but it was sent \
                 without encryption, and anyone in between may have changed it."
                )
            }
            Happened::Cleartext => {
                let by = if strategy.is_direct() { &place } else { &way };
                format!(
                    "{host} answers {by}, without encryption: anyone in between can read and change it, and no other network \
                 has confirmed what it says."
                )
            }
            Happened::CleartextVersion(pages) => {
                let (by, other) = (if strategy.is_direct() { &place } else { &way }, self.way(&pages.by));
                format!(
                    "{host} answers {by}, without encryption: anyone in between can read and change it. The page read {other} is alike and \
                 not equal; we can't tell whether the site or someone in between made the difference."
                )
            }
            Happened::BodyOvertaken => {
                format!(
                    "{host} answers {place}; its page was still coming when another route had it, so Byway did not wait for the rest."
                )
            }
            Happened::BodyUnfinished => {
                format!(
                    "{host} answers {place}, and its page was still coming when the time was over: a slow network, a slow site, a \
                 long page, or throttling; from here we can't tell which."
                )
            }
            Happened::RedirectsAstrayInCleartext => {
                format!(
                    "{host} redirects in circles or to nowhere {place}, but not elsewhere; without encryption anyone in between can cause that (HTTP)."
                )
            }
            Happened::RedirectsAstray => {
                format!(
                    "{host} redirects in circles or to nowhere {place}, but not elsewhere: a rule of the site's own or a block; we can't tell which."
                )
            }
            Happened::RedirectsNowhere => {
                format!("{host} answers, but its redirects lead nowhere. This is not a block.")
            }
            Happened::BogonProved => {
                format!(
                    "The resolver{theirs} gives an address for {host} that no website has (DNS). The answer was not changed in between; we can't tell whether the resolver filters or the name's owner set it so."
                )
            }
            Happened::Bogon(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "The address given for {host} {place} is one that no website has (DNS): a filter or a block{untold}."
                )
            }
            Happened::NoAddress(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "No address is found for {host} {place} (DNS): the name does not exist, the resolver is broken, or it is blocked{untold}."
                )
            }
            Happened::NoAddressHere => {
                format!("The name {host} is not found {place} (DNS), but it is found elsewhere.")
            }
            Happened::ResolverMute => {
                format!(
                    "The resolver of this network does not answer for {host} (DNS), which is reached by another route, and it was not seen to \
                 answer for any other name: it is out of order, not meant for this device, or blocked; we can't tell which."
                )
            }
            Happened::NamedResolversSilent => {
                format!(
                    "The resolvers of this route do not answer (DNS), but {host} is reached by another route: they are blocked or down; we can't tell which."
                )
            }
            Happened::NamedResolverCut => {
                format!(
                    "The connection to the resolver{theirs} of this route is cut {place} (DNS), but {host} is reached by another route."
                )
            }
            Happened::NamedResolverFailed(fault) => {
                let why = why_unasked(*fault);
                format!(
                    "The resolver{theirs} of this route could not be asked: {why} (DNS). It is misspelt, off or blocked; we can't tell which. This says nothing about {host}."
                )
            }
            Happened::NoAddressProved => {
                format!(
                    "The resolver{theirs} says that {host} does not exist or has no address, but elsewhere it is found (DNS). The answer was not changed in between; we can't tell why it is given."
                )
            }
            Happened::RedirectToNoName => {
                format!(
                    "A redirect leads to {host}, a name that no route finds. This is the fault of the site that redirects, not a block."
                )
            }
            Happened::NoTlsHere => {
                format!("Something that does not speak TLS answers {place} instead of {host}, but not elsewhere.")
            }
            Happened::NoTls(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "Something that does not speak TLS answers {place} instead of {host}: the site's fault, another program or a block{untold}."
                )
            }
            Happened::ContradictingAnswers => {
                format!(
                    "Two answers that contradict each other come when {host} is looked up {place}: one of them is forged (DNS)."
                )
            }
            Happened::BlockPageAddress => {
                format!("The lookup of {host} {place} gives the address of a known block page (DNS).")
            }
            Happened::InventedAddress => {
                format!(
                    "The name {host} does not exist. An address is given for it {place} anyway, as some providers do to show advertisements. This is not a block."
                )
            }
            Happened::DisputedName(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "One resolver says that {host} does not exist, another gives an address where no server proves to be it (DNS): one of them is wrong {place}{untold}."
                )
            }
            Happened::ClockOff { behind, days } => {
                let by = of_days(*days);
                let (wrong, side) = if *behind { ("not valid yet", "behind") } else { ("out of date", "ahead of") };
                format!(
                    "The certificate of {host} is {wrong} by this device's clock, which is {by} {side} the time that another host tells; please check the date and time. This is not a block."
                )
            }
            Happened::ClockTooEarly => {
                format!(
                    "The certificate of {host} is not valid yet by this device's clock, which seems to be set too early; please check the date and time. This is not a block."
                )
            }
            Happened::ClockTooLate => {
                format!(
                    "Certificates, that of {host} among them, are out of date by this device's clock, which seems to be set too late; please check the date and time. This is not a block."
                )
            }
            Happened::ExpiredOrClock => {
                format!(
                    "The certificate of {host} is out of date by this device's clock: check the date and time; if they are right, the fault is the site's."
                )
            }
            Happened::CertificateBadEverywhere => {
                format!(
                    "The certificate of {host} does not prove that it is {host}, by any route. This is the site's own fault; no request was sent over these connections."
                )
            }
            Happened::CertificateBad(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "The certificate shown for {host} {place} does not prove that it is {host}: the site's fault or a forgery{untold}. No request was sent over that connection."
                )
            }
            Happened::OnlyIpv6 => {
                format!(
                    "Only IPv6 addresses of {host} were tried, and IPv6 may not work {place}. This says nothing about a block."
                )
            }
            Happened::NothingHere => {
                format!("Nothing answers at {host}, on this device or in its own network.")
            }
            Happened::NoConnection(doubt) => {
                let untold = untold(*doubt);
                format!("No connection to {host} is made {place} (TCP): it is blocked or down{untold}.")
            }
            Happened::NameCut(doubt) => {
                let untold = untold(*doubt);
                format!("The connection is cut {place} when {host} is named (TLS): it is blocked or down{untold}.")
            }
            Happened::EncryptedCut(doubt) => {
                let untold = untold(*doubt);
                format!("No encrypted connection to {host} is made {place} (TLS): it is blocked or down{untold}.")
            }
            Happened::TlsRefusedHere => {
                format!(
                    "{host} refuses TLS {place} but not elsewhere: a rule of the site's own or a block; we can't tell which."
                )
            }
            Happened::EncryptedCutHere => {
                format!("Encrypted connections to {host} are cut {place} (TLS), but not elsewhere.")
            }
            Happened::Unanswered(doubt) => {
                let untold = untold(*doubt);
                format!(
                    "{host} accepts the connection {place} but does not finish its answer (HTTP): it is blocked or down{untold}."
                )
            }
            Happened::UnvouchedHere => {
                format!(
                    "An unencrypted answer {place} in the name of {host} does not hold what was asked for, and elsewhere it does: the site's own answer or a block; we can't tell which."
                )
            }
            Happened::Unvouched => {
                format!(
                    "What came {place} in the name of {host} was not encrypted and does not hold what was asked for: the site's own answer, or one that someone in between wrote; we can't tell which."
                )
            }
            Happened::UnvouchedForm(strict) => {
                let what = not_accepted(*strict);
                format!(
                    "What came {place} in the name of {host} was not encrypted, and this program does not accept {what}: the site's own answer, or one that someone in between wrote; we can't tell which."
                )
            }
            Happened::FaultHere => {
                format!(
                    "{host} answers with an error {place} and properly elsewhere: an overload, a rule of the site's own or a block; we can't tell which."
                )
            }
            Happened::LoginRefused => {
                format!("The login was not accepted {way}. This says nothing about {host}.")
            }
            Happened::TorNotStarted(stall) => {
                let help = what_helps(*stall);
                format!("Tor did not start: {}.{help} This says nothing about {host}.", self.stall(*stall))
            }
            Happened::Onion(OnionFault::NotFound) => {
                format!("No onion service is found at {host}: it is off, or the address is mistyped.")
            }
            Happened::Onion(OnionFault::Down) => {
                format!("The onion service at {host} is known, and does not connect: it is overloaded or off.")
            }
            Happened::Onion(OnionFault::NeedsKey) => {
                format!("The onion service at {host} lets in only readers who have a key from its operator.")
            }
            Happened::Onion(OnionFault::WrongKey) => {
                format!("The onion service at {host} does not take the key that was given for it.")
            }
            Happened::Onion(OnionFault::Address) => {
                format!("No onion service can have the address {host}; please check it letter by letter.")
            }
            Happened::Onion(OnionFault::Unreached) => {
                format!(
                    "Tor does not reach the onion service at {host}: it is off, overloaded or wants a key, or the address is mistyped. This Tor does not say which."
                )
            }
            Happened::OnionCut => {
                format!(
                    "The onion service at {host} is reached, and does not finish its answer: it is overloaded or off, or a relay of Tor failed. Please try again in a minute."
                )
            }
            Happened::OnionAnswers => {
                format!("{host} answers {way}, which encrypts what is sent to an onion service and proves its address.")
            }
            Happened::TorRefusesOnion(TorFault::Circuit) => {
                format!(
                    "Tor runs, and has no circuit to the onion service at {host}: a relay failed, or the service does not answer. Please try again in a minute."
                )
            }
            Happened::TorRefusesOnion(TorFault::NotAllowed) => {
                format!(
                    "Tor runs, and does not go to {host}: its own settings forbid it, or the onion service does not offer this port."
                )
            }
            Happened::TorRefuses(TorFault::Circuit) => {
                format!(
                    "Tor runs, and has no circuit to {host}: a relay failed, or no exit leads to this address and port. Please try again in a minute. This says nothing about {host}."
                )
            }
            Happened::TorRefuses(TorFault::NotAllowed) => {
                format!(
                    "Tor runs, and does not go to {host}: no exit leads to this address and port, or its own settings forbid it."
                )
            }
            Happened::TorRefuses(TorFault::Slow) | Happened::TorRefusesOnion(TorFault::Slow) => {
                format!("Tor runs, and got no answer on the way to {host} in time: a relay is slow, or {host} is.")
            }
            Happened::NoTor => {
                format!("Tor does not answer where it should run; please start it. This says nothing about {host}.")
            }
            Happened::MuteTor => {
                format!(
                    "What listens where Tor should run does not answer as Tor does; please check that this is Tor's SOCKS port. This says nothing about {host}."
                )
            }
            Happened::TorNotYet => {
                format!(
                    "Tor runs but has not reached {host} yet. It may still be building its circuits; try again in a minute."
                )
            }
            Happened::ProxyMute => {
                format!(
                    "Nothing came back {way}: its password is different, another program runs there, or the connection is cut before or \
                 behind it. This says nothing about {host} itself."
                )
            }
            Happened::ProxyMuteOrHostDown => {
                format!(
                    "Nothing came back {way}: its password is different, another program runs there, the connection is cut before or \
                 behind it, or {host} is down. A Shadowsocks server does not say which."
                )
            }
            Happened::ProxyAstray => {
                format!("Something that is not {host} answers {way}. This says nothing about {host} itself.")
            }
            Happened::ProxyRefuses => {
                format!("What answers {way} says that it cannot reach {host}, which is reached by another route.")
            }
            Happened::NoProxy => {
                format!("What answers {way} is not such a proxy. This says nothing about {host}.")
            }
            Happened::ProxyUnproved(fault) => {
                let why = unproved(*fault);
                format!("What answers {way} shows {why}. It was told nothing of {host}.")
            }
            Happened::Answers { except } => match except {
                Some(address) => {
                    format!("{host} answers {place}, but not at each of its addresses: {address} does not.")
                }
                None => format!("{host} answers {place}."),
            },
            Happened::AnswersByProxy => {
                format!("{host} answers {way}.")
            }
            Happened::FalseAnswer => {
                format!("False answers are given {place} when {host} is looked up (DNS).")
            }
            Happened::AddressCut => {
                format!("Connections to the address of {host} are cut {place} (TCP), but not elsewhere.")
            }
            Happened::NameCutHere => {
                format!("The connection is cut {place} when {host} is named (TLS).")
            }
            Happened::RequestCutHere => {
                format!("The connection is cut {place} when a page of {host} is asked for (HTTP).")
            }
            Happened::ForgedCertificate => {
                format!(
                    "Someone {place} answers instead of {host} with a certificate of their own (TLS). No request was sent over that connection."
                )
            }
            Happened::BlockPage(claim) => {
                format!("A block page is shown {place} instead of {host}.{}", named("The page", claim))
            }
            Happened::Legal451(claim) => {
                format!("{host} is refused {place} for legal reasons (HTTP 451).{}", named("The refusal", claim))
            }
            Happened::Withheld { here, claim } => {
                let here = if *here { " in this country" } else { "" };
                match &claim.text {
                    Some(text) => ended(&format!(
                        "The network lets it through; {platform} withholds it{here}, and states: “{text}”"
                    )),
                    None => format!(
                        "The network lets it through; {platform} itself withholds it{here}.{}",
                        named(platform, claim)
                    ),
                }
            }
            Happened::Frozen => {
                format!("Answers from {host} stop coming {place} after their first part.")
            }
            Happened::Slow => {
                format!("{host} comes very slowly {place}, and faster elsewhere.")
            }
            Happened::Portal => "This network wants a login first; open its login page, then try again.".to_owned(),
            Happened::Offline => "This device has no network at the moment.".to_owned(),
            Happened::Whitelist => "This network lets only a few chosen addresses through at the moment.".to_owned(),
            Happened::Down => {
                format!("{host} does not answer by any route that was tried; it seems to be down, not blocked.")
            }
            Happened::OtherFile => {
                format!("{host} answers, but with files that are not what the community signed. This is not a block.")
            }
            Happened::Fault => format!("{host} itself answers with an error. This is not a block."),
            Happened::Refuses(status) => {
                format!(
                    "{host} itself refuses {place} to answer (HTTP {status}). A site may refuse a country, a network or everyone; we can't tell which."
                )
            }
            Happened::NotAccepted(strict) => {
                let what = not_accepted(*strict);
                format!("{host} answers, but this program does not accept {what}. This is not a block.")
            }
            Happened::Gone => {
                let who = scene.platform.map_or_else(|| (*host).to_owned(), |platform| capital(platform.name()));
                format!("{who} states that this community no longer exists.")
            }
            Happened::RouteFailed => {
                format!("The route {way} itself failed. This says nothing about {host}.")
            }
            Happened::BlockedOrDown => {
                format!("{host} could not be read {place}: it is blocked or down; from here we can't tell which.")
            }
        }
    }

    fn sequel(&self, sequel: &Sequel<'_>) -> String {
        match sequel {
            Sequel::FoundEarlier => "That was found a short while ago; nothing was sent now.".to_owned(),
            Sequel::Unread => "No route that was tried could read it.".to_owned(),
            Sequel::TorBegins => "Tor runs and may still be building its circuits; try again in a minute.".to_owned(),
            Sequel::NoWayOut => "The system says that this network has no internet access.".to_owned(),
            Sequel::Seen(tried) => self.tried(tried),
            Sequel::Reached { by, took, read, shown } => {
                let (way, time, seen) = (self.way(by), self.time(*took), self.shown(shown));
                if *read {
                    format!("Read {way} in {time}; {seen}.")
                } else {
                    format!("It was asked {way} and answered in {time}; {seen}.")
                }
            }
            Sequel::Beside(beside) => self.beside(beside),
            Sequel::Vpn => {
                "A VPN is on: what is said here about your provider applies to the VPN; your provider sees only the VPN."
                    .to_owned()
            }
        }
    }
}
