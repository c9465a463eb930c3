//! Rules for requests and answers.

use super::super::code::{Layer, VerdictCode};
use super::super::facts::{How, Sign};
use super::id::RuleId;
use super::rule::Against::{Abroad, AnyWay, Network};
use super::rule::{Rule, compared, rule, some};
use super::{cuts, network, stated};
use crate::reach::Finding;
use crate::transport::Stage;

/// Requests and answers that are cut.
pub(super) const EXCHANGES: &[Rule] = &[
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
        "The answer has no length and ends with the connection, without TLS's close_notify (RFC 9112 section 9.8), and \
         an independent vantage gets as much of it: the host omits the close_notify. The answer is not accepted, \
         because a truncated one looks the same.",
        cuts::unannounced,
    )
    .against(Network)
    .limits("A middlebox that cuts both routes at the same byte would look the same.")
    .rows(&["N24"]),
    rule(
        RuleId::TlsAfterHandshakeResetOtherVantage,
        VerdictCode::TlsInterfered,
        Some(Layer::Tls),
        &[(82, 15, "before the first byte"), (78, 19, "in the middle of the answer")],
        "TLS is completed, then the connection is reset or closed, and an independent vantage gets the answer. No one \
         on the path can read the request, so the connection itself is the target.",
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
    .limits("A host that is slow only towards this network looks the same.")
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
        "The host accepts connections and does not answer, here or on another network in another country.",
        |f| cuts::everywhere(f, Stage::FirstByte).or_else(|| cuts::everywhere(f, Stage::Progress)),
    )
    .against(Abroad)
    .rows(&["N24"]),
    rule(
        RuleId::HttpEndUnannounced,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(20, 40, "")],
        "The answer has no length and ends with the connection, without TLS's close_notify, and nothing shows whether \
         it is complete. Either the host omits the close_notify, or the answer is truncated.",
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
        "The request is not answered, or not completely, and there is no independent vantage: blocked or down.",
        |f| cuts::alone(f, Stage::FirstByte).or_else(|| cuts::alone(f, Stage::Progress)),
    )
    .rows(&["N3", "N6"]),
];

/// Faulty answers.
pub(super) const FAULTS: &[Rule] = &[
    rule(
        RuleId::HttpUnvouchedOtherVantage,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(50, 15, "")],
        "The answer came in cleartext and does not hold what was asked for, and another route reads the content. \
         Anyone on the path can have written what came here.",
        |f| compared(stated::unvouched_answer(f)?, f.read_otherwise()),
    )
    .against(AnyWay)
    .limits("A site that refuses only this network looks the same, without any censor.")
    .rows(&["N5"]),
    rule(
        RuleId::HttpUnvouched,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(34, 33, "")],
        "The answer came in cleartext and does not hold what was asked for (a page without a feed, an empty feed, a \
         refusal, an error, a part of a page, a redirect to another site or to this device), and no route reads the \
         content. The site can have written it, or anyone on the path.",
        |f| some(stated::unvouched_answer(f)?),
    )
    .rows(&["N5"]),
    rule(
        RuleId::OriginFaultHere,
        VerdictCode::Unknown,
        Some(Layer::Http),
        &[(35, 35, "")],
        "The host answers with a fault here and with the content elsewhere: a CDN's challenge, an overload, a rule \
         against this network. That is not a block page, and does not prove a block.",
        |f| compared(stated::origin_fault(f)?, f.read_otherwise()),
    )
    .against(AnyWay)
    .rows(&["N24"]),
    rule(
        RuleId::OriginFault,
        VerdictCode::OriginFault,
        Some(Layer::Http),
        &[(5, 90, "a fault"), (35, 55, "a refusal (401, 403)")],
        "The host answers, over TLS that proves it, with a fault of its own or a refusal, and no vantage gets a better \
         answer.",
        |f| {
            let elsewhere = f.found_abroad(|finding| matches!(finding, Finding::OriginFault { .. }));
            let here = stated::origin_fault(f)?;
            let refuses = here.iter().all(|index| stated::is_refusal(f.sign(*index)));
            some([here, elsewhere].concat()).map(|found| found.leaning(usize::from(refuses)))
        },
    )
    .limits("A site that refuses a whole country does what a censor there would do. Only another route shows it.")
    .rows(&["N24"]),
    rule(
        RuleId::BodyUnfinished,
        VerdictCode::Unknown,
        Some(Layer::Network),
        &[(30, 30, "at less than 32 kB/s"), (5, 5, "faster than that")],
        "The answer was still coming after two seconds or more, when the time was over, and no other network was shown \
         to be faster. The path is slow, the host is slow, the page is long, or a middlebox slows it down.",
        network::still_comes,
    )
    .rows(&["N10"]),
];
