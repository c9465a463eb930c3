//! The community itself: its shapes, its absence, its claims.

use super::*;

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
