//! `byway preview`: whom opening would contact, and what each of them would see. It sends nothing.

use byway::{Language, OpenError, OpenOptions};

use super::open::opening;
use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::screen::{self, Screen};
use crate::setup;
use crate::words;
use crate::wrong::Wrong;

pub(crate) async fn run(link: &str, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let byway = setup::byway_to_read(link, options).await?;
    let how: OpenOptions = opening(link, options, false);
    let told = |error: OpenError| words::with_hint(language, error.code(), &error.sentence(language));
    let preview = byway.preview_with(link, how).await.map_err(|error| Wrong(told(error)))?;
    if options.json {
        document::print(&preview);
    } else {
        screen::out(People::new(Screen::of_process(false), language).preview(&preview).as_bytes());
    }
    Ok(Exit::Reached)
}
