//! The events of the story, in the lab: a phone in Russia, its provider, VK, a proxy in the Netherlands, a Tor.
//!
//! The days, the order and the numbers of members are those of a real community. Its name, its texts, and the hour and
//! place of the gathering are invented.

use std::time::SystemTime;

use byway::{Byway, Language, Note, OpenOptions, ProbeOptions, Roots, Store, StoreKey, Strategy, VkToken};
use byway_lab::Lab;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::signed::SignedCommunities;
use super::step::{Broken, Outcome, Step};
use crate::words::{self, Label};

pub(super) fn play(language: Language) -> Result<Vec<Step>, Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(Box::pin(story(language)))
}

/// The time zone of the plant.
pub(super) fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(7))
}

async fn story(language: Language) -> Result<Vec<Step>, Broken> {
    let (folder, published) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let store = Store::open(folder.path(), &StoreKey::random()?)?;
    let lab = Lab::new();
    let proxy = lab.https_proxy("proxy.example").at("198.51.100.7").country("nl");
    let tor = lab.tor();
    let direct = AllowedStrategies { flags: "".into(), ways: vec![way("direct:")?] };
    let only_tor =
        AllowedStrategies { flags: format!(" -s tor+socks5://{}", tor.socket()), ways: vec![way(&tor.url())?] };
    let all = vec![way("direct:")?, way(&proxy.url())?, way(&tor.url())?];
    let all = AllowedStrategies { flags: " --strategies ways.txt".into(), ways: all };
    let mut phone = Phone { lab: &lab, store: &store, language, today: words::DEMO_DAY_9, steps: Vec::new() };

    announce(&lab, language);
    phone.date(words::DEMO_DAY_9, "2016-11-09T19:00:00+07:00")?;
    phone.open(words::DEMO_ANNOUNCED, OLD, &direct).await?;

    let _ = lab.vk().community(NAME).hidden_in("ru", NOTICE);
    phone.date(words::DEMO_DAY_12, "2016-11-12T09:00:00+07:00")?;
    phone.open(words::DEMO_WITHHELD, OLD, &direct).await?;
    phone.open(words::DEMO_AROUND, OLD, &all).await?;

    lab.censor().when_sni("vk.com").reset();
    lab.censor().when_sni("vk.ru").reset();
    phone.probe(words::DEMO_COMPARED, OLD, &all).await?;

    advise(&lab, language);
    phone.date(words::DEMO_DAYS_AFTER, "2016-11-14T18:00:00+07:00")?;
    phone.open(words::DEMO_ADVICE, OLD, &only_tor).await?;
    replace(&lab, language);
    phone.date(words::DEMO_DAYS_AFTER, "2016-11-15T18:00:00+07:00")?;
    phone.open(words::DEMO_CLAIM, OLD, &only_tor).await?;
    phone.open(words::DEMO_REPLACEMENT, NEW, &only_tor).await?;

    channel(&lab, language);
    phone.date(words::DEMO_DAYS_AFTER, "2016-11-16T18:00:00+07:00")?;
    phone.open(words::DEMO_CHANNEL, CHANNEL, &all).await?;

    let _ = lab.client().offline();
    phone.date(words::DEMO_DAYS_AFTER, "2016-11-17T08:00:00+07:00")?;
    phone.open(words::DEMO_OFFLINE, OLD, &all).await?;
    phone.open(words::DEMO_OFFLINE_NEW, NEW, &all).await?;

    let _ = lab.client().online();
    let mut signed = SignedCommunities::found(published.path(), language, "2026-11-10T12:00:00+07:00".parse()?)?;
    signed.serve(&lab)?;
    phone.date(words::DEMO_LATER, "2026-11-15T12:00:00+07:00")?;
    phone.open_as(words::DEMO_SIGNED, &signed.link(), "$SIGNED", &only_tor).await?;
    signed.moves("2026-11-15T18:00:00+07:00".parse()?)?;
    signed.serve(&lab)?;
    phone.date(words::DEMO_LATER, "2026-11-16T12:00:00+07:00")?;
    phone.open_as(words::DEMO_SIGNED_MOVE, &signed.link(), "$SIGNED", &only_tor).await?;
    phone.follow(words::DEMO_FOLLOWED, "$SIGNED", &only_tor).await?;
    let steps = phone.steps;
    store.wipe()?;
    Ok(steps)
}

/// The phone of one of the members.
struct Phone<'a> {
    lab: &'a Lab,
    store: &'a Store,
    language: Language,
    today: Label,
    steps: Vec<Step>,
}

impl Phone<'_> {
    /// Moves to another day.
    fn date(&mut self, today: Label, at: &str) -> Result<(), Broken> {
        let at = SystemTime::from(at.parse::<Timestamp>()?);
        // The lab's clock is set by the time that it had at the beginning.
        let began = at.checked_sub(self.lab.elapsed()).ok_or("no such day")?;
        let _ = self.lab.client().wall_clock(began);
        self.today = today;
        Ok(())
    }

    async fn open(&mut self, title: Label, link: &str, ways: &AllowedStrategies) -> Result<(), Broken> {
        self.open_as(title, link, link, ways).await
    }

    /// `shown`: what the command shows of a long link.
    async fn open_as(&mut self, title: Label, link: &str, shown: &str, ways: &AllowedStrategies) -> Result<(), Broken> {
        let byway = self.byway(ways).await?;
        let outcome = match byway.open_with(link, OpenOptions::default()).await {
            Ok(opened) => Outcome::Opened(Box::new(opened)),
            Err(error) => Outcome::NotOpened(error),
        };
        self.did(title, format!("byway open {shown} --data-dir kept{}", ways.flags), outcome);
        Ok(())
    }

    /// Says yes to the move of which the last step told.
    async fn follow(&mut self, title: Label, shown: &str, ways: &AllowedStrategies) -> Result<(), Broken> {
        let told = self.steps.last().and_then(|step| match &step.outcome {
            Outcome::Opened(opened) => opened.notes.iter().find_map(|note| match note {
                Note::Move(moved) => Some(moved.clone()),
                _ => None,
            }),
            _ => None,
        });
        let outcome = match self.byway(ways).await?.follow(&told.ok_or("no move")?).await {
            Ok(opened) => Outcome::Opened(Box::new(opened)),
            Err(error) => Outcome::NotOpened(error),
        };
        self.did(title, format!("byway follow {shown} --yes $SUCCESSOR --data-dir kept{}", ways.flags), outcome);
        Ok(())
    }

    async fn probe(&mut self, title: Label, link: &str, ways: &AllowedStrategies) -> Result<(), Broken> {
        // The restriction is known by now, and excludes direct strategies unless they are allowed.
        let how = ProbeOptions { allow_direct: true, ..ProbeOptions::default() };
        let reachability = self.byway(ways).await?.probe_with(link, how).await?;
        let command = format!("byway probe {link} --allow-direct{}", ways.flags);
        self.did(title, command, Outcome::Probed(Box::new(reachability)));
        Ok(())
    }

    /// A new process each time, as if a user typed the commands; the store keeps the data.
    async fn byway(&self, ways: &AllowedStrategies) -> Result<Byway, Broken> {
        let roots = Roots::from_certificates(self.lab.ca_pem().as_bytes())?;
        let builder = Byway::builder()
            .language(self.language)
            .roots(roots)
            .vk_token(VkToken::service(TOKEN))
            .net(self.lab.client());
        let builder = builder.strategies(ways.ways.iter().cloned()).store(self.store.clone());
        Ok(builder.build().await?)
    }

    fn did(&mut self, title: Label, command: String, outcome: Outcome) {
        self.steps.push(Step { date: self.today, title, command, said: Vec::new(), outcome });
    }
}

/// The allowed strategies, as data and as a user would type them.
struct AllowedStrategies {
    flags: String,
    ways: Vec<Strategy>,
}

/// 9 November: the post, and the event that it announces.
fn announce(lab: &Lab, language: Language) {
    let gathering = lab
        .vk()
        .event("zavod_gathering", GATHERING_AT, GATHERING_AT + 2 * 3600)
        .id(157)
        .name(words::DEMO_GATHERING.in_(language))
        .field("place", json!({ "title": words::DEMO_PLACE.in_(language), "time_offset": 420 }));
    let _ = lab
        .vk()
        .token(TOKEN)
        .community(NAME)
        .id(155)
        .name(words::DEMO_NAME.in_(language))
        .field("members_count", 389)
        .post_object(json!({ "id": 1, "date": ANNOUNCED_AT, "text": words::DEMO_POST.in_(language) }))
        .organises(&gathering);
}

/// The admins write into the name how to reach the community.
fn advise(lab: &Lab, language: Language) {
    let _ = lab.vk().community(NAME).name(words::DEMO_NAME_ADVICE.in_(language));
}

/// The admins open a replacement, and say so.
fn replace(lab: &Lab, language: Language) {
    let moved = words::DEMO_MOVED.in_(language);
    let _ =
        lab.vk().community(NAME).post_object(json!({ "id": 2, "date": REPLACED_AT, "is_pinned": 1, "text": moved }));
    let _ = lab
        .vk()
        .community(&format!("{NAME}_2"))
        .id(156)
        .name(words::DEMO_NAME.in_(language))
        .field("members_count", 192)
        .field("description", words::DEMO_OLD_COMMUNITY.in_(language))
        .post_object(json!({ "id": 1, "date": REPLACED_AT, "text": words::DEMO_POST_NEW.in_(language) }));
}

/// Another home of theirs, which is made up: a channel at Telegram, whose hosts are cut as well.
fn channel(lab: &Lab, language: Language) {
    let channel = lab.telegram().channel(NAME).first_post_at(REPLACED_AT).members(192);
    let _ = channel.title(words::DEMO_NAME.in_(language)).post(words::DEMO_CHANNEL_POST.in_(language));
    for host in ["t.me", "telegram.me", "telegram.dog"] {
        let _ = lab.censor().when_sni(host).reset();
    }
}

fn way(url: &str) -> Result<Strategy, Broken> {
    Ok(url.parse()?)
}

const NAME: &str = "zavod_demo";
const OLD: &str = "vk.com/zavod_demo";
const NEW: &str = "vk.com/zavod_demo_2";
const CHANNEL: &str = "t.me/zavod_demo";

/// The wording of VK's notices. We do not know the order's number.
const NOTICE: &str = "Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной \
    прокуратуры Российской Федерации от 11.11.2016";

/// 9 November 2016, 12:00 at the plant.
const ANNOUNCED_AT: i64 = 1_478_667_600;

/// 15 November 2016, 12:00 at the plant.
const REPLACED_AT: i64 = ANNOUNCED_AT + 6 * 86_400;

/// 19 November 2016, 12:00 at the plant, a Saturday.
const GATHERING_AT: i64 = ANNOUNCED_AT + 10 * 86_400;

/// Only the lab's own platform accepts it.
const TOKEN: &str = "token-of-the-lab";
