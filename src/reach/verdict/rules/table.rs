//! The table of rules, in the order in which they are asked.
//!
//! Order carries meaning: what somebody states (the platform, a law, a block page) comes before what is inferred; what
//! concerns us (no network, our own route) before what concerns the host; a false address before the failures it
//! causes; and within a layer the comparison with another vantage before the case without one.

use super::super::facts::{How, RouteFault, Sign};
use super::super::lookups::OfNamed;
use super::super::pages::PageSimilarity;
use super::Against::{Abroad, Answers, AnyWay, FirstHops, Hosts, Network, Pages, Unnamed};
use super::{
    Layer, Rule, RuleId, VerdictCode, certificates, compared, cuts, found, names, network, route, rule, some, stated,
    with,
};
use crate::reach::Finding;
use crate::transport::Stage;

/// The rules, in their order. The first that applies gives the verdict; the last applies to everything.
pub static RULES: &[Rule] = &[
    // What is stated.
    rule(
        RuleId::PlatformGone,
        VerdictCode::Gone,
        Some(Layer::Platform),
        &[(0, 100, "")],
        "The platform says, over a connection that proved its name, that the community was deleted.",
        |f| f.case.context.gone.then(|| found(f.subject.iter().copied())),
    )
    .rows(&["N18"]),
    rule(
        RuleId::NothingTried,
        VerdictCode::Unknown,
        None,
        &[(34, 33, "")],
        "Nothing was tried by this strategy, or our own rules forbade it.",
        |f| f.only_forbidden().then(|| found(f.subject.iter().copied())),
    ),
    rule(
        RuleId::PlatformNoticeOtherCountry,
        VerdictCode::PlatformBlocked,
        Some(Layer::Platform),
        &[(97, 0, "")],
        "The platform answers with a notice here and with the content elsewhere: it hides it for this place.",
        |f| stated::stated(f, stated::platform).and_then(|s| with(s, f.read_otherwise())),
    )
    .against(AnyWay)
    .rows(&["N17"]),
    rule(
        RuleId::PlatformNoticeEverywhere,
        VerdictCode::PlatformBlocked,
        Some(Layer::Platform),
        &[(97, 0, "")],
        "The platform answers with a notice here and from another country: it hides it altogether.",
        |f| {
            stated::stated(f, stated::platform)
                .and_then(|s| with(s, f.found_abroad(|finding| stated::platform(finding).is_some())))
        },
    )
    .against(Abroad)
    .rows(&["N17"]),
    rule(
        RuleId::PlatformNotice,
        VerdictCode::PlatformBlocked,
        Some(Layer::Platform),
        &[(97, 0, "")],
        "The platform answers with a notice in the place of the content; no other country was compared.",
        |f| stated::stated(f, stated::platform),
    )
    .limits("A route that leaves in the same country repeats it and disproves nothing.")
    .rows(&["N17"]),
    rule(
        RuleId::HttpRedirectOtherVantage,
        VerdictCode::HttpInterfered,
        Some(Layer::Http),
        &[(65, 25, "")],
        "A cleartext answer redirects in circles or to where nobody may be led, and another way gets the content: somebody on the \
         way can have written it.",
        |f| if f.subject_is_proved() || !f.case.context.read_otherwise { None } else { stated::astray(f) },
    )
    .against(AnyWay)
    .limits("A site that serves two countries differently does so without any censor.")
    .rows(&["N3"]),
    rule(
        RuleId::RedirectHere,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(35, 35, "")],
        "The host redirects this network in circles or to nowhere, and not another: a rule of its own or a block.",
        |f| if f.case.context.read_otherwise { stated::astray(f) } else { None },
    )
    .against(AnyWay),
    rule(
        RuleId::RedirectNowhere,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 90, "")],
        "The host answers, and its redirects lead nowhere.",
        stated::astray,
    )
    .rows(&["N24"]),
    // Answers that are false, whatever came of it: the content may have come by the true one.
    rule(
        RuleId::DnsInjected,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[
            (97, 1, "TLS proves the name at an address of one of the answers"),
            (93, 4, "one cannot be true, and another network reaches the host"),
            (85, 10, "one cannot be true"),
        ],
        "One question to one resolver was answered twice, and the answers contradict each other: whoever is nearer raced the \
         resolver. The address at which TLS proves the name is the true one.",
        names::injected,
    )
    .against(Answers)
    .limits("Two answers with different public addresses prove nothing until one of them proves the name: a question that was sent twice is answered twice.")
    .rows(&["N1"]),
    rule(
        RuleId::DnsFalseAnswer,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[
            (95, 3, "an address that no public name has, a block page's, or one where somebody else answers"),
            (90, 7, "the name is denied"),
            (70, 27, "an error"),
        ],
        "Of the resolvers that this way asks, one that anybody on the way can answer for gives a false answer, and another one's \
         address proves the name.",
        names::lied_to,
    )
    .against(Answers)
    .limits("A filter that somebody at home has chosen does the same, and a broken resolver errs. Silence is not counted.")
    .rows(&["N1", "N12"]),
    rule(
        RuleId::DnsBlockAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(95, 3, "")],
        "The resolver gives an address at which a known block page stands, and nobody proves the name there.",
        |f| some(f.block_addresses()),
    )
    .limits("Only as good as the list of fingerprints.")
    .rows(&["N1", "N5"]),
    // What works.
    rule(
        RuleId::HttpOtherPageOtherVantage,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[
            (50, 10, "it leads to another site, which only this way does"),
            (40, 15, "another page"),
        ],
        "It was read in cleartext, another way reads another page, and nothing explains the difference: title, text, markup and \
         headers have nothing in common. Anybody on the way can have written what came here.",
        |f| stated::other_page(f, PageSimilarity::Unexplained),
    )
    .against(Pages)
    .limits("A site that gives each country a page of its own, with nothing in common, does so without any censor.")
    .rows(&["N5"]),
    rule(
        RuleId::ThrottledHandshakeOtherVantage,
        VerdictCode::Throttled,
        Some(Layer::Network),
        &[(55, 10, "")],
        "It was read, but the first byte took four seconds or more here and less than half of that by another network at the \
         same time, over the same uplink.",
        |f| network::slower(f, 4.0, network::seconds_to_begin),
    )
    .against(Network)
    .limits("A bad path between two networks is slow without any intention.")
    .rows(&["N10"]),
    rule(
        RuleId::ThrottledRateOtherVantage,
        VerdictCode::Throttled,
        Some(Layer::Network),
        &[(55, 10, "")],
        "It was read, but at less than 32 kB/s over more than 32 kB, and more than twice as fast by another network.",
        |f| network::slower(f, network::SLOW_BYTE, network::seconds_per_byte),
    )
    .against(Network)
    .limits("A bad path between two networks is slow without any intention.")
    .rows(&["N10"]),
    rule(
        RuleId::ThrottledRateUnfinished,
        VerdictCode::Throttled,
        Some(Layer::Network),
        &[(50, 15, "")],
        "It was coming at less than 32 kB/s for two seconds or more when the time was over, and by another network all of it \
         came in less than half that time and at more than twice the rate, or four times as much until its own time was over.",
        network::unfinished,
    )
    .against(Network)
    .limits("A bad path between two networks is slow without any intention, and so is a server that makes its page while it sends it.")
    .rows(&["N10"]),
    rule(
        RuleId::HttpOtherAnswerOtherVantage,
        VerdictCode::Reachable,
        None,
        &[(6, 2, "")],
        "It was read in cleartext, and another way reads something else, as sites' own answers differ: a status of the site's \
         own, a check for a browser, a login.",
        |f| stated::other_page(f, PageSimilarity::Explained),
    )
    .against(Pages)
    .limits("Anybody on the way can have written it.")
    .rows(&["N5"]),
    rule(
        RuleId::ReachableCleartext,
        VerdictCode::Reachable,
        None,
        &[(5, 2, "")],
        "What was asked for came in cleartext, and no other network was seen to read the same: anybody on the way can have \
         written it.",
        stated::unvouched,
    )
    .rows(&["N5"]),
    rule(
        RuleId::Reachable,
        VerdictCode::Reachable,
        None,
        &[(1, 1, "")],
        "What was asked for came, on one of the host's addresses.",
        |f| some(f.subject_with(|sign| sign == Sign::Proven)),
    )
    .limits("Another of its addresses may be blocked all the same: the addresses are told one by one.")
    .rows(&["N2", "N14", "N20"]),
    // The network as a whole.
    rule(
        RuleId::Offline,
        VerdictCode::Offline,
        Some(Layer::Network),
        &[(3, 95, "")],
        "Nothing anywhere answered, and every attempt says that there is no route: by this device's own error numbers, or by \
         two first hops that agree.",
        |f| f.no_network().map(found),
    )
    .rows(&["N13"]),
    rule(
        RuleId::Portal,
        VerdictCode::CaptivePortal,
        Some(Layer::Network),
        &[(5, 90, "")],
        "The network wants a login before it lets anything through (HTTP 511, RFC 6585, a redirect into the local network, or a \
         page that tells hotspot clients so: WISPr 1.0).",
        |f| some(f.portals()),
    )
    .rows(&["N13"]),
    rule(
        RuleId::PortalUnvalidated,
        VerdictCode::CaptivePortal,
        Some(Layer::Network),
        &[(8, 87, "somebody answers in the host's place"), (10, 82, "every connection is refused")],
        "The operating system has found no internet behind this network, whoever answers in the host's place cannot prove the \
         name or cuts whoever says it, or all that is connected to refuses; and no other way gets through.",
        network::portal_over_tls,
    )
    .limits("What a portal's own page says is never looked at: a different page is no proof.")
    .rows(&["N13"]),
    rule(
        RuleId::WhitelistFirstHops,
        VerdictCode::WhitelistOnly,
        Some(Layer::Network),
        &[(70, 25, "two first hops"), (88, 9, "three or more")],
        "Every first hop that was tried is silent at TCP (the host, and proxies of other owners in other prefixes), while the \
         network lives: a resolver answered, or another host was reached a short while ago.",
        network::whitelisted,
    )
    .against(FirstHops)
    .limits("A host that is down and a proxy that is off at the same time look the same; the more first hops there are, the less likely that is.")
    .rows(&["N11"]),
    // What an answer says.
    rule(
        RuleId::Http451OtherVantage,
        VerdictCode::Legal451,
        Some(Layer::Http),
        &[(98, 0, "")],
        "The answer is HTTP 451 (RFC 7725) here, and the content elsewhere.",
        |f| stated::stated(f, stated::legal).and_then(|s| with(s, f.read_otherwise())),
    )
    .against(AnyWay)
    .rows(&["N5"]),
    rule(
        RuleId::Http451,
        VerdictCode::Legal451,
        Some(Layer::Http),
        &[(97, 0, "")],
        "The answer is HTTP 451 (RFC 7725), on every vantage there is.",
        |f| stated::stated(f, stated::legal),
    )
    .limits("Whether the host or somebody on the way says so, cleartext does not show.")
    .rows(&["N5"]),
    rule(
        RuleId::HttpBlockPageOtherVantage,
        VerdictCode::BlockPage,
        Some(Layer::Http),
        &[(98, 0, "")],
        "A page known by its fingerprint stands here in the host's place, and the content elsewhere.",
        |f| stated::stated(f, stated::block_page).and_then(|s| with(s, f.read_otherwise())),
    )
    .against(AnyWay)
    .rows(&["N5"]),
    rule(
        RuleId::HttpBlockPage,
        VerdictCode::BlockPage,
        Some(Layer::Http),
        &[(95, 0, "")],
        "A page known by its fingerprint stands in the host's place. It states the block itself; no other vantage is needed.",
        |f| stated::stated(f, stated::block_page),
    )
    .limits("A page without a known fingerprint is compared with what another way reads of it (`http.other_page.other_vantage`).")
    .rows(&["N5"]),
    // Our own route.
    rule(
        RuleId::RouteLogin,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 98, "")],
        "The proxy wants a login, or does not accept ours.",
        |f| route::failed(f, RouteFault::Login),
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteGarbage,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 95, "")],
        "What answers at the proxy's address does not speak its protocol, or cannot prove its name.",
        |f| route::failed(f, RouteFault::Garbage),
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteAstray,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(10, 85, "")],
        "The proxy says that it has reached the host, and what it leads to does not speak TLS; no other vantage meets such a \
         thing. A proxy that answers in the host's place lies.",
        |f| f.led_astray().map(found),
    )
    .against(Network)
    .rows(&["N19"]),
    rule(
        RuleId::RouteReply,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 90, "")],
        "The proxy says that it could not or would not, and does not blame the host.",
        |f| route::failed(f, RouteFault::Reply),
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteReplyOtherVantage,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(15, 82, "")],
        "The proxy says that it cannot reach the host, and an independent vantage reaches it: a word against what was seen.",
        |f| compared(f.word_of_a_proxy().into_iter().collect(), f.reached_elsewhere()),
    )
    .against(Network)
    .limits("A proxy whose own network blocks the host says the same.")
    .rows(&["N19"]),
    rule(
        RuleId::RouteDead,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 95, "")],
        "The proxy's own address cannot be reached. That says nothing about the host behind it.",
        |f| route::failed(f, RouteFault::Dead),
    )
    .limits("Whether the proxy is off or its address blocked is not told.")
    .rows(&["N19"]),
    rule(
        RuleId::RouteSilent,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 85, "")],
        "The proxy took the connection and did not answer: it is slow (a Tor that is still building circuits), or the host \
         behind it is; no other vantage failed at the host.",
        |f| if f.down_elsewhere().is_some() { None } else { route::failed(f, RouteFault::Silent) },
    )
    .rows(&["N19"]),
    rule(
        RuleId::RouteUnanswered,
        VerdictCode::RouteFailed,
        Some(Layer::Route),
        &[(2, 85, "")],
        "Not one byte came through the Shadowsocks server that decrypts, which says nothing of itself: silence, or an end. Its \
         password is another, it is something else, or a line is cut, in front of it or behind it; no other vantage failed at the host.",
        |f| if f.down_elsewhere().is_some() { None } else { route::failed(f, RouteFault::Unanswered) },
    )
    .limits("A host that is down behind a good server looks the same where no other way was tried.")
    .rows(&["N19"]),
    // False addresses.
    rule(
        RuleId::DnsBogonAuthenticated,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(40, 55, "")],
        "A resolver that proves itself gives an address that no public name has: nobody on this network can have written that \
         answer. The resolver filters, or whoever owns the name wants it so.",
        |f| some(names::bogon_proved(f)?),
    )
    .rows(&["N1"]),
    rule(
        RuleId::DnsBogonTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(97, 1, "")],
        "The resolver gives an address that no public name has; another resolver gives one that completes TLS for the name.",
        |f| compared(names::bogon(f)?, f.true_addresses()),
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsBogonOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(95, 3, "")],
        "The resolver gives an address that no public name has, and an independent vantage reaches the host.",
        |f| compared(names::bogon(f)?, f.reached_elsewhere()),
    )
    .against(Network)
    .rows(&["N1"]),
    rule(
        RuleId::DnsBogon,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(60, 35, "")],
        "The resolver gives an address that no public name has, and there is nothing to compare it with: a censor, a filter at \
         home, or a name of a private network.",
        |f| some(names::bogon(f)?),
    )
    .rows(&["N1"]),
    rule(
        RuleId::RedirectNowhereName,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 90, "")],
        "The host answers, over TLS that proves it or for another network alike, and redirects to a name that no vantage finds: \
         the fault is the host's, whose redirect it is.",
        stated::to_no_name,
    )
    .against(AnyWay)
    .limits("Where only one resolver in the clear was asked for the second name, it is judged as a name that is not found.")
    .rows(&["N24"]),
    rule(
        RuleId::DnsSilenceNamedResolver,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(50, 48, "")],
        "None of the resolvers that this way names says anything, and another way reaches the host: resolvers of \
         the user's own choice, which are blocked or down.",
        |f| names::of_named(f, OfNamed::Silent),
    )
    .against(AnyWay)
    .rows(&["N12"]),
    rule(
        RuleId::DnsNamedResolverCut,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(65, 32, "")],
        "The connection to a resolver that this way names is reset, no other of its resolvers knows the name, and another way \
         reaches the host: it is the resolver that is cut off.",
        |f| names::of_named(f, OfNamed::Cut),
    )
    .against(AnyWay)
    .limits("A resolver that resets connections itself looks the same; the weights say so.")
    .rows(&["N12"]),
    rule(
        RuleId::DnsNamedResolverFailed,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(30, 68, "another way reaches the host"), (33, 62, "no other way does")],
        "The resolvers that this way names could not be asked: refused, without a certificate that proves them, ended, with an \
         answer that is none, or of a name that is not found itself. A resolver that is off or misspelt does that, and says \
         nothing of the host.",
        |f| names::of_named(f, OfNamed::Failed).or_else(|| names::of_named_alone(f, OfNamed::Failed)),
    )
    .limits("A censor who refuses connections to the resolver, or shows another certificate in its place, looks the same.")
    .rows(&["N12"]),
    rule(
        RuleId::DnsDeniedAuthenticated,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(40, 55, "")],
        "A resolver that proves itself denies the name, and another way reaches the host: nobody on this network can have \
         written that answer. The resolver filters, is behind the times, or serves another view of the name.",
        |f| names::of_named(f, OfNamed::Denied),
    )
    .against(AnyWay)
    .rows(&["N1", "N12"]),
    rule(
        RuleId::DnsNoAnswerTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(92, 6, "")],
        "The resolver denies the name, or says nothing of it and answers for another one; another resolver gives an address that \
         completes TLS for the name.",
        names::none_by_this_resolver,
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsNoAnswerOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(88, 9, "the name is said not to exist"), (75, 22, "an error, or a name without an address"), (65, 32, "no reason is given")],
        "The resolver denies the name, or says nothing of it and answers for another one, and an independent vantage, which \
         resolves it elsewhere, reaches the host.",
        names::none_here,
    )
    .against(Network)
    .limits("A name whose signatures are broken (DNSSEC) gets an error from resolvers that check them, and an address from others; the weights say so.")
    .rows(&["N1"]),
    rule(
        RuleId::DnsUnansweredOtherVantage,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(40, 55, "")],
        "The resolver answers with an error or not at all, nothing shows that it answers for any other name, and another way \
         reaches the host: a resolver that is dead, out of order or not meant for this device, or one that is cut off.",
        names::unanswered,
    )
    .against(AnyWay)
    .limits("Only a probe asks the resolver for another name, to tell the two apart.")
    .rows(&["N1"]),
    rule(
        RuleId::DnsWrongCertificateTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(93, 5, "")],
        "At the address that the resolver gives, somebody answers who cannot prove the name; another resolver gives an address \
         where it is proved.",
        |f| certificates::fault(f).filter(|fault| !certificates::of_time(*fault)).and_then(|_| names::false_address(f)),
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsDeadAddressTrueAddress,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(78, 17, "")],
        "The address that the resolver gives does not work; another resolver gives one where the name is proved, and nothing \
         shows that the first is the host's.",
        |f| match f.said()? {
            Sign::Cut(..) if !f.only_dead_ipv6() => names::false_address(f),
            _ => None,
        },
    )
    .against(Answers)
    .limits("A stale or distant answer looks the same; the weights say so.")
    .rows(&["N1", "N14"]),
    rule(
        RuleId::DnsRewritten,
        VerdictCode::OriginDown,
        Some(Layer::Dns),
        &[(8, 89, "")],
        "The name does not exist, says a resolver for which nobody on the way can answer, or no network elsewhere finds it; this \
         network's resolver gives an address for it all the same, where nobody can prove the name. Providers do that to show \
         advertisements: it is no block.",
        |f| names::rewritten(f, true),
    )
    .against(Answers)
    .rows(&["N1", "N24"]),
    rule(
        RuleId::DnsRewrittenUnproved,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(35, 62, "")],
        "One resolver says that the name does not exist, another gives an address where nobody can prove the name; on the way to \
         both anybody can have answered.",
        |f| names::rewritten(f, false),
    )
    .against(Answers)
    .rows(&["N1"]),
    rule(
        RuleId::DnsNoAnswerEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Dns),
        &[(10, 88, "")],
        "The name is not resolved here, and vantages elsewhere cannot reach the host either.",
        |f| compared(names::none(f)?, f.down_elsewhere()?),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::DnsNoAnswer,
        VerdictCode::Unknown,
        Some(Layer::Dns),
        &[(35, 62, "the name is denied"), (45, 52, "nothing, or an error, is answered")],
        "The name is not resolved, and no independent vantage was asked: a name that does not exist, a resolver that is out of \
         order, or a block.",
        names::none_alone,
    )
    .rows(&["N1"]),
    // Certificates.
    rule(
        RuleId::ClockTwoHosts,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(2, 95, "")],
        "Certificates of two different hosts are out of their time by this device's clock, and none is in it: the clock is \
         wrong, not the hosts.",
        |f| certificates::bad(f).and_then(|_| some(f.two_clocks())),
    )
    .against(Hosts)
    .rows(&["N13"]),
    rule(
        RuleId::DnsAnotherHostOtherVantage,
        VerdictCode::DnsTampered,
        Some(Layer::Dns),
        &[(75, 20, "")],
        "At the address that the resolver gives, another host proves a name of its own by a certificate that is trusted, and an \
         independent vantage sees the true one: whoever forges has no such certificate, the address is false.",
        names::another_host,
    )
    .against(Network)
    .limits("One server of many that was set up for another name, or a box on the way with a certificate of its own, looks the same.")
    .rows(&["N1"]),
    rule(
        RuleId::TlsCertificateOtherVantage,
        VerdictCode::TlsMitm,
        Some(Layer::Tls),
        &[(93, 4, "nobody's certificate, or another name's"), (70, 27, "one out of its time, or of no use")],
        "The certificate here does not prove the host, and another vantage sees one that does, by the same clock.",
        certificates::forged,
    )
    .against(Network)
    .limits("One server of many with a forgotten certificate looks the same; the weights say so.")
    .rows(&["N4"]),
    rule(
        RuleId::ClockDate,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(2, 96, "")],
        "The certificate is out of its time by this device's clock, and a host that proved its name in the same access tells a \
         time more than a day away, on the side that explains it: the clock is wrong.",
        certificates::by_date,
    )
    .against(Hosts)
    .limits("A certificate that is over by both clocks looks the same. Where another vantage sees a good one by the same clock, it is a matter of the network.")
    .rows(&["N13"]),
    rule(
        RuleId::ClockNotYetValid,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(3, 94, "")],
        "The certificate's time has not begun by this device's clock: hosts seldom err so, clocks often do.",
        certificates::not_yet_valid,
    )
    .rows(&["N13"]),
    rule(
        RuleId::OriginCertificateExpiredOrClock,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(5, 92, "")],
        "The certificate's time is over by this device's clock, and no vantage sees another: the host's fault, or the clock's.",
        certificates::expired,
    )
    .rows(&["N13", "N24"]),
    rule(
        RuleId::OriginCertificateEverywhere,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(5, 92, "")],
        "The certificate does not prove the host, on any vantage: the host's own fault.",
        |f| compared(certificates::bad(f)?, f.certificates_elsewhere()),
    )
    .against(Network)
    .rows(&["N4", "N24"]),
    rule(
        RuleId::OriginCertificate,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(45, 52, "")],
        "The certificate does not prove the host, and no vantage shows a better one. It is not continued on; whether it is \
         forged cannot be told.",
        |f| some(certificates::bad(f)?),
    )
    .rows(&["N4", "N24"]),
    // TCP.
    rule(
        RuleId::TcpIpv6,
        VerdictCode::Unknown,
        Some(Layer::Network),
        &[(20, 70, "")],
        "Only IPv6 addresses were tried, and nothing shows that IPv6 works here: a broken IPv6 at home looks like blocking.",
        |f| if f.only_dead_ipv6() { some(f.subject.clone()) } else { None },
    )
    .rows(&["N2"]),
    rule(
        RuleId::TcpLocal,
        VerdictCode::OriginDown,
        Some(Layer::Tcp),
        &[(3, 95, "")],
        "The user named a host on this device or in this network, and it does not answer there: no censor sits in between.",
        cuts::local,
    )
    .rows(&["N24"]),
    rule(
        RuleId::TcpResetOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(90, 7, "")],
        "Connections to the address are reset here, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Reset, How::Closed, How::Garbage, How::Alert]),
    )
    .against(Network)
    .rows(&["N2"]),
    rule(
        RuleId::TcpRefusedOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(80, 17, "")],
        "Connections to the address are refused here, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Refused]),
    )
    .against(Network)
    .limits("A host may refuse a network by a rule of its own.")
    .rows(&["N2"]),
    rule(
        RuleId::TcpUnreachableOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(80, 17, "")],
        "The address is said to be unreachable here, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Unreachable]),
    )
    .against(Network)
    .limits("A path that is broken between two networks looks the same.")
    .rows(&["N2"]),
    rule(
        RuleId::TcpSilenceOtherVantage,
        VerdictCode::TcpBlocked,
        Some(Layer::Tcp),
        &[(85, 12, "")],
        "Connections to the address are not answered here for three seconds, and an independent vantage reaches the host.",
        |f| cuts::here(f, Stage::Tcp, &[How::Silence]),
    )
    .against(Network)
    .limits("A path that is broken between two networks looks the same, and so does a host that drops what comes from this one.")
    .rows(&["N2"]),
    rule(
        RuleId::TcpEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Tcp),
        &[(8, 90, "")],
        "No connection to the host is made, here or from another network in another country.",
        |f| cuts::everywhere(f, Stage::Tcp),
    )
    .against(Abroad)
    .rows(&["N2", "N24"]),
    rule(
        RuleId::TcpCut,
        VerdictCode::Unknown,
        Some(Layer::Tcp),
        &[(48, 49, "silence, a reset, or said to be unreachable"), (30, 67, "refused")],
        "No connection to the host is made, and no independent vantage could be compared: blocked or down.",
        |f| cuts::alone(f, Stage::Tcp),
    )
    .rows(&["N2"]),
    // TLS.
    rule(
        RuleId::TlsResetShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(92, 5, "")],
        "The connection is reset when the ClientHello names the host, and TLS is completed at the same address, over the same network, by one in which the name is cut or encrypted: it \
         is the name that is cut off.",
        |f| cuts::of_the_name(f, &[How::Reset]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsClosedShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(88, 9, "")],
        "The connection is closed when the ClientHello names the host, and TLS is completed at the same address, over the same network, by one in which the name is cut or encrypted: it \
         is the name that is cut off.",
        |f| cuts::of_the_name(f, &[How::Closed]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsSilenceShaped,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(90, 7, "")],
        "The ClientHello that names the host is swallowed, and TLS is completed at the same address, over the same network, by one in which the name is cut or encrypted: it \
         is the name that is cut off.",
        |f| cuts::of_the_name(f, &[How::Silence]),
    )
    .against(Unnamed)
    .rows(&["N3"]),
    rule(
        RuleId::TlsResetOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(95, 2, "")],
        "The connection is reset when the ClientHello names the host, and an independent vantage completes TLS with it.",
        |f| cuts::here(f, Stage::Tls, &[How::Reset]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::TlsClosedOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(88, 9, "")],
        "The connection is closed when the ClientHello names the host, and an independent vantage completes TLS with it.",
        |f| cuts::here(f, Stage::Tls, &[How::Closed]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::TlsSilenceOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(90, 7, "")],
        "The ClientHello that names the host is swallowed, and an independent vantage completes TLS with it.",
        |f| cuts::here(f, Stage::Tls, &[How::Silence]),
    )
    .against(Network)
    .rows(&["N3", "N7", "N8"]),
    rule(
        RuleId::TlsGarbageOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(85, 12, "")],
        "Something that is not TLS answers the ClientHello, and an independent vantage completes TLS with the host.",
        |f| cuts::here(f, Stage::Tls, &[How::Garbage, How::Refused, How::Unreachable]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::TlsAlert,
        VerdictCode::Unknown,
        Some(Layer::Tls),
        &[(45, 52, "")],
        "The ClientHello is answered with an alert here and not elsewhere: hosts do that to some clients, and so can a censor.",
        |f| cuts::here(f, Stage::Tls, &[How::Alert]),
    )
    .against(Network),
    rule(
        RuleId::TlsAlertEverywhere,
        VerdictCode::OriginFault,
        Some(Layer::Tls),
        &[(8, 90, "")],
        "The host refuses TLS with an alert, and no vantage does better.",
        |f| match f.said()? {
            Sign::Cut(Stage::Tls, How::Alert) => compared(f.primary.into_iter().collect(), f.down_elsewhere()?),
            _ => None,
        },
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::TlsEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Tls),
        &[(10, 88, "")],
        "TLS with the host is not completed, here or from another network in another country.",
        |f| cuts::everywhere(f, Stage::Tls),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::TlsCut,
        VerdictCode::Unknown,
        Some(Layer::Tls),
        &[(60, 37, "reset, closed or swallowed"), (30, 67, "refused"), (48, 49, "answered with something else")],
        "The connection is cut in the TLS handshake, and no independent vantage could be compared: blocked or down. An address \
         that accepts connections and then cuts them when a name is said leans to blocked.",
        |f| cuts::alone(f, Stage::Tls),
    )
    .rows(&["N3"]),
    // The talk.
    rule(
        RuleId::HttpResetOtherVantage,
        VerdictCode::HttpInterfered,
        Some(Layer::Http),
        &[(93, 4, "")],
        "The connection is reset when a cleartext request is sent, and an independent vantage gets its answer.",
        |f| cuts::of_the_talk(f, false, Stage::FirstByte, &[How::Reset]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::HttpClosedOtherVantage,
        VerdictCode::HttpInterfered,
        Some(Layer::Http),
        &[(85, 12, "")],
        "The connection is closed when a cleartext request is sent, and an independent vantage gets its answer.",
        |f| cuts::of_the_talk(f, false, Stage::FirstByte, &[How::Closed, How::Garbage]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::HttpSilenceOtherVantage,
        VerdictCode::HttpInterfered,
        Some(Layer::Http),
        &[(85, 12, "")],
        "A cleartext request is swallowed, and an independent vantage gets its answer.",
        |f| cuts::of_the_talk(f, false, Stage::FirstByte, &[How::Silence]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::HttpBodyResetOtherVantage,
        VerdictCode::HttpInterfered,
        Some(Layer::Http),
        &[(80, 17, "")],
        "A cleartext answer is reset or closed in its middle, and an independent vantage gets all of it.",
        |f| cuts::of_the_talk(f, false, Stage::Progress, &[How::Reset, How::Closed, How::Garbage]),
    )
    .against(Network)
    .rows(&["N3"]),
    rule(
        RuleId::HttpEndUnannouncedOtherVantage,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 60, "")],
        "The answer has no length and ends with the connection, without TLS's close_notify (RFC 9112 section 9.8), and by an \
         independent vantage as much of it comes: the host leaves it out. It is not accepted, since one that is cut off looks the same.",
        cuts::unannounced,
    )
    .against(Network)
    .limits("Somebody who cuts both ways off at the same byte would look the same.")
    .rows(&["N24"]),
    rule(
        RuleId::TlsAfterHandshakeResetOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(82, 15, "before the first byte"), (78, 19, "in the middle of the answer")],
        "TLS is completed, then the connection is reset or closed, and an independent vantage gets the answer: nobody on the \
         way can read the request, so that it is the connection that is cut.",
        |f| {
            cuts::of_the_talk(f, true, Stage::FirstByte, &[How::Reset, How::Closed, How::Garbage]).or_else(|| {
                cuts::of_the_talk(f, true, Stage::Progress, &[How::Reset, How::Closed, How::Garbage, How::Unannounced])
                    .map(|found| found.leaning(1))
            })
        },
    )
    .against(Network)
    .rows(&["N3", "N15"]),
    rule(
        RuleId::TlsAfterHandshakeSilenceOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(78, 19, "")],
        "TLS is completed, then no byte comes, and an independent vantage gets the answer.",
        |f| cuts::of_the_talk(f, true, Stage::FirstByte, &[How::Silence]),
    )
    .against(Network)
    .limits("A host that is slow to this network alone looks the same.")
    .rows(&["N15"]),
    rule(
        RuleId::FrozenOtherVantage,
        VerdictCode::Frozen,
        Some(Layer::Network),
        &[(88, 9, "")],
        "The first part of the answer comes and the rest does not, without a reset, and an independent vantage gets all of it.",
        |f| {
            cuts::of_the_talk(f, true, Stage::Progress, &[How::Silence])
                .or_else(|| cuts::of_the_talk(f, false, Stage::Progress, &[How::Silence]))
        },
    )
    .against(Network)
    .rows(&["N6"]),
    rule(
        RuleId::HttpEverywhere,
        VerdictCode::OriginDown,
        Some(Layer::Http),
        &[(8, 90, "")],
        "The host takes connections and does not answer, here or from another network in another country.",
        |f| cuts::everywhere(f, Stage::FirstByte).or_else(|| cuts::everywhere(f, Stage::Progress)),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::HttpEndUnannounced,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(20, 40, "")],
        "The answer has no length and ends with the connection, without TLS's close_notify, and nothing shows whether it is whole: \
         a habit of the host's, or cut off.",
        |f| {
            let ended = |sign: Sign<'_>| sign == Sign::Cut(Stage::Progress, How::Unannounced);
            f.said().filter(|sign| ended(*sign)).and_then(|_| some(f.subject_with(ended)))
        },
    )
    .rows(&["N24"]),
    rule(
        RuleId::HttpCut,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(48, 49, "silence, a reset or an end"), (30, 67, "refused")],
        "The request is not answered, or not to its end, and no independent vantage could be compared: blocked or down.",
        |f| cuts::alone(f, Stage::FirstByte).or_else(|| cuts::alone(f, Stage::Progress)),
    )
    .rows(&["N3", "N6"]),
    // Faulty answers.
    rule(
        RuleId::OriginFaultHere,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(35, 35, "")],
        "The host answers with a fault here and with the content elsewhere: a CDN's challenge, an overload, a rule against this \
         network. That is no block page and no proof of one.",
        |f| compared(stated::origin_fault(f)?, f.read_otherwise()),
    )
    .against(AnyWay)
    .rows(&["N24"]),
    rule(
        RuleId::OriginFault,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 90, "")],
        "The host answers with a fault of its own, and no vantage gets a better answer.",
        |f| {
            let elsewhere = f.found_abroad(|finding| matches!(finding, Finding::OriginFault { .. }));
            some([stated::origin_fault(f)?, elsewhere].concat())
        },
    )
    .rows(&["N24"]),
    rule(
        RuleId::BodyUnfinished,
        VerdictCode::Unknown,
        Some(Layer::Network),
        &[(30, 30, "at less than 32 kB/s"), (5, 5, "faster than that")],
        "The answer was still coming, for two seconds or more, when the time was over, and no other network was shown to be \
         faster: a slow path, a slow host, a long page, or somebody who slows it down.",
        network::still_comes,
    )
    .rows(&["N10"]),
    // What says nothing.
    rule(
        RuleId::NotWaitedFor,
        VerdictCode::Unknown,
        None,
        &[(25, 25, "")],
        "It was given up before its silence meant anything: another route was faster.",
        |f| some((0..f.case.subject.len()).filter(|index| f.sign(*index) == Sign::Waiting).collect()),
    )
    .limits("Three seconds of silence are evidence (RFC 6298: a lost packet was sent again by then), less is none."),
    rule(
        RuleId::Unknown,
        VerdictCode::Unknown,
        None,
        &[(45, 50, "")],
        "No rule tells what it is: blocked or down.",
        |f| Some(found(f.subject.iter().copied())),
    ),
];
