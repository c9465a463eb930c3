//! `--events`: what the engine does, on standard error while it does it.

use std::future::Future;
use std::pin::pin;

use byway::{Byway, EngineEvent, EngineEvents, Language, Redaction};

use crate::args::Options;
use crate::plain::line;
use crate::screen::{self, Screen};

/// Awaits `work`, and prints events meanwhile if that was requested; otherwise a progress line.
pub(crate) async fn beside<T>(
    byway: &Byway,
    screen: Screen,
    options: &Options,
    what: &str,
    work: impl Future<Output = T>,
) -> T {
    Box::pin(watched(byway, screen, options, what, None, work)).await
}

/// The same, without names.
pub(crate) async fn beside_redacted<T>(
    byway: &Byway,
    screen: Screen,
    options: &Options,
    what: &str,
    work: impl Future<Output = T>,
) -> T {
    Box::pin(watched(byway, screen, options, what, Some(Redaction::default()), work)).await
}

async fn watched<T>(
    byway: &Byway,
    screen: Screen,
    options: &Options,
    what: &str,
    mut veil: Option<Redaction>,
    work: impl Future<Output = T>,
) -> T {
    if !options.events {
        return screen.while_waiting(options.lang.into(), what, work).await;
    }
    let mut watch = byway.engine_events();
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            Some(event) = watch.next() => tell(event, veil.as_mut(), options),
            done = &mut work => break done,
        }
    };
    rest(&mut watch, veil.as_mut(), options);
    done
}

/// The remaining events.
fn rest(watch: &mut EngineEvents, mut veil: Option<&mut Redaction>, options: &Options) {
    while let Some(event) = watch.try_next() {
        tell(event, veil.as_deref_mut(), options);
    }
}

fn tell(event: EngineEvent, veil: Option<&mut Redaction>, options: &Options) {
    let event = &veil.map_or_else(|| event.clone(), |veil| veil.event(&event));
    let text = if options.json {
        // JSON can express every event.
        crate::document::escaped(serde_json::to_string(event).unwrap_or_default())
    } else {
        let language: Language = options.lang.into();
        format!("{:>8}  {}", language.duration(event.at), line(&event.sentence(language)))
    };
    screen::err(&format!("{text}\n"));
}
