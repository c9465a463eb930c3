//! How VK is asked: forms, tokens, addresses, faults.

use super::*;

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
async fn a_token_that_vk_repeats_is_shown_nowhere() {
    let notice = format!("{NOTICE} vk1.a.SECRET");
    let faces: [Face<'_>; 6] = [
        Box::new(|_| error(19, "Content blocked vk1.a.SECRET")),
        Box::new(|_| error(42, "Not here, VK1.A.secret")),
        Box::new(|_| error(100, &notice)),
        Box::new(|_| error(4242, "vk1.a.SECRET")),
        Box::new(|_| {
            Answer::Json(
                json!({"response": {"groups": [{"id": 1, "deactivated": "geo_blocked", "description": notice}]}}),
            )
        }),
        Box::new(|_| Answer::Status(200, "<p>Сообщество заблокировано на территории РФ vk1.a.SECRET</p>")),
    ];
    for (case, face) in faces.iter().enumerate() {
        let http = Canned::new(face);
        let read = read(&http).await;
        let mut shown = read.result.as_ref().map_or_else(ToString::to_string, |content| format!("{content:?}"));
        if let Err(SourceError::Restricted { restriction, .. }) = &read.result {
            shown.push_str(&restriction.text);
        }
        for attempt in &read.attempts {
            if let Outcome::Refuted(Finding::PlatformBlocked(statement)) = &attempt.outcome {
                shown.push_str(&serde_json::to_string(&statement.text).unwrap());
            }
        }
        assert!(!shown.to_lowercase().contains("secret"), "case {case}: {shown}");
    }
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
    let answer = |asked: &ApiRequest| if asked.url.contains("api.vk.ru") { Answer::Silence } else { healthy(asked) };
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
