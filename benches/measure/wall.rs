//! A wall as VK returns it: posts of a few sentences, a picture in every second one, a gathering's link in every fifth.

#![allow(dead_code, reason = "each bench uses its part")]

use byway::community::{CommunityId, Post};
use byway::internals::vk;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The owner of the wall.
pub(crate) fn community() -> CommunityId {
    CommunityId::vk(OWNER)
}

/// When it was read.
pub(crate) fn read_at() -> Timestamp {
    Timestamp::from_second(NEWEST).expect("a time")
}

/// The posts with these numbers, in as few answers as VK needs.
pub(crate) fn answers(from: usize, count: usize) -> Vec<Vec<u8>> {
    (from..from + count)
        .step_by(PAGE)
        .map(|first| {
            let items: Vec<Value> = (first..(first + PAGE).min(from + count)).map(item).collect();
            let group = json!({ "id": OWNER, "name": "Совет станкозавода", "screen_name": "zavod", "type": "page" });
            let answer =
                json!({ "response": { "count": 1_000_000, "items": items, "profiles": [], "groups": [group] } });
            answer.to_string().into_bytes()
        })
        .collect()
}

/// The same, parsed.
pub(crate) fn posts(from: usize, count: usize) -> Vec<Post> {
    answers(from, count).iter().flat_map(|answer| vk::posts(answer).expect("posts")).collect()
}

fn item(number: usize) -> Value {
    let second = NEWEST - i64::try_from(number).expect("a number") * (24 * 60 * 60 / A_DAY);
    let mut text = format!("Собрание номер {number}. {}", SENTENCE.repeat(1 + number % 4));
    if number.is_multiple_of(5) {
        text.push_str(" Подробности: [club4242|Народный сход] и https://example.org/plan?from=wall");
    }
    let mut attachments = Vec::new();
    if number.is_multiple_of(2) {
        let sizes: Vec<Value> = [("s", 75), ("m", 130), ("x", 604), ("y", 807), ("z", 1280), ("w", 2560)]
            .into_iter()
            .map(|(kind, width)| {
                let url =
                    format!("https://sun9-{kind}.example/impg/{number}/{width}.jpg?size={width}x{width}&quality=95");
                json!({ "type": kind, "width": width, "height": width, "url": url })
            })
            .collect();
        let photo = json!({ "id": number, "owner_id": -SIGNED, "date": second, "text": "", "sizes": sizes });
        attachments.push(json!({ "type": "photo", "photo": photo }));
    }
    json!({
        "id": number + 1, "owner_id": -SIGNED, "from_id": -SIGNED, "date": second, "text": text,
        "attachments": attachments, "post_type": "post", "marked_as_ads": 0,
        "comments": { "count": number % 7, "can_post": 1 }, "likes": { "count": number % 90, "user_likes": 0 },
        "reposts": { "count": number % 5 }, "views": { "count": 100 + number % 900 },
    })
}

const OWNER: u64 = 131_072;
const SIGNED: i64 = 131_072;

/// The most posts in one answer of `wall.get`.
const PAGE: usize = 100;

/// Posts of one day: a lively group.
const A_DAY: i64 = 10;

/// 12 November 2026.
const NEWEST: i64 = 1_794_441_600;

const SENTENCE: &str = "Администрация завода не ответила на наше письмо, поэтому встречаемся во вторник у проходной \
                        после второй смены, возьмите с собой копии расчётных листков за последние три месяца. ";
