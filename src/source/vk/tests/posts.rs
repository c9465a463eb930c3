//! Posts: pages of the wall, odd ones, missing ones.

use super::*;

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
