//! What no rule explains, or was not waited for.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        row(
            RuleId::NotWaitedFor,
            "a body that was not listened to for long",
            vec![Attempt { bytes: 16_000, took: Duration::from_millis(1500), ..pending(DIRECT, Progress, 0) }],
            vec![Attempt { bytes: 200_000, took: Duration::from_millis(600), ..ok(PROXY) }],
        ),
        row(
            RuleId::NotWaitedFor,
            "SYN unanswered for 400 ms is no evidence",
            vec![pending(DIRECT, Tcp, 400)],
            vec![ok(TOR)],
        ),
        row(
            RuleId::Unknown,
            "an idle connection that was closed is no evidence",
            vec![Attempt { reused: true, ..fail(DIRECT, FirstByte, Reset) }],
            vec![ok(TOR)],
        ),
        row(
            RuleId::Unknown,
            "our own time was over while an answer came slowly",
            vec![fail(DIRECT, Progress, too_much(LimitKind::TotalTime))],
            vec![],
        ),
        row(
            RuleId::NotWaitedFor,
            "our own time was over while a proxy was silent: no garbage of its",
            vec![Attempt { took: Duration::from_secs(1), ..fail(PROXY, Proxy, too_much(LimitKind::TotalTime)) }],
            vec![],
        ),
        row(
            RuleId::Unknown,
            "N24: it closes, and the host fails elsewhere too: that stays open",
            vec![fail(SHADOWSOCKS, Proxy, Cause::Closed)],
            vec![reply(TOR, 5)],
        ),
    ]
}
