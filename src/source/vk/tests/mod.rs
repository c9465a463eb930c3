//! Whole readings over canned answers: the production calls, judge and mapping, without a network.

#![allow(clippy::unwrap_used, clippy::panic)]

mod calls;
mod community;
mod gatherings;
mod hidden;
mod odd_values;
mod posts;

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::community::{AdviceKind, Attachment, CommunityId, CommunityState, EventStatus, Field, PostState};
use crate::fetch::{FetchError, ReceivedPage, Request, Response};
use crate::language::Language;
use crate::reach::{Fingerprints, Judgement};
use crate::source::{Content, Fetched, SourceNote};
use crate::transport::{Stage, Strategy};

/// Routes to a VK that answers from a function: one function per route, tried in order, each answer judged.
struct Canned<'a> {
    ways: Vec<(Strategy, Face<'a>)>,
    asked: Mutex<Vec<ApiRequest>>,
}

/// How a VK answers.
type Face<'a> = Box<dyn Fn(&ApiRequest) -> Answer + Sync + 'a>;

/// A request as VK sees it.
#[derive(Clone, Debug)]
struct ApiRequest {
    url: String,
    method: String,
    form: Vec<(String, String)>,
    authorization: String,
}

impl ApiRequest {
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
    /// This route brings no byte.
    Silence,
}

impl<'a> Canned<'a> {
    fn new(answer: impl Fn(&ApiRequest) -> Answer + Sync + 'a) -> Self {
        Self { ways: vec![(Strategy::direct(), Box::new(answer))], asked: Mutex::default() }
    }

    fn or_by(mut self, way: &str, answer: impl Fn(&ApiRequest) -> Answer + Sync + 'a) -> Self {
        self.ways.push((way.parse().unwrap(), Box::new(answer)));
        self
    }

    fn asked(&self) -> Vec<ApiRequest> {
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

    fn send(&self, request: Request) -> BoxFuture<'_, Fetched> {
        let asked = ApiRequest {
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
                    let (url, strategy, exposure) = (request.url.clone(), strategy.clone(), request.exposure);
                    let response = Response { url, status, headers, body, strategy, exposure };
                    return async { Fetched { result: Ok(response), attempts } }.boxed();
                }
            }
        }
        async { Fetched { result: Err(FetchError::Unreached { finding: refuted }), attempts } }.boxed()
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

/// A VK that works.
fn healthy(asked: &ApiRequest) -> Answer {
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
