//! What a platform, a law, a block page or a login page states.

use super::*;

pub(super) fn rows() -> Vec<Row> {
    vec![
        row(
            RuleId::NothingTried,
            "ech=require, and no key is known: nothing was sent to the host",
            vec![fail(ENCRYPTED, Tls, Cause::EchUnavailable)],
            vec![],
        ),
        // N5.
        row(RuleId::HttpBlockPage, "N5: a block page", vec![clear(found(DIRECT, page()))], vec![]),
        row(
            RuleId::HttpBlockPageOtherVantage,
            "N5: a block page, and Tor reads it",
            vec![clear(found(DIRECT, page()))],
            vec![clear(ok(TOR))],
        ),
        row(
            RuleId::Http451OtherVantage,
            "N5: 451 here",
            vec![found(DIRECT, Finding::Legal451(Statement::default()))],
            vec![ok(TOR)],
        ),
        row(
            RuleId::Http451,
            "N5: 451 everywhere",
            vec![found(DIRECT, Finding::Legal451(Statement::default()))],
            vec![found(TOR, Finding::Legal451(Statement::default()))],
        ),
        // N17.
        row(
            RuleId::PlatformNoticeOtherCountry,
            "N17: the platform's notice, and another country reads it",
            vec![found(DIRECT, Finding::PlatformBlocked(Statement::default()))],
            vec![ok(PROXY_NL)],
        ),
        row(
            RuleId::PlatformNoticeEverywhere,
            "N17: the notice abroad as well",
            vec![found(DIRECT, Finding::PlatformBlocked(Statement::default()))],
            vec![found(PROXY_NL, Finding::PlatformBlocked(Statement::default()))],
        ),
        row(RuleId::NothingTried, "nothing was tried", vec![], vec![ok(TOR)]),
        row(
            RuleId::PlatformNotice,
            "N17: a proxy in the same country repeats the notice and disproves nothing",
            vec![found(DIRECT, Finding::PlatformBlocked(Statement::default()))],
            vec![found(PROXY_RU, Finding::PlatformBlocked(Statement::default()))],
        )
        .met_in(in_country("ru")),
        row(RuleId::PlatformGone, "N18: deleted", vec![ok(DIRECT)], vec![])
            .met_in(Context { gone: true, ..Context::default() }),
        row(
            RuleId::HttpRedirectOtherVantage,
            "cleartext redirects in circles here, and the content by another way",
            vec![clear(ok(DIRECT))],
            vec![],
        )
        .met_in(led_away()),
        row(
            RuleId::RedirectHere,
            "a proven host that leads this network in circles, and not another",
            vec![ok(DIRECT)],
            vec![],
        )
        .met_in(led_away()),
        row(
            RuleId::NothingTried,
            "an onion service without Tor: nothing was sent",
            vec![fail(DIRECT, Dns, Cause::Forbidden { rule: PolicyRule::Onion })],
            vec![],
        ),
        row(
            RuleId::RedirectNowhereCleartext,
            "N3: redirects in the clear to nowhere, and nobody to ask",
            vec![clear(ok(DIRECT))],
            vec![],
        )
        .met_in(Context { redirect_fault: true, ..Context::default() }),
        row(
            RuleId::RedirectNowhereCleartext,
            "N3: a redirect in the clear to a proven host that redirects to nowhere",
            vec![ok(DIRECT)],
            vec![],
        )
        .met_in(Context { redirect_fault: true, led_in_cleartext: true, ..Context::default() }),
        row(RuleId::RedirectNowhere, "N24: redirects to nowhere", vec![ok(DIRECT)], vec![ok(TOR)])
            .met_in(Context { redirect_fault: true, ..Context::default() }),
    ]
}
