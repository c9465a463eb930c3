//! `--events`: what the engine does, on standard error while it is done.

use std::future::Future;
use std::pin::pin;

use byway::Byway;
use byway::reach::{Event, Watch};
use byway::sentences;

use crate::args::Options;
use crate::plain::line;
use crate::screen::{self, Screen};

/// Awaits `work`, and tells of what is done meanwhile if that was asked for; a progress line otherwise.
pub(crate) async fn beside<T>(
    byway: &Byway,
    screen: Screen,
    options: &Options,
    what: &str,
    work: impl Future<Output = T>,
) -> T {
    if !options.events {
        return screen.while_waiting(options.lang.into(), what, work).await;
    }
    let mut watch = byway.watch();
    let mut work = pin!(work);
    let done = loop {
        tokio::select! {
            biased;
            Some(event) = watch.next() => tell(&event, options),
            done = &mut work => break done,
        }
    };
    rest(&mut watch, options);
    done
}

/// What was told until the end.
fn rest(watch: &mut Watch, options: &Options) {
    while let Some(event) = watch.try_next() {
        tell(&event, options);
    }
}

fn tell(event: &Event, options: &Options) {
    let text = if options.json {
        // An event holds nothing that JSON cannot say.
        serde_json::to_string(event).unwrap_or_default()
    } else {
        let language = options.lang.into();
        format!("{:>8}  {}", sentences::time(language, event.at), line(&sentences::event(language, event)))
    };
    screen::err(&format!("{text}\n"));
}
