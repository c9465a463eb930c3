//! What the engine does: one sentence per event.

use std::fmt;

use super::Language;
use crate::reach::EngineEvent;

/// An event as one plain sentence, **with the names** of hosts and proxies, for the user alone. `Display` leaves them
/// out.
pub fn event(language: Language, event: &EngineEvent) -> String {
    language.phrasebook().event(event, true)
}

impl fmt::Display for EngineEvent {
    /// `access 1, 110 ms: Attempt 1: connection reset (TLS handshake).` It is in English, and without hosts or
    /// addresses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let english = Language::En.phrasebook();
        if let Some(access) = self.access {
            write!(f, "access {access}, ")?;
        }
        write!(f, "{}: {}", english.time(self.at), english.event(self, false))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::time::Duration;

    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing, ways};
    use super::*;
    use crate::reach::{Action, EngineEventKind, Finding, Layer, Outcome, RuleId, StartReason, VerdictCode};
    use crate::transport::{Cause, Failure, Stage, TorProgress, TorStall};

    fn all() -> Vec<EngineEventKind> {
        let (attempt, took) = (crate::reach::AttemptId::new(2), Duration::from_millis(110));
        let mut all: Vec<EngineEventKind> =
            [Action::Open, Action::Sync, Action::Get, Action::Probe, Action::Attachment]
                .map(|action| EngineEventKind::Began { action })
                .into();
        for strategy in ways() {
            for why in [StartReason::First, StartReason::Failure, StartReason::Silence, StartReason::Slow] {
                let destination = "site.example:443".parse().unwrap();
                all.push(EngineEventKind::Started { attempt, strategy: strategy.clone(), destination, hop: 0, why });
            }
            all.push(EngineEventKind::Won { attempt, strategy, took });
        }
        for stage in [Stage::Dns, Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::FirstByte, Stage::Progress] {
            all.push(EngineEventKind::Entered { attempt, stage });
        }
        let reset = Failure::new(Stage::Tls, Cause::Reset);
        for outcome in
            [Outcome::Proven, Outcome::Pending, Outcome::Failed(reset), Outcome::Refuted(Finding::CaptivePortal)]
        {
            all.push(EngineEventKind::Ended { attempt, stage: Stage::Tls, outcome, took });
        }
        let forgetful = TorProgress { forgets_guards: true, ..TorProgress::new(0, None) };
        all.extend([
            EngineEventKind::Dialled { attempt, address: [203, 0, 113, 7].into() },
            EngineEventKind::FirstByte { attempt },
            EngineEventKind::TorStarts { attempt, progress: TorProgress::new(40, None) },
            EngineEventKind::TorStarts { attempt, progress: TorProgress::new(5, Some(TorStall::Filtered)) },
            EngineEventKind::TorStarts { attempt, progress: forgetful },
            EngineEventKind::Continued { attempt, from: 16384 },
            EngineEventKind::Judged {
                code: VerdictCode::Unknown,
                layer: Some(Layer::Tls),
                rule: RuleId::TlsResetOtherVantage,
                again: false,
            },
            EngineEventKind::Judged {
                code: VerdictCode::TlsInterfered,
                layer: None,
                rule: RuleId::TlsResetOtherVantage,
                again: true,
            },
            EngineEventKind::AnsweredFromStore { age: Some(took) },
            EngineEventKind::AnsweredFromStore { age: None },
            EngineEventKind::DialsPaused { lasts: Duration::from_secs(60) },
            EngineEventKind::Abandoned,
            EngineEventKind::NetworkChanged,
            EngineEventKind::Suspended,
            EngineEventKind::Resumed,
            EngineEventKind::Missed { events: 7 },
        ]);
        all
    }

    #[test]
    fn every_event_has_a_sentence_in_every_language() {
        for kind in all() {
            let told = EngineEvent { access: Some(1), at: Duration::from_millis(1500), kind };
            let (en, ru) = (event(Language::En, &told), event(Language::Ru, &told));
            for sentence in [&en, &ru] {
                promises_nothing(sentence);
                is_a_sentence(sentence);
            }
            assert!(has_cyrillic(&ru) && !has_cyrillic(&en), "{en} {ru}");
        }
    }

    #[test]
    fn display_names_no_host_and_no_address() {
        for kind in all() {
            let told = EngineEvent { access: Some(1), at: Duration::from_millis(1500), kind };
            let shown = told.to_string();
            assert!(shown.starts_with("access 1, 1.5 s: "), "{shown}");
            assert!(!shown.contains("example") && !shown.contains("203.0.113"), "{shown}");
        }
    }
}
