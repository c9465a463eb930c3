//! VK's own markup: `[club1|name]`, `[https://example.org|text]`, `@name`, and bare links.

use crate::community::{Field, Home, Link};
use crate::source::claims::{self, Claims, LinkAt};
use crate::source::plain::plain;

use super::lenient::web_url;

/// Text as people read it, and its links.
#[derive(Clone, Debug, Default)]
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) links: Vec<LinkInText>,
}

/// A link with its position in the rendered text.
#[derive(Clone, Debug)]
pub(super) struct LinkInText {
    /// Its first byte.
    pub(super) start: usize,
    /// The first byte after it.
    pub(super) end: usize,
    pub(super) url: String,
    pub(super) label: Option<String>,
}

impl LinkInText {
    pub(super) fn link(&self) -> Link {
        Link::new(self.url.clone(), self.label.clone())
    }
}

impl Rendered {
    /// Where the text says that its community moved to or came from.
    pub(super) fn claims(&self, field: Field, own: &dyn Fn(&Home) -> bool) -> Claims {
        let links = self.links.iter().map(|found| LinkAt { url: &found.url, at: found.start..found.end });
        claims::find(&self.text, links, field, own)
    }
}

/// Renders at most `limit` characters.
pub(super) fn render(text: &str, limit: usize) -> Rendered {
    let text = plain(text, limit);
    let mut rendered = Rendered::default();
    let mut rest = text.as_str();
    let mut before = ' ';
    // Most text is not a link: it is copied in runs, up to what could begin a link.
    while let Some(at) = rest.find(may_begin) {
        let (run, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        rendered.text.push_str(run);
        before = run.chars().next_back().unwrap_or(before);
        rest = from;
        let Some(c) = rest.chars().next() else { break };
        let boundary = !before.is_alphanumeric() && !matches!(before, '/' | '.' | '@' | '_' | '-');
        let found = match c {
            '[' => wiki(rest),
            '@' if boundary => mention(rest),
            _ if boundary => bare(rest),
            _ => None,
        };
        let (shown, url, label, read) = match found {
            Some(found) if rendered.links.len() < MAX_LINKS => found,
            _ => {
                rendered.text.push(c);
                before = c;
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
        };
        let start = rendered.text.len();
        rendered.text.push_str(shown);
        rendered.links.push(LinkInText { start, end: rendered.text.len(), url, label: label.map(str::to_owned) });
        before = rest.get(..read).and_then(|read| read.chars().next_back()).unwrap_or(' ');
        rest = rest.get(read..).unwrap_or_default();
    }
    rendered.text.push_str(rest);
    rendered
}

/// Whether a link may begin with this character: one of [`SCHEMES`] or [`BARE_HOSTS`], or VK's own form.
fn may_begin(c: char) -> bool {
    matches!(c.to_ascii_lowercase(), '[' | '@' | 'h' | 'm' | 't' | 'v' | 'w')
}

/// The shown text, the target, the label, and the number of bytes that were read.
type Piece<'a> = (&'a str, String, Option<&'a str>, usize);

/// `[club1|name]`, `[club1:bp-1_2|name]`, `[vk.com/page|text]`.
fn wiki(text: &str) -> Option<Piece<'_>> {
    let end = text
        .char_indices()
        .skip(1)
        .take(LONGEST_WIKI)
        .find(|(_, c)| matches!(c, ']' | '[' | '\n'))
        .filter(|(_, c)| *c == ']')?
        .0;
    let (target, label) = text.get(1..end)?.split_once('|')?;
    let page = target.trim().split(':').next().unwrap_or_default();
    let url = numbered(page).or_else(|| web_url(target))?;
    let label = label.trim();
    let shown = if label.is_empty() { target } else { label };
    Some((shown, url, (!label.is_empty()).then_some(label), end + 1))
}

/// `@name`, `@club1 (name)`. It is shown unchanged.
fn mention(text: &str) -> Option<Piece<'_>> {
    let name = text.get(1..)?;
    let length = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count();
    let name = name.get(..length)?.trim_end_matches('.');
    if name.len() < SHORTEST_MENTION {
        return None;
    }
    let url = numbered(name).unwrap_or_else(|| format!("https://vk.com/{name}"));
    let read = 1 + name.len();
    let label = text
        .get(read..)
        .and_then(|rest| rest.trim_start_matches(' ').strip_prefix('('))
        .and_then(|rest| {
            let end = rest.char_indices().take(LONGEST_WIKI).find(|(_, c)| matches!(c, ')' | '(' | '\n'))?;
            rest.get(..end.0).filter(|_| end.1 == ')')
        })
        .map(str::trim)
        .filter(|label| !label.is_empty());
    Some((text.get(..read)?, url, label, read))
}

/// `https://...`, and also without a scheme if it is clearly a link.
fn bare(text: &str) -> Option<Piece<'_>> {
    let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if !SCHEMES.iter().chain(BARE_HOSTS).any(|prefix| begins(prefix)) {
        return None;
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '«' | '»' | '|' | '[' | ']' | '“' | '”');
    let end = match text.char_indices().take(LONGEST_LINK).find(|(_, c)| ends(*c)) {
        Some((end, _)) => end,
        None if text.len() <= LONGEST_LINK => text.len(),
        None => return None,
    };
    let mut link = text.get(..end)?;
    loop {
        let cut = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '…']);
        let cut = if cut.ends_with(')') && !cut.contains('(') { cut.strip_suffix(')').unwrap_or(cut) } else { cut };
        if cut.len() == link.len() {
            break;
        }
        link = cut;
    }
    Some((link, web_url(link)?, None, link.len()))
}

/// `club1`, `public1`, `event1`, `id1`.
fn numbered(page: &str) -> Option<String> {
    let digits = ["club", "public", "event", "id"].iter().find_map(|kind| page.strip_prefix(kind))?;
    (!digits.is_empty() && digits.len() <= LONGEST_NUMBER && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| format!("https://vk.com/{page}"))
}

const SCHEMES: &[&str] = &["https://", "http://"];
const BARE_HOSTS: &[&str] = &["vk.com/", "vk.ru/", "m.vk.com/", "m.vk.ru/", "www.vk.com/", "vk.cc/", "t.me/", "www."];

/// VK itself cuts shorter labels.
const LONGEST_WIKI: usize = 400;
const LONGEST_NUMBER: usize = 19;
/// The limit of browsers' address bars.
const LONGEST_LINK: usize = 2048;
const SHORTEST_MENTION: usize = 3;
const MAX_LINKS: usize = 100;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links(text: &str) -> Vec<String> {
        render(text, 1000).links.into_iter().map(|found| found.url).collect()
    }

    #[test]
    fn every_kind_of_link_is_found() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("[club1|Завод] зовёт", "Завод зовёт", &["https://vk.com/club1"]),
            ("[event7|Сход], [id5|Иван]", "Сход, Иван", &["https://vk.com/event7", "https://vk.com/id5"]),
            ("[https://example.org/a|тут]", "тут", &["https://example.org/a"]),
            ("[vk.com/zavod|тут]", "тут", &["https://vk.com/zavod"]),
            ("[club1:bp-1_2|Завод]", "Завод", &["https://vk.com/club1"]),
            (
                "см. https://example.org/a?b=c&amp;d=e.",
                "см. https://example.org/a?b=c&d=e.",
                &["https://example.org/a?b=c&d=e"],
            ),
            ("(vk.com/zavod)", "(vk.com/zavod)", &["https://vk.com/zavod"]),
            (
                "@club5 (Завод) и @zavod_live!",
                "@club5 (Завод) и @zavod_live!",
                &["https://vk.com/club5", "https://vk.com/zavod_live"],
            ),
            ("a@example.org [нет] [x|y] @я", "a@example.org [нет] [x|y] @я", &[]),
            ("notvk.com/zavod", "notvk.com/zavod", &[]),
            ("[https://example.org", "[https://example.org", &["https://example.org/"]),
        ];
        for (text, shown, expected) in cases {
            assert_eq!(render(text, 1000).text, *shown);
            assert_eq!(links(text), *expected, "{text}");
        }
    }

    #[test]
    fn every_kind_of_bare_link_may_begin() {
        let first =
            |prefix: &&str| prefix.chars().next().is_some_and(|c| may_begin(c) && may_begin(c.to_ascii_uppercase()));
        assert!(SCHEMES.iter().chain(BARE_HOSTS).all(first));
    }

    fn claims(text: &str) -> (Option<String>, Option<String>) {
        let own = |home: &Home| home.to_string() == "https://vk.com/zavod";
        let claims = render(text, 2000).claims(Field::Description, &own);
        (claims.successor.map(|claim| claim.home.to_string()), claims.predecessor.map(|claim| claim.home.to_string()))
    }

    #[test]
    fn a_phrase_with_a_link_is_a_claim() {
        let new = Some("https://vk.com/zavod_live".to_owned());
        let old = Some("https://vk.com/club1".to_owned());
        let cases = [
            ("Мы переехали: vk.com/zavod_live", new.clone(), None),
            ("Мы переехали в [zavod|x] https://vk.ru/zavod_live", new.clone(), None),
            ("Наша новая группа [https://vk.com/zavod_live|здесь]", new.clone(), None),
            ("[https://vk.com/zavod_live|Новое сообщество рабочих]", new.clone(), None),
            ("vk.com/zavod_live — наша новая группа", new.clone(), None),
            ("Our new group: vk.com/zavod_live (previous group: vk.com/club1)", new.clone(), old.clone()),
            ("We have moved to @zavod_live", new.clone(), None),
            ("Переехали из vk.com/club1 в vk.com/zavod_live", new.clone(), old.clone()),
            ("Старая группа [club1|Завод] заблокирована", None, old.clone()),
            ("Прежнее сообщество: vk.com/club1", None, old),
            ("Мы переехали, адрес скоро", None, None),
            ("Не верьте vk.com/club5: мы никуда не переехали", None, None),
            ("We have not moved to vk.com/club5", None, None),
            ("Новая группа: vk.com/zavod", None, None),
            ("Новости завода: vk.com/club5", None, None),
            ("Старшеклассники, группа vk.com/club5", None, None),
            ("Новая группа и её автор vk.com/id5", None, None),
            ("Подписывайтесь: vk.com/club5", None, None),
        ];
        for (text, successor, predecessor) in cases {
            assert_eq!(claims(text), (successor, predecessor), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_rendered_with_links_at_their_places(text in "(\\PC|\\[club1\\||\\]|vk\\.com/a|@ab|https://|\n){0,40}") {
            let rendered = render(&text, 1000);
            for found in rendered.links {
                prop_assert!(rendered.text.get(found.start..found.end).is_some());
            }
        }
    }
}
