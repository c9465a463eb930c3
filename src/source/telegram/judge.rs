//! What proves that an answer is a page of Telegram.
//!
//! A page of Telegram comes from a host that proved its name by TLS, and has the marks of such a page: the preview of a
//! channel, or the page of a name. If a host proved its name but shows something else, it may do so on this route only,
//! so the next route is asked. Without a proved name only a preview with posts counts, because anybody on the path can
//! say that there is nothing.

use http::StatusCode;
use jiff::Timestamp;
use url::Url;

use super::page::{self, TelegramPage};
use crate::community::{Home, TelegramName};
use crate::reach::{AnswerFault, Finding, Judgement};
use crate::source::{PageJudge, PlainJudge, ReceivedPage};

/// Judges the pages of one channel.
#[derive(Debug)]
pub(super) struct PreviewJudge {
    pub(super) name: TelegramName,
}

impl PageJudge for PreviewJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let plain = PlainJudge.judge(page);
        if plain != Judgement::Proven {
            return plain;
        }
        if let Some(target) = page.redirects_to() {
            return if page.proved_name && self.is_same_channel(&target) { plain } else { refuted(page) };
        }
        // Telegram asks to wait without a page. Any other refusal without the marks of its pages may be one of this route, or of one
        // of its hosts: it shows a missing name as a page.
        if !page.status.is_success() {
            let waits = page.status == StatusCode::TOO_MANY_REQUESTS && page.proved_name;
            return if waits { plain } else { refuted(page) };
        }
        match page::read(&page::text(page.body), &self.name, page.url, Timestamp::UNIX_EPOCH) {
            TelegramPage::Channel(channel) if page.proved_name || !channel.posts.is_empty() => plain,
            TelegramPage::Profile | TelegramPage::Nobody if page.proved_name => plain,
            _ => refuted(page),
        }
    }
}

impl PreviewJudge {
    /// Whether this address shows the same channel, over TLS. Another channel is another community, with an exposure of its own.
    fn is_same_channel(&self, target: &Url) -> bool {
        let home = target.as_str().parse::<Home>();
        target.scheme() == "https" && matches!(home, Ok(Home::Telegram(name)) if name == self.name)
    }
}

fn refuted(page: &ReceivedPage<'_>) -> Judgement {
    Judgement::Refuted(if page.proved_name {
        let status = (!page.status.is_success()).then_some(page.status.as_u16());
        Finding::OriginFault { status, what: AnswerFault::OtherPage }
    } else {
        Finding::Unvouched
    })
}

/// Whether a route was given up because the host showed something other than a page of Telegram.
pub(super) fn is_foreign(finding: &Finding) -> bool {
    matches!(finding, Finding::OriginFault { what: AnswerFault::OtherPage, .. })
}
