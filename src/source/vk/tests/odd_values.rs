//! Any value instead of any other.

use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use super::*;

/// Replaces the value at this step of a walk through a document by something odd.
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
        let read = post::wall(&wall, None, None, None);
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

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_group_is_none() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" => Answer::Json(json!({"response": {"groups": [{"id": 999, "name": "Other"}]}})),
        _ => Answer::Json(json!({"response": {"count": 0, "items": []}})),
    });
    let read = read_by(&vk(TOKEN), "vk.com/club155", &reading(), &http).await;
    assert!(read.result.is_err());
    assert_eq!(http.methods(), ["groups.getById"], "the other group's wall is not asked for");
}

#[tokio::test(start_paused = true)]
async fn a_post_of_another_wall_is_not_read() {
    let http = Canned::new(|asked| match asked.method.as_str() {
        "groups.getById" => Answer::Json(json!({"response": {"groups": [plant()]}})),
        _ => Answer::Json(json!({"response": {"count": 2, "items": [
            {"id": 1, "owner_id": -999, "text": "of another wall"}, {"id": 2, "owner_id": -12_345, "text": "own"},
        ]}})),
    });
    let content = content(&http).await;
    let texts: Vec<_> = content.posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(texts, ["own"]);
    assert_eq!(said(&content.notes).len(), 1, "{:?}", content.notes);
}

#[test]
fn a_deleted_original_of_a_repost_is_shown_as_removed() {
    let deleted = json!({"id": 3, "owner_id": -9, "text": "", "is_deleted": true});
    let wall = json!({"count": 1, "items": [{"id": 1, "owner_id": -12_345, "text": "", "copy_history": [deleted]}]});
    let read = post::wall(&wall, None, None, Some(at()));
    let repost = read.posts[0].repost.as_deref().unwrap();
    assert_eq!((repost.state, repost.state_seen), (PostState::Removed, Some(at())));
}
