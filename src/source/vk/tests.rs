//! Whole readings over canned answers: the production calls, judge and mapping, and no network.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::api::Sent;
use super::*;
use crate::community::PostState;
use crate::community::{AdviceKind, Attachment, Field};
use crate::fetch::{ReceivedPage, Request, Response};
use crate::language::Language;
use crate::reach::{Fingerprints, Judgement};
use crate::transport::{Stage, Strategy};

/// Ways to a VK that answers from a function: one function a way, tried in order, each answer judged.
struct Canned<'a> {
    ways: Vec<(Strategy, Face<'a>)>,
    asked: Mutex<Vec<Asked>>,
}

/// How a VK answers.
type Face<'a> = Box<dyn Fn(&Asked) -> Answer + Sync + 'a>;

/// A request as VK sees it.
#[derive(Clone, Debug)]
struct Asked {
    url: String,
    method: String,
    form: Vec<(String, String)>,
    authorization: String,
}

impl Asked {
    fn form(&self, key: &str) -> &str {
        self.form.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str())
    }
}

/// The notes as data.
fn said(notes: &[SourceNote]) -> Vec<String> {
    notes.iter().map(|note| serde_json::to_string(note).unwrap()).collect()
}

enum Answer {
    Json(Value),
    Status(u16, &'static str),
    /// No byte comes this way.
    Silence,
}

impl<'a> Canned<'a> {
    fn new(answer: impl Fn(&Asked) -> Answer + Sync + 'a) -> Self {
        Self { ways: vec![(Strategy::direct(), Box::new(answer))], asked: Mutex::default() }
    }

    fn or_by(mut self, way: &str, answer: impl Fn(&Asked) -> Answer + Sync + 'a) -> Self {
        self.ways.push((way.parse().unwrap(), Box::new(answer)));
        self
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    fn methods(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.method).collect()
    }
}

impl Sender for Canned<'_> {
    fn detours(&self, _: &Request) -> u32 {
        0
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Sent> {
        let asked = Asked {
            url: request.url.to_string(),
            method: request.url.path().rsplit('/').next().unwrap().to_owned(),
            form: url::form_urlencoded::parse(request.body.as_bytes().unwrap()).into_owned().collect(),
            authorization: request.headers["authorization"].to_str().unwrap().to_owned(),
        };
        self.asked.lock().unwrap().push(asked.clone());
        let mut attempts = Vec::new();
        let mut refuted = None;
        for (strategy, answer) in &self.ways {
            let (status, body) = match answer(&asked) {
                Answer::Json(value) => (200, value.to_string()),
                Answer::Status(status, body) => (status, body.to_owned()),
                Answer::Silence => continue,
            };
            let (headers, status) = (HeaderMap::new(), StatusCode::from_u16(status).unwrap());
            let page = ReceivedPage {
                url: &request.url,
                strategy,
                status,
                headers: &headers,
                body: body.as_bytes(),
                complete: true,
                proved_name: true,
                fingerprints: &Fingerprints::starter(),
            };
            let outcome = match request.judge.judge(&page) {
                Judgement::Refuted(finding) => Outcome::Refuted(finding),
                _ => Outcome::Proven,
            };
            attempts.push(attempt(strategy, outcome.clone()));
            match outcome {
                Outcome::Refuted(finding) => refuted = refuted.or(Some(finding)),
                _ => {
                    let body = Bytes::from(body);
                    let response =
                        Response { url: request.url.clone(), status, headers, body, strategy: strategy.clone() };
                    return async { Sent { result: Ok(response), attempts } }.boxed();
                }
            }
        }
        async { Sent { result: Err(FetchError::Unreached { finding: refuted }), attempts } }.boxed()
    }
}

fn attempt(strategy: &Strategy, outcome: Outcome) -> Attempt {
    Attempt { stage: Stage::FirstByte, outcome, ..Attempt::of_test(strategy.clone()) }
}

const TOKEN: &str = "vk1.a.SECRET";
const NOTICE: &str = "Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной \
                      прокуратуры Российской Федерации от 11.11.2016 № 27-31-2016/Ид5110-16";

fn at() -> Timestamp {
    "2016-11-10T09:00:00Z".parse().unwrap()
}

fn vk(token: impl Into<VkToken>) -> Vk {
    Vk::new(VkConfig::with_token(token)).unwrap()
}

fn reading() -> ReadOptions {
    ReadOptions::new(Exposure::Open, Language::En, at())
}

async fn read_by(vk: &Vk, link: &str, how: &ReadOptions, http: &Canned<'_>) -> ReadOutcome {
    vk.read_over(&link.parse().unwrap(), how, http).await
}

async fn read(http: &Canned<'_>) -> ReadOutcome {
    read_by(&vk(TOKEN), "vk.com/zavod", &reading(), http).await
}

async fn content(http: &Canned<'_>) -> Content {
    read(http).await.result.unwrap()
}

/// The plant's group, two days after the gathering was called.
fn plant() -> Value {
    json!({
        "id": 12_345,
        "name": "Рабочие станкозавода",
        "screen_name": "zavod",
        "type": "group",
        "is_closed": 0,
        "status": "Собираемся 9 ноября",
        "description": "Группа рабочих завода.<br>Пишите: [id5|Ивану] &amp; нам",
        "members_count": 389,
        "site": "https://zavod.example",
        "links": [
            {"id": 1, "url": "https://vk.com/event777", "name": "Народный сход", "desc": "9 ноября"},
            {"id": 2, "url": "https://news.example/1", "name": "Статья"},
        ],
        "fixed_post": 40,
        "contacts": [{"user_id": 5, "desc": "Иван"}],
    })
}

fn wall() -> Value {
    json!({
        "count": 3,
        "items": [
            {
                "id": 40, "from_id": -12_345, "owner_id": -12_345, "date": 1_478_505_600, "edited": 1_478_509_200, "is_pinned": 1,
                "text": "Народный сход [event777|9 ноября в 17:00]. Приходите!",
                "attachments": [
                    {"type": "event", "event": {"id": 777, "time": 1_478_685_600, "text": "Народный сход", "address": "Площадь Победы"}},
                    {"type": "photo", "photo": {"text": "", "sizes": [
                        {"type": "s", "url": "https://img.example/s.jpg", "width": 75, "height": 50},
                        {"type": "x", "url": "https://img.example/x.jpg", "width": 604, "height": 403},
                    ]}},
                    {"type": "narrative", "narrative": {}},
                ],
                "comments": {"count": 12}, "likes": {"count": 30}, "reposts": {"count": "4"}, "views": {"count": 900},
            },
            {
                "id": 41, "from_id": 5, "owner_id": -12_345, "date": 1_478_592_000, "text": "Зарплату задерживают третий месяц",
                "copy_history": [{"id": 9, "from_id": -99, "owner_id": -99, "date": 1_478_419_200, "text": "Интервью"}],
            },
            {"id": 39, "from_id": -12_345, "owner_id": -12_345, "date": 1_478_000_000, "text": ""},
        ],
        "profiles": [{"id": 5, "first_name": "Иван", "last_name": "Петров", "screen_name": "ivan"}],
        "groups": [{"id": 12_345, "name": "Рабочие станкозавода", "screen_name": "zavod"}, {"id": 99, "name": "Газета"}],
    })
}

fn gathering() -> Value {
    json!({
        "id": 777, "name": "Народный сход", "screen_name": "event777", "type": "event",
        "description": "За сохранение завода", "members_count": 57,
        "start_date": "1478685600", "finish_date": 0,
        "addresses": {"is_enabled": true, "main_address_id": 3, "main_address":
            {"id": 3, "title": "Площадь Победы", "address": "пр. Строителей, 1", "latitude": 53.35, "longitude": "83.76", "time_offset": 420}},
    })
}

/// A VK at which all is well.
fn healthy(asked: &Asked) -> Answer {
    Answer::Json(match asked.method.as_str() {
        "groups.getById" if asked.form("group_ids") == "777" => {
            json!({"response": {"groups": [gathering()], "profiles": []}})
        }
        "groups.getById" => json!({"response": {"groups": [plant()], "profiles": []}}),
        "wall.get" => json!({"response": wall()}),
        _ => json!({"error": {"error_code": 3, "error_msg": "Unknown method passed"}}),
    })
}

fn error(code: i64, message: &str) -> Answer {
    Answer::Json(
        json!({"error": {"error_code": code, "error_msg": message, "request_params": [{"key": "v", "value": "5.199"}]}}),
    )
}

#[test]
fn a_kept_answer_gives_its_posts_and_anything_else_is_refused() {
    let answer = json!({"response": wall()}).to_string();
    assert_eq!(posts(answer.as_bytes()).unwrap().len(), 3);
    for other in ["", "[]", "{\"error\": {\"error_code\": 15}}"] {
        assert!(matches!(posts(other.as_bytes()), Err(SourceError::Answer(_))), "{other}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_community_is_read_with_its_posts_and_its_gathering() {
    let http = Canned::new(healthy);
    let content = content(&http).await;

    let community = &content.community;
    assert_eq!(community.id, CommunityId::vk(12_345));
    assert_eq!(community.name, "Рабочие станкозавода");
    assert_eq!(community.members.map(|members| (members.count, members.read_at)), Some((389, at())));
    assert_eq!(community.description.as_deref(), Some("Группа рабочих завода.\nПишите: Ивану & нам"));
    assert_eq!(community.state, CommunityState::Active);
    let homes: Vec<_> = community.homes.iter().map(ToString::to_string).collect();
    assert_eq!(homes, ["https://vk.com/zavod", "https://vk.com/club12345"]);
    assert_eq!(community.links.len(), 3);

    let ids: Vec<_> = content.posts.iter().map(|post| post.id.as_str()).collect();
    assert_eq!(ids, ["vk:-12345_41", "vk:-12345_40", "vk:-12345_39"]);
    let call = &content.posts[1];
    assert!(call.pinned);
    assert_eq!(call.text, "Народный сход 9 ноября в 17:00. Приходите!");
    assert_eq!(call.links[0].url, "https://vk.com/event777");
    assert_eq!(call.created.unwrap().to_string(), "2016-11-07T08:00:00Z");
    assert_eq!(call.edited.unwrap().to_string(), "2016-11-07T09:00:00Z");
    assert_eq!((call.counts.comments, call.counts.reposts, call.counts.views), (Some(12), Some(4), Some(900)));
    assert!(matches!(&call.attachments[0], Attachment::Event { home } if home.to_string() == "https://vk.com/club777"));
    assert!(
        matches!(&call.attachments[1], Attachment::Photo { url: Some(url), width: Some(604), .. } if url.ends_with("x.jpg"))
    );
    assert!(matches!(&call.attachments[2], Attachment::Unknown(unknown) if unknown.kind == "narrative"));
    let author = content.posts[0].author.as_ref().unwrap();
    assert_eq!((author.name.as_str(), author.url.as_deref()), ("Иван Петров", Some("https://vk.com/ivan")));
    let repost = content.posts[0].repost.as_ref().unwrap();
    assert_eq!((repost.id.as_str(), repost.author.as_ref().unwrap().name.as_str()), ("vk:-99_9", "Газета"));

    let [event] = content.events.as_slice() else { panic!("{:?}", content.events) };
    assert_eq!(event.name, "Народный сход");
    assert_eq!(event.start.unwrap().to_string(), "2016-11-09T17:00:00+07:00");
    assert_eq!(event.end, None);
    let place = event.place.as_ref().unwrap();
    assert_eq!((place.name.as_deref(), place.address.as_deref()), (Some("Площадь Победы"), Some("пр. Строителей, 1")));
    assert_eq!(place.coordinates.map(|c| (c.latitude, c.longitude)), Some((53.35, 83.76)));
    assert_eq!(event.organiser.as_ref().unwrap().name, "Рабочие станкозавода");
    assert_eq!((event.status, event.counts.going), (EventStatus::Scheduled, Some(57)));
    assert!(content.notes.is_empty(), "{:?}", content.notes);
    assert_eq!(content.reached_by, Strategy::direct());
}

#[tokio::test(start_paused = true)]
async fn calls_are_forms_with_the_token_in_a_header_only() {
    let http = Canned::new(healthy);
    content(&http).await;
    assert_eq!(http.methods(), ["groups.getById", "wall.get", "groups.getById"]);
    for asked in http.asked() {
        assert_eq!(asked.url, format!("https://api.vk.ru/method/{}", asked.method));
        assert_eq!(asked.authorization, format!("Bearer {TOKEN}"));
        assert_eq!(asked.form("v"), "5.199");
        assert!(!asked.form.iter().any(|(_, value)| value.contains("SECRET")));
    }
    let wall = &http.asked()[1];
    assert_eq!(
        (wall.form("owner_id"), wall.form("offset"), wall.form("count"), wall.form("extended")),
        ("-12345", "0", "20", "1")
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent_and_the_reason_is_told() {
    let http = Canned::new(healthy);
    let vk = Vk::new(VkConfig::default()).unwrap();
    let read = read_by(&vk, "vk.com/zavod", &reading(), &http).await;
    assert!(matches!(read.result, Err(SourceError::NoToken { .. })));
    assert!(http.asked().is_empty() && read.attempts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn exposure_tor_sends_a_service_token_and_never_a_users() {
    let http = Canned::new(healthy);
    let how = ReadOptions::new(Exposure::Tor, Language::En, at());
    let read = read_by(&vk(TOKEN), "vk.com/zavod", &how, &http).await;
    assert!(matches!(read.result, Err(SourceError::TokenNamesReader(_))));
    assert!(http.asked().is_empty());
    let read = read_by(&vk(VkToken::service("app")), "vk.com/zavod", &how, &http).await;
    assert!(read.result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn three_shapes_of_an_answer_are_one() {
    let shapes = [
        json!([plant()]),
        json!({"groups": [plant()], "profiles": []}),
        json!({"count": 1, "items": [plant()]}),
        json!({"0": plant()}),
        plant(),
    ];
    for shape in shapes {
        let http = Canned::new(|asked| match asked.method.as_str() {
            "groups.getById" => Answer::Json(json!({"response": shape.clone()})),
            _ => healthy(asked),
        });
        assert_eq!(content(&http).await.community.name, "Рабочие станкозавода");
    }
}

#[tokio::test(start_paused = true)]
async fn content_hidden_in_one_country_is_read_through_another() {
    let hidden: Vec<Face<'_>> = vec![
        Box::new(|_| error(19, "Content blocked")),
        Box::new(|_| error(42, "Not available in your country")),
        Box::new(|_| error(15, NOTICE)),
        Box::new(|_| {
            Answer::Json(json!({"response": [{"id": 12_345, "name": "Рабочие станкозавода", "description": NOTICE}]}))
        }),
        Box::new(|_| {
            Answer::Json(
                json!({"response": {"groups": [{"id": 1, "deactivated": "banned", "ban_info": {"comment": NOTICE}}]}}),
            )
        }),
        Box::new(|asked| match asked.method.as_str() {
            "wall.get" => {
                Answer::Json(json!({"response": {"count": 1, "items": [{"id": 1, "owner_id": -1, "text": NOTICE}]}}))
            }
            _ => healthy(asked),
        }),
        Box::new(|_| {
            Answer::Json(
                json!({"response": {"groups": [{"id": 1, "deactivated": "geo_blocked", "description": NOTICE}]}}),
            )
        }),
        Box::new(|_| {
            Answer::Status(
                200,
                "<html><style>a{}</style><p>Сообщество заблокировано на территории РФ по решению суда</p>",
            )
        }),
    ];
    for (case, answer) in hidden.iter().enumerate() {
        let http = Canned::new(answer).or_by("socks5://192.0.2.1:1080?cc=nl", healthy);
        let content = content(&http).await;
        assert_eq!(content.community.state, CommunityState::Restricted, "case {case}");
        assert_eq!(content.posts.len(), 3, "case {case}");
        assert_eq!(content.community.restrictions.len(), 1, "case {case}: {:?}", content.community.restrictions);
        let restriction = &content.community.restrictions[0];
        assert_eq!(restriction.stated_by, "VK");
        if (2..7).contains(&case) {
            assert_eq!(restriction.number.as_deref(), Some("27-31-2016/Ид5110-16"), "case {case}");
            assert_eq!(restriction.date, Some(jiff::civil::date(2016, 11, 11)), "case {case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_every_way_hides_is_restricted_and_not_gone() {
    let http = Canned::new(|_| error(19, NOTICE)).or_by("socks5://192.0.2.1:1080", |_| error(19, NOTICE));
    let read = read(&http).await;
    let Err(SourceError::Restricted { restriction, .. }) = read.result else { panic!("{:?}", read.result) };
    assert_eq!(restriction.number.as_deref(), Some("27-31-2016/Ид5110-16"));
    assert_eq!(read.attempts.len(), 2);
    assert!(http.asked().iter().all(|asked| asked.url.contains("api.vk.ru")), "the alternate host would say the same");

    let only_a_notice = |asked: &Asked| match asked.method.as_str() {
        "groups.getById" => Answer::Json(json!({"response": [{"id": 12_345, "name": "Завод", "description": NOTICE}]})),
        _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
    };
    let nothing_else = |_: &Asked| Answer::Json(json!({ "response": NOTICE }));
    let hidden_wall = |asked: &Asked| match asked.method.as_str() {
        "wall.get" => error(19, NOTICE),
        _ => healthy(asked),
    };
    for http in [Canned::new(only_a_notice), Canned::new(nothing_else), Canned::new(hidden_wall)] {
        let read = self::read(&http).await;
        assert!(matches!(read.result, Err(SourceError::Restricted { .. })), "{:?}", read.result);
        // An empty wall beside a notice is no reading, in the evidence neither.
        assert!(read.attempts.iter().all(|attempt| attempt.outcome.code() == "platform_blocked"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_community_with_a_notice_and_posts_is_read_as_restricted() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" if asked.form("group_ids").is_empty() => {
            let mut group = plant();
            group["description"] = json!(NOTICE);
            Answer::Json(json!({"response": [group]}))
        }
        _ => healthy(asked),
    });
    let read = read(&http).await;
    assert!(read.attempts.iter().any(|attempt| attempt.outcome.code() == "platform_blocked"));
    let content = read.result.unwrap();
    assert_eq!((content.community.state, content.posts.len()), (CommunityState::Restricted, 3));
    assert_eq!(content.community.restrictions[0].number.as_deref(), Some("27-31-2016/Ид5110-16"));
}

#[tokio::test(start_paused = true)]
async fn a_notice_among_a_communitys_own_words_is_its_own_statement() {
    let told = NOTICE.split_once(' ').unwrap().1;
    for description in [format!("Группа рабочих. Материал {told}. Пишите в личку."), format!("... {told}")]
    {
        let http = Canned::new(|asked| match asked.method.as_str() {
            "groups.getById" if asked.form("group_ids").is_empty() => {
                let mut group = plant();
                // Whatever it calls itself, it does not speak for the platform.
                group["name"] = json!("VK");
                group["description"] = json!(description);
                Answer::Json(json!({"response": [group]}))
            }
            _ => healthy(asked),
        });
        let content = content(&http).await;
        assert_eq!((content.community.state, content.posts.len()), (CommunityState::Active, 3));
        let [said] = content.community.restrictions.as_slice() else { panic!("{:?}", content.community.restrictions) };
        assert_eq!(
            (said.number.as_deref(), said.stated_by.as_str()),
            (Some("27-31-2016/Ид5110-16"), Restriction::OWN_WORD)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_who_quotes_a_notice_is_not_hidden() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" => {
            let mut group = plant();
            group["description"] = json!(format!("Нашу старую группу vk.com/old_zavod закрыли: «{NOTICE}». Мы здесь."));
            Answer::Json(json!({"response": [group]}))
        }
        _ => healthy(asked),
    });
    let content = content(&http).await;
    assert_eq!(content.community.state, CommunityState::Active);
    assert_eq!(content.community.predecessor.unwrap().home.to_string(), "https://vk.com/old_zavod");
}

#[tokio::test(start_paused = true)]
async fn deleted_and_banned_are_gone_and_what_is_known_is_told() {
    for reason in ["deleted", "banned"] {
        let http = Canned::new(|_| {
            Answer::Json(
                json!({"response": [{"id": 12_345, "name": "Рабочие станкозавода", "deactivated": reason, "description": "Новая группа: vk.com/zavod_live"}]}),
            )
        });
        let content = content(&http).await;
        assert_eq!(content.community.state, CommunityState::Gone);
        assert_eq!(content.community.successor.unwrap().home.to_string(), "https://vk.com/zavod_live");
        assert_eq!(http.methods(), ["groups.getById"]);
    }
}

#[tokio::test(start_paused = true)]
async fn each_class_of_errors_has_its_own_answer() {
    let cases = [
        (5, "token_refused", 1),
        (1117, "token_refused", 1),
        (6, "throttled", 4),
        (14, "throttled", 1),
        (3300, "throttled", 1),
        (15, "denied", 1),
        (18, "gone", 1),
        (104, "gone", 1),
        (19, "restricted", 1),
        (42, "restricted", 1),
        (10, "platform_fault", 4),
        (100, "absent", 1),
        (125, "absent", 1),
        (8, "bad_request", 1),
        (4242, "platform_error", 1),
    ];
    for (code, expected, requests) in cases {
        let http = Canned::new(move |_| error(code, "said VK"));
        let failed = read(&http).await.result.unwrap_err();
        assert_eq!(failed.code(), expected, "{code}");
        assert_eq!(http.asked().len(), requests, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_of_another_address_is_an_authentication_fault() {
    let http = Canned::new(|_| {
        error(5, "User authorization failed: access_token was given to another ip address (vk1.a.SECRET).")
    });
    let failed = read(&http).await.result.unwrap_err();
    assert!(matches!(failed, SourceError::TokenRefused { other_address: true, .. }));
    assert!(failed.to_string().contains("another IP address"));
    assert!(!format!("{failed:?}").contains("SECRET"));
}

#[tokio::test(start_paused = true)]
async fn a_passing_fault_is_asked_again_after_a_growing_pause() {
    let left = Mutex::new(3);
    let http = Canned::new(|asked| {
        let mut left = left.lock().unwrap();
        if *left > 0 {
            *left -= 1;
            return error(10, "Internal server error");
        }
        healthy(asked)
    });
    let start = tokio::time::Instant::now();
    content(&http).await;
    assert_eq!(start.elapsed(), Duration::from_millis(500 + 1000 + 2000));
}

#[tokio::test(start_paused = true)]
async fn the_alternate_host_is_asked_where_the_first_is_not_reached() {
    let answer = |asked: &Asked| if asked.url.contains("api.vk.ru") { Answer::Silence } else { healthy(asked) };
    let http = Canned::new(answer);
    content(&http).await;
    let urls: Vec<_> = http.asked().into_iter().map(|asked| asked.url).collect();
    assert_eq!(urls[..2], ["https://api.vk.ru/method/groups.getById", "https://api.vk.com/method/groups.getById"]);
    assert!(
        urls[2..].iter().all(|url| url.starts_with("https://api.vk.com/")),
        "the host that answered is asked first"
    );

    let http = Canned::new(answer);
    let mut config = VkConfig::with_token(TOKEN);
    config.base = Some("https://api.vk.ru".to_owned());
    let read = read_by(&Vk::new(config).unwrap(), "vk.com/zavod", &reading(), &http).await;
    assert!(matches!(read.result, Err(SourceError::Unreached(_))));
    assert_eq!(http.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_vks_answer_is_a_fault_and_not_a_reading() {
    for (status, body) in
        [(200, "<html>hello"), (200, "[1]"), (200, "{}"), (200, ""), (502, "{\"response\":[]}"), (200, "\"\\ud800\"")]
    {
        let http = Canned::new(move |_| Answer::Status(status, body));
        let failed = read(&http).await.result.unwrap_err();
        let fault = matches!(
            failed,
            SourceError::Unreached(FetchError::Unreached { finding: Some(Finding::OriginFault { .. }) })
        );
        assert!(fault, "{status} {body}: {failed:?}");
    }
    let deep: &'static str = Box::leak("[".repeat(100_000).into_boxed_str());
    let http = Canned::new(move |_| Answer::Status(200, deep));
    assert!(matches!(read(&http).await.result, Err(SourceError::Unreached(_))));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_the_community_is_absence_and_never_gone() {
    for response in [json!([]), json!({"groups": []}), json!(false)] {
        let http = Canned::new(|_| Answer::Json(json!({"response": response.clone()})));
        assert!(matches!(read(&http).await.result, Err(SourceError::Absent(_))), "{response}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_cannot_be_read_names_no_absence() {
    for response in [
        json!(null),
        json!("text"),
        json!(7),
        json!({}),
        json!([{"name": "no id"}]),
        json!({"groups": null}),
        json!({"groups": "x", "items": 3}),
        json!(["x", 1]),
    ] {
        let http = Canned::new(|_| Answer::Json(json!({"response": response.clone()})));
        let result = read(&http).await.result;
        assert!(matches!(result, Err(SourceError::Answer(_))), "{response}: {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wall_that_gives_less_than_it_says_is_noted() {
    let post = json!({"id": 1, "owner_id": -12_345, "date": 1_478_592_000, "text": "x"});
    let donut = json!({"id": 2, "owner_id": -12_345, "text": "", "donut": {"is_donut": true,
        "placeholder": {"text": "Запись доступна подписчикам"}}});
    let cases = [
        (json!({"response": null}), "posts_no_list", 0),
        (json!({"response": true}), "posts_no_list", 0),
        (json!({"response": {}}), "posts_no_list", 0),
        (json!({"response": {"count": 500}}), r#""posts_missing","announced":500,"given":0"#, 0),
        (json!({"response": {"count": "500", "items": []}}), r#""posts_missing","announced":500,"given":0"#, 0),
        (json!({"response": {"count": 500, "items": null}}), r#""posts_missing","announced":500,"given":0"#, 0),
        (json!({"response": {"count": 500, "items": [post]}}), r#""posts_missing","announced":500,"given":1"#, 1),
        (json!({"response": [500]}), r#""posts_missing","announced":500,"given":0"#, 0),
        (json!({"response": {"count": 1, "items": {"id": 1}}}), r#""posts_missing","announced":1,"given":0"#, 0),
        (json!({"response": {"count": 2, "items": [7, "x"]}}), r#""posts_odd","count":2"#, 0),
        (json!({"response": {"count": 1, "items": [{"id": 1, "text": ["x"]}]}}), r#""posts_torn","count":1"#, 1),
        (
            json!({"response": {"count": 1, "items": [{"id": 1, "text": "x", "attachments": "photo"}]}}),
            r#""posts_torn","count":1"#,
            1,
        ),
        (
            json!({"response": {"count": 1, "items": [{"id": 1, "text": "x", "attachments": [7]}]}}),
            r#""posts_torn","count":1"#,
            1,
        ),
        (
            json!({"response": {"count": 1, "items": [post]}, "execute_errors": [{"method": "wall.get", "error_code": 15,
            "error_msg": "Access denied (vk1.a.SECRET)"}]}),
            r#""error_beside","platform_code":15"#,
            1,
        ),
        (
            json!({"response": {"count": 1, "items": [post]}, "error": {"error_code": 10, "error_msg": "Internal"}}),
            r#""error_beside","platform_code":10"#,
            1,
        ),
        (json!({"response": {"count": 1, "items": [donut]}}), "", 1),
    ];
    for (answer, note, posts) in cases {
        let http = Canned::new(|asked| match asked.method.as_str() {
            "wall.get" => Answer::Json(answer.clone()),
            _ => healthy(asked),
        });
        let content = content(&http).await;
        assert_eq!(content.posts.len(), posts, "{answer}");
        assert!(
            said(&content.notes).iter().any(|said| said.contains(note)) || note.is_empty(),
            "{answer}: {:?}",
            content.notes
        );
        assert!(!said(&content.notes).iter().any(|said| said.contains("vk1.a.SECRET")), "{:?}", content.notes);
        if note.is_empty() {
            let [post] = content.posts.as_slice() else { panic!("{:?}", content.posts) };
            assert_eq!((post.text.as_str(), post.state), ("Запись доступна подписчикам", PostState::Withheld));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_about_a_cancellation_is_a_hint_and_no_status() {
    let cases = [
        ("Митинг не будет отменён", "", false),
        ("Сход не отменяется", "", false),
        ("The rally has not been cancelled", "", false),
        ("Отмена пенсионной реформы! Митинг", "", true),
        ("ОТМЕНЁН: сход", "", true),
        ("Сход", "Отменили, расходимся", true),
        ("Rally CANCELED", "", true),
        ("Перенос митинга", "Страница удалена", false),
        ("Сход", "", false),
    ];
    for (name, status, hinted) in cases {
        let http = Canned::new(|asked| match asked.method.as_str() {
            "groups.getById" => {
                Answer::Json(json!({"response": [{"id": 12_345, "name": name, "status": status, "type": "event",
                "start_date": 4_000_000_000_i64}]}))
            }
            _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
        });
        let content = content(&http).await;
        let event = &content.events[0];
        assert_eq!((event.status, event.mentions_cancellation), (EventStatus::Scheduled, hinted), "{name} {status}");
        assert_eq!(
            (content.community.state, &content.community.successor),
            (CommunityState::Active, &None),
            "{name} {status}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn posts_that_cannot_be_read_leave_the_community_and_a_note() {
    let cases = [
        (error(15, "Access denied: wall is disabled"), "posts_unread"),
        (Answer::Status(503, ""), "posts_unread"),
        (Answer::Json(json!({"response": false})), "posts_no_list"),
    ];
    for (answer, note) in cases {
        let answer = Mutex::new(answer);
        let http = Canned::new(|asked| match asked.method.as_str() {
            "wall.get" => match &*answer.lock().unwrap() {
                Answer::Json(value) => Answer::Json(value.clone()),
                Answer::Status(status, body) => Answer::Status(*status, body),
                Answer::Silence => Answer::Silence,
            },
            _ => healthy(asked),
        });
        let content = content(&http).await;
        assert_eq!(content.posts, []);
        assert!(said(&content.notes).iter().any(|said| said.contains(note)), "{:?}", content.notes);
        assert_eq!(content.events.len(), 1, "the linked gathering is read all the same");
    }
    let http = Canned::new(|asked| match asked.method.as_str() {
        "wall.get" => error(27, "Group authorization failed"),
        _ => healthy(asked),
    });
    assert!(matches!(read(&http).await.result, Err(SourceError::TokenRefused { .. })));
}

#[tokio::test(start_paused = true)]
async fn odd_posts_cost_no_other_post() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "wall.get" => {
            let mut wall = wall();
            let items = wall["items"].as_array_mut().unwrap();
            items.insert(0, json!("odd"));
            items.insert(1, json!({"text": "no id"}));
            items.insert(
                2,
                json!({"id": "42", "from_id": [], "owner_id": "-12345", "date": "1478592001", "text": {"a": 1}, "attachments": false,
                       "copy_history": "x", "comments": [], "likes": null, "is_pinned": {}}),
            );
            Answer::Json(json!({"response": wall}))
        }
        _ => healthy(asked),
    });
    let content = content(&http).await;
    assert_eq!(content.posts.len(), 4);
    assert_eq!(content.posts[0].id, "vk:-12345_42");
    assert_eq!(said(&content.notes), [r#"{"code":"posts_odd","count":2}"#, r#"{"code":"posts_torn","count":1}"#]);
}

#[tokio::test(start_paused = true)]
async fn more_posts_than_a_page_are_read_page_by_page_and_none_twice() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "wall.get" => {
            let (offset, count): (i64, i64) =
                (asked.form("offset").parse().unwrap(), asked.form("count").parse().unwrap());
            // A new post came in between: the second page begins with the last post of the first.
            let first = 1000 - offset + i64::from(offset > 0);
            let items: Vec<_> = (0..count)
                .map(|i| json!({"id": first - i, "owner_id": -12_345, "date": 1_000_000 + first - i}))
                .collect();
            Answer::Json(json!({"response": {"count": 1000, "items": items}}))
        }
        _ => healthy(asked),
    });
    let mut how = reading();
    how.posts = 150;
    let content = read_by(&vk(TOKEN), "vk.com/zavod", &how, &http).await.result.unwrap();
    assert_eq!(content.posts.len(), 150);
    let pages: Vec<_> = http
        .asked()
        .iter()
        .filter(|asked| asked.method == "wall.get")
        .map(|asked| (asked.form("offset").to_owned(), asked.form("count").to_owned()))
        .collect();
    assert_eq!(pages[..2], [("0".to_owned(), "100".to_owned()), ("100".to_owned(), "50".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_community_that_is_an_event_is_one() {
    let times = [
        (json!("1478685600"), Some("2016-11-09T10:00:00Z")),
        (json!(1_478_685_600), Some("2016-11-09T10:00:00Z")),
        (json!("0"), None),
        (json!(0), None),
        (json!(null), None),
        (json!([]), None),
    ];
    for (start, expected) in times {
        let http = Canned::new(|asked| match asked.method.as_str() {
            "groups.getById" => {
                let mut group = gathering();
                group["start_date"] = start.clone();
                group["addresses"] = json!({"is_enabled": false});
                group["place"] = json!({"id": 1, "title": "Площадь", "latitude": 53.0, "longitude": 83.0, "address": "ул. Мира, 2", "city": 65});
                Answer::Json(json!({"response": [group]}))
            }
            _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
        });
        let content = read_by(&vk(TOKEN), "vk.com/event777", &reading(), &http).await.result.unwrap();
        let [event] = content.events.as_slice() else { panic!("{:?}", content.events) };
        assert_eq!(event.start.map(|start| start.to_string()).as_deref(), expected, "{start}");
        let place = event.place.as_ref().unwrap();
        assert_eq!((place.name.as_deref(), place.address.as_deref()), (Some("Площадь"), Some("ул. Мира, 2")));
        assert!(place.coordinates.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_is_only_numbered_is_asked_for() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" => {
            let mut group = gathering();
            group["addresses"] = json!({"is_enabled": true, "main_address_id": 3});
            Answer::Json(json!({"response": [group]}))
        }
        "groups.getAddresses" => Answer::Json(
            json!({"response": {"count": 1, "items": [{"id": 3, "title": "Площадь Победы", "time_offset": 420}]}}),
        ),
        _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
    });
    let content = read_by(&vk(TOKEN), "vk.com/event777", &reading(), &http).await.result.unwrap();
    assert_eq!(content.events[0].start.unwrap().to_string(), "2016-11-09T17:00:00+07:00");
    assert_eq!(content.events[0].place.as_ref().unwrap().name.as_deref(), Some("Площадь Победы"));
}

#[tokio::test(start_paused = true)]
async fn the_replacement_says_from_where_it_came_and_how_to_read_it() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" => Answer::Json(json!({"response": {"groups": [{
            "id": 67_890, "name": "Рабочие станкозавода (только через Tor браузер)", "screen_name": "zavod_live", "type": "group",
            "members_count": "192", "status": "", "links": {"0": {"url": "https://vk.com/zavod", "name": "Старая группа"}},
        }]}})),
        _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
    });
    let content = read_by(&vk(TOKEN), "vk.ru/zavod_live", &reading(), &http).await.result.unwrap();
    let community = content.community;
    assert_eq!(community.members.unwrap().count, 192);
    assert_eq!((community.access_advice[0].kind, community.access_advice[0].field), (AdviceKind::Tor, Field::Name));
    let predecessor = community.predecessor.unwrap();
    assert_eq!((predecessor.home.to_string().as_str(), predecessor.field), ("https://vk.com/zavod", Field::Links));
    assert_eq!(community.successor, None);
}

#[tokio::test(start_paused = true)]
async fn a_successor_is_a_claim_in_any_field_and_is_not_followed() {
    let link = "vk.com/zavod_live";
    let fields = [
        ("status", json!(format!("Мы переехали: {link}")), Field::Status),
        ("name", json!(format!("Завод. Новая группа {link}")), Field::Name),
        ("description", json!(format!("Наша новая группа: [https://{link}|здесь]")), Field::Description),
        ("links", json!([{"url": format!("https://{link}"), "name": "Our new group"}]), Field::Links),
        ("pinned", json!(format!("Новая группа: https://{link}")), Field::PinnedPost),
    ];
    for (key, value, field) in fields {
        let http = Canned::new(|asked| match asked.method.as_str() {
            "groups.getById" => {
                let mut group = plant();
                group["links"] = json!([]);
                group[key] = value.clone();
                Answer::Json(json!({"response": [group]}))
            }
            _ => {
                let text = if key == "pinned" { value.clone() } else { json!("") };
                Answer::Json(
                    json!({"response": {"count": 1, "items": [{"id": 40, "owner_id": -12_345, "text": text}]}}),
                )
            }
        });
        let content = content(&http).await;
        let claim = content.community.successor.unwrap_or_else(|| panic!("{key}"));
        assert_eq!((claim.home.to_string(), claim.field), (format!("https://{link}"), field), "{key}");
        assert_eq!(content.community.state, CommunityState::Active);
        assert_eq!(http.methods(), ["groups.getById", "wall.get"], "{key}");
    }
}

/// Puts something odd instead of the value at this step of a walk through a document.
fn mutate(value: &mut Value, step: &mut usize, odd: &Value) {
    if *step == 0 {
        *value = odd.clone();
    }
    *step = step.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mutate(item, step, odd)),
        Value::Object(members) => members.values_mut().for_each(|member| mutate(member, step, odd)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_odd_value_in_a_wall_costs_one_post_at_most(step in 0usize..80, odd in 0usize..8) {
        let odd = [json!(null), json!(false), json!([]), json!({}), json!("x"), json!(-1), json!(1e300), json!([[{"id": []}]])][odd].clone();
        let mut wall = wall();
        let items = wall["items"].as_array_mut().unwrap();
        let mut step = step;
        for item in items {
            mutate(item, &mut step, &odd);
        }
        let read = post::wall(&wall, None, None);
        prop_assert!(read.posts.len() >= 2);
        prop_assert_eq!(read.posts.len() + read.odd, 3);
    }

    #[test]
    fn any_odd_value_in_any_answer_is_read_without_panic(step in 0usize..120, odd in 0usize..8, which in 0usize..3) {
        let odd = [json!(null), json!(true), json!([]), json!({}), json!("<br>&#0;"), json!(i64::MIN), json!(1e300), json!({"0": {"0": 0}})][odd].clone();
        let mutated = |value: Value, at: usize| {
            let mut value = value;
            let mut step = if at == which { step } else { usize::MAX };
            mutate(&mut value, &mut step, &odd);
            value
        };
        let (group, wall, event) = (mutated(plant(), 0), mutated(wall(), 1), mutated(gathering(), 2));
        let http = Canned::new(|asked| Answer::Json(json!({"response": match asked.method.as_str() {
            "groups.getById" if asked.form("group_ids").is_empty() => json!([group.clone()]),
            "groups.getById" => json!({"groups": [event.clone()]}),
            _ => wall.clone(),
        }})));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let read = runtime.block_on(read(&http));
        if let Ok(content) = read.result {
            let text = serde_json::to_string(&(&content.community, &content.posts, &content.events)).unwrap();
            let back: (Community, Vec<crate::community::Post>, Vec<Event>) = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back, (content.community, content.posts, content.events));
        }
    }
}
