//! What a copy takes over, and what it does not obey.

#![allow(clippy::unwrap_used, clippy::panic)]

use tempfile::TempDir;

use super::words::CUT;
use super::*;
use crate::community::{Attachment, CommunityId, Moment};
use crate::exposure::Exposure;
use crate::language::Language;
use crate::publisher::CommunityKeys;
use crate::store::StoreKey;

fn at(minutes: i64) -> Timestamp {
    "2026-11-28T12:00:30Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn group() -> Community {
    let mut group = Community::new(CommunityId::vk(155), "Рабочие станкозавода");
    group.description = Some("О заводе".to_owned());
    group
}

fn post(number: i64, text: &str) -> Post {
    let mut post = Post::new(format!("vk:-155_{number}"));
    post.text = text.to_owned();
    post.created = Some(at(-1000 + number));
    post.url = Some(format!("https://vk.com/wall-155_{number}"));
    post
}

fn copy(folder: &TempDir) -> Publisher {
    let home: Home = "https://vk.com/zavod".parse().unwrap();
    let keys = CommunityKeys::derived(&StoreKey::from_bytes([1; 32])).unwrap();
    let statement = Statement::of_copy(&group(), &home, "Анна");
    Publisher::found(&folder.path().join("copy"), keys, &statement, at(0), Language::Ru).unwrap()
}

fn take(copy: &mut Publisher, posts: &[Post], is_gapless: bool, minutes: i64) -> CopiedItems {
    let (group, events) = (group(), Vec::new());
    let mut original = Original::new(&group, posts, &events);
    original.is_gapless = is_gapless;
    copy.copy(&original, at(minutes)).unwrap()
}

fn texts(copy: &Publisher) -> Vec<String> {
    copy.content(at(10_000)).1.into_iter().map(|post| post.text).collect()
}

const GONE: &str = "[В источнике этого больше нет; раньше оно там было прочитано.]";

#[test]
fn the_time_of_copying_is_not_that_of_an_edit() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let mut posts = [post(1, "Первый"), post(2, "Второй")];
    posts[1].edited = Some(at(-900));
    take(&mut copy, &posts, true, 1);
    let edited = |copy: &Publisher| copy.content(at(10_000)).1.into_iter().map(|post| post.edited).collect::<Vec<_>>();
    assert_eq!(edited(&copy), [Some(at(-900)), None]);
    assert_eq!(take(&mut copy, &posts, true, 20).changed, 0, "nothing is signed again");
    posts[0].edited = Some(at(15));
    take(&mut copy, &posts, true, 40);
    assert_eq!(edited(&copy), [Some(at(-900)), Some(at(15))]);
}

#[test]
fn a_copied_post_without_a_date_has_none_and_stands_last() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let mut posts = [post(1, "Без даты"), post(2, "Из шестидесятых"), post(3, "С датой"), post(4, "Правленая")];
    posts[0].created = None;
    posts[1].created = Some("1963-11-22T12:00:00Z".parse().unwrap());
    (posts[3].created, posts[3].edited) = (None, Some(at(-900)));
    assert_eq!(take(&mut copy, &posts, true, 1).changed, 4);
    let shown = |copy: &Publisher| {
        copy.content(at(10_000)).1.into_iter().map(|post| (post.text, post.created, post.edited)).collect::<Vec<_>>()
    };
    let all = shown(&copy);
    assert_eq!((all[0].0.as_str(), all[0].1), ("С датой", posts[2].created));
    assert!(all[1..].iter().all(|(_, created, _)| created.is_none()), "{all:?}");
    let edited: Vec<_> = all.iter().filter_map(|(text, _, edited)| Some((text.as_str(), (*edited)?))).collect();
    assert_eq!(edited, [("Правленая", at(-900))], "the time of copying is that of nothing");
    // Nothing is signed again, and nothing is missing between posts of which one has no place.
    assert_eq!(take(&mut copy, &posts, true, 20), CopiedItems::default());
    let later = [post(9, "Позже"), post(3, "С датой")];
    assert_eq!(take(&mut copy, &later, true, 40).removed, 0);
    posts[0].created = Some(at(-999));
    assert_eq!(take(&mut copy, &posts[..1], false, 60).changed, 1, "its date is known now");
    assert!(shown(&copy).contains(&("Без даты".to_owned(), posts[0].created, None)));
}

#[test]
fn a_post_that_was_deleted_stays_and_says_so() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let all = [post(3, "Третий"), post(2, "Второй"), post(1, "Первый")];
    assert_eq!(take(&mut copy, &all, true, 1).changed, 3);
    let less = [post(3, "Третий"), post(1, "Первый")];
    let done = take(&mut copy, &less, true, 20);
    assert_eq!((done.changed, done.removed), (0, 1));
    let gone = format!("{GONE}\n\nВторой");
    assert_eq!(texts(&copy), ["Третий", &gone, "Первый"], "the order is the original's");
    // It is said once.
    assert_eq!(take(&mut copy, &less, true, 40), CopiedItems::default());
    // And taken back if the post comes back.
    assert_eq!(take(&mut copy, &all, true, 60).changed, 1);
    assert_eq!(texts(&copy), ["Третий", "Второй", "Первый"]);
}

#[test]
fn what_a_platform_states_as_deleted_stays_and_says_so() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    take(&mut copy, &[post(1, "Первый")], false, 1);
    let mut gone = post(1, "Первый");
    gone.state = PostState::Removed;
    assert_eq!(take(&mut copy, &[gone.clone()], false, 20).removed, 1);
    assert_eq!(texts(&copy), [format!("{GONE}\n\nПервый")]);
    let mut unknown = post(9, "Не прочитано");
    unknown.state = PostState::Removed;
    assert_eq!(take(&mut copy, &[unknown], false, 40), CopiedItems::default(), "it was never here");
}

#[test]
fn what_is_outside_of_the_reading_is_not_called_deleted() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    take(&mut copy, &[post(5, "Пятый"), post(3, "Третий"), post(2, "Второй"), post(1, "Первый")], true, 1);
    // Older posts than the reading has, an older one that is pinned, and a reading with gaps.
    let mut pinned = post(1, "Первый");
    pinned.pinned = true;
    assert_eq!(take(&mut copy, &[pinned, post(5, "Пятый"), post(3, "Третий")], true, 20).removed, 0);
    assert_eq!(take(&mut copy, &[post(5, "Пятый"), post(1, "Первый")], false, 40).removed, 0);
    assert_eq!(take(&mut copy, &[], true, 60).removed, 0);
}

#[test]
fn a_changed_post_is_a_new_version_and_the_same_is_none() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    take(&mut copy, &[post(1, "Сход в пятницу.")], true, 1);
    assert_eq!(take(&mut copy, &[post(1, "Сход в пятницу.")], true, 20), CopiedItems::default());
    assert_eq!(take(&mut copy, &[post(1, "Сход в субботу.")], true, 40).changed, 1);
    assert_eq!(texts(&copy), ["Сход в субботу."]);
    let posts = copy.content(at(100)).1;
    assert_eq!((posts[0].created, posts.len()), (Some(at(-999)), 1));
}

#[test]
fn hostile_posts_are_cut_and_left_out() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let mut long = post(1, &"\"\u{1}я\n".repeat(100_000));
    long.url = Some(format!("https://vk.com/{}", "x".repeat(100_000)));
    long.attachments = vec![Attachment::Photo { url: None, width: None, height: None, text: None }; 3];
    let done = take(&mut copy, &[long, post(2, " \u{0}\n")], true, 1);
    assert_eq!((done.changed, done.left_out), (1, 1));
    let texts = texts(&copy);
    assert!(texts[0].len() <= MAX_TEXT && texts[0].ends_with(CUT) && !texts[0].contains('\u{1}'));
    let mut group = group();
    group.name = format!("{}\n", "я".repeat(5_000));
    group.description = Some("д".repeat(50_000));
    copy.copy(&Original::new(&group, &[], &[]), at(20)).unwrap();
    assert!(copy.statement(at(20)).name.len() <= MAX_NAME);
}

#[test]
fn gatherings_are_copied_with_their_times() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let mut event = Event::new("vk:-7".parse().unwrap(), "Сход");
    event.start = Some("2026-12-19T12:00:00+07:00".parse::<Moment>().unwrap());
    let group = group();
    let mut gone = event.clone();
    gone.status = EventStatus::Removed;
    let events = [event];
    assert_eq!(copy.copy(&Original::new(&group, &[], &events), at(1)).unwrap().changed, 1);
    assert_eq!(copy.content(at(1)).2[0].name, "Сход");
    assert_eq!(copy.copy(&Original::new(&group, &[], &[gone]), at(20)).unwrap().removed, 1);
    let (_, _, events) = copy.content(at(20));
    assert!(events[0].text.as_deref().unwrap().starts_with(GONE), "{events:?}");
}

#[test]
fn a_name_that_changes_each_day_costs_a_charter_a_week() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    for day in 0..30 {
        let mut group = group();
        group.name = format!("Имя {day}");
        let posts = [post(day, &format!("Пост {day}"))];
        copy.copy(&Original::new(&group, &posts, &[]), at(1440 * day + 10)).unwrap();
    }
    assert_eq!(copy.chain.newest_version(), 6, "the first one, one on the first day, and one in each week after it");
    assert_eq!(copy.statement(at(1440 * 30)).name, "Имя 28");
    assert_eq!(copy.content(at(1440 * 30)).1.len(), 30);
}

#[test]
fn a_name_that_cannot_be_taken_over_stops_no_post() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    // Another key decides since: these keys still post.
    copy.keys.root = CommunityKeys::derived(&StoreKey::from_bytes([9; 32])).unwrap().root;
    let mut group = group();
    group.name = "Другое".to_owned();
    let done = copy.copy(&Original::new(&group, &[post(1, "Первый")], &[]), at(1)).unwrap();
    assert_eq!((done.changed, texts(&copy)), (1, vec!["Первый".to_owned()]));
}

#[test]
fn a_copy_stays_one_whatever_its_maker_does() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let mut statement = copy.statement(at(1));
    statement.copy = None;
    statement.name = "Рабочие станкозавода, настоящие".to_owned();
    copy.restate(&statement, at(1)).unwrap();
    copy.rotate(CommunityKeys::derived(&StoreKey::from_bytes([2; 32])).unwrap(), at(2)).unwrap();
    assert_eq!(copy.copy_of(at(3)).as_deref(), Some("https://vk.com/zavod"));
    let page = std::fs::read_to_string(folder.path().join("copy/index.html")).unwrap();
    assert!(page.contains("Анна"), "the page says whose copy it is");
    assert!(copy.link(Exposure::Open, at(3)).to_string().starts_with("byway:"));
    // A community that speaks for itself copies nothing.
    let keys = CommunityKeys::derived(&StoreKey::from_bytes([3; 32])).unwrap();
    let own = Statement { name: "Завод".to_owned(), ..Statement::default() };
    let mut own = Publisher::found(&folder.path().join("own"), keys, &own, at(0), Language::Ru).unwrap();
    let group = group();
    assert!(matches!(own.copy(&Original::new(&group, &[], &[]), at(1)), Err(PublishError::OtherKeys)));
}

#[test]
fn pictures_of_an_original_are_copied_once() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let photo = |number: u8| Attachment::Photo {
        url: Some(format!("https://sun1.userapi.example/{number}.jpg")),
        width: None,
        height: None,
        text: Some(format!("Ворота {number}")),
    };
    let (mut one, mut two) = (post(2, "Смотрите"), post(1, ""));
    one.attachments = vec![photo(1), Attachment::Link { url: "https://a.example/".into(), title: None, text: None }];
    one.attachments.push(photo(2));
    two.attachments = vec![photo(3)];
    let posts = [one, two];
    let wanted = |copy: &Publisher, posts: &[Post]| -> Vec<(String, usize, String)> {
        copy.pictures_to_copy(posts, at(0)).into_iter().map(|wanted| (wanted.post, wanted.index, wanted.text)).collect()
    };
    let all = [("vk:-155_2", 0, "Ворота 1"), ("vk:-155_2", 2, "Ворота 2"), ("vk:-155_1", 0, "Ворота 3")];
    let all = all.map(|(post, index, text)| (post.to_owned(), index, text.to_owned()));
    assert_eq!(wanted(&copy, &posts), all);
    let picture = |shade| crate::publisher::picture_tests::picture(shade, "Ворота");
    // The second one did not answer, and that of the other post is no picture.
    let partly = PostPictures { is_settled: false, ..PostPictures::new("vk:-155_2", vec![picture(1)]) };
    let fetched = [partly, PostPictures::new("vk:-155_1", Vec::new())];
    let (group, events) = (group(), Vec::new());
    let take = |copy: &mut Publisher, posts: &[Post], pictures: &[PostPictures], minutes| {
        copy.copy(&Original { pictures, ..Original::new(&group, posts, &events) }, at(minutes)).unwrap()
    };
    take(&mut copy, &posts, &fetched, 1);
    let shown = |copy: &Publisher| {
        let posts = copy.content(at(10_000)).1;
        posts.into_iter().map(|post| (post.text, post.attachments.len())).collect::<Vec<_>>()
    };
    let first = shown(&copy);
    assert_eq!((first[0].1, first[1].1), (1, 0), "{first:?}");
    assert!(first[0].0.contains("2") && first[1].0.contains("1"), "what is not here is said: {first:?}");
    assert_eq!(wanted(&copy, &posts), all[..2], "what is no picture is not asked for again");
    // A run without pictures changes nothing.
    assert_eq!(take(&mut copy, &posts, &[], 20), CopiedItems::default());
    let fetched = [PostPictures::new("vk:-155_2", vec![picture(1), picture(2)])];
    assert_eq!(take(&mut copy, &posts, &fetched, 40).changed, 1);
    assert_eq!((shown(&copy)[0].1, wanted(&copy, &posts)), (2, vec![]));
    assert_eq!(std::fs::read_dir(folder.path().join("copy/files")).unwrap().count(), 2);
    // Deleted at the source: the post stays in the copy with its pictures, and says so.
    let mut gone = posts[0].clone();
    gone.state = PostState::Removed;
    assert_eq!(take(&mut copy, &[gone], &[], 60).removed, 1);
    assert_eq!(shown(&copy)[0].1, 2);
}

#[test]
fn a_place_is_held_on_one_line_and_stops_no_copy() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let group = group();
    let event = |number: i64, name: Option<&str>, address: Option<&str>| {
        let mut event = Event::new(CommunityId::vk(number.unsigned_abs()), format!("Сход {number}"));
        event.start = Some(Moment::utc(at(5_000 + number)));
        event.place =
            Some(Place { name: name.map(str::to_owned), address: address.map(str::to_owned), ..Place::default() });
        event
    };
    let long = "x".repeat(3000);
    let events = [
        event(1, Some("Площадь\nПобеды\u{7}"), Some("пр. Строителей, 1")),
        event(2, None, Some("Gate 3")),
        event(3, Some(&long), Some(&long)),
        event(4, Some("\u{1b}"), None),
    ];
    let done = copy.copy(&Original::new(&group, &[post(1, "Первый")], &events), at(1)).unwrap();
    assert_eq!((done.changed, done.left_out), (5, 0));
    let mut held = copy.content(at(2)).2;
    held.sort_by_key(|event| event.start.map(|start| start.timestamp()));
    let places: Vec<_> =
        held.iter().map(|event| event.place.as_ref().and_then(|place| place.name.as_deref())).collect();
    assert_eq!(places[..2], [Some("Площадь Победы, пр. Строителей, 1"), Some("Gate 3")]);
    assert_eq!((places[2].map(str::len), places[3]), (Some(500), None));
}

#[test]
fn an_item_that_no_event_holds_stops_no_copy() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let mut odd = Event::new(CommunityId::vk(9), "Сход");
    odd.start = Some(Moment::utc(at(5_000)));
    odd.zone = Some("x".repeat(5_000));
    let done = copy.copy(&Original::new(&group(), &[post(1, "Первый")], &[odd]), at(1)).unwrap();
    assert_eq!((done.changed, done.left_out), (1, 1));
    assert_eq!(texts(&copy), ["Первый"]);
}

#[test]
fn pictures_that_never_come_keep_no_others_out() {
    let folder = TempDir::new().unwrap();
    let mut copy = copy(&folder);
    let (group, events) = (group(), Vec::new());
    let with_picture = |number: i64| {
        let mut post = post(number, &format!("Пост {number}"));
        post.attachments = vec![Attachment::Photo {
            url: Some(format!("https://img.example/{number}.jpg")),
            width: None,
            height: None,
            text: None,
        }];
        post
    };
    // More than are fetched at a time, and none of them came.
    let posts: Vec<Post> = (1..=60).rev().map(with_picture).collect();
    let unsettled =
        |wanted: &WantedPicture| PostPictures { is_settled: false, ..PostPictures::new(&wanted.post, Vec::new()) };
    let wanted = copy.pictures_to_copy(&posts, at(0));
    assert_eq!((wanted.len(), wanted[0].post.as_str()), (40, "vk:-155_60"), "of new posts the newest first");
    let pictures: Vec<_> = wanted.iter().map(unsettled).collect();
    copy.copy(&Original { pictures: &pictures, ..Original::new(&group, &posts, &events) }, at(1)).unwrap();
    // Three failures end a run: so each post has to be among the first three of some run.
    let mut tried = std::collections::BTreeSet::new();
    for run in 1..400 {
        tried.extend(copy.pictures_to_copy(&posts, at(10 * run)).into_iter().take(3).map(|wanted| wanted.post));
    }
    assert_eq!(tried.len(), 60, "{tried:?}");
    let new = [with_picture(61)].into_iter().chain(posts).collect::<Vec<_>>();
    assert_eq!(copy.pictures_to_copy(&new, at(77))[0].post, "vk:-155_61", "a new post does not wait for them");
}
