//! An entry of Atom or RSS, from the tree of its element.

use super::super::{Enclosure, Entry, MAX_ENCLOSURES, date};
use super::element::{Element, Space};

impl Element<'_> {
    pub(super) fn entry(&self) -> Entry {
        let own = |name: &str| self.children.iter().find(|child| child.space == Space::Own && child.name == name);
        let of = |space: Space, name: &str| {
            self.children.iter().find(|child| child.space == space && child.name == name && child.has_content())
        };
        let any = |names: &[(Space, &str)]| names.iter().find_map(|(space, name)| of(*space, name));
        let links = || self.children.iter().filter(|child| child.space == Space::Own && child.name == "link");
        let guid = own("guid").filter(|guid| guid.has_content());
        let permalink = guid.filter(|guid| guid.attribute("isPermaLink").is_none_or(|is| is == "true"));
        let text = any(&[
            (Space::Content, "encoded"),
            (Space::Own, "content"),
            (Space::Own, "description"),
            (Space::Own, "summary"),
            (Space::Media, "description"),
            (Space::Itunes, "summary"),
            (Space::DublinCore, "description"),
        ]);
        let in_group = self.children.iter().filter(|child| child.space == Space::Media && child.name == "group");
        let text =
            text.or_else(|| in_group.flat_map(|group| &group.children).find(|child| child.name == "description"));
        let time = |names: &[(Space, &str)]| any(names).and_then(|element| date::read(&element.text));
        Entry {
            id: any(&[(Space::Own, "id"), (Space::Own, "guid")])
                .map(|id| id.text.trim().to_owned())
                .or_else(|| self.attribute("about").map(str::to_owned))
                .filter(|id| !id.is_empty()),
            page: links()
                .find_map(Element::page)
                .or_else(|| permalink.map(|guid| guid.text.trim().to_owned()))
                .or_else(|| self.attribute("about").map(str::to_owned)),
            base: self.attribute("xml:base").or(text.and_then(|text| text.attribute("xml:base"))).map(str::to_owned),
            title: any(&[(Space::Own, "title"), (Space::DublinCore, "title"), (Space::Media, "title")])
                .and_then(Element::as_markup),
            text: text.and_then(Element::as_markup),
            author: any(&[(Space::Own, "author"), (Space::DublinCore, "creator"), (Space::Itunes, "author")])
                .and_then(Element::person),
            published: time(&[
                (Space::Own, "published"),
                (Space::Own, "pubDate"),
                (Space::Own, "issued"),
                (Space::DublinCore, "date"),
                (Space::Own, "created"),
            ]),
            updated: time(&[(Space::Own, "updated"), (Space::Own, "modified")]),
            enclosures: self.enclosures(),
        }
    }

    fn enclosures(&self) -> Vec<Enclosure> {
        let groups = self.children.iter().filter(|child| child.space == Space::Media && child.name == "group");
        let elements = self.children.iter().chain(groups.flat_map(|group| &group.children));
        let mut enclosures: Vec<Enclosure> = Vec::new();
        for element in elements {
            let (url, kind) = match (element.space, element.name) {
                (Space::Own, "enclosure") => (element.attribute("url").or(element.attribute("href")), None),
                (Space::Own, "link") if element.attribute("rel") == Some("enclosure") => {
                    (element.attribute("href"), None)
                }
                (Space::Media, "content") => (element.attribute("url"), element.attribute("medium")),
                (Space::Media, "thumbnail") => (element.attribute("url"), Some("image")),
                _ => continue,
            };
            let Some(url) = url.map(str::trim).filter(|url| !url.is_empty()) else { continue };
            if enclosures.len() >= MAX_ENCLOSURES || enclosures.iter().any(|known| known.url == url) {
                continue;
            }
            enclosures.push(Enclosure {
                url: url.to_owned(),
                media_type: element.attribute("type").map(str::to_owned).or_else(|| Some(format!("{}/*", kind?))),
                bytes: ["length", "fileSize"].into_iter().find_map(|name| element.attribute(name)?.parse().ok()),
                title: element.attribute("title").map(str::to_owned),
            });
        }
        enclosures
    }
}
