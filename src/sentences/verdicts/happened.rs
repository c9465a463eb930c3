//! What happened, for a verdict's sentence: chosen once for each rule, from the evidence, without a language.

use std::net::IpAddr;

use crate::reach::{PageComparison, Statement};
use crate::transport::{CertificateFault, MessageFault, OnionFault, TorFault, TorStall};

/// What happened, as data. Every rule has a value, by an exhaustive match; every language words each of them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sentences) enum Happened<'a> {
    /// The name was looked up, and nothing was sent after that.
    LookedUpOnly,
    /// Nothing was tried.
    NotTried,
    /// The host is this device, which the strategy cannot reach.
    IsThisDevice,
    /// The time that the app gave was over.
    GivenTimeOver,
    /// The time was over.
    TimeOver,
    /// Another strategy was faster.
    NotWaitedFor,
    /// The end of the page is not announced, here or elsewhere.
    NoEndAnywhere,
    /// The end of the page is not announced, and nothing shows whether the page is complete.
    NoEnd,
    /// In cleartext, a different page comes here than elsewhere, and nothing explains the difference.
    OtherPage(Option<&'a PageComparison>),
    /// In cleartext, a different answer comes here than elsewhere, as sites differ.
    OtherAnswer(Option<&'a PageComparison>),
    /// It answers in cleartext, and nothing confirms what was read.
    Cleartext,
    /// It answers in cleartext, and another strategy reads a page that is alike and not equal.
    CleartextVersion(&'a PageComparison),
    /// The page was still coming when another strategy had it.
    BodyOvertaken,
    /// The page was still coming when the time was over.
    BodyUnfinished,
    /// In cleartext, redirects lead nowhere, and not elsewhere.
    RedirectsAstrayInCleartext,
    /// Redirects lead nowhere, and not elsewhere.
    RedirectsAstray,
    /// Redirects lead nowhere.
    RedirectsNowhere,
    /// A redirect leads to a name that is not found.
    RedirectToNoName,
    /// An authenticated resolver gives an address that no website has.
    BogonProved,
    /// A resolver gives an address that no website has.
    Bogon(Doubt),
    /// No address is found.
    NoAddress(Doubt),
    /// No address is found here, but one is found elsewhere.
    NoAddressHere,
    /// An authenticated resolver says that there is no address, and elsewhere there is one.
    NoAddressProved,
    /// The resolver of this network does not answer for the name, nor was it seen to answer for another.
    ResolverMute,
    /// The resolvers that the strategy names do not answer.
    NamedResolversSilent,
    /// The connection to the resolver that the strategy names is cut.
    NamedResolverCut,
    /// The resolver that the strategy names could not be asked.
    NamedResolverFailed(ResolverFault),
    /// Two answers contradict each other.
    ContradictingAnswers,
    /// A resolver gives the address of a known block page.
    BlockPageAddress,
    /// A resolver gives a false answer.
    FalseAnswer,
    /// The name does not exist, and a resolver gives an address for it.
    InventedAddress,
    /// One resolver gives an address, and another says that the name does not exist.
    DisputedName(Doubt),
    /// The clock is wrong, compared with another host's time.
    ClockOff {
        /// It is behind, not ahead.
        behind: bool,
        /// The difference in days.
        days: u64,
    },
    /// The clock seems to be set too early.
    ClockTooEarly,
    /// The clock seems to be set too late.
    ClockTooLate,
    /// The certificate is out of date, or the clock is wrong.
    ExpiredOrClock,
    /// No strategy meets a certificate that proves the host.
    CertificateBadEverywhere,
    /// The certificate does not prove the host.
    CertificateBad(Doubt),
    /// Someone here shows a certificate of their own.
    ForgedCertificate,
    /// Only IPv6 was tried.
    OnlyIpv6,
    /// Nothing answers on this device or in its network.
    NothingHere,
    /// No connection is made.
    NoConnection(Doubt),
    /// Connections to the address are cut here.
    AddressCut,
    /// The connection is cut when the host is named.
    NameCut(Doubt),
    /// No TLS is made with a host that has no name.
    EncryptedCut(Doubt),
    /// The connection is cut here when the host is named.
    NameCutHere,
    /// The server does not speak TLS.
    NoTls(Doubt),
    /// The server here does not speak TLS.
    NoTlsHere,
    /// The host refuses TLS here.
    TlsRefusedHere,
    /// Encrypted connections are cut here.
    EncryptedCutHere,
    /// The connection is accepted, and not answered completely.
    Unanswered(Doubt),
    /// A cleartext request is cut here.
    RequestCutHere,
    /// An answer in cleartext without the content came here, and the content elsewhere.
    UnvouchedHere,
    /// An answer in cleartext without the content.
    Unvouched,
    /// An answer in cleartext that this program does not accept.
    UnvouchedForm(TooStrict),
    /// The host answers with an error here.
    FaultHere,
    /// The host answers with a fault.
    Fault,
    /// The host gives files that are not those that the community signed.
    OtherFile,
    /// The host itself refuses, with this status.
    Refuses(u16),
    /// The host answers, and this program does not accept it.
    NotAccepted(TooStrict),
    /// The proxy did not accept the login.
    LoginRefused,
    /// The Tor within this process did not start.
    TorNotStarted(TorStall),
    /// Tor runs, and did not reach the onion service.
    Onion(OnionFault),
    /// Tor runs, and opened no stream; that is not the host's doing.
    TorRefuses(TorFault),
    /// Tor runs, and opened no stream to an onion service; it does not say whose doing that is.
    TorRefusesOnion(TorFault),
    /// What listens where Tor should run does not answer as Tor does.
    MuteTor,
    /// A connection to the onion service broke before its answer was complete.
    OnionCut,
    /// An onion service answers over Tor's own encryption alone.
    OnionAnswers,
    /// No Tor runs where it should.
    NoTor,
    /// Tor runs, and has not reached the host yet.
    TorNotYet,
    /// Nothing came back through a proxy that never gives a reason, and the host is reached otherwise.
    ProxyMute,
    /// Nothing came back through a proxy that never gives a reason.
    ProxyMuteOrHostDown,
    /// The proxy leads to something else.
    ProxyAstray,
    /// The proxy says that it cannot reach the host, which is reached otherwise.
    ProxyRefuses,
    /// The server is not such a proxy.
    NoProxy,
    /// The certificate there does not prove that proxy.
    ProxyUnproved(CertificateFault),
    /// The strategy itself failed.
    RouteFailed,
    /// The host answers directly.
    Answers {
        /// One of its addresses does not.
        except: Option<IpAddr>,
    },
    /// The host answers through a proxy or Tor.
    AnswersByProxy,
    /// A block page is shown.
    BlockPage(Claim<'a>),
    /// HTTP 451.
    Legal451(Claim<'a>),
    /// The platform withholds it.
    Withheld {
        /// The content is not withheld in every country.
        here: bool,
        /// The platform's statement.
        claim: Claim<'a>,
    },
    /// Answers stop coming after their first part.
    Frozen,
    /// It comes slowly here.
    Slow,
    /// The network wants a login.
    Portal,
    /// There is no network.
    Offline,
    /// Only a few addresses are let through.
    Whitelist,
    /// The host answers on no network.
    Down,
    /// The platform says that the community no longer exists.
    Gone,
    /// Blocked or down.
    BlockedOrDown,
}

/// Why the cause stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sentences) enum Doubt {
    /// The other strategies that were tried failed too.
    OthersFailed,
    /// No other strategy was tried.
    NoOtherWay,
}

/// Why a resolver that the strategy names could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sentences) enum ResolverFault {
    /// It accepts no connections.
    Refused,
    /// Its certificate does not prove it.
    Unproved,
    /// Its own name is not found.
    NameNotFound,
    /// The connection is closed.
    Closed,
    /// It answers with an error.
    Error,
    /// Its answer is not DNS.
    NoDns,
    /// It cannot be reached.
    Unreached,
}

/// The part of an answer that this program does not accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sentences) enum TooStrict {
    /// Its form.
    Form(MessageFault),
    /// Its size.
    Size,
}

/// What the block says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sentences) struct Claim<'a> {
    /// The authority that ordered it.
    pub(in crate::sentences) authority: Option<&'a str>,
    /// Its own words, on one line and not too long.
    pub(in crate::sentences) text: Option<String>,
}

impl<'a> Claim<'a> {
    pub(super) fn of(statement: Option<&'a Statement>) -> Self {
        let Some(Statement { authority, text, .. }) = statement else { return Self::default() };
        Self {
            authority: authority.as_deref().map(|authority| authority.trim().trim_end_matches('.')),
            text: text.as_deref().and_then(quoted),
        }
    }
}

/// A statement's own words, on one line and not too long.
fn quoted(text: &str) -> Option<String> {
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

/// A statement is quoted to about four lines of a phone.
const QUOTED_CHARS: usize = 240;
