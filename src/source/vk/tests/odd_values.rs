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
