//! Reads text, links and media from HTML, as a person would read it.
//!
//! Nothing is rendered, run or loaded. The tokens of the HTML standard are read one after another, so no tree grows
//! with the depth of the markup. Scripts, styles and other content that is not prose are left out. Pictures become
//! their description and an attachment. Pictures of one pixel, which count readers, are dropped.

mod address;
mod rendered;
mod renderer;
#[cfg(test)]
mod tests;
mod tokens;

use url::Url;

pub(super) use address::web_url;
pub(super) use rendered::{Media, MediaKind, Rendered};
pub(super) use renderer::Renderer;
pub(super) use tokens::{attribute, entity, tokens};

/// Renders at most `limit` characters. Relative addresses are resolved against `base`; without a base they are left
/// out.
pub(super) fn render(markup: &str, base: Option<&Url>, limit: usize) -> Rendered {
    let mut renderer = Renderer::new(base, limit);
    for token in tokens(markup) {
        renderer.token(&token);
        if renderer.is_full() {
            break;
        }
    }
    renderer.finish()
}

/// Text without markup, with its line breaks, in the form of [`render`].
pub(super) fn plain(text: &str, limit: usize) -> Rendered {
    Renderer::plain(text, limit)
}
