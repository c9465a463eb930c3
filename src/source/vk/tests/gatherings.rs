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
