//! What a new user writes against the public surface. It is compiled and not run.

use std::sync::Arc;

use byway::community::{Community, CommunityId, Home, Post};
use byway::jiff::Timestamp;
use byway::source::{Contacts, Content, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
use byway::url::Url;
use byway::{
    Byway, Cause, ErrorKind, Exposure, KeyError, KeyProvider, Language, Opened, Outcome, Reachability, StoreChange,
    StoreKey, Strategy, VerdictCode,
};

/// A source of the app's own, with an `async fn`.
#[derive(Debug)]
pub struct Board;

impl Source for Board {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Web(_))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let Home::Web(url) = home else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
        let request = how.request(home, url.clone()).header(
            byway::http::header::ACCEPT,
            byway::http::HeaderValue::from_static("text/plain"),
        );
        let fetched = http.fetch(request).await;
        let result = fetched.result.map_err(SourceError::Unreached).and_then(|answer| {
            let id: CommunityId = home.to_string().parse().map_err(|_| SourceError::Own("The address is too long.".to_owned()))?;
            let body: byway::bytes::Bytes = answer.body;
            let mut content = Content::new(Community::new(id, "The board"), answer.strategy);
            let mut post = Post::new("1");
            post.text = String::from_utf8_lossy(&body).into_owned();
            content.posts.push(post);
            Ok(content)
        });
        ReadOutcome::new(result, fetched.attempts)
    }

    fn contacts(&self, home: &Home) -> Contacts {
        let urls: Option<Url> = if let Home::Web(url) = home { Some(url.clone()) } else { None };
        Contacts::new(urls, "the board", Identity::None)
    }
}

/// A key that the app keeps itself.
pub struct Keychain;

impl KeyProvider for Keychain {
    fn key(&self) -> Result<StoreKey, KeyError> {
        StoreKey::random()
    }
}

/// What the app shows of an opening.
pub struct Shown {
    pub json: String,
    pub read_at: Timestamp,
    pub verdict: VerdictCode,
    pub was_reset: bool,
}

pub fn shown(opened: &Opened) -> Result<Shown, serde_json::Error> {
    Ok(Shown {
        json: serde_json::to_string(opened)?,
        read_at: opened.synced_at,
        verdict: opened.reachability.verdict.code,
        was_reset: was_reset(&opened.reachability),
    })
}

fn was_reset(reachability: &Reachability) -> bool {
    reachability.attempts.iter().any(
        |attempt| matches!(&attempt.outcome, Outcome::Failed(failure) if matches!(failure.cause, Cause::Reset)),
    )
}

/// The key by value, a key behind an `Arc`, a source by value and behind an `Arc`.
pub async fn clients() -> Result<(Byway, Byway), Box<dyn std::error::Error>> {
    let strategy: Strategy = "tor+socks5://127.0.0.1:9050".parse()?;
    let one = Byway::builder().strategy(strategy).data_dir("one", Keychain).source(Board).build().await?;
    let shared: Arc<dyn KeyProvider> = Arc::new(Keychain);
    let other = Byway::builder().data_dir("other", shared).source(Arc::new(Board)).exposure(Exposure::Tor);
    Ok((one, other.language(Language::Ru).build().await?))
}

/// Handles are clones, and their futures may be spawned.
pub fn handles(byway: &Byway) -> impl Future<Output = Option<ErrorKind>> + Send + 'static {
    let handle = byway.clone();
    async move {
        let mut changes = handle.changes();
        while let Some(change) = changes.next().await {
            if let StoreChange::Posts { id, .. } = change {
                return handle.refresh(&id).await.err().map(|error| error.kind());
            }
        }
        None
    }
}
