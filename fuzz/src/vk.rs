//! What VK's servers send, or an impostor.

use byway::Strategy;
use byway::community::{Community, Event, Post};
use byway::fuzzing;
use byway::internals::fetch::{PageJudge, ReceivedPage};
use byway::internals::notice as notices;
use byway::internals::reach::{Finding, Fingerprints, Judgement};
use byway::internals::vk::VkPageJudge;
use http::{HeaderMap, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::choose;

/// An answer of the API: whatever it contains is read into bounded data that is stored and read back unchanged.
pub(crate) fn json(bytes: &[u8]) {
    let _ = byway::internals::vk::posts(bytes);
    let Some((community, posts, events)) = fuzzing::vk(bytes) else { return };
    assert!(posts.len() <= MOST_POSTS, "{} posts", posts.len());
    if let Some(community) = community {
        comes_back::<Community>(&community);
        assert!(!community.homes.is_empty() && !community.name.is_empty());
    }
    posts.iter().for_each(comes_back::<Post>);
    events.iter().for_each(comes_back::<Event>);
    // Text is used unchanged or shortened, and a little is added to it (a poll, a link's title).
    let text: usize = posts.iter().map(|post| post.text.len()).sum();
    assert!(text <= 8 * bytes.len() + 1024, "{text} bytes of text out of {}", bytes.len());
}

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let kept = serde_json::to_vec(value).expect("what was read can be kept");
    assert_eq!(serde_json::from_slice::<T>(&kept).ok().as_ref(), Some(value));
}

/// A notice consists of words of the text.
pub(crate) fn notice(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = notices::find(&text, "somebody");
    assert!(found.is_some() || !notices::is_whole(&text), "a whole notice is one");
    let Some(found) = found else { return };
    assert_eq!(found.stated_by, "somebody");
    assert!(found.jurisdiction.is_some() || found.authority.is_some(), "without either it is no notice");
    assert!(!found.text.is_empty());
    comes_back(&found);
    // Parsing its own words again gives the same.
    let again = notices::find(&found.text, "somebody");
    assert!(again.is_some(), "its own words say nothing: {:?}", found.text);
}

/// The judges of VK's answers and pages: an answer is VK's or it is not, and only VK can say what VK hides.
pub(crate) fn judge(bytes: &[u8]) {
    let ([status, way], body) = choose(bytes);
    let status = [200, 200, 302, 403, 404, 451, 500, 511][usize::from(status) % 8];
    let status = StatusCode::from_u16(status).expect("a status");
    let url: Url = "https://api.vk.ru/method/wall.get".parse().expect("a URL");
    let (strategy, headers) = (Strategy::direct(), HeaderMap::new());
    let complete = way & 1 == 1;
    let proved_name = way & 2 == 2;
    let fingerprints = &Fingerprints::starter();
    let page = ReceivedPage {
        url: &url,
        strategy: &strategy,
        status,
        headers: &headers,
        body,
        complete,
        proved_name,
        fingerprints,
    };
    for judged in [fuzzing::vk_judge().judge(&page), VkPageJudge.judge(&page)] {
        match judged {
            Judgement::Proven => assert!(complete && !status.is_server_error() && status != 451),
            Judgement::NeedMore => assert!(!complete),
            Judgement::Refuted(Finding::BlockPage { .. }) => assert!(!proved_name),
            Judgement::Refuted(_) => {}
        }
    }
    if let Judgement::Refuted(Finding::PlatformBlocked(_)) = VkPageJudge.judge(&page) {
        assert!(proved_name, "an impostor of VK");
    }
}

/// The limit on what is used of one answer.
const MOST_POSTS: usize = 100;
