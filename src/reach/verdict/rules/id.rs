//! The ids of the rules.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! rule_ids {
    ($($rule:ident => $code:literal,)*) => {
        /// The rule that made a verdict. docs/verdicts.md says when each rule applies, and why.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum RuleId {
            $(
                #[doc = concat!("`", $code, "`")]
                #[serde(rename = $code)]
                $rule,
            )*
        }

        impl RuleId {
            /// All rules, in the order in which they are tried.
            pub const ALL: &'static [Self] = &[$(RuleId::$rule,)*];

            /// The stable code, which is also the serialised form: `tls.reset.other_vantage`.
            pub fn code(self) -> &'static str {
                match self {
                    $(RuleId::$rule => $code,)*
                }
            }
        }
    };
}

rule_ids! {
    PlatformGone => "platform.gone",
    NothingTried => "nothing.tried",
    PlatformNoticeOtherCountry => "platform.notice.other_country",
    PlatformNoticeEverywhere => "platform.notice.everywhere",
    PlatformNotice => "platform.notice",
    HttpRedirectOtherVantage => "http.redirect.other_vantage",
    RedirectHere => "redirect.here",
    RedirectNowhere => "redirect.nowhere",
    RedirectNowhereCleartext => "redirect.nowhere.cleartext",
    DnsInjected => "dns.injected",
    DnsFalseAnswer => "dns.false_answer",
    DnsBlockAddress => "dns.block_address",
    HttpOtherPageOtherVantage => "http.other_page.other_vantage",
    ThrottledHandshakeOtherVantage => "throttled.handshake.other_vantage",
    ThrottledRateOtherVantage => "throttled.rate.other_vantage",
    ThrottledRateUnfinished => "throttled.rate.unfinished",
    HttpOtherAnswerOtherVantage => "http.other_answer.other_vantage",
    ReachableCleartext => "reachable.cleartext",
    Reachable => "reachable",
    Offline => "offline",
    Portal => "portal",
    PortalUnvalidated => "portal.unvalidated",
    WhitelistFirstHops => "whitelist.first_hops",
    Http451OtherVantage => "http.451.other_vantage",
    Http451 => "http.451",
    HttpBlockPageOtherVantage => "http.block_page.other_vantage",
    HttpBlockPage => "http.block_page",
    RouteLogin => "route.login",
    RouteGarbage => "route.garbage",
    RouteAstray => "route.astray",
    RouteReply => "route.reply",
    RouteReplyOtherVantage => "route.reply.other_vantage",
    RouteDead => "route.dead",
    RouteSilent => "route.silent",
    RouteUnanswered => "route.unanswered",
    DnsBogonAuthenticated => "dns.bogon.authenticated",
    DnsBogonTrueAddress => "dns.bogon.true_address",
    DnsBogonOtherVantage => "dns.bogon.other_vantage",
    DnsBogon => "dns.bogon",
    RedirectNowhereName => "redirect.nowhere.name",
    DnsSilenceNamedResolver => "dns.silence.named_resolver",
    DnsNamedResolverCut => "dns.named_resolver.cut",
    DnsNamedResolverFailed => "dns.named_resolver.failed",
    DnsDeniedAuthenticated => "dns.denied.authenticated",
    DnsNoAnswerTrueAddress => "dns.no_answer.true_address",
    DnsNoAnswerOtherVantage => "dns.no_answer.other_vantage",
    DnsUnansweredOtherVantage => "dns.unanswered.other_vantage",
    DnsWrongCertificateTrueAddress => "dns.wrong_certificate.true_address",
    DnsDeadAddressTrueAddress => "dns.dead_address.true_address",
    DnsRewritten => "dns.rewritten",
    DnsRewrittenUnproved => "dns.rewritten.unproved",
    DnsNoAnswerEverywhere => "dns.no_answer.everywhere",
    DnsNoAnswer => "dns.no_answer",
    ClockTwoHosts => "clock.two_hosts",
    DnsAnotherHostOtherVantage => "dns.another_host.other_vantage",
    TlsCertificateOtherVantage => "tls.certificate.other_vantage",
    ClockDate => "clock.date",
    ClockNotYetValid => "clock.not_yet_valid",
    OriginCertificateExpiredOrClock => "origin.certificate.expired_or_clock",
    OriginCertificateEverywhere => "origin.certificate.everywhere",
    OriginCertificate => "origin.certificate",
    TcpIpv6 => "tcp.ipv6",
    TcpLocal => "tcp.local",
    TcpResetOtherVantage => "tcp.reset.other_vantage",
    TcpRefusedOtherVantage => "tcp.refused.other_vantage",
    TcpUnreachableOtherVantage => "tcp.unreachable.other_vantage",
    TcpSilenceOtherVantage => "tcp.silence.other_vantage",
    TcpEverywhere => "tcp.everywhere",
    TcpCut => "tcp.cut",
    TlsResetShaped => "tls.reset.shaped",
    TlsClosedShaped => "tls.closed.shaped",
    TlsSilenceShaped => "tls.silence.shaped",
    TlsResetOtherVantage => "tls.reset.other_vantage",
    TlsClosedOtherVantage => "tls.closed.other_vantage",
    TlsSilenceOtherVantage => "tls.silence.other_vantage",
    TlsGarbageOtherVantage => "tls.garbage.other_vantage",
    TlsAlert => "tls.alert",
    TlsAlertEverywhere => "tls.alert.everywhere",
    TlsEverywhere => "tls.everywhere",
    TlsCut => "tls.cut",
    HttpResetOtherVantage => "http.reset.other_vantage",
    HttpClosedOtherVantage => "http.closed.other_vantage",
    HttpSilenceOtherVantage => "http.silence.other_vantage",
    HttpBodyResetOtherVantage => "http.body_reset.other_vantage",
    HttpEndUnannouncedOtherVantage => "http.end_unannounced.other_vantage",
    TlsAfterHandshakeResetOtherVantage => "tls.after_handshake.reset.other_vantage",
    TlsAfterHandshakeSilenceOtherVantage => "tls.after_handshake.silence.other_vantage",
    FrozenOtherVantage => "frozen.other_vantage",
    HttpEverywhere => "http.everywhere",
    HttpEndUnannounced => "http.end_unannounced",
    HttpCut => "http.cut",
    HttpUnvouchedOtherVantage => "http.unvouched.other_vantage",
    HttpUnvouched => "http.unvouched",
    OriginFaultHere => "origin.fault.here",
    OriginFault => "origin.fault",
    BodyUnfinished => "body.unfinished",
    NotWaitedFor => "not_waited_for",
    Unknown => "unknown",
}

impl fmt::Display for RuleId {
    /// Prints the code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
