//! Communities that VK hides by country, and notices.

use super::*;

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

    let only_a_notice = |asked: &ApiRequest| match asked.method.as_str() {
        "groups.getById" => Answer::Json(json!({"response": [{"id": 12_345, "name": "Завод", "description": NOTICE}]})),
        _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
    };
    let nothing_else = |_: &ApiRequest| Answer::Json(json!({ "response": NOTICE }));
    let hidden_wall = |asked: &ApiRequest| match asked.method.as_str() {
        "wall.get" => error(19, NOTICE),
        _ => healthy(asked),
    };
    for http in [Canned::new(only_a_notice), Canned::new(nothing_else), Canned::new(hidden_wall)] {
        let read = self::read(&http).await;
        assert!(matches!(read.result, Err(SourceError::Restricted { .. })), "{:?}", read.result);
        // An empty wall next to a notice is not a reading, also in the evidence.
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
                // Whatever name it gives itself, it does not speak for the platform.
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
