//! `byway demo`: a block and the ways around it, in the lab.
//!
//! Nothing is played: the production code reads over a small internet with a censor in it, in virtual time. The whole
//! story runs first, in an instant; then it is told, with a pause here and there when somebody is watching.

use std::time::Duration;

use byway::sentences::Language;
use byway::source::vk::VkToken;
use byway::strategies::Strategy;
use byway::transport::Exposure;
use byway::wire::tls::Roots;
use byway::{Byway, OpenError, Opened, Reachability};
use byway_lab::{Lab, Proxy};
use serde::Serialize;
use serde_json::json;

use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::wrapped;
use crate::screen::{self, Screen};
use crate::setup::Wrong;
use crate::words::{self, Word};

pub(crate) async fn run(json: bool, language: Language) -> Result<Exit, Wrong> {
    // A runtime of its own, because its time is virtual; `spawn_blocking` keeps the two apart.
    let played = tokio::task::spawn_blocking(move || play(language)).await;
    let steps = played.map_err(|_| Wrong("the demo did not come to its end".to_owned()))??;
    if json {
        document::print(&Document { steps: steps.iter().map(|step| step.document(language)).collect() });
        return Ok(Exit::Reached);
    }
    let screen = Screen::of_process(false);
    let people = People::new(screen, language);
    say(&wrapped(words::DEMO_IS.in_(language), "", WIDTH));
    for step in &steps {
        if screen.watched {
            tokio::time::sleep(PAUSE).await;
        }
        let title = wrapped(step.title.in_(language), "", WIDTH);
        say(&format!("\n{}\n", screen.bold(title.trim_end())));
        say(&format!("\n{}\n\n", screen.faint(&format!("$ {}", step.command))));
        if screen.watched {
            tokio::time::sleep(PAUSE).await;
        }
        say(&step.told(&people));
    }
    say(&format!("\n{}", wrapped(words::DEMO_END.in_(language), "", WIDTH)));
    Ok(Exit::Reached)
}

/// What was done, and what came of it.
struct Step {
    title: Word,
    command: String,
    outcome: Outcome,
    /// The content was shown before.
    brief: bool,
}

enum Outcome {
    Opened(Box<Opened>),
    NotOpened(OpenError),
    Probed(Box<Reachability>),
}

fn play(language: Language) -> Result<Vec<Step>, Wrong> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(story(language))
}

async fn story(language: Language) -> Result<Vec<Step>, Wrong> {
    let lab = Lab::new();
    furnish(&lab, language);
    let proxy = lab.https_proxy("proxy.example").at("198.51.100.7").country("nl");
    let tor = lab.tor();
    let mut steps = Vec::new();

    let person = reader(&lab, &[], Exposure::Open)?;
    steps.push(open(&person, words::DEMO_BEFORE, OLD, "", false).await);

    lab.censor().when_sni("vk.com").reset();
    lab.censor().when_sni("vk.ru").reset();
    // A new process each time, as for whoever types the commands: nothing is remembered.
    let person = reader(&lab, &[], Exposure::Open)?;
    steps.push(open(&person, words::DEMO_CUT, OLD, "", true).await);

    let ways = [direct()?, way(&proxy)?, way(&tor)?];
    let flags: String = ways.iter().map(|way| format!(" -s '{}'", way.redacted())).collect();
    let person = reader(&lab, &ways, Exposure::Open)?;
    let reachability = person.probe(OLD).await?;
    steps.push(Step {
        title: words::DEMO_COMPARED,
        command: format!("byway probe {OLD}{flags}"),
        outcome: Outcome::Probed(Box::new(reachability)),
        brief: true,
    });
    let person = reader(&lab, &ways, Exposure::Open)?;
    steps.push(open(&person, words::DEMO_AROUND, OLD, &flags, true).await);

    move_on(&lab, language);
    let flags = format!(" -s '{}' --exposure tor --vk-token-of app", way(&tor)?.redacted());
    let person = reader(&lab, &[way(&tor)?], Exposure::Tor)?;
    steps.push(open(&person, words::DEMO_ADVICE, OLD, &flags, false).await);
    steps.push(open(&person, words::DEMO_FOLLOWED, NEW, &flags, false).await);
    Ok(steps)
}

/// The platform with the group.
fn furnish(lab: &Lab, language: Language) {
    let group = lab.vk().token(TOKEN).community("zavod_council").id(155).field("members_count", 389);
    let group = group
        .name(words::DEMO_NAME.in_(language))
        .field("description", words::DEMO_DESCRIPTION.in_(language))
        .post(words::DEMO_POST_OLD.in_(language))
        .post(words::DEMO_POST.in_(language));
    // Friday, 27 November 2026, 18:00 to 20:00 in Krasnoyarsk.
    let meeting = lab
        .vk()
        .event("zavod_meeting", 1_795_777_200, 1_795_784_400)
        .id(157)
        .name(words::DEMO_MEETING.in_(language))
        .field(
            "place",
            json!({ "title": words::DEMO_PLACE.in_(language), "address": "ul. Lenina 12", "time_offset": 420 }),
        );
    let _ = group.organises(&meeting);
}

/// What the group says after the block.
fn move_on(lab: &Lab, language: Language) {
    let _ = lab
        .vk()
        .community("zavod_council")
        .field("status", words::DEMO_ADVICE_TEXT.in_(language))
        .post_object(json!({ "id": 9, "date": MOVED_AT, "is_pinned": 1, "text": words::DEMO_MOVED.in_(language) }));
    let _ = lab
        .vk()
        .community("zavod_council_2")
        .id(156)
        .name(words::DEMO_NAME.in_(language))
        .field("members_count", 192)
        .field("description", words::DEMO_OLD_GROUP.in_(language))
        .post(words::DEMO_POST_NEW.in_(language));
}

fn reader(lab: &Lab, ways: &[Strategy], exposure: Exposure) -> Result<Byway, Wrong> {
    let roots = Roots::from_pem(lab.ca_pem().as_bytes())?;
    let token = VkToken::service(TOKEN);
    let builder = Byway::builder().roots(roots).vk_token(token).exposure(exposure).net(lab.client());
    builder.strategies(ways.iter().cloned()).build().map_err(Wrong::from)
}

async fn open(byway: &Byway, title: Word, link: &str, flags: &str, brief: bool) -> Step {
    let outcome = match byway.open(link).await {
        Ok(opened) => Outcome::Opened(Box::new(opened)),
        Err(error) => Outcome::NotOpened(error),
    };
    Step { title, command: format!("byway open {link}{flags}"), outcome, brief }
}

fn way(proxy: &Proxy) -> Result<Strategy, Wrong> {
    proxy.url().parse().map_err(Wrong::from)
}

fn direct() -> Result<Strategy, Wrong> {
    "direct:".parse().map_err(Wrong::from)
}

impl Step {
    fn told(&self, people: &People) -> String {
        match &self.outcome {
            Outcome::Opened(opened) if self.brief => people.probe(&opened.reachability),
            Outcome::Opened(opened) => people.content(opened) + &people.reachability(&opened.reachability),
            Outcome::NotOpened(error) => error.reachability().map(|met| people.probe(met)).unwrap_or_default(),
            Outcome::Probed(reachability) => people.probe(reachability),
        }
    }

    fn document(&self, language: Language) -> StepDocument<'_> {
        let result = match &self.outcome {
            Outcome::Opened(opened) => Some(ResultDocument::Open(document::Open::read(opened, language))),
            Outcome::NotOpened(error) => {
                error.reachability().map(|met| ResultDocument::Open(document::Open::failed(error, met, language)))
            }
            Outcome::Probed(reachability) => {
                Some(ResultDocument::Probe(document::Reachability::of(reachability, language)))
            }
        };
        StepDocument { title: self.title.in_(language), command: &self.command, result }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    steps: Vec<StepDocument<'a>>,
}

#[derive(Serialize)]
struct StepDocument<'a> {
    title: &'static str,
    command: &'a str,
    result: Option<ResultDocument<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ResultDocument<'a> {
    Open(document::Open<'a>),
    Probe(document::Reachability),
}

fn say(text: &str) {
    screen::out(text.as_bytes());
}

const OLD: &str = "vk.com/zavod_council";
const NEW: &str = "vk.com/zavod_council_2";

/// The lab's own platform accepts it, and no other.
const TOKEN: &str = "token-of-the-lab";

/// An hour after the lab's posts.
const MOVED_AT: i64 = 1_790_864_000;

/// Twelve of them: the whole story stays under ten seconds.
const PAUSE: Duration = Duration::from_millis(700);

const WIDTH: usize = 80;
