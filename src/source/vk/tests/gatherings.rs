//! Gatherings: their status and address.

use super::*;

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

/// The gathering 200 of the plant, as its own page and as the attachment of a post say it.
async fn gathering_of(page: Value, attached: Value) -> crate::community::Event {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" if asked.form("group_ids").contains("200") => {
            let mut group = json!({"id": 200, "name": "Сход", "type": "event", "members_count": 5});
            group.as_object_mut().unwrap().extend(page.as_object().unwrap().clone());
            Answer::Json(json!({"response": {"groups": [group]}}))
        }
        "groups.getById" => Answer::Json(json!({"response": {"groups": [plant()]}})),
        "wall.get" => {
            let mut event = json!({"id": 200, "text": "Сход"});
            event.as_object_mut().unwrap().extend(attached.as_object().unwrap().clone());
            let post = json!({"id": 1, "owner_id": -12_345, "date": 1_478_000_000, "text": "",
                              "attachments": [{"type": "event", "event": event}]});
            Answer::Json(json!({"response": {"count": 1, "items": [post]}}))
        }
        _ => Answer::Json(json!({"error": {"error_code": 3, "error_msg": "Unknown method passed"}})),
    });
    let events = content(&http).await.events;
    events.into_iter().find(|event| event.id == CommunityId::vk(200)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_place_comes_whole_from_the_page_or_the_attachment() {
    let (old, moved) = (1_478_685_600, 1_478_772_000);
    let cases = [
        // The page's, the attachment's, the place and the start that are shown.
        (
            json!({"start_date": moved, "place": {"title": "Gate"}}),
            json!({"time": old, "address": "Old gate"}),
            "Gate",
            moved,
        ),
        (
            json!({"start_date": old, "place": {"title": "Gate"}}),
            json!({"time": old, "address": "Old gate"}),
            "Gate",
            old,
        ),
        (json!({"start_date": moved}), json!({"time": old, "address": "Old gate"}), "", moved),
        (json!({"start_date": old}), json!({"time": old, "address": "Gate"}), "Gate", old),
        (json!({}), json!({"time": old, "address": "Gate"}), "Gate", old),
    ];
    for (page, attached, place, start) in cases {
        let event = gathering_of(page.clone(), attached.clone()).await;
        let shown = event.place.iter().flat_map(|place| [place.name.clone(), place.address.clone()]).flatten();
        assert_eq!(shown.collect::<Vec<_>>().join(" / "), place, "{page} {attached}");
        assert_eq!(event.start.unwrap().timestamp().as_second(), start, "{page} {attached}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_place_and_its_clock_come_from_one_address() {
    let page = json!({
        "start_date": 1_478_685_600,
        "addresses": {"main_address": {"id": 3, "title": "Gate"}},
        "place": {"title": "Far away", "time_offset": 720},
    });
    let event = gathering_of(page, json!({})).await;
    assert_eq!(event.place.unwrap().name.as_deref(), Some("Gate"));
    assert_eq!(event.start.unwrap().to_string(), "2016-11-09T10:00:00Z", "not on the clock of the other place");
}
