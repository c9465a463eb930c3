//! Which of the possible events a verdict reports: chosen once for each rule, from the evidence.

use super::context::VerdictContext;
use super::happened::Happened;
use crate::reach::{Attempt, RuleId};
use crate::transport::{Cause, Stage};

impl<'a> Happened<'a> {
    /// The only place of this choice. A new rule does not compile until it has its message here.
    pub(super) fn of(told: &VerdictContext<'a>) -> Self {
        let reached = told.reached.is_some();
        let pages = || told.verdict.pages.as_deref();
        match told.verdict.rule {
            RuleId::NothingTried if told.was_looked_up() => Self::LookedUpOnly,
            RuleId::NothingTried if told.is_kept_from_proxies() => Self::IsThisDevice,
            RuleId::NothingTried => Self::NotTried,
            RuleId::NotWaitedFor | RuleId::Unknown if told.ran_out() => Self::GivenTimeOver,
            RuleId::NotWaitedFor if reached => Self::NotWaitedFor,
            RuleId::NotWaitedFor => Self::TimeOver,
            RuleId::Unknown => told.onion_fault().map_or(Self::BlockedOrDown, Self::Onion),

            RuleId::Reachable if told.subject.is_direct() => Self::Answers { except: told.cut_address() },
            RuleId::Reachable => Self::AnswersByProxy,
            RuleId::ReachableCleartext if told.is_onion_by_tor_here() => Self::OnionAnswers,
            RuleId::ReachableCleartext => pages().map_or(Self::Cleartext, Self::CleartextVersion),
            RuleId::HttpOtherAnswerOtherVantage => Self::OtherAnswer(pages()),
            RuleId::HttpOtherPageOtherVantage => Self::OtherPage(pages()),

            RuleId::PlatformGone => Self::Gone,
            RuleId::PlatformNoticeOtherCountry => Self::Withheld { here: true, claim: told.claim() },
            RuleId::PlatformNoticeEverywhere | RuleId::PlatformNotice => {
                Self::Withheld { here: false, claim: told.claim() }
            }
            RuleId::Http451OtherVantage | RuleId::Http451 => Self::Legal451(told.claim()),
            RuleId::HttpBlockPageOtherVantage | RuleId::HttpBlockPage => Self::BlockPage(told.claim()),

            RuleId::Offline => Self::Offline,
            RuleId::Portal | RuleId::PortalUnvalidated => Self::Portal,
            RuleId::WhitelistFirstHops => Self::Whitelist,
            RuleId::ThrottledHandshakeOtherVantage
            | RuleId::ThrottledRateOtherVantage
            | RuleId::ThrottledRateUnfinished => Self::Slow,
            RuleId::FrozenOtherVantage => Self::Frozen,

            RuleId::RouteLogin => Self::LoginRefused,
            RuleId::RouteGarbage => match told.met(Stage::Proxy) {
                Some(Cause::Certificate { fault }) => Self::ProxyUnproved(*fault),
                _ => Self::NoProxy,
            },
            RuleId::RouteAstray => Self::ProxyAstray,
            RuleId::RouteReplyOtherVantage => Self::ProxyRefuses,
            RuleId::RouteDead if told.subject.is_tor() => match (told.tor_stall(), told.subject.server()) {
                (Some(stall), _) => Self::TorNotStarted(stall),
                (None, Some(_)) => Self::NoTor,
                // The one within the program has no port where it should run.
                (None, None) => Self::RouteFailed,
            },
            RuleId::RouteSilent if told.is_mute() => Self::MuteTor,
            RuleId::RouteSilent if told.subject.is_tor() => Self::TorNotYet,
            RuleId::RouteReply => match told.tor_fault() {
                Some(fault) if told.is_onion() => Self::TorRefusesOnion(fault),
                Some(fault) => Self::TorRefuses(fault),
                None => Self::RouteFailed,
            },
            RuleId::RouteDead | RuleId::RouteSilent => Self::RouteFailed,
            RuleId::RouteUnanswered if reached => Self::ProxyMute,
            RuleId::RouteUnanswered => Self::ProxyMuteOrHostDown,

            RuleId::DnsBogonAuthenticated => Self::BogonProved,
            RuleId::DnsBogon => Self::Bogon(told.doubt()),
            RuleId::DnsInjected => Self::ContradictingAnswers,
            RuleId::DnsBlockAddress => Self::BlockPageAddress,
            RuleId::DnsFalseAnswer
            | RuleId::DnsBogonTrueAddress
            | RuleId::DnsBogonOtherVantage
            | RuleId::DnsWrongCertificateTrueAddress
            | RuleId::DnsDeadAddressTrueAddress
            | RuleId::DnsAnotherHostOtherVantage => Self::FalseAnswer,
            RuleId::DnsSilenceNamedResolver => Self::NamedResolversSilent,
            RuleId::DnsNamedResolverCut => Self::NamedResolverCut,
            RuleId::DnsNamedResolverFailed => Self::NamedResolverFailed(told.resolver_fault()),
            RuleId::DnsDeniedAuthenticated => Self::NoAddressProved,
            RuleId::DnsNoAnswerTrueAddress | RuleId::DnsNoAnswerOtherVantage => Self::NoAddressHere,
            RuleId::DnsUnansweredOtherVantage => Self::ResolverMute,
            RuleId::DnsRewritten => Self::InventedAddress,
            RuleId::DnsRewrittenUnproved => Self::DisputedName(told.doubt()),
            RuleId::DnsNoAnswer => Self::NoAddress(told.doubt()),

            RuleId::ClockDate => {
                let ahead = Attempt::clock_ahead_of_all(told.attempts).unwrap_or_default();
                Self::ClockOff { behind: ahead < 0, days: (ahead.unsigned_abs() + DAY / 2) / DAY }
            }
            RuleId::ClockTwoHosts | RuleId::ClockNotYetValid if told.clock_is_behind() => Self::ClockTooEarly,
            RuleId::ClockTwoHosts | RuleId::ClockNotYetValid => Self::ClockTooLate,
            RuleId::OriginCertificateExpiredOrClock => Self::ExpiredOrClock,
            RuleId::OriginCertificateEverywhere => Self::CertificateBadEverywhere,
            RuleId::OriginCertificate => Self::CertificateBad(told.doubt()),
            RuleId::TlsCertificateOtherVantage => Self::ForgedCertificate,

            RuleId::TcpIpv6 => Self::OnlyIpv6,
            RuleId::TcpLocal => Self::NothingHere,
            RuleId::TcpCut => told.onion_fault().map_or_else(|| Self::NoConnection(told.doubt()), Self::Onion),
            RuleId::TcpResetOtherVantage
            | RuleId::TcpRefusedOtherVantage
            | RuleId::TcpUnreachableOtherVantage
            | RuleId::TcpSilenceOtherVantage => Self::AddressCut,

            RuleId::TlsGarbageOtherVantage if told.met_no_tls() => Self::NoTlsHere,
            RuleId::TlsResetShaped
            | RuleId::TlsClosedShaped
            | RuleId::TlsSilenceShaped
            | RuleId::TlsResetOtherVantage
            | RuleId::TlsClosedOtherVantage
            | RuleId::TlsSilenceOtherVantage
            | RuleId::TlsGarbageOtherVantage => match told.host_is_address() {
                true => Self::EncryptedCutHere,
                false => Self::NameCutHere,
            },
            RuleId::TlsCut if told.met_no_tls() => Self::NoTls(told.doubt()),
            RuleId::TlsCut if told.is_onion() => Self::OnionCut,
            RuleId::TlsCut if told.host_is_address() => Self::EncryptedCut(told.doubt()),
            RuleId::TlsCut => Self::NameCut(told.doubt()),
            RuleId::TlsAlert => Self::TlsRefusedHere,
            RuleId::TlsAfterHandshakeResetOtherVantage | RuleId::TlsAfterHandshakeSilenceOtherVantage => {
                Self::EncryptedCutHere
            }

            RuleId::HttpResetOtherVantage
            | RuleId::HttpClosedOtherVantage
            | RuleId::HttpSilenceOtherVantage
            | RuleId::HttpBodyResetOtherVantage => Self::RequestCutHere,
            RuleId::HttpRedirectOtherVantage => Self::RedirectsAstrayInCleartext,
            RuleId::RedirectHere => Self::RedirectsAstray,
            RuleId::RedirectNowhere => Self::RedirectsNowhere,
            RuleId::RedirectNowhereCleartext => Self::Unvouched,
            RuleId::RedirectNowhereName => Self::RedirectToNoName,
            RuleId::HttpEndUnannouncedOtherVantage => Self::NoEndAnywhere,
            RuleId::HttpEndUnannounced => Self::NoEnd,
            RuleId::HttpCut if told.is_onion() => Self::OnionCut,
            RuleId::HttpCut => Self::Unanswered(told.doubt()),
            RuleId::BodyUnfinished if reached => Self::BodyOvertaken,
            RuleId::BodyUnfinished => Self::BodyUnfinished,

            RuleId::TcpEverywhere => told.onion_fault().map_or(Self::Down, Self::Onion),
            RuleId::DnsNoAnswerEverywhere | RuleId::TlsEverywhere | RuleId::HttpEverywhere => Self::Down,
            RuleId::HttpUnvouchedOtherVantage => Self::UnvouchedHere,
            // No one on the path can have written it.
            RuleId::HttpUnvouched if told.is_onion_by_tor_here() => Self::Fault,
            RuleId::HttpUnvouched => told.too_strict().map_or(Self::Unvouched, Self::UnvouchedForm),
            RuleId::OriginFaultHere => Self::FaultHere,
            RuleId::OriginFault if told.is_other_file() => Self::OtherFile,
            RuleId::OriginFault | RuleId::TlsAlertEverywhere => match (told.refusal(), told.too_strict()) {
                (Some(status), _) => Self::Refuses(status),
                (None, Some(strict)) => Self::NotAccepted(strict),
                (None, None) => Self::Fault,
            },
        }
    }
}

/// Seconds.
const DAY: u64 = 24 * 60 * 60;
