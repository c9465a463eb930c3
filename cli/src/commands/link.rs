//! `byway link`: what a link holds, in its shortest form and as a QR code. It sends nothing.

use std::path::Path;

use byway::publisher::QrCode;
use byway::{CommunityLink, CommunityLinkError, Exposure, HomeLink, Language};

use crate::document::{self, CheckedLink};
use crate::exit::Exit;
use crate::plain::{columns, line};
use crate::screen::{Screen, say};
use crate::wrong::{Wrong, unended};
use crate::{files, screen, words};

/// How the QR code is drawn, if at all.
pub(crate) struct Drawn<'a> {
    /// On the terminal.
    pub(crate) qr: bool,
    /// Into this file.
    pub(crate) svg: Option<&'a Path>,
}

pub(crate) fn run(
    text: &str,
    exposure: Exposure,
    drawn: &Drawn<'_>,
    json: bool,
    language: Language,
) -> Result<Exit, Wrong> {
    let checked = checked(text, exposure, language)?;
    let code = (drawn.qr || drawn.svg.is_some()).then(|| QrCode::of(&checked.link)).transpose();
    let code = code.map_err(|error| Wrong(unended(error.sentence(language))))?;
    if let (Some(path), Some(code)) = (drawn.svg, &code) {
        files::replace(path, code.svg().as_bytes(), files::Written::Svg, language)?;
    }
    if json {
        document::print(&checked);
        return Ok(Exit::Reached);
    }
    let screen = Screen::of_process(false);
    let mut out = shown(&checked, language);
    let needed = code.as_ref().map_or(0, |code| code.terminal(false).lines().map(columns).max().unwrap_or(0));
    // A code whose rows are broken in two cannot be scanned.
    let is_too_wide = drawn.qr && screen.watched && needed > screen.width;
    if let (true, false, Some(code)) = (drawn.qr, is_too_wide, &code) {
        out.push('\n');
        out.push_str(&code.terminal(screen.watched));
    }
    screen::out(out.as_bytes());
    if is_too_wide {
        say(&format!("{} {needed}", words::QR_TOO_WIDE.in_(language)));
    }
    Ok(Exit::Reached)
}

/// A link of either kind. A text that is neither gets the reason of the kind that it resembles.
fn checked(text: &str, exposure: Exposure, language: Language) -> Result<CheckedLink, Wrong> {
    match text.parse::<CommunityLink>().and_then(|link| at_its_page(link, text).raised_to(exposure)) {
        Ok(link) => Ok(CheckedLink {
            link: link.to_string(),
            web_link: link.web_form(),
            exposure: link.exposure().code(),
            home: None,
            id: Some(link.id().to_string()),
            key: link.key().map(|key| key.to_string()),
            mirrors: link.mirrors().iter().map(ToString::to_string).collect(),
        }),
        Err(CommunityLinkError::NoLink) => {
            let link: HomeLink =
                text.parse().map_err(|error: byway::LinkError| Wrong(unended(error.sentence(language))))?;
            let link = HomeLink::new(link.home, link.exposure.max(exposure));
            Ok(CheckedLink {
                link: link.to_string(),
                web_link: Some(link.to_string()),
                exposure: link.exposure.code(),
                home: Some(link.home.to_string()),
                id: None,
                key: None,
                mirrors: Vec::new(),
            })
        }
        Err(error) => Err(Wrong(unended(error.sentence(language)))),
    }
}

/// The page before a link that names no mirror is one: without it the link would lead nowhere.
fn at_its_page(link: CommunityLink, text: &str) -> CommunityLink {
    let is_mirror = link.mirrors().is_empty() && text.parse::<HomeLink>().is_ok();
    let page = text.trim().split_once('#').filter(|_| is_mirror).map(|(page, _)| page);
    page.and_then(|page| link.clone().with_mirror(page).ok()).unwrap_or(link)
}

/// The link on a line of its own, for a program that takes the first line; below it what it holds.
fn shown(checked: &CheckedLink, language: Language) -> String {
    let mut out = format!("{}\n\n", line(&checked.link));
    let mut row = |word: words::Label, value: &str| out.push_str(&format!("{}: {}\n", word.in_(language), line(value)));
    for (word, value) in [(words::LINK_ID, &checked.id), (words::LINK_KEY, &checked.key)] {
        if let Some(value) = value {
            row(word, value);
        }
    }
    checked.mirrors.iter().for_each(|mirror| row(words::LINK_MIRROR, mirror));
    row(words::PREVIEW_EXPOSURE, checked.exposure);
    if let Some(web) = checked.web_link.as_ref().filter(|web| **web != checked.link) {
        row(words::LINK_WEB, web);
    }
    out
}
