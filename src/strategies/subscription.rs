//! A list that is Base64 as a whole, as subscriptions to proxies are written (v2rayN's form, followed by most clients).

use zeroize::Zeroizing;

use super::packed::from_base64;
use super::urls::is_url;

/// The list inside; `None` where the text is anything else. One level: what is inside is taken as it stands. It is never
/// longer than three quarters of what it was in.
pub(super) fn opened(text: &str) -> Option<Zeroizing<String>> {
    let text = from_base64(text)?;
    text.lines().any(|line| is_url(line.trim_start())).then_some(text)
}
