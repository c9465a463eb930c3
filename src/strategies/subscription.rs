//! A list that is Base64 as a whole: the form of subscriptions to proxies (v2rayN's form, which most clients follow).

use zeroize::Zeroizing;

use super::packed::from_base64;
use super::urls::is_url;

/// The list inside; `None` if the text is anything else. It opens one level: the content is read as it stands. The
/// content is never longer than three quarters of the text.
pub(super) fn opened(text: &str) -> Option<Zeroizing<String>> {
    let text = from_base64(text)?;
    text.lines().any(|line| is_url(line.trim_start())).then_some(text)
}
